"""The joined pair, over two real links: never both energised, zero crossed in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.capabilities import Span, TimingClass
from drivers.catalogue import open_instrument
from drivers.contracts.power import PowerPort, PowerReading, Protection, SequenceStep
from drivers.errors import InstrumentError, OutOfRange, TransportError, Unsupported, WrongInstrument
from drivers.spec import BadOptions
from tests.drivers.line_server import Answer
from tests.drivers.rigol_script import ScriptedDL3021
from tests.drivers.sm15k_script import ScriptedSM15K

PROTECTION = Protection(2.7, 4.2, 30.0, 25.0, 140.0, 120.0)


class Bench:
    """A supply and a load that write into one common list of what was switched."""

    def __init__(self) -> None:
        self.supply = ScriptedSM15K()
        self.load = ScriptedDL3021()
        self.switched: list[str] = []
        self.both_on = False
        self._listen(self.supply, "supply", "OUTPut ")
        self._listen(self.load, "load", "INP ")

    def _listen(self, unit: ScriptedSM15K | ScriptedDL3021, name: str, prefix: str) -> None:
        answer = unit.answer

        def listening(command: str) -> Answer:
            reply = answer(command)
            if command.startswith(prefix):
                self.switched.append(f"{name} {command.removeprefix(prefix)}")
                if self.supply.values["OUTPUT"] == "1" and self.load.values["INP"] == "1":
                    self.both_on = True
            return reply

        unit.server._answer = listening

    def options(self) -> dict[str, object]:
        return {
            "supply": {"driver": "delta-sm15k", "address": self.supply.server.address},
            "load": {
                "driver": "rigol-dl3021",
                "address": self.load.server.address,
                "options": {"settle_s": 0},
            },
            "crossing_timeout_s": 0.05,
        }


@pytest.fixture
def bench() -> Iterator[Bench]:
    units = Bench()
    yield units
    units.supply.server.close()
    units.load.server.close()


@pytest.fixture
def pair(bench: Bench) -> Iterator[PowerPort]:
    device = open_instrument("supply-and-load", None, bench.options())
    assert isinstance(device, PowerPort)
    device.prepare(PROTECTION)
    bench.switched.clear()
    yield device
    device.close()


def test_capabilities_join_both(pair: PowerPort) -> None:
    what = pair.capabilities
    assert what.current_A == Span(-40.0, 90.0)
    assert what.power_W == Span(-200.0, 15000.0)
    assert what.voltage_V == Span(0.0, 150.0)
    assert what.timing == {TimingClass.COMMANDED}
    # Told part by part: the supply has a watchdog, the load has nothing of its own.
    assert what.watchdog is not None
    assert what.watchdog.timeout_s == Span(0.02, 10.0)
    assert what.unwatched == ("load",)
    assert what.load_on_timer is None
    assert what.remote_sense


@pytest.mark.parametrize("supply", [False, True])
@pytest.mark.parametrize("load", [False, True])
def test_the_voltage_is_that_of_the_part_which_senses(bench: Bench, *, supply: bool, load: bool) -> None:
    """The leads take 0.1 V at the load and nothing where there are sense leads."""
    bench.supply.override["MEASURE:VOLTAGE?"] = "3.7000" if supply else "3.6000"
    bench.load.fixed["MEAS:VOLT?"] = "3.7000" if load else "3.6000"
    options: Any = bench.options()
    options["supply"]["options"] = {"remote_sense": supply}
    options["load"]["options"] |= {"remote_sense": load}
    device = open_instrument("supply-and-load", None, options)
    assert isinstance(device, PowerPort)
    try:
        assert device.capabilities.remote_sense is (supply or load)
        assert device.read().voltage_V == (3.7 if supply or load else 3.6)
    finally:
        device.close()


def test_the_supply_is_held_to_its_source_side(bench: Bench, pair: PowerPort) -> None:
    assert pair is not None
    assert float(bench.supply.values["SYSTEM:LIMITS:CURRENT:NEGATIVE"].split(",")[0]) == 0.0
    assert bench.supply.values["SYSTEM:LIMITS:CURRENT"] == "30.0000,ON"
    assert bench.load.values["CURR:ILIM"] == "25.0000"


def test_crossing_zero_switches_in_order(bench: Bench, pair: PowerPort) -> None:
    pair.output_on()
    assert bench.switched == ["supply 1"]
    pair.set_current(10.0)
    bench.switched.clear()
    pair.set_current(-10.0)
    assert bench.switched == ["supply 0", "load 1"]
    dead_s = pair.take_dead_time_s()
    assert dead_s is not None
    assert 0.0 < dead_s < 5.0
    assert pair.take_dead_time_s() is None
    assert bench.supply.values["SOURCE:CURRENT"] == "0.0000"
    assert bench.load.values["CURR:LEV:IMM"] == "10.0000"
    bench.switched.clear()
    pair.set_current(0.0)
    assert bench.switched == []
    assert pair.output_is_on()
    pair.set_current(5.0)
    assert bench.switched == ["load 0", "supply 1"]
    assert bench.load.values["CURR:LEV:IMM"] == "0.0000"
    pair.output_off()
    assert not pair.output_is_on()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats(min_value=-25.0, max_value=30.0), max_size=8))
def test_never_both_energised(bench: Bench, pair: PowerPort, currents: list[float]) -> None:
    pair.set_current(0.0)
    pair.output_on()
    for current_A in currents:
        pair.set_current(current_A)
        charge = float(bench.supply.values["SOURCE:CURRENT"]) if bench.supply.values["OUTPUT"] == "1" else 0.0
        sunk = float(bench.load.values["CURR:LEV:IMM"]) if bench.load.values["INP"] == "1" else 0.0
        assert charge - sunk == pytest.approx(current_A, abs=1e-4)
    pair.make_safe()
    assert not bench.both_on
    assert (bench.supply.values["OUTPUT"], bench.load.values["INP"]) == ("0", "0")


def test_a_supply_that_does_not_go_off_keeps_the_load_off(bench: Bench, pair: PowerPort) -> None:
    pair.output_on()
    pair.set_current(10.0)
    bench.supply.ignore.add("OUTPUT")
    with pytest.raises(InstrumentError):
        pair.set_current(-10.0)
    assert bench.load.values["INP"] == "0"
    with pytest.raises(InstrumentError, match="output is off"):
        pair.set_current(-10.0)


def test_a_residual_current_keeps_the_other_side_off(bench: Bench, pair: PowerPort) -> None:
    pair.output_on()
    pair.set_current(10.0)
    bench.supply.override["MEASURE:CURRENT?"] = "9.8000"
    with pytest.raises(InstrumentError, match=r"carries 9\.8 A"):
        pair.set_current(-10.0)
    assert bench.load.values["INP"] == "0"


def test_a_load_that_is_on_by_itself_keeps_the_supply_off(bench: Bench, pair: PowerPort) -> None:
    bench.load.values["INP"] = "1"
    with pytest.raises(InstrumentError, match="the load is on"):
        pair.output_on()
    assert bench.supply.values["OUTPUT"] == "0"


def test_read_takes_the_loads_voltage_and_the_difference_of_currents(bench: Bench, pair: PowerPort) -> None:
    bench.load.fixed["MEAS:CURR?"] = "10.000000"
    assert pair.read() == PowerReading(3.7, -10.0)
    bench.load.fixed["MEAS:CURR?"] = "0.000000"
    bench.supply.override["MEASURE:CURRENT?"] = "7.5000"
    assert pair.read() == PowerReading(3.7, 7.5)


def test_current_needs_the_output_and_the_range(pair: PowerPort) -> None:
    with pytest.raises(InstrumentError, match="output is off"):
        pair.set_current(1.0)
    pair.output_on()
    for current_A in (30.5, -25.5):
        with pytest.raises(OutOfRange):
            pair.set_current(current_A)


def test_make_safe_reaches_the_supply_when_the_load_is_gone(bench: Bench, pair: PowerPort) -> None:
    pair.output_on()
    pair.set_current(10.0)
    bench.load.server.close()
    with pytest.raises(TransportError):
        pair.make_safe()
    assert bench.supply.values["OUTPUT"] == "0"
    with pytest.raises(TransportError):
        pair.verify_safe()


def test_verify_safe_cannot_be_fooled_by_opposite_currents(bench: Bench, pair: PowerPort) -> None:
    pair.make_safe()
    bench.load.fixed["MEAS:CURR?"] = "5.000000"
    bench.supply.override["MEASURE:CURRENT?"] = "5.0000"
    assert abs(pair.verify_safe().current_A) == 5.0


def test_what_the_pair_cannot_do_is_unsupported(pair: PowerPort) -> None:
    for call in (
        lambda: pair.load_sequence([SequenceStep(1.0, 1.0)]),
        pair.start_sequence,
        pair.sequence_state,
        pair.stop_sequence,
        lambda: pair.set_load_on_timer(60.0),
    ):
        with pytest.raises(Unsupported):
            call()


def test_the_supply_keeps_its_watchdog_in_a_pair(bench: Bench, pair: PowerPort) -> None:
    bench.supply.server.lines.clear()
    pair.arm_watchdog(0.5)
    pair.feed_watchdog()
    pair.disarm_watchdog()
    assert [line.split(":")[-1] for line in bench.supply.server.lines] == [
        "WATchdog SET,500",
        "WATchdog SET?",
        "WATchdog?",
        "WATchdog STOP",
        "WATchdog?",
    ]


def test_wrong_children_are_refused_and_closed(bench: Bench) -> None:
    options = bench.options()
    options["load"] = options["supply"]
    with pytest.raises(BadOptions, match="load: driver 'delta-sm15k'"):
        open_instrument("supply-and-load", None, options)
    with pytest.raises(BadOptions, match="takes no address"):
        open_instrument("supply-and-load", "tcp://127.0.0.1:1", bench.options())
    with pytest.raises(BadOptions, match="supply"):
        open_instrument("supply-and-load", None, {"load": {"driver": "rigol-dl3021"}})


def test_a_wrong_part_is_refused_before_anything_is_written(bench: Bench) -> None:
    options = bench.options()
    options["load"] = {**options["load"], "expect": {"model": "DL3031"}}  # type: ignore[dict-item]
    with pytest.raises(WrongInstrument, match="DL3031"):
        open_instrument("supply-and-load", None, options)
    assert bench.load.server.lines == ["*IDN?"]


def test_identity_names_both(pair: PowerPort) -> None:
    assert pair.identify().model == "SM500-CP-90 + DL3021"
