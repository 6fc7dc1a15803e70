"""Pre-charge, inrush, bleeder and pack contactors against closed formulas."""

from __future__ import annotations

from math import exp, inf, log

import pytest

from simulators.clock import ManualTime, SimClock
from simulators.network import Drive
from simulators.output_stage import DIODE_V, OutputStage
from simulators.wiring import Circuit, PackPath

BATTERY_V, BATTERY_OHM = 345.6, 0.096
FARAD, RESISTOR_OHM, BLEEDER_OHM, LEAD_OHM = 1e-3, 100.0, 5000.0, 0.004


class Source:
    """A power element that does what the test says."""

    def __init__(self) -> None:
        self.now: Drive | None = None
        self.energy_J = 0.0

    def drive(self, voltage_V: float) -> Drive | None:  # noqa: ARG002
        return self.now

    def after_step(self, time_s: float, duration_s: float, voltage_V: float, current_A: float) -> None:  # noqa: ARG002
        self.energy_J += duration_s * voltage_V * current_A

    def next_event_s(self) -> float:
        return inf

    def run_event(self, time_s: float) -> None:  # noqa: ARG002
        raise AssertionError


class Stand:
    """A circuit whose time the test moves."""

    def __init__(self, battery, **options) -> None:
        self.time = ManualTime()
        pack = {"bleeder_ohm": BLEEDER_OHM, "precharge_ohm": RESISTOR_OHM, **options}
        self.circuit = Circuit(
            SimClock(monotonic=self.time),
            battery,
            lead_resistance_ohm=LEAD_OHM,
            contactor_delay_s=0.0,
            has_contactor=True,
            sense_at="terminals",
            pack=PackPath(FARAD, **pack),
        )
        self.source = Source()
        self.circuit.add_power(self.source)

    def wait(self, seconds: float) -> None:
        self.time.advance(seconds)
        self.circuit.advance()

    def drive(self, drive: Drive | None) -> None:
        self.circuit.advance()
        self.source.now = drive
        self.circuit.changed()


@pytest.fixture
def battery(ohmic_battery):
    ohmic_battery.cells = 96
    return ohmic_battery


@pytest.fixture
def stand(battery):
    return Stand(battery)


def _total_ohm() -> float:
    return RESISTOR_OHM + LEAD_OHM + BATTERY_OHM


def test_precharge_is_an_exponential(stand) -> None:
    stand.circuit.command_precharge(True)
    parallel_ohm = 1 / (1 / _total_ohm() + 1 / BLEEDER_OHM)
    end_V = BATTERY_V * BLEEDER_OHM / (BLEEDER_OHM + _total_ohm())
    tau_s = parallel_ohm * FARAD
    assert stand.circuit.current_A == pytest.approx(-BATTERY_V / _total_ohm(), rel=1e-3)
    for step in range(1, 6):
        stand.wait(0.05)
        expected_V = end_V * (1 - exp(-0.05 * step / tau_s))
        assert stand.circuit.terminals_V() == pytest.approx(expected_V, rel=2e-3)
        assert stand.circuit.sensed_V(remote=True) == stand.circuit.terminals_V()
        assert stand.circuit.posts_V() == pytest.approx(BATTERY_V, abs=0.5)
    assert stand.circuit.inrush_peak_A == 0.0


def test_what_the_capacitor_holds_left_the_battery(battery) -> None:
    stand = Stand(battery, bleeder_ohm=inf)
    stand.circuit.command_precharge(True)
    stand.wait(2.0)
    assert stand.circuit.terminals_V() == pytest.approx(BATTERY_V, rel=1e-4)
    assert stand.circuit.charge_Ah * 3600 == pytest.approx(-FARAD * BATTERY_V, rel=1e-4)


def test_closing_without_precharge_makes_the_inrush_that_the_resistances_allow(stand) -> None:
    stand.circuit.command_contactor(True)
    assert stand.circuit.inrush_peak_A == pytest.approx(BATTERY_V / (BATTERY_OHM + LEAD_OHM), rel=1e-6)
    stand.wait(0.1)
    assert stand.circuit.terminals_V() == pytest.approx(BATTERY_V, rel=1e-4)
    assert stand.circuit.charge_Ah * 3600 == pytest.approx(-FARAD * BATTERY_V, rel=1e-4)
    assert stand.circuit.contactor_closed
    assert not stand.circuit.fuse_blown


