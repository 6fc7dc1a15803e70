"""No rule trips on good data: recorded and computed cells, as they are and seen by a coarse instrument."""

from __future__ import annotations

import csv
import math
from collections import Counter
from pathlib import Path

import pytest

from station.engine.measure.means import Recent
from station.safety import EnvelopePart, Sample, build_envelope
from station.safety.running import Rig, RunningRules, Witness
from tests.station.safety.running.feed import FedScan

DATA = Path(__file__).parents[3] / "data"
FILES = [
    file
    for folder in ("pybamm", "hppc")
    for file in sorted((DATA / folder).glob("*.csv"))
    # The milliamperes of a coin cell are below what these rules take for a current.
    if "coin" not in file.stem
]
SCAN_S = 0.5
WIDE = build_envelope(
    [
        EnvelopePart(
            "bench",
            voltage_min_V=1.0,
            voltage_max_V=5.0,
            charge_current_max_A=1000,
            discharge_current_max_A=1000,
            power_max_W=5000,
            temperature_min_degC=0,
            temperature_max_degC=50,
        )
    ]
)


def rows_of(file: Path) -> list[tuple[float, float, float]]:
    with file.open(encoding="utf-8") as stream:
        return [
            (float(row["time_s"]), float(row["current_A"]), float(row["voltage_V"]))
            for row in csv.DictReader(stream)
        ]


def commanded(rows: list[tuple[float, float, float]]) -> list[float]:
    """What was asked for: the plateau that each row lies on or, on a ramp, runs towards within a second.

    A current that tapers for longer was driven by a voltage and is taken for what was asked."""
    counts = Counter(round(current_A, 2) for _, current_A, _ in rows)
    plateaus = {current_A for current_A, count in counts.items() if count >= len(rows) / 200}
    wanted: list[float] = []
    ahead_A, at_s = 0.0, math.inf
    for t_s, current_A, _ in reversed(rows):
        if round(current_A, 2) in plateaus:
            ahead_A, at_s = round(current_A, 2), t_s
        wanted.append(ahead_A if at_s - t_s < 1.0 else current_A)
    return wanted[::-1]


@pytest.mark.parametrize("step_V", [1e-6, 0.001])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_good_recordings_are_quiet(file: Path, step_V: float) -> None:
    rows = rows_of(file)
    span_A = max(abs(current_A) for _, current_A, _ in rows)
    rules = RunningRules(WIDE, Rig(2 * span_A, step_V, 0.001, 1, frozenset(), judge_clock=False))
    recent = Recent(10.0)
    witness = Witness(recent)
    command_A, serial, next_s = 0.0, 0, rows[0][0]
    heat_K = 0.0
    last_s = rows[0][0]
    for (t_s, current_A, voltage_V), wanted_A in zip(rows, commanded(rows), strict=True):
        if wanted_A != command_A:
            command_A, witness.steady_since_s = wanted_A, t_s
        # A cell of 3 mΩ and 300 J/K that loses its heat slowly.
        heat_K += (t_s - last_s) * (0.003 * current_A**2 / 300 - heat_K / 900)
        last_s = t_s
        seen_V = round(voltage_V / step_V) * step_V
        sample = Sample(t_s, 1e9 + t_s, seen_V, current_A, command_A, 0, 25 + heat_K)
        recent.add(sample)
        witness.real_s = t_s / 1000  # the recordings have holes; those are another rule
        if t_s >= next_s:
            serial, next_s = serial + 1, t_s + SCAN_S
            noise_K = 0.05 * math.sin(37.0 * serial)
            witness.scan = FedScan(serial, t_s - 0.05, t_s, t_s, (25 + heat_K + noise_K,), voltage_V)
        assert rules.check_envelope(sample) is None
        tripped = rules.check(sample, witness)
        assert tripped is None, (t_s, tripped)
