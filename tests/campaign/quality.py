"""Was a verdict built on good data: the run's resistances and SOH against a healthy run of the same kind."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from station.engine.record.runfile import finalise
from station.errors import StationError
from station.reports.diagnose import diagnose_file
from tests.campaign.kinds import Kind

RESISTANCE_TOLERANCE = 0.05
SOH_TOLERANCE = 0.03
LEAST_PER_S = 3.0
VERDICTS = ("pass", "fail")
_one_at_a_time = threading.Lock()


class Quality:
    """Knows the healthy result of each kind and length once ``learn`` was called."""

    def __init__(self) -> None:
        self._healthy: dict[tuple[str, str], dict[str, Any]] = {}

    def knows(self, kind: Kind, length: str) -> bool:
        """Whether there is a baseline already."""
        return (kind.name, length) in self._healthy

    def learn(self, kind: Kind, run_dir: Path, length: str) -> dict[str, Any]:
        """Take a run without a fault as the baseline."""
        result = _diagnose(kind, run_dir)
        self._healthy[kind.name, length] = result
        return result

    def judge(self, kind: Kind, run_dir: Path, outcome: str, length: str) -> tuple[str, str]:
        """The verdict, and "good", "bad: …" or "" where there is none to judge.

        Only a completed run may have a verdict at all: that is the rule of the service, which asks for no
        diagnosis otherwise.
        """
        if outcome != "completed":
            return "", ""
        try:
            result = _diagnose(kind, run_dir)
        except StationError as error:
            return "none", f"refused: {error.code}"
        verdict = str(result["verdict"])
        if verdict not in VERDICTS:
            return verdict, ""
        healthy = self._healthy[kind.name, length]
        wrong = [
            f"{name} {value:.4g} instead of {wanted:.4g}"
            for name, value, wanted, tolerance in _pairs(result, healthy)
            if abs(value - wanted) > tolerance
        ]
        return verdict, f"bad: {'; '.join(wrong)}" if wrong else "good"


def _diagnose(kind: Kind, run_dir: Path) -> dict[str, Any]:
    with _one_at_a_time:
        return diagnose_file(
            finalise(run_dir), nominal_capacity_Ah=kind.nominal_capacity_Ah, chemistry=kind.chemistry
        )


def _pairs(result: dict[str, Any], healthy: dict[str, Any]) -> list[tuple[str, float, float, float]]:
    pairs = []
    soh, healthy_soh = result["soh"], healthy["soh"]
    if soh and healthy_soh:
        # Two honest estimates of one battery may differ by what both say of themselves.
        width = (soh["high90"] - soh["low90"] + healthy_soh["high90"] - healthy_soh["low90"]) / 2
        pairs.append(("SOH", soh["estimate"], healthy_soh["estimate"], max(SOH_TOLERANCE, width)))
    wanted = _resistances(healthy)
    for at, value in _resistances(result).items():
        if at in wanted:
            pairs.append((f"resistance {at}", value, wanted[at], RESISTANCE_TOLERANCE * wanted[at]))
    return pairs


def _resistances(result: dict[str, Any]) -> dict[str, float]:
    """By side and time; the contact check's small pulse drowns in the resolution and is left out."""
    found: dict[str, float] = {}
    pulses = [pulse for block in result["blocks"] for pulse in block["pulses"]]
    largest_A = max((abs(pulse["current_A"]) for pulse in pulses), default=0.0)
    for pulse in pulses:
        if abs(pulse["current_A"]) > largest_A / 2:
            side = "charging" if pulse["current_A"] > 0 else "discharging"
            for at_s, value in pulse["resistance_ohm"].items():
                if value is not None and float(at_s) >= 1:
                    found[f"{side} at {at_s} s"] = value
    return found


def lost_seconds(run_dir: Path, died_at: float | None, unix_minus_monotonic: float) -> float:
    """Seconds of samples that a killed worker had taken and that are not on disk; 0 for all others.

    A worker that lived to its end has written its end record last, after every sample.
    """
    journal = run_dir / "journal.jsonl"
    if died_at is None or not journal.exists():
        return 0.0
    last_unix_s: float | None = None
    for line in journal.read_bytes().splitlines():
        if line.startswith(b'["s"'):
            try:
                last_unix_s = float(json.loads(line)[2])
            except ValueError:  # the torn last line
                continue
    if last_unix_s is None:
        return 0.0
    return max(0.0, died_at + unix_minus_monotonic - last_unix_s)


def starved(run_dir: Path) -> bool:
    """Whether a pulse got fewer samples than three in each second: no rule can judge what is not there.

    Happens where this computer cannot play a bench so much faster than time; a real one has no such excuse.
    """
    counted: dict[int, int] = {}
    header: dict[str, Any] = {}
    for line in (run_dir / "journal.jsonl").read_bytes().splitlines():
        record = json.loads(line)
        if isinstance(record, list):
            counted[record[6]] = counted.get(record[6], 0) + 1
        elif record["k"] == "header":
            header = record
    return any(
        counted.get(segment["index"], 0) < LEAST_PER_S * segment["duration_s"]
        for segment in header["plan"]["segments"]
        if segment["current_A"] != 0.0
    )