def test_closing_after_precharge_makes_only_what_is_left(stand) -> None:
    stand.circuit.command_precharge(True)
    stand.wait(1.0)
    left_V = BATTERY_V - stand.circuit.terminals_V()
    stand.circuit.command_contactor(True)
    assert 5 < left_V < 10  # the bleeder's share
    assert stand.circuit.inrush_peak_A == pytest.approx(left_V / (BATTERY_OHM + LEAD_OHM), rel=0.02)


@pytest.mark.parametrize(
    ("limit", "welded", "blown"), [("weld_inrush_A", True, False), ("fuse_inrush_A", False, True)]
)
def test_an_inrush_above_a_limit_does_its_damage(battery, limit, welded, blown) -> None:
    stand = Stand(battery, **{limit: 1000.0})
    stand.circuit.command_contactor(True)
    stand.circuit.command_contactor(False)
    stand.wait(0.1)
    assert stand.circuit.contactor_closed is welded
    assert stand.circuit.fuse_blown is blown
    assert stand.circuit.inrush_peak_A == pytest.approx(BATTERY_V / (BATTERY_OHM + LEAD_OHM), rel=1e-6)
    after_V = BATTERY_V if welded else 0.0
    assert stand.circuit.terminals_V() == pytest.approx(after_V, abs=0.5)


def test_the_bleeder_empties_the_capacitor(stand) -> None:
    stand.circuit.command_contactor(True)
    stand.wait(0.5)
    stand.circuit.command_contactor(False)
    start_V = stand.circuit.terminals_V()
    assert start_V == pytest.approx(BATTERY_V, rel=1e-3)
    stand.wait(4.0)
    assert stand.circuit.terminals_V() == pytest.approx(start_V * exp(-4.0 / (BLEEDER_OHM * FARAD)), rel=1e-9)
    assert stand.circuit.current_A == 0.0


@pytest.mark.parametrize("fault", ["precharge_open", "bms_opens_contactors"])
def test_nothing_rises_through_a_broken_path(stand, fault) -> None:
    stand.circuit.faults.set(fault)
    stand.circuit.command_precharge(True)
    stand.wait(3.0)
    assert stand.circuit.terminals_V() == 0.0
    assert stand.circuit.charge_Ah == 0.0


def test_a_welded_precharge_contact_charges_by_itself(stand) -> None:
    stand.circuit.faults.set("precharge_welded")
    stand.wait(1.0)
    assert stand.circuit.precharge_closed
    assert stand.circuit.terminals_V() > 0.95 * BATTERY_V


def test_a_reversed_pack_is_held_by_the_diodes_and_the_resistor(stand) -> None:
    stand.circuit.faults.set("polarity_reversed")
    assert stand.circuit.posts_V() == pytest.approx(-BATTERY_V)
    stand.circuit.command_precharge(True)
    stand.wait(0.2)
    assert stand.circuit.terminals_V() == DIODE_V
    assert stand.circuit.current_A == pytest.approx(-(BATTERY_V + DIODE_V) / _total_ohm(), rel=1e-3)
    assert not stand.circuit.fuse_blown
    stand.circuit.command_contactor(True)
    stand.wait(0.01)
    assert stand.circuit.fuse_blown
    assert stand.circuit.current_A == 0.0


def test_the_packs_own_contactors_open_under_load(stand) -> None:
    stand.circuit.command_precharge(True)
    stand.wait(1.0)
    stand.circuit.command_contactor(True)
    stand.drive(Drive(100.0, -20.0, 0.0, remote=False))
    stand.wait(1.0)
    assert stand.circuit.current_A == -20.0
    before_Ah = stand.circuit.charge_Ah
    before_V = stand.circuit.terminals_V()
    stand.circuit.faults.set("bms_opens_contactors")
    assert stand.circuit.current_A == 0.0
    stand.wait(0.010)
    # The load empties the capacitor: C dU/dt = -20 A, down to its own voltage setting.
    assert stand.circuit.terminals_V() == pytest.approx(before_V - 20.0 * 0.010 / FARAD, rel=0.01)
    assert stand.circuit.posts_V() == stand.circuit.terminals_V()
    stand.wait(0.010)
    # Below its setting the load lets go; the bleeder goes on.
    assert 99.0 < stand.circuit.terminals_V() < 100.0
    assert stand.circuit.charge_Ah == before_Ah


