"""A 350 V pack through the whole gate and its refusals: real worker, guard and stand, on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.engine.record.journal import read_journal
from tests.scenarios.engine.harness import Guard, Process, ended, plan_of, start_worker, wait_until
from tests.scenarios.engine.pack_bench import BATTERY, PackBench

SPEED = 5.0
STEPS = [
    {"step": "contact_check", "current_C": 0.1, "duration_s": 1.0, "rest_s": 1.0},
    {"step": "pulse_pair", "current_C": 0.5, "duration_s": 2.0, "rest_s": 2.0},
]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackBench]:
    stand = PackBench(tmp_path_factory.mktemp("pack"), speed=SPEED)
    yield stand
    stand.process.stop()


@pytest.fixture(scope="module")
def pack_guard(pack: PackBench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guard]:
    guard = Guard(pack.bench(), tmp_path_factory.mktemp("data"))
    yield guard
    guard.process.stop()


@pytest.fixture
def sound(pack: PackBench) -> PackBench:
    pack.reset(speed=SPEED)
    wait_until(lambda: pack.truth()["terminals_V"] < 60, 5, "the output capacitor discharges")
    return pack


def start(stand: PackBench, guard: Guard, run_dir: Path, bench: dict[str, Any] | None = None) -> Process:
    return start_worker(
        bench or stand.bench(),
        guard,
        run_dir,
        plan_of(STEPS, capacity_Ah=40.0, timing="commanded"),
        speed=SPEED,
        capacity_Ah=40.0,
    )


def test_a_sound_pack_is_joined_in_order_and_left_touch_safe(
    sound: PackBench, pack_guard: Guard, tmp_path: Path
) -> None:
    process = start(sound, pack_guard, tmp_path / "r0")
    try:
        process.wait_for(lambda line: line.get("state") == "running")
        assert sound.truth()["cutoff_closed"]
        assert not sound.truth()["precharge_closed"]
        end = process.wait_for(ended, 30)
    finally:
        process.stop()
    assert end["outcome"] == "completed", end
    assert (end["safe"]["verified"], end["safe"]["cutoff_open"], end["safe"]["problems"]) == (True, True, [])
    truth = sound.truth()
    assert truth["terminals_V"] <= 60
    assert truth["inrush_peak_A"] < 1000
    events = read_journal(tmp_path / "r0" / "journal.jsonl").events
    told = [event["params"]["rule"] for event in events if "rule" in event["params"]]
    wanted = [
        "insulation",
        "insulation",
        "contactor_welded",
        "residual_voltage",
        "precharge",
        "cutoff_joined",
    ]
    assert [rule for rule in told if rule in wanted] == [*wanted, "residual_voltage"]
    by_bms, measured = (e["params"] for e in events if e["params"].get("rule") == "insulation")
    assert (by_bms["method"], measured["method"]) == ("bms", "measured")
    assert measured["insulation_ohm"] == pytest.approx(truth["insulation_ohm"], rel=0.02)
    assert by_bms["insulation_ohm"] == pytest.approx(truth["insulation_ohm"], rel=0.02)
    assert {event["level"] for event in events} == {"info"}, [e for e in events if e["level"] != "info"]


def refused(
    stand: PackBench, guard: Guard, folder: Path, bench: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Run, and make sure that the refusal has left everything open and no charge moved by the instrument."""
    process = start(stand, guard, folder / "r0", bench)
    try:
        end = process.wait_for(ended, 20)
    finally:
        process.stop()
    assert (end["outcome"], end["exit_code"]) == ("check_failed", 5), end
    assert end["remedy"]
    assert end["safe"]["verified"], end
    assert not any(line.get("code") == "engine.energised" for line in process.lines)
    truth = stand.truth()
    assert truth["output_on"] == [False]
    assert not truth["fuse_blown"]
    assert abs(truth["charge_Ah"]) < 1e-3  # what the capacitor takes through the resistor
    assert not truth["precharge_closed"]
    assert truth["cutoff_closed"] == ("the wiring: contactor_welded" in truth["faults"])
    return end


WIRE = {"channel": "1"}
RELAY = {"channel": "1", "instrument": "modbus-relay"}
LEAF = {"channel": "1", "instrument": "leaf-bms"}


@pytest.mark.parametrize(
    ("fault", "code", "facts"),
    [
        ({**WIRE, "name": "insulation_low", "value": 20e3}, "insulation", {"pole": "minus"}),
        ({**WIRE, "name": "insulation_low_plus", "value": 20e3}, "insulation", {"pole": "plus"}),
        ({**RELAY, "name": "relay_frozen"}, "insulation_relay", {}),
        ({**WIRE, "name": "precharge_open"}, "precharge_open", {}),
        ({**WIRE, "name": "contactor_welded"}, "contactor_welded", {}),
        ({**WIRE, "name": "polarity_reversed"}, "polarity", {}),
        ({**WIRE, "name": "bms_opens_contactors"}, "no_battery", {}),
        ({**LEAF, "name": "sentinel_reading"}, "reading_present", {}),
        # Frames that repeat themselves are thrown away: heard before or not at all, nothing may close.
        ({**LEAF, "name": "counter_frozen"}, "bms_fault|reading_present", {}),
    ],
    ids=lambda value: value.get("name", "") if isinstance(value, dict) else str(value),
)
def test_a_fault_of_the_stand_is_named_before_anything_closes(
    sound: PackBench,
    pack_guard: Guard,
    tmp_path: Path,
    fault: dict[str, Any],
    code: str,
    facts: dict[str, Any],
) -> None:
    sound.ask("fault", **fault)
    bench = sound.bench()
    if code.startswith("insulation"):
        bench["channels"][0]["bms"]["options"] = {"insulation_unit_ohm": None}  # the station's own method
    end = refused(sound, pack_guard, tmp_path, bench)
    assert end["code"] in {f"safety.check.{one}" for one in code.split("|")}, end
    assert end["params"] | facts == end["params"]


@pytest.mark.parametrize(
    ("place", "change", "code"),
    [
        ("power", {"calibration": {"due": "2020-01-31", "certificate": "K-7"}}, "calibration"),
        ("power", {"expect": {"model": "SM500-CP-90", "serial": "1"}}, "identity"),
        ("bms", {"expect": {"model": "Leaf ZE1"}}, "identity"),
    ],
)
def test_the_wrong_instrument_or_an_old_one_is_named(
    sound: PackBench, pack_guard: Guard, tmp_path: Path, place: str, change: dict[str, Any], code: str
) -> None:
    bench = sound.bench()
    bench["channels"][0][place] |= change
    end = refused(sound, pack_guard, tmp_path, bench)
    assert end["code"] == f"safety.check.{code}", end
    assert end["params"]["place"] == place


def test_an_overdischarged_pack_is_refused(sound: PackBench, pack_guard: Guard, tmp_path: Path) -> None:
    """1.39 V per cell, as the terminals tell it: more than 100 V all the same."""
    sound.ask("connect", channel="1", battery={**BATTERY, "series": 36})
    bench = sound.bench(bms=None)
    end = refused(sound, pack_guard, tmp_path, bench)
    assert end["code"] == "safety.check.overdischarged", end
    assert end["params"]["value"] == pytest.approx(1.39, abs=0.02)
