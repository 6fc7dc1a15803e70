"""Extraction agrees with independent readings of simulated records."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from station.diagnosis.pulses import Record, analyse, extract_resistances, time_key
from tests.station.diagnosis_pulses.conftest import DATA, columns

FILES = sorted(json.loads((DATA / "pybamm" / "oracle.json").read_text())["files"])
CLEAN = [name for name in FILES if not any(word in name for word in ("noise", "quant", "slew"))]


def test_the_stored_records_are_all_there() -> None:
    assert len(CLEAN) >= 27
    assert {path.name for path in Path(DATA / "pybamm").glob("*.csv")} == set(FILES)


@pytest.mark.parametrize("name", CLEAN)
def test_resistances_agree_within_half_a_percent(name: str, oracle: dict[str, Any]) -> None:
    pulses = analyse(Record(*columns(f"pybamm/{name}"))).pulses
    expected = [row for row in oracle[name]["own"] if row["dur"] < 120.0]
    assert len(pulses) == len(expected)
    first_sample = 0.1 if "10Hz" in name else 0.01
    compared = 0
    for pulse, row in zip(pulses, expected, strict=True):
        assert pulse.start_s == pytest.approx(row["t0"], abs=1e-6)
        assert pulse.duration_s == pytest.approx(row["dur"], abs=0.011)
        assert pulse.current_A == pytest.approx(row["I"], rel=1e-3)
        assert pulse.voltage_before_V == pytest.approx(row["V0"], abs=2e-5)
        for asked, ohm in row["R"].items():
            found = pulse.resistance(float(asked))
            if ohm is None or float(asked) < first_sample:
                assert found is None, asked
            else:
                compared += 1
                assert found == pytest.approx(ohm, rel=0.005), asked
        for beyond in (1.0, 5.0, 10.0):
            if beyond > row["dur"]:
                assert pulse.resistance(beyond) is None
    assert compared >= len(expected)


@pytest.mark.parametrize("name", [name for name in CLEAN if name.startswith("pybamm")])
def test_the_jump_agrees_with_the_simulation_itself(name: str, oracle: dict[str, Any]) -> None:
    pulses = analyse(Record(*columns(f"pybamm/{name}"))).pulses
    starts = {round(pulse.start_s, 1): pulse for pulse in pulses}
    edges = [edge for edge in oracle[name]["edges"] if abs(edge["I_before"]) < 1e-6]
    matched = [(starts[round(edge["t"], 1)], edge) for edge in edges if round(edge["t"], 1) in starts]
    assert len(matched) == len(pulses)
    for pulse, edge in matched:
        assert pulse.resistance(0.01) == pytest.approx(edge["R_inst_ohm"], rel=0.005)


def test_noise_and_quantisation_stay_near_the_truth(oracle: dict[str, Any]) -> None:
    for name, tolerance in (
        ("ecm2rc_noise05mV_pulsebat5s.csv", 0.5e-3),
        ("ecm2rc_quant1mV_pulsebat5s.csv", 0.6e-3),
    ):
        for pulse in analyse(Record(*columns(f"pybamm/{name}"))).pulses:
            for asked, ohm in oracle["ecm2rc_clean_pulsebat5s.csv"]["own"][0]["R"].items():
                found = pulse.resistance(float(asked))
                assert found is not None
                assert abs(found - ohm) * abs(pulse.current_A) <= 4.0 * tolerance


def test_a_two_thousand_row_record_takes_milliseconds() -> None:
    record = Record(*columns("pybamm/ecm2rc_clean_pulsebat5s.csv"))
    assert record.size > 2000
    best = min(_seconds(record) for _ in range(15))
    assert best < 0.010


def _seconds(record: Record) -> float:
    begun = time.thread_time()  # of the processor, which others may want as well
    analyse(record)
    return time.thread_time() - begun


def test_the_benchmark_entry_gives_flat_rows() -> None:
    rows = extract_resistances(*columns("pybamm/ecm2rc_clean_hppc10s_10Hz.csv"), times_s=(0.01, 1.0, 20.0))
    assert [row["current_A"] for row in rows] == [pytest.approx(-20.0), pytest.approx(15.0)]
    assert rows[0]["R_0.01s"] is None
    assert rows[0]["R_1s"] == pytest.approx(0.0036962, rel=2e-3)
    assert rows[0]["R_20s"] is None


def test_keys_are_short_numbers() -> None:
    assert [time_key(t) for t in (0.01, 0.1, 1.0, 5.0, 10.0, 18.5)] == ["0.01", "0.1", "1", "5", "10", "18.5"]