def test_opening_while_charging_lets_the_source_run_up_to_its_setting(stand) -> None:
    stand.circuit.command_contactor(True)
    stand.drive(Drive(400.0, 0.0, 30.0, remote=False))
    stand.wait(1.0)
    assert stand.circuit.current_A == pytest.approx(30.0)
    stand.circuit.command_contactor(False)
    from_V = stand.circuit.terminals_V()
    stand.wait((400.0 - from_V) * FARAD / 30.0 / 2)
    assert from_V < stand.circuit.terminals_V() < 400.0
    stand.wait(0.1)
    assert stand.circuit.terminals_V() == 400.0
    assert stand.circuit.share_A(stand.source) == pytest.approx(400.0 / BLEEDER_OHM)


def test_two_instruments_on_a_floating_capacitor() -> None:
    stage = OutputStage(FARAD)
    supply, load = Drive(50.0, 0.0, 3.0), Drive(0.0, -2.0, 0.0)
    assert stage.advance([supply, load], 0.0, inf, 0.010) == 0.0
    assert stage.voltage_V == pytest.approx((3.0 - 2.0) * 0.010 / FARAD)
    stage.advance([supply, load], 0.0, inf, 1.0)
    assert stage.voltage_V == 50.0
    assert stage.shares_A([supply, load], 0.0, inf) == pytest.approx((2.0, -2.0))
    stage.advance([load], 0.0, inf, 0.005)
    assert stage.voltage_V == pytest.approx(40.0)
    stage.advance([load], 0.0, inf, 1.0)
    assert stage.voltage_V == 0.0


def test_time_to_reach_a_setting_through_the_resistor() -> None:
    stage = OutputStage(FARAD)
    clamp = Drive(60.0, -5.0, 0.0)
    reached_s = RESISTOR_OHM * FARAD * log(100.0 / 40.0)
    into_As = stage.advance([clamp], 100.0, RESISTOR_OHM, reached_s * 2)
    assert stage.voltage_V == 60.0
    held_As = (60.0 - 100.0) / RESISTOR_OHM * reached_s
    assert into_As == pytest.approx(-60.0 * FARAD + held_As)
    assert stage.shares_A([clamp], 100.0, RESISTOR_OHM) == pytest.approx((-0.4,))


def test_contact_that_grows(stand) -> None:
    stand.circuit.command_contactor(True)
    stand.drive(Drive(0.0, -10.0, 0.0, remote=False))
    stand.wait(1.0)
    stand.circuit.faults.set("contact_rising", 0.01)
    before_V = stand.circuit.posts_V() - stand.circuit.terminals_V()
    stand.wait(5.0)
    drop_V = stand.circuit.posts_V() - stand.circuit.terminals_V()
    assert drop_V - before_V == pytest.approx(10.0 * 0.01 * 5.0, rel=1e-6)


def test_no_energy_from_nowhere(battery) -> None:
    """A battery that charges a capacitor through a resistor loses half in the resistor."""
    stand = Stand(battery, bleeder_ohm=inf)
    stand.circuit.command_precharge(True)
    for _ in range(200):
        stand.wait(0.005)
    lost_As = -stand.circuit.charge_Ah * 3600
    stored_J = FARAD * stand.circuit.terminals_V() ** 2 / 2
    assert stored_J == pytest.approx(lost_As * BATTERY_V / 2, rel=1e-3)


def test_faults_of_what_is_not_there_are_refused(battery) -> None:
    plain = Circuit(SimClock(monotonic=ManualTime()), battery)
    for name in ("precharge_open", "precharge_welded", "insulation_low", "insulation_low_plus"):
        assert not plain.faults.knows(name)
    assert Stand(battery).circuit.faults.knows("precharge_open")
