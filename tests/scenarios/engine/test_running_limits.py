"""Limits while running, through the wire: a battery that heats, shorts inside, or moves more than it may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.scenarios.engine.harness import LONG, Guard, Process, SimBench, ended, plan_of, wait_until

Start = Callable[..., Process]
REST = [LONG[0], {"step": "rest", "duration_s": 900.0}]


def resting(sim: SimBench, guard: Guard, worker: Start, **channel: Any) -> Process:
    """A run with its contact check behind it, in a long rest."""
    process = worker(guard, plan_of(REST), bench=sim.bench(**channel))
    process.wait_for(lambda line: line.get("type") == "event" and line["code"] == "engine.contact")
    wait_until(lambda: sim.truth()["current_A"] == 0.0, 5, "the contact pulse is over")
    return process


@pytest.mark.parametrize(
    ("fault", "value", "codes"),
    [
        ("temperature_ramp", 0.25, {"safety.temperature_rate"}),
        ("temperature_ramp", 1.5, {"safety.temperature_rate_fast", "safety.thermal_runaway"}),
        ("internal_short", 0.1, {"safety.voltage_dip"}),
    ],
)
def test_a_battery_that_goes_wrong_at_rest(
    healthy: SimBench, guard: Guard, worker: Start, fault: str, value: float, codes: set[str]
) -> None:
    process = resting(healthy, guard, worker)
    healthy.ask("fault", channel="1", name=fault, value=value)
    end = process.wait_for(ended, 20)
    assert end["code"] in codes, end
    assert end["outcome"] == "limit_tripped"
    assert end["safe"]["verified"]
    truth = healthy.truth()
    assert (truth["current_A"] == 0.0 or fault == "internal_short", truth["cutoff_closed"]) == (True, False)


def test_the_benchs_charge_limit_ends_a_pulse(healthy: SimBench, guard: Guard, worker: Start) -> None:
    bench = healthy.bench()
    bench["channels"][0]["limits"]["charge_max_Ah"] = 0.1
    process = worker(guard, plan_of(LONG), bench=bench)
    end = process.wait_for(ended, 20)
    assert (end["code"], end["params"]["source"]) == ("safety.charge_max", "bench"), end
    assert 0.1 < end["params"]["value"] < 0.13
    assert end["safe"]["verified"]


@pytest.mark.parametrize("fault", ["half_current", "current_scale"])
def test_half_the_current_has_a_name_of_its_own(
    healthy: SimBench, guard: Guard, worker: Start, fault: str
) -> None:
    healthy.reset(speed=5.0)
    process = worker(guard, plan_of(LONG, timing="commanded"), speed=5.0)
    process.wait_for(lambda line: line.get("role") == "charge_pulse")
    wait_until(lambda: healthy.truth()["current_A"] > 10, 5, "the pulse begins")
    healthy.ask("fault", channel="1", instrument="delta-sm15k", name=fault, value=True)
    end = process.wait_for(ended, 10)
    assert (end["outcome"], end["code"]) == ("limit_tripped", "safety.half_current"), end
    assert end["safe"]["verified"]
    assert healthy.truth()["current_A"] == 0.0
