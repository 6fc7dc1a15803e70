"""A worker that speaks the protocol and touches nothing. The battery's code says how it behaves.

Codes begin with: GOOD, SLOW (until stopped), CONTACT (check fails), DIES, MUTE (never says anything),
STUBBORN (ignores stop, obeys the end of stdin), IMMORTAL (must be killed), UNSAFE (ends, safe state not
verified), FAULTY (an instrument fails), LIMIT (trips), BACKWARD (tells a state that cannot follow), NAN,
NOISY, BADEND, ASKS (what to measure next), PROMPTS (the operator). SLOW can be paused, resumed (not
SLOW-NORESUME) and skipped. A
job with ``resume`` goes on in the same journal; DIES and FAULTY then come to a good end, and RECHECK in the
code makes its checks fail.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

commands: queue.Queue[str | None] = queue.Queue()
answers: queue.Queue[dict[str, Any]] = queue.Queue()


def say(**message: Any) -> None:
    try:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        os._exit(0)  # the service was killed


def listen() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if message["command"] in ("next", "enough", "answer"):
            answers.put(message)
        commands.put(message["command"])
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
    first = json.loads(sys.stdin.readline())
    if "look" in first:
        threading.Thread(target=listen, daemon=True).start()
        finding = {"code": "safety.check.polarity", "message": "reversed", "remedy": "swap", "params": {}}
        say(type="look", voltage_V=-3.3, terminals_V=None, bms_V=None, cell_V=-3.3, ok=False, finding=finding)
        wait_for("stop", None)
        return
    job = first["job"]
    run_dir, code = Path(job["run_dir"]), job["battery"]["code"]
    (run_dir / "job.json").write_text(json.dumps(job), encoding="utf-8")
    threading.Thread(target=listen, daemon=True).start()
    behaviour = code.split("-")[0]
    if behaviour == "MUTE":
        wait_for(None)
        (run_dir / "saw_eof").touch()
        return
    resume = bool(job.get("resume"))
    journal = (run_dir / "journal.jsonl").open("a" if resume else "x", encoding="utf-8")

    def write(*records: Any) -> None:
        journal.writelines(json.dumps(record, separators=(",", ":")) + "\n" for record in records)
        journal.flush()

    channel = next(c for c in job["bench"]["channels"] if c["id"] == job["channel"])
    header = {key: job[key] for key in ("run_id", "plan", "battery", "profile_limits")}
    if not resume:
        write({"k": "header", "format": "pulse-station/journal/1", **header, "channel": channel})
    tell("checks", 0.0)
    say(type="event", t=0.1, code="check.contact", level="info", params={"resistance_ohm": 0.0004})
    if behaviour == "CONTACT" or (resume and "RECHECK" in code):
        if resume:
            write({"k": "end", "outcome": "check_failed", "safe": {"verified": True}})
        end("check_failed", "safety.contact", 5, rule="contact", value=0.02)
        return
    if resume:
        write({"k": "gap", "from_s": 5.0, "to_s": 65.0, "known": True})
        say(type="event", t=65.0, code="run.gap", level="info", params={"gap_s": 60.0, "known": True})
    tell("ready", 0.5)
    tell("running", 1.0, pause=True, skip=True)
    at_s = 65.0 if resume else 0.0
    write({"k": "group", "t": at_s, "group": int(resume), "step": int(resume), "attempt": 1, "ended": False})
    for n in range(400 if behaviour == "NOISY" else 5):
        batch = {"t": [n + i / 10 for i in range(10)], "voltage_V": [3.3] * 10, "current_A": [-1.5] * 10}
        say(type="samples", surface_degC=25.0, **batch)
        write(["s", at_s + n, 0.0, 3.3, -1.5, -1.5, 0, 25.0, None, None])
    write({"k": "totals", "t": at_s + 4, "discharge_Ah": 0.002 * (1 + resume)})
    if behaviour == "NAN":
        sys.stdout.write('{"type":"samples","t":[1],"voltage_V":[NaN],"current_A":[0],"surface_degC":null}\n')
        sys.stdout.write("this is no message\n")
        say(type="state", state="running", elapsed_s=2.0, remaining_s=8.0, progress=0.2)
        wait_for("stop", None)
    if behaviour == "DIES" and not resume:
        os._exit(13)
    if behaviour == "FAULTY" and not resume:
        write({"k": "end", "outcome": "instrument_fault", "safe": {"verified": True}})
        end("instrument_fault", "driver.timeout", 4)
        return
    if behaviour == "LIMIT":
        write({"k": "end", "outcome": "limit_tripped", "safe": {"verified": True}})
        end("limit_tripped", "safety.voltage_max", 5, value=4.3)
        return
    if behaviour == "BADEND":
        say(type="ended", outcome="wonderful")
        return
    if behaviour == "BACKWARD":
        tell("checks", 2.0)
        wait_for(None)
        (run_dir / "saw_eof").touch()
        return
    if behaviour == "ASKS":
        ask_until_enough(run_dir, 0.5 if code == "ASKS-SLOW" else 30.0, write)
    if behaviour == "PROMPTS":
        ask_the_operator(run_dir)
    if behaviour == "IMMORTAL":
        while True:
            tell("running", 2.0)  # not silent, and deaf
            time.sleep(0.1)
    if behaviour in ("SLOW", "STUBBORN"):
        command = follow_commands(code) if behaviour == "SLOW" else wait_for(None)
        if command is None:
            write({"k": "end", "outcome": "supervision_lost", "safe": {"verified": True, "current_A": 0.0}})
            (run_dir / "saw_eof").touch()
        tell("stopping", 2.0)
        if command is None:
            end("supervision_lost", "safety.service_lost", 5)
        else:
            end("stopped", "run.stopped", 3)
        return
    tell("stopping", 9.0)
    if behaviour != "UNSAFE":
        tell("safe", 10.0)
    write({"k": "end", "outcome": "completed", "safe": {"verified": behaviour != "UNSAFE"}})
    journal.close()
    end(verified=behaviour != "UNSAFE")
    time.sleep(0.05)  # a real worker also takes a moment to leave after its last word


def ask_until_enough(run_dir: Path, timeout_s: float, write: Callable[..., None]) -> None:
    """Ask what to measure; what was answered is left in the run's folder. A stop ends it as well."""
    said: list[dict[str, Any]] = []
    while not said or said[-1]["command"] == "next":
        params = {"round": len(said) + 1}
        write({"k": "event", "t": 3.0, "code": "adaptive.asked", "level": "info", "params": params})
        say(
            type="ask_next", round=len(said) + 1, step=1, kinds=["pulse_pair", "shift_soc"], spent_s=0.0,
            goal={"inside_grade": True, "half_width": 0.02, "budget_s": 100.0}, left_s=90.0, moved_Ah=0.5,
            charge_max_A=50.0, discharge_max_A=40.0, soc_shift_max_Ah=2.0, rest_factor=15.0,
            shift_rest_s=60.0, voltage_V=3.3, timeout_s=timeout_s,
        )  # fmt: skip
        if heard_while_running() not in ("next", "enough"):
            break
        said.append(answers.get())
        code = f"adaptive.{said[-1]['command']}"
        facts = {"round": len(said), **said[-1]["advice"]}
        say(type="event", t=3.0, code=code, level="info", params=facts)
    (run_dir / "answers.json").write_text(json.dumps(said), encoding="utf-8")


