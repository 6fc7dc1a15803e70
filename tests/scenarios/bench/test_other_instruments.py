"""``rapid`` on benches with other instruments than the demo's: the same battery gets the same verdict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from station.bench import Bench, load_bench
from tests.scenarios.bench.stand import Stand, ended, marking, start

CAPACITY_Ah = 20.0
PATIENCE_RUN_S = 130
BATTERY = {
    "kind": "string",
    "series": 6,
    "cell": {
        "kind": "model",
        "chemistry": "NMC",
        "nominal_capacity_Ah": CAPACITY_Ah,
        "soh": 0.86,
        "soc": 0.5,
    },
}
INPUTS = [
    {"number": 101, "role": "cell_surface"},
    {"number": 102, "role": "ambient"},
    {"number": 111, "role": "terminals"},
]
POWER: dict[str, dict[str, Any]] = {
    "1": {
        "driver": "delta-sm15k",
        "address": "tcp://127.0.0.1:18462",
        "expect": {"model": "SM70-CP-450"},
        "options": {"remote_sense": True},
    },
    "2": {
        "driver": "ea-psb10000",
        "address": "tcp://127.0.0.1:18463",
        "expect": {"model": "PSB 10080-120"},
        "options": {"voltage_max_V": 80, "current_max_A": 120, "power_max_W": 5000},
    },
    "3": {
        "driver": "itech-it6000c",
        "address": "tcp://127.0.0.1:18464",
        "expect": {"model": "IT6006C-80-120"},
        "options": {"pause_s": 0.001},
    },
}
SENSORS: dict[str, dict[str, Any]] = {
    "1": {"driver": "keysight-34970a", "expect": {"model": "34970A"}},
    "2": {"driver": "keysight-34970a", "expect": {"model": "DAQ970A"}},
    "3": {"driver": "keithley-daq6510", "expect": {"model": "DAQ6510"}, "options": {"voltage_range_V": 100}},
}
LIMITS = {
    "voltage_min_V": 15, "voltage_max_V": 25.5, "charge_current_max_A": 110, "discharge_current_max_A": 110,
    "power_max_W": 3000,
}  # fmt: skip


def other_bench() -> Bench:
    data = load_bench("demo").model_dump(mode="json", by_alias=True)
    channels = []
    for number, channel in enumerate("123"):
        sensor = {**SENSORS[channel], "address": f"tcp://127.0.0.1:{18501 + number}", "inputs": INPUTS}
        channels.append(
            {
                "id": channel,
                "name": {"zh": channel, "en": channel},
                "level": "module",
                "series_cells": 6,
                "power": POWER[channel],
                "sensors": [sensor],
                "limits": LIMITS,
                "cutoff": {"coil": number, "feedback_input": number + 2},
            }
        )
    data |= {"name": "others", "channels": channels, "printers": []}
    # What is tested here is not the guard's patience: the bench's processes may wait for a busy computer.
    data["guard"] |= {"heartbeat_timeout_s": 5}
    data["guard"]["relay"]["options"] |= {"timeout_s": 2.0}
    data["simulation"] |= {"batteries": dict.fromkeys("123", BATTERY)}
    return Bench.model_validate(data)


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with marking(), Stand(tmp_path_factory.mktemp("others"), speed=10.0, bench=other_bench()) as stand:
        yield stand
        stand.stop()


@pytest.mark.timeout(180)
def test_rapid_ends_with_the_verdict_of_the_sm15k(others: Stand) -> None:
    client = others.client()
    runs = {channel: start(client, "rapid", channel, nominal_capacity_Ah=CAPACITY_Ah) for channel in "123"}
    rows = {channel: ended(client, run_id, PATIENCE_RUN_S) for channel, run_id in runs.items()}
    assert not {channel: row["error"] for channel, row in rows.items() if row["outcome"] != "completed"}
    reference = rows["1"]
    for channel, row in rows.items():
        assert others.dead(channel)
        assert row["result"]["safe"]["verified"] is True
        assert (row["verdict"], row["exit_code"]) == (reference["verdict"], reference["exit_code"]), channel
        for ours, theirs in zip(row["result"]["blocks"], reference["result"]["blocks"], strict=True):
            for pulse, same in zip(ours["pulses"], theirs["pulses"], strict=True):
                assert pulse["current_A"] == pytest.approx(same["current_A"], rel=0.01)
                drop_V = pulse["end_voltage_V"] - pulse["voltage_before_V"]
                same_V = same["end_voltage_V"] - same["voltage_before_V"]
                assert drop_V == pytest.approx(same_V, rel=0.08, abs=0.02), (channel, pulse, same)
        if reference["result"]["soh"] is not None:
            estimate = row["result"]["soh"]["estimate"]
            assert estimate == pytest.approx(reference["result"]["soh"]["estimate"], abs=0.04)
