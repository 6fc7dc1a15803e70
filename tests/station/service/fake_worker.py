"""A worker that speaks the protocol and touches nothing. The battery's code says how it behaves.

Codes begin with: GOOD, SLOW (until stopped), CONTACT (check fails), DIES, MUTE (never says anything),
STUBBORN (ignores stop, obeys the end of stdin), UNSAFE (ends, safe state not verified), NAN, NOISY, BADEND.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from pathlib import Path
from typing import Any

commands: queue.Queue[str | None] = queue.Queue()


def say(**message: Any) -> None:
    try:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(0)  # the service was killed


def listen() -> None:
    for line in sys.stdin:
        commands.put(json.loads(line)["command"])
    commands.put(None)


def wait_for(*wanted: str | None) -> str | None:
    while (command := commands.get()) not in wanted:
        pass
    return command


def end(
    outcome: str = "completed", code: str = "", exit_code: int = 0, verified: bool = True, **params: Any
) -> None:
    say(
        type="ended",
        outcome=outcome,
        code=code or f"run.{outcome}",
        message=f"fake {outcome}",
        remedy="fake remedy",
        params=params,
        exit_code=exit_code,
        safe={"verified": verified, "output_on": False, "current_A": 0.0, "cutoff_open": True},
    )


def main() -> None:
    job = json.loads(sys.stdin.readline())["job"]
    run_dir, code = Path(job["run_dir"]), job["battery"]["code"]
    (run_dir / "job.json").write_text(json.dumps(job), encoding="utf-8")
    threading.Thread(target=listen, daemon=True).start()
    behaviour = code.split("-")[0]
    if behaviour == "MUTE":
        wait_for(None)
        (run_dir / "saw_eof").touch()
        return
    journal = (run_dir / "journal.jsonl").open("w", encoding="utf-8")
    journal.write(json.dumps({"k": "header", "run_id": job["run_id"]}) + "\n")
    journal.flush()
    say(type="state", state="checks", elapsed_s=0.0, remaining_s=10.0, progress=0.0, segment=None, role=None)
    say(type="event", t=0.1, code="check.contact", level="info", params={"resistance_ohm": 0.0004})
    if behaviour == "CONTACT":
        end("check_failed", "safety.contact", 5, rule="contact", value=0.02)
        return
    say(type="state", state="running", elapsed_s=1.0, remaining_s=9.0, progress=0.1, segment=0, role="rest")
    for n in range(400 if behaviour == "NOISY" else 5):
        batch = {"t": [n + i / 10 for i in range(10)], "voltage_V": [3.3] * 10, "current_A": [-1.5] * 10}
        say(type="samples", surface_degC=25.0, **batch)
        journal.write(json.dumps(["s", float(n), 0.0, 3.3, -1.5, -1.5, 0, 25.0, None, None]) + "\n")
    journal.flush()
    if behaviour == "NAN":
        sys.stdout.write('{"type":"samples","t":[1],"voltage_V":[NaN],"current_A":[0],"surface_degC":null}\n')
        sys.stdout.write("this is no message\n")
        say(type="state", state="running", elapsed_s=2.0, remaining_s=8.0, progress=0.2)
        wait_for("stop", None)
    if behaviour == "DIES":
        os._exit(13)
    if behaviour == "BADEND":
        say(type="ended", outcome="wonderful")
        return
    if behaviour in ("SLOW", "STUBBORN"):
        command = wait_for("stop", None) if behaviour == "SLOW" else wait_for(None)
        if command is None:
            end_line = {
                "k": "end",
                "outcome": "supervision_lost",
                "safe": {"verified": True, "current_A": 0.0},
            }
            journal.write(json.dumps(end_line) + "\n")
            journal.flush()
            (run_dir / "saw_eof").touch()
        say(type="state", state="stopping", elapsed_s=2.0, remaining_s=0.0, progress=0.2)
        if command is None:
            end("supervision_lost", "safety.service_lost", 5)
        else:
            end("stopped", "run.stopped", 3)
        return
    say(type="state", state="safe", elapsed_s=10.0, remaining_s=0.0, progress=1.0)
    journal.write(json.dumps({"k": "end", "outcome": "completed"}) + "\n")
    journal.close()
    end(verified=behaviour != "UNSAFE")
    time.sleep(0.05)  # a real worker also takes a moment to leave after its last word


if __name__ == "__main__":
    main()
