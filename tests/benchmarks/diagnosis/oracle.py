"""Every stored record: pulses, resistances against direct readings, time, beside PyProBE and ampworks."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np

from station.diagnosis.pulses import Record, analyse
from tests.benchmarks.diagnosis import yardsticks
from tests.benchmarks.diagnosis.direct import read
from tests.benchmarks.diagnosis.place import RECORDS

LONGEST_PULSE_S = 120.0
"""Longer steps of a protocol set the SOC; they are no pulses."""

SPOILT = ("noise", "quant", "slew")
"""Records made to be hard: compared with the truth in the tests, not with direct readings here."""


def measure() -> dict[str, Any]:
    """One entry per simulated and per measured record, and the times of all tools on one record."""
    oracle = json.loads((RECORDS / "pybamm" / "oracle.json").read_text(encoding="utf-8"))["files"]
    clean = [name for name in sorted(oracle) if not any(word in name for word in SPOILT)]
    return {
        "records": [_compare(name, oracle[name]) for name in clean],
        "real": [
            _real("leaf2013_hppc_25C.csv", (5.0, 10.0)),
            _real("ampworks_coin_hppc.csv", (0.1, 1.0, 5.0, 10.0)),
        ],
        "times_ms": _times("ecm2rc_clean_pulsebat5s.csv"),
    }


def columns(place: str) -> list[np.ndarray[Any, Any]]:
    """Time, current and voltage of a stored record."""
    return list(np.genfromtxt(RECORDS / place, delimiter=",", skip_header=1, usecols=(0, 1, 2)).T)


def _compare(name: str, about: dict[str, Any]) -> dict[str, Any]:
    t, current, volts = columns(f"pybamm/{name}")
    pulses = analyse(Record(t, current, volts)).pulses
    expected = [row for row in about["own"] if row["dur"] < LONGEST_PULSE_S]
    first = 0.1 if "10Hz" in name else 0.01
    worst, compared, invented = 0.0, 0, 0
    for pulse, row in zip(pulses, expected, strict=False):
        for asked, ohm in row["R"].items():
            found = pulse.resistance(float(asked))
            if ohm is None or float(asked) < first or float(asked) > row["dur"]:
                invented += found is not None
            elif found is not None:
                compared += 1
                worst = max(worst, abs(found / ohm - 1.0))
    return {
        "name": name,
        "rows": len(t),
        "pulses": len(pulses),
        "pulses_true": len(expected),
        "compared": compared,
        "worst_percent": 100 * worst,
        "invented": invented,
    }


def _real(name: str, times_s: tuple[float, ...]) -> dict[str, Any]:
    """A measured record: against direct readings of the same rows, at times its sampling allows."""
    t, current, volts = columns(f"hppc/{name}")
    pulses = analyse(Record(t, current, volts), times_s=times_s).pulses
    worst, compared, matched = 0.0, 0, 0
    expected = read(t, current, volts, times_s, LONGEST_PULSE_S)
    for start, ohms in expected:
        near = min(pulses, key=lambda pulse: abs(pulse.start_s - start))
        if abs(near.start_s - start) > 1.0:
            continue
        matched += 1
        for asked, ohm in ohms.items():
            found = near.resistance(asked)
            if found is not None:
                compared += 1
                worst = max(worst, abs(found / ohm - 1.0))
    return {
        "name": name,
        "rows": len(t),
        "pulses": len(pulses),
        "read": len(expected),
        "matched": matched,
        "compared": compared,
        "worst_percent": 100 * worst,
        "times_s": list(times_s),
    }


def _times(name: str) -> dict[str, Any]:
    """Least of several times in ms; of the other tools too, where their environment is there."""
    t, current, volts = columns(f"pybamm/{name}")
    record = Record(t, current, volts)
    return {
        "rows": len(t),
        "station": _least(lambda: analyse(record)),
        "tools": yardsticks.measure(RECORDS / "pybamm" / name),
    }


def _least(run: Any, times: int = 7) -> float:
    best = float("inf")
    for _ in range(times):
        started = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - started)
    return 1e3 * best
