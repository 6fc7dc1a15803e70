"""A pack's own contactors in memory: what is asked in which order, and every way it can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from drivers.contracts.bms import ContactorFacts, ContactorFault, ContactorStep, PackContactors
from drivers.errors import TransportError
from station.bench import SensorInput
from station.engine.before.pack_contactors import OwnContactors
from station.engine.measure.sensors import SensorPoller, Sensors
from station.errors import CheckFailed, InterlockOpen
from station.safety.checks import CheckResult, insulation, require
from station.safety.checks.inputs import CheckInputs
from station.safety.chemistry import chemistry_limits
from tests.station.engine.pack_fakes import ChassisScanner, PackStand

PACK_V = 350.0


class FakePack(PackContactors):
    """Closes when told to, unless ``faults`` has it otherwise; ``stand`` is what lies outside."""

    def __init__(self, stand: PackStand) -> None:
        self.stand = stand
        self.faults: set[str] = set()
        self.closed = False
        self.log: list[str] = []
        self._show()

    def _show(self) -> None:
        live = (self.closed and "dead" not in self.faults) or "welded" in self.faults
        self.stand.pack_V = PACK_V * (-1 if "reversed" in self.faults else 1) if live else 0.0

    def contactor_facts(self) -> ContactorFacts:
        return FACTS

    def close_contactors(self, agree: Callable[[], None], link_V: Callable[[], float]) -> list[ContactorStep]:
        self.log.append(f"close at {link_V():.0f} V")
        agree()
        for finding in ("refused", "not_closed", "precharge_stuck", "silent", "keep_alive"):
            if finding in self.faults:
                raise ContactorFault("no", finding, step="close", waited_s=3.0, limit_s=3.0)  # type: ignore[arg-type]
        self.closed = True
        self._show()
        return [ContactorStep("close", 1.2, 15.0)]

    def open_contactors(self, on_step: Callable[[], None]) -> list[ContactorStep]:
        self.log.append("open")
        on_step()
        if "not_opened" in self.faults:
            raise ContactorFault("no", "not_opened", step="open", waited_s=3.0, limit_s=3.0)
        if "gone" in self.faults:
            raise TransportError("gone")
        self.closed = False
        self._show()
        return [ContactorStep("open", 0.1, 6.0)]

    def contactors_closed(self) -> bool | None:
        return self.closed


class FakeGuard:
    """A guard that agrees, or not."""

    def __init__(self) -> None:
        self.trip = False
        self.open = True

    def check(self) -> None:
        if self.trip:
            raise InterlockOpen("pressed", remedy="release it", code="guard.estop")

    def open_cutoff(self) -> bool:
        return self.open


FACTS = ContactorFacts("byd-atto3", "source", "read in one source", "open", True, 2.5)


class Rig:
    """Everything a close needs, with what was told of it."""

    def __init__(self, facts: ContactorFacts = FACTS) -> None:
        self.stand = PackStand()
        self.pack, self.guard = FakePack(self.stand), FakeGuard()
        self.told: list[CheckResult] = []
        scanner = ChassisScanner(self.stand)
        inputs = [SensorInput(number=3, role="terminals")]
        self.sensors = Sensors([SensorPoller(scanner, inputs, 0.5, lambda: self.stand.clock)])
        self.sensors.poll_once()
        self.own = OwnContactors(
            self.pack,
            facts,
            tell=self.tell,
            note=self.told.extend,
            turn=lambda: None,
            monotonic=lambda: self.stand.clock.t,
            sleep=lambda _: self.stand.sleep(1.0),
        )

    def tell(self, results: list[CheckResult]) -> None:
        self.told += results
        require(results)

    def close(self, *, guard: Any = ..., insulation_ohm: float | None = 1e6, **inputs: Any) -> None:
        given: dict[str, Any] = {
            "voltage_V": PACK_V,
            "chemistry": chemistry_limits("NMC", nominal_capacity_Ah=40.0, rested_cell_V=3.65),
            "series_cells": 96,
            "charge_min_degC": 0.0,
            "charge_max_degC": 45.0,
            "has_bms": True,
            "bms_pack_V": PACK_V,
            **inputs,
        }
        self.own.close(
            CheckInputs(**given),
            insulation_ohm,
            insulation.Thresholds(),
            self.sensors,
            self.guard if guard is ... else guard,
            has_cutoff=True,
        )

    def refused(self, **inputs: Any) -> str:
        with pytest.raises(CheckFailed) as error:
            self.close(**inputs)
        assert error.value.remedy or error.value.code == "safety.check.pack_not_closed"
        return str(error.value.code).removeprefix("safety.check.")


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_the_order_and_what_is_told(rig: Rig) -> None:
    rig.close()
    assert [one.rule for one in rig.told] == [
        "pack_wired",
        "pack_sequence",
        "bms_fault",
        "bms_fresh",
        "insulation",
        "pack_cutoff_open",
        "pack_contactor_welded",
        "pack_step",
        "pack_joined",
    ]
    assert rig.told[1].event == "engine.pack_sequence_unverified"
    assert rig.pack.log == ["close at 0 V"]
    assert rig.own.open(rig.sensors, lambda: None) == []
    assert rig.pack.log == ["close at 0 V", "open"]
    assert rig.own.open(rig.sensors, lambda: None) == []  # nothing is owed any more
    assert rig.pack.log == ["close at 0 V", "open"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"guard": None}, "pack_wired"),
        ({"insulation_ohm": 20e3}, "insulation"),
        ({"bms_faults": ("contactor welded",)}, "bms_fault"),
        ({"bms_pack_V": None}, "bms_fresh"),
    ],
)
def test_nothing_moves_before_everything_is_known(rig: Rig, change: dict[str, Any], rule: str) -> None:
    assert rig.refused(**change) == rule
    assert rig.pack.log == []
    assert not rig.own.moved


def test_a_pack_that_wants_its_own_voltage_outside_is_refused_by_name() -> None:
    rig = Rig(replace(FACTS, family="vw-meb", evidence="uncertain", link="precharged"))
    assert rig.refused() == "pack_sequence"
    assert rig.pack.log == []


def test_a_guard_that_does_not_agree_moves_nothing(rig: Rig) -> None:
    rig.guard.open = False
    assert rig.refused() == "pack_cutoff_open"
    rig.guard.trip = True
    with pytest.raises(InterlockOpen):
        rig.close()
    assert rig.pack.log == []


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ("refused", "pack_refused"),
        ("not_closed", "pack_not_closed"),
        ("precharge_stuck", "pack_precharge_stuck"),
        ("silent", "pack_silent"),
        ("keep_alive", "pack_keep_alive"),
        ("dead", "pack_joined"),
        ("reversed", "polarity"),
    ],
)
def test_what_does_not_follow_is_named_and_opened(rig: Rig, fault: str, rule: str) -> None:
    rig.pack.faults = {fault}
    assert rig.refused() == rule
    assert rig.own.moved
    assert rig.own.open(rig.sensors, lambda: None) == []
    assert rig.pack.log[-1] == "open"
    assert not rig.own.moved


def test_a_welded_pack_is_named_before_and_after(rig: Rig) -> None:
    rig.pack.faults = {"welded"}
    rig.pack._show()
    assert rig.refused() == "pack_contactor_welded"
    assert rig.pack.log == []
    later = Rig()
    later.close()
    later.pack.faults = {"welded"}
    (problem,) = later.own.open(later.sensors, lambda: None)
    assert problem["code"] == "safety.check.pack_contactor_welded"
    assert later.own.moved  # still owed


@pytest.mark.parametrize(("fault", "said"), [("not_opened", "pack_not_opened"), ("gone", "gone")])
def test_a_pack_that_does_not_open_is_told_and_looked_at(rig: Rig, fault: str, said: str) -> None:
    rig.close()
    rig.pack.faults = {fault}
    problems = rig.own.open(rig.sensors, lambda: None)
    assert said in problems[0]["message"]
    assert problems[1]["code"] == "safety.check.pack_contactor_welded"


def test_a_pack_that_has_opened_by_itself_is_told(rig: Rig) -> None:
    rig.close()
    rig.pack.closed = False
    rig.pack._show()
    assert rig.own.open(rig.sensors, lambda: None) == []
    assert any(one.rule == "pack_opened_itself" and not one.ok for one in rig.told)