def ask_the_operator(run_dir: Path) -> None:
    """Ask for a number; the answer is left in the run's folder."""
    words = {"zh": "扭矩", "en": "torque"}
    say(type="ask_operator", prompt=1, name="torque", text=words, picture="torque.png", answer="number",
        low=1.0, high=9.0, timeout_s=60.0)  # fmt: skip
    if heard_while_running() == "answer":
        (run_dir / "answers.json").write_text(json.dumps([answers.get()]), encoding="utf-8")
    say(type="ask_operator", prompt=1, over=True)


def heard_while_running() -> str | None:
    """The next command; it shows that it lives meanwhile."""
    while True:
        try:
            return commands.get(timeout=0.2)
        except queue.Empty:
            tell("running", 2.0)


def tell(state: str, elapsed_s: float, **may: bool) -> None:
    may = {"pause": False, "resume": False, "skip": False, **may}
    progress = {"elapsed_s": elapsed_s, "remaining_s": 10 - elapsed_s, "progress": elapsed_s / 10}
    say(type="state", state=state, segment=0, role="rest", may=may, **progress)


def follow_commands(code: str) -> str | None:
    """Until a stop or the end of stdin."""
    while (command := commands.get()) not in ("stop", None):
        if command == "pause":
            say(type="event", t=2.0, code="run.paused", level="info", params={})
            tell("paused", 2.0, resume=True, skip=True)
        elif command == "resume" and "NORESUME" in code:
            params = {"code": "safety.contact", "message": "bad contact", "remedy": "clean it"}
            say(type="event", t=2.0, code="run.resume_refused", level="warning", params=params)
        elif command == "resume":
            say(type="event", t=2.0, code="run.resumed", level="info", params={"paused_s": 1.0})
            tell("running", 2.0, pause=True, skip=True)
        elif command == "skip":
            say(type="event", t=2.0, code="run.skipped", level="info", params={"step": 0})
    return command


if __name__ == "__main__":
    main()
