"""Every bidirectional supply beside the SM15K, against its simulator: the same contract for all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.capabilities import TimingClass
from drivers.catalogue import check_identity, load_driver, open_instrument
from drivers.contracts.power import PowerPort, Protection, SequenceStep
from drivers.errors import DriverError, InstrumentError, NoReading, OutOfRange, TransportError, Unsupported
from drivers.spec import BadOptions
from drivers.transports.scpi import parse_number
from tests.simulators.instruments.conftest import BenchUnderTest, Starter, start

__all__ = ["start"]

EA_RATINGS = {"voltage_max_V": 80, "current_max_A": 120, "power_max_W": 5000}
PORTS: dict[str, dict[str, Any]] = {
    "ea-psb10000": {**EA_RATINGS},
    "itech-it6000c": {"pause_s": 0},
}
KEPT = Protection(3.0, 4.2, 30.0, 20.0, 200.0, 150.0)


class Port:
    def __init__(self, name: str, bench: BenchUnderTest) -> None:
        self.name, self.bench = name, bench
        host, port = bench.address(name)
        self.address = f"tcp://{host}:{port}"
        self.device: Any = open_instrument(name, self.address, {**PORTS[name], "timeout_s": 0.3})

    def settle(self, seconds: float = 1.0) -> None:
        self.bench.time.advance(seconds)  # type: ignore[union-attr]

    def truth(self) -> dict[str, Any]:
        return self.bench.control("truth", channel="1")


@pytest.fixture(params=PORTS)
def port(request: pytest.FixtureRequest, start: Starter) -> Iterator[Port]:
    options = {"voltage_noise_V": 0, "current_noise_A": 0}
    if request.param == "itech-it6000c":
        options["watchdog_clock"] = "simulated"
    port = Port(request.param, start([{"kind": request.param, "options": options}]))
    yield port
    port.device.close()


def test_it_charges_rests_discharges_and_is_safe(port: Port) -> None:
    device: PowerPort = port.device
    expected = {"ea-psb10000": "PSB 10080", "itech-it6000c": "IT6006C"}[port.name]
    check_identity(device, {"model": expected})
    assert device.capabilities.timing == {TimingClass.COMMANDED}
    device.prepare(KEPT)
    device.output_on()
    for current_A in (25.0, 0.0, -20.0, 5.0):
        device.set_current(current_A)
        port.settle()
        reading = device.read()
        assert reading.current_A == pytest.approx(current_A, abs=0.02)
        assert reading.voltage_V == pytest.approx(3.6 + current_A * 0.001, abs=0.011)
        assert port.truth()["current_A"] == pytest.approx(current_A, abs=0.01)
    device.make_safe()
    state = device.verify_safe()
    assert state.is_safe(0.05)
    assert port.truth()["output_on"] == [False]


@pytest.mark.parametrize("port", ["itech-it6000c"], indirect=True)
def test_limits_of_voltage_hold_in_the_instrument(port: Port) -> None:
    port.device.prepare(Protection(3.59, 3.61, 30.0, 30.0, 200.0, 200.0))
    port.device.output_on()
    port.device.set_current(30.0)
    port.settle()
    assert port.device.read().current_A == pytest.approx(10.0, abs=1.5), "held at 3.61 V"


def test_what_is_out_of_range_is_refused_and_never_clipped(port: Port) -> None:
    device: PowerPort = port.device
    with pytest.raises(InstrumentError, match="not prepared"):
        device.set_current(1.0)
    device.prepare(KEPT)
    device.set_current(7.0)
    for wrong_A in (30.1, -20.1, float("nan"), float("inf")):
        with pytest.raises(OutOfRange):
            device.set_current(wrong_A)
    with pytest.raises(OutOfRange):
        device.output_on()  # 7 A are still set
    for wrong in (
        Protection(3.0, 900.0, 1.0, 1.0, 1.0, 1.0),
        Protection(4.0, 3.0, 1.0, 1.0, 1.0, 1.0),
        Protection(3.0, 4.2, 9999.0, 1.0, 1.0, 1.0),
        Protection(3.0, 4.2, 1.0, 9999.0, 1.0, 1.0),
        Protection(3.0, 4.2, 1.0, 1.0, 1.0, 99999.0),
    ):
        with pytest.raises(OutOfRange):
            device.prepare(wrong)
    device.set_current(0.0)
    device.output_on()
    with pytest.raises(Unsupported):
        device.load_sequence([SequenceStep(1.0, 1.0)])


def test_sentinels_and_junk_are_no_readings(port: Port) -> None:
    port.device.prepare(KEPT)
    for fault, value in (
        ("sentinel_reading", "9.9E+37"),
        ("sentinel_reading", "--.--"),
        ("nan_reading", True),
    ):
        port.bench.fault(fault, value)
        with pytest.raises(NoReading):
            port.device.read()
        port.bench.fault(fault, None)
    port.bench.fault("garbage")
    with pytest.raises((NoReading, TransportError)):
        port.device.read()
    port.bench.fault("garbage", None)
    assert port.device.read().voltage_V == pytest.approx(3.6, abs=0.02)


def test_a_cut_link_is_opened_again_and_the_shutdown_gets_through(port: Port) -> None:
    device: PowerPort = port.device
    device.prepare(KEPT)
    device.output_on()
    device.set_current(10.0)
    port.bench.fault("link_reset")
    with pytest.raises(TransportError):
        device.read()
    port.bench.fault("link_reset", None)
    port.bench.fault("late_reply", 0.5)
    with pytest.raises(TransportError):
        device.read()
    port.bench.fault("late_reply", None)
    device.make_safe()
    assert device.verify_safe().is_safe(0.05)


def test_a_second_client_and_a_person_at_the_panel(port: Port) -> None:
    device: PowerPort = port.device
    device.prepare(KEPT)
    other: Any = open_instrument(port.name, port.address, PORTS[port.name])
    assert other.identify() == device.identify()
    other.close()
    device.output_on()
    port.bench.fault("remote_lost")
    with pytest.raises(InstrumentError):
        device.set_current(5.0)
    with pytest.raises(DriverError):
        device.make_safe()
    assert device.verify_safe().output_on, "it says what is, not what was wanted"


def test_the_error_queue_tells_what_the_host_did_wrong(port: Port) -> None:
    line = port.bench.client(port.name)
    line.write("NO:SUCH 1")
    line.ask("*IDN?")
    port.device.prepare(KEPT)  # an old error is nobody's fault
    line.write("VOLT 1e9")
    line.ask("*IDN?")
    with pytest.raises(InstrumentError) as caught:
        port.device.set_current(1.0)
    assert caught.value.params["error_code"] == -222


@pytest.mark.parametrize("port", ["itech-it6000c"], indirect=True)
def test_the_watchdog_of_the_itech(port: Port) -> None:
    device: PowerPort = port.device
    device.prepare(KEPT)
    device.output_on()
    with pytest.raises(OutOfRange):
        device.arm_watchdog(0.1)
    device.arm_watchdog(1.0)
    port.settle(0.8)
    device.feed_watchdog()
    port.settle(1.1)
    assert port.truth()["output_on"] == [False]
    with pytest.raises(InstrumentError, match="protection"):
        device.feed_watchdog()
    with pytest.raises(InstrumentError, match="protection"):
        device.output_on()


def test_ratings_of_the_ea_come_from_the_bench_file() -> None:
    with pytest.raises(BadOptions, match="voltage_max_V"):
        load_driver("ea-psb10000").validate({})
    port: Any = load_driver("ea-psb10000")
    assert port.validate(EA_RATINGS).current_max_A == 120


@given(st.text(max_size=20))
@settings(max_examples=60, deadline=None)
def test_no_number_from_garbage(text: str) -> None:
    for unit in ("", "V", "A"):
        try:
            value = parse_number(text, "x", "here", unit)
        except NoReading:
            continue
        assert abs(value) < 1e37
        assert any(letter in "0123456789" for letter in text)
