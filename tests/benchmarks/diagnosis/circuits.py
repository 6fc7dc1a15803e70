"""Circuits of known values: how near the fit comes, and how long it takes."""

from __future__ import annotations

import json
import time
from typing import Any

from station.diagnosis.ecm import fit_ecm
from station.diagnosis.pulses import Record, analyse
from tests.benchmarks.diagnosis.oracle import columns
from tests.benchmarks.diagnosis.place import RECORDS

REPEATS = 5


def measure() -> list[dict[str, Any]]:
    """Deviation of each value in percent, and the least of several times, of every exact circuit on file."""
    files = json.loads((RECORDS / "pybamm" / "oracle.json").read_text(encoding="utf-8"))["files"]
    return [_fit(name, about["truth"]) for name, about in sorted(files.items()) if "truth" in about]


def _fit(name: str, truth: dict[str, float]) -> dict[str, Any]:
    record = Record(*columns(f"pybamm/{name}"))
    block = analyse(record).blocks[0]
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        found = fit_ecm(record, block)
        times.append(time.perf_counter() - started)
    if found is None:
        return {"name": name, "fitted": False}
    pairs = {
        "R0": (found.r0_ohm, truth["R0"]),
        "R1": (found.r1_ohm, truth["R1"]),
        "R2": (found.r2_ohm, truth["R2"]),
        "tau1": (found.tau1_s, truth["tau1_s"]),
        "tau2": (found.tau2_s, truth["tau2_s"]),
    }
    off = {key: 100 * (value / true - 1.0) for key, (value, true) in pairs.items()}
    return {"name": name, "fitted": True, "off_percent": off, "ms": 1e3 * min(times)}
