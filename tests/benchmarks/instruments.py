"""The profile ``rapid`` on a bench with each driver's instrument: how every run ended.

``python -m tests.benchmarks instruments`` runs one driver after the other, each in a process of its own, with
service, guard and worker as they are and a bench whose time waits for the station. After each driver
``docs/instrument-runs.json`` is written; nothing is written that was not run. What was right with the very
sources that are here is not run again, so that an interrupted part goes on where it was; ``DRIVERS=a,b`` in
the environment runs these in any case and keeps the others' outcomes, ``AGAIN=1`` runs all.

A run that ended because the computer was too busy for it (supervision is always real time) is begun again and
says after what. On a computer too busy for any supervision, ``ENGINE_ONLY=1`` runs the engine alone, without
service and guard and at 20 samples per second, and the outcome says so. Both are kept side by side, as
``runs`` (engine alone) and ``service``.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.instrument_cases import CASES, Case
from tests.benchmarks.instrument_runs import told
from tests.benchmarks.table import Row

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docs" / "instrument-runs.json"
LIMIT_S = 3600.0
"""For one driver, whatever it does."""
SOURCES = ("drivers", "simulators", "profiles", "station/engine", "station/diagnosis", "station/safety")
KINDS = (".py", ".yaml", ".dbc")


def sources() -> str:
    """What the programs are that the outcomes depend on: twelve digits over their text."""
    digest = hashlib.sha256()
    for folder in SOURCES:
        for file in sorted(found for kind in KINDS for found in (ROOT / folder).rglob(f"*{kind}")):
            digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def rows() -> list[Row]:
    """Run what is not right yet, write the file, and tell each run that did not end rightly, and why."""
    wanted = set(filter(None, os.environ.get("DRIVERS", "").split(",")))
    if unknown := wanted - {case.driver for case in CASES}:
        raise SystemExit(f"no case for {', '.join(sorted(unknown))}")
    now, again = sources(), bool(os.environ.get("AGAIN"))
    kept = "runs" if os.environ.get("ENGINE_ONLY") else "service"
    for case in CASES:
        if wanted and case.driver not in wanted:
            continue
        if not wanted and not again and _done(kept, case, now):
            print(f"{case.driver}: right with these sources already", flush=True)
            continue
        began_s = time.monotonic()
        found = _run(case) | {"sources": now}
        _keep(kept, case.driver, found)
        print(f"{case.driver}: {time.monotonic() - began_s:.0f} s", flush=True)
    known = _known()[kept]
    wrong = [
        Row(f"{driver}, {run['profile']}: {told(run)}"[:110], 1, "", 0)
        for driver, entry in sorted(known.items())
        for run in entry["runs"]
        if not run["right"]
    ]
    missing = [case.driver for case in CASES if case.driver not in known]
    count = sum(len(entry["runs"]) for entry in known.values())
    return [
        *wrong,
        Row(f"runs of {count} that did not end with the right verdict", len(wrong), "", 0),
        Row(f"drivers of {len(CASES)} without a recorded run", len(missing), "", 0),
    ]


def _run(case: Case) -> dict[str, Any]:
    """In a process group of its own, which ends with it; what went wrong where there is no outcome."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "found.json"
        command = [sys.executable, "-m", "tests.benchmarks.instrument_runs", case.driver, str(file)]
        log = Path(folder) / "errors.txt"
        with log.open("w", encoding="utf-8") as errors:
            child = subprocess.Popen(command, cwd=ROOT, stderr=errors, start_new_session=True)
            try:
                code = child.wait(LIMIT_S)
                why = f"its process ended with code {code}"
            except subprocess.TimeoutExpired:
                why = f"not over after {LIMIT_S:.0f} s"
            finally:
                _end(child)
        if file.exists():
            return dict(json.loads(file.read_text(encoding="utf-8")))
        last = (log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or [""])[-1]
    run = {
        "profile": "rapid",
        "outcome": "not_run",
        "verdict": "no_verdict",
        "reason": "",
        "soh": None,
        "truth": 0.0,
        "next": "",
        "error": "bench",
        "right": False,
        "detail": f"{why}: {last}"[:300],
    }
    print(f"{case.driver}: {told(run)}", flush=True)
    return {"bench": case.bench, "how": "not run", "runs": [run]}


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask it to put away what it began, then end what is left of its group."""
    if child.poll() is None:
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(60)
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    else:
        child.kill()
    child.wait(60)


def _known() -> dict[str, Any]:
    known = dict(json.loads(FILE.read_text(encoding="utf-8"))) if FILE.exists() else {}
    return {"runs": {}, "service": {}} | known


def _keep(kept: str, driver: str, found: dict[str, Any]) -> None:
    known = _known()
    known[kept][driver] = found
    known["day"] = time.strftime("%Y-%m-%d")
    text = json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True)
    FILE.write_text(text + "\n", encoding="utf-8")


def _done(kept: str, case: Case, now: str) -> bool:
    entry = _known()[kept].get(case.driver)
    return entry is not None and entry.get("sources") == now and all(run["right"] for run in entry["runs"])
