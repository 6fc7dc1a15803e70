"""Insulation measurement and pre-charge on a stand in memory: every way it can fail, and what stays open."""

from __future__ import annotations

import threading

import pytest

from drivers.errors import TransportError
from station.bench import Insulation, Precharge, SensorInput
from station.engine.base.beside import beside
from station.engine.before.insulation import read_insulation
from station.engine.before.precharge import Precharger, residual_after
from station.engine.measure.sensors import SensorPoller, Sensors
from station.errors import CheckFailed, InterlockOpen
from station.safety.checks import CheckResult, require
from station.safety.checks.insulation import Thresholds, measured
from tests.station.engine.pack_fakes import ChassisScanner, PackStand


@pytest.fixture
def stand() -> PackStand:
    return PackStand()


def connect(stand: PackStand, *, by_bms: bool = False, timeout_s: float = 2.0) -> list[CheckResult]:
    told: list[CheckResult] = []

    def tell(result: CheckResult) -> None:
        told.append(result)
        require([result])

    Precharger(
        Precharge(coil=4, resistance_ohm=100.0, timeout_s=timeout_s),
        stand,
        read_source=stand.source_V,
        read_terminals=lambda: None if by_bms else stand.terminals_V(),
        clock=stand.clock,
        tell=tell,
        on_step=lambda: None,
        sleep=stand.sleep,
    ).connect(stand.pack_V, stand.close_main, by_bms=by_bms)
    return told


def test_source_and_pack_meet_before_the_contactor_closes(stand: PackStand) -> None:
    told = connect(stand)
    assert stand.log == ["close precharge", "close main", "open precharge"]
    assert [result.rule for result in told] == [
        "contactor_welded",
        "residual_voltage",
        "precharge",
        "cutoff_joined",
    ]
    assert all(result.ok for result in told)
    # 5 % of 350 V is reached after three time constants.
    assert told[2].facts["took_s"] == pytest.approx(0.6, abs=0.03)


@pytest.mark.parametrize("by_bms", [False, True])
@pytest.mark.parametrize(
    ("faults", "change", "code"),
    [
        ({"resistor_open"}, {}, "precharge_open"),
        ({"welded"}, {}, "contactor_welded"),
        (set(), {"tau_s": 3.0}, "precharge_slow"),
        (set(), {"capacitor_V": 200.0, "bleed_tau_s": 60.0}, "residual_voltage"),
        ({"reversed"}, {}, "polarity"),
        ({"dead_end"}, {}, "cutoff_joined"),
    ],
)
def test_every_failure_is_named_and_leaves_the_precharge_open(
    stand: PackStand, faults: set[str], change: dict[str, float], code: str, by_bms: bool
) -> None:
    stand.faults = faults
    for name, value in change.items():
        setattr(stand, name, value)
    with pytest.raises(CheckFailed) as error:
        connect(stand, by_bms=by_bms)
    assert error.value.code == f"safety.check.{code}"
    assert error.value.remedy
    assert not stand.closed["precharge"]
    if code != "cutoff_joined":
        assert "close main" not in stand.log
    if code in ("contactor_welded", "residual_voltage"):
        assert stand.log == []


def test_no_pack_behind_its_voltage_is_told_by_the_terminals(stand: PackStand) -> None:
    stand.faults = {"pack_open"}
    with pytest.raises(CheckFailed) as error:
        connect(stand)
    assert error.value.code == "safety.check.precharge_no_pack"
    assert stand.log == ["close precharge", "open precharge"]


def test_a_discharging_source_is_waited_for(stand: PackStand) -> None:
    stand.capacitor_V = 100.0
    assert all(result.ok for result in connect(stand))
    assert stand.clock.t > 0.5


@pytest.mark.parametrize("name", ["precharge", "main"])
def test_a_guard_that_refuses_leaves_everything_open(stand: PackStand, name: str) -> None:
    stand.refuse = {name}
    with pytest.raises(InterlockOpen) as error:
        connect(stand)
    assert error.value.code == "guard.relay_lost"
    assert not any(stand.closed.values())


@pytest.mark.parametrize(("bleed_tau_s", "ok"), [(1.0, True), (60.0, False)])
def test_residual_voltage_after_opening(stand: PackStand, bleed_tau_s: float, ok: bool) -> None:
    stand.capacitor_V, stand.bleed_tau_s = 350.0, bleed_tau_s
    result = residual_after(stand.source_V, stand.clock, lambda: None, stand.sleep)
    assert result.ok == ok
    assert stand.clock.t == pytest.approx(1.77 if ok else 5.0, abs=0.05)


# ------------------------------------------------------------------ insulation


def insulation_of(stand: PackStand, scanner: ChassisScanner | None = None) -> CheckResult:
    scanner = scanner or ChassisScanner(stand)
    inputs = [
        SensorInput(number=1, role="minus_chassis"),
        SensorInput(number=2, role="plus_chassis"),
        SensorInput(number=3, role="terminals"),
    ]
    sensors = Sensors([SensorPoller(scanner, inputs, 0.5, lambda: stand.clock)])
    sensors.poll_once()
    readings = read_insulation(
        Insulation(coil=5, resistance_ohm=stand.r0_ohm), stand.meter_ohm, sensors, stand, lambda: None
    )
    return measured(readings, stand.pack_V, 400.0, Thresholds())


def test_good_insulation_is_measured(stand: PackStand) -> None:
    result = insulation_of(stand)
    assert result.ok
    assert result.facts["minus_ohm"] == pytest.approx(2e6 * 10 / 12, rel=0.01)
    assert stand.log == ["close insulation", "open insulation"]


@pytest.mark.parametrize("pole", ["minus", "plus"])
def test_a_leak_is_found_at_either_pole(stand: PackStand, pole: str) -> None:
    setattr(stand, f"{pole}_ohm", 30e3)
    result = insulation_of(stand)
    assert (result.ok, result.rule, result.facts["pole"]) == (False, "insulation", pole)
    assert result.facts["insulation_ohm"] == pytest.approx(30e3, rel=0.02)
    assert not stand.closed["insulation"]


def test_a_relay_that_does_not_switch_is_named(stand: PackStand) -> None:
    stand.faults = {"r0_dead"}
    assert insulation_of(stand).rule == "insulation_relay"


def test_unsteady_voltages_are_noted(stand: PackStand) -> None:
    scanner = ChassisScanner(stand)
    scanner.creep_V = 3.0
    assert insulation_of(stand, scanner).event == "engine.insulation_doubtful"


def test_a_missing_input_refuses_and_a_refused_coil_closes_nothing(stand: PackStand) -> None:
    scanner = ChassisScanner(stand)
    scanner.dead = {2}
    with pytest.raises(CheckFailed) as error:
        insulation_of(stand, scanner)
    assert error.value.code == "safety.check.insulation_reading"
    stand.refuse = {"insulation"}
    with pytest.raises(InterlockOpen):
        insulation_of(stand)
    assert not stand.closed["insulation"]


def test_slow_work_leaves_the_loop_running_and_its_errors_come_through() -> None:
    turns = threading.Semaphore(0)

    def work() -> None:
        assert turns.acquire(timeout=30)  # ends only because the loop has turned
        raise TransportError("gone")

    with pytest.raises(TransportError, match="gone"):
        beside(work, turns.release)
