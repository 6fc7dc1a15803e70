"""Meters and scanners against their simulators: what is no value never becomes a number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.catalogue import check_identity, open_instrument
from drivers.contracts.scanner import Quantity, ScanChannel
from drivers.dcon_thermocouples import checksum, value_of
from drivers.errors import DriverError, InstrumentError, OutOfRange, TransportError
from drivers.hioki_bt3562 import HiokiBt3562
from drivers.keithley_daq6510 import KeithleyDaq6510
from tests.simulators.instruments.conftest import BenchUnderTest, Starter, start

__all__ = ["start"]

VOLT = {"point": "battery"}
WARM = {"kind": "thermocouple", "point": "temperature:1"}
SOON = {"scan_timeout_s": 1.0}
MODELS: dict[str, dict[str, Any]] = {
    "hioki-bt3562": {"wired": {}, "fast": {"resistance_noise": 0}, "options": {"rate": "FAST", **SOON}},
    "keithley-daq6510": {
        "wired": {"101": VOLT, "102": WARM},
        "fast": {"voltage_noise_ppm": 0, "reading_s": 1e-9},
        "options": {"reading_timeout_s": 1.0},
    },
    "dcon-thermocouples": {
        "wired": {"0": WARM, "3": WARM},
        "fast": {"checksum": True},
        "options": {"checksum": True, "type_code": "0F"},
    },
    "keysight-34970a": {
        "wired": {"101": VOLT, "102": WARM},
        "fast": {"model": "DAQ970A", "channel_time_s": 1e-6},
        "options": SOON,
    },
}
WANTED = {
    "hioki-bt3562": [ScanChannel(1, Quantity.RESISTANCE), ScanChannel(2, Quantity.VOLTAGE)],
    "dcon-thermocouples": [ScanChannel(0, Quantity.TEMPERATURE), ScanChannel(3, Quantity.TEMPERATURE)],
}
TWO = [ScanChannel(101, Quantity.VOLTAGE), ScanChannel(102, Quantity.TEMPERATURE)]
IDENTITY = {"hioki-bt3562": "BT3562", "keithley-daq6510": "DAQ6510", "dcon-thermocouples": "7018",
            "keysight-34970a": "DAQ970A"}  # fmt: skip


class Meter:
    def __init__(self, name: str, bench: BenchUnderTest) -> None:
        self.name, self.bench = name, bench
        self.channels = WANTED.get(name, TWO)
        host, port = bench.address(name)
        self.address = f"tcp://{host}:{port}"
        self.device: Any = self.open()

    def open(self) -> Any:
        return open_instrument(self.name, self.address, {**MODELS[self.name]["options"], "timeout_s": 1.0})

    def values(self) -> list[float | None]:
        return [reading.value for reading in self.device.scan()]


@pytest.fixture(params=MODELS)
def meter(request: pytest.FixtureRequest, start: Starter) -> Iterator[Meter]:
    model = MODELS[request.param]
    unit = {"kind": request.param, "options": {"channels": model["wired"], **model["fast"]}}
    # Real time: the meters' own samplings have to pass.
    meter = Meter(request.param, start([unit], real_time=True))
    yield meter
    meter.device.close()


def test_it_reads_what_is_there(meter: Meter) -> None:
    check_identity(meter.device, {"model": IDENTITY[meter.name]})
    meter.device.configure(meter.channels)
    readings = meter.device.scan()
    assert [(r.number, r.quantity) for r in readings] == [(c.number, c.quantity) for c in meter.channels]
    true = {Quantity.VOLTAGE: 3.6, Quantity.TEMPERATURE: 25.0, Quantity.RESISTANCE: 0.001}
    for reading in readings:
        assert reading.value == pytest.approx(true[reading.quantity], rel=0.02), reading


def test_open_and_overflowing_inputs_are_no_values(meter: Meter) -> None:
    meter.device.configure(meter.channels)
    if meter.name == "hioki-bt3562":
        meter.bench.fault("probe_open")
        assert meter.values() == [None, None]
        meter.bench.fault("probe_open", None)
        for sentinel in ("100.000E+7,1.00000E+9", "  0.2501E-3,1.00000E+10"):
            meter.bench.fault("sentinel_reading", sentinel)
            assert meter.values()[1] is None
    else:
        meter.bench.fault("thermocouple_open")
        assert meter.values()[-1] is None
        meter.bench.fault("thermocouple_open", None)
        meter.bench.fault("sentinel_reading", "-9.9E+37")
        assert meter.values() == [None, None]
    meter.bench.fault("sentinel_reading", None)
    assert None not in meter.values()


def test_wrong_channels_and_a_scan_before_configuring_are_refused(meter: Meter) -> None:
    with pytest.raises(DriverError):
        meter.device.scan()
    if meter.name != "keysight-34970a":
        for wrong in ([], [ScanChannel(8, Quantity.RESISTANCE)]):
            with pytest.raises(OutOfRange):
                meter.device.configure(wrong)


def test_junk_silence_and_a_cut_link_are_errors_and_pass(meter: Meter) -> None:
    meter.device.configure(meter.channels)
    for fault in ("garbage", "link_silent", "link_reset"):
        meter.bench.fault(fault)
        try:
            values = meter.values()
        except DriverError:
            values = []
        assert all(value is None for value in values), (fault, values)
        meter.bench.fault(fault, None)
    meter.device.configure(meter.channels)
    assert None not in meter.values()
    other = meter.open()
    assert other.identify() == meter.device.identify()
    other.close()


def test_a_checksum_or_a_type_that_is_wrong_is_told(start: Starter) -> None:
    options = {"channels": {"0": WARM}, "checksum": True}
    bench = start([{"kind": "dcon-thermocouples", "options": options}], real_time=True)
    host, port = bench.address("dcon-thermocouples")
    channels = [ScanChannel(0, Quantity.TEMPERATURE)]
    other: Any = open_instrument(
        "dcon-thermocouples", f"tcp://{host}:{port}", {"checksum": True, "type_code": "0E"}
    )
    with pytest.raises(InstrumentError, match="0F, not 0E"):
        other.configure(channels)
    bench.fault("checksum_wrong")
    with pytest.raises(TransportError, match="checksum"):
        other.identify()
    other.close()


class Said:
    """A link that answers the same to everything."""

    address = "here"

    def __init__(self, reply: str) -> None:
        self.reply = reply

    def query(self, command: str, timeout_s: float | None = None) -> str:  # noqa: ARG002
        return self.reply

    def write(self, command: str) -> None: ...


@given(st.text(max_size=70))
@settings(max_examples=80, deadline=None)
def test_no_value_from_garbage(text: str) -> None:
    value = value_of(text)
    assert value is None or (len(text) == 7 and -270 <= value <= 2320)
    assert len(checksum(text)) == 2
    hioki = HiokiBt3562(Said(text))  # type: ignore[arg-type]
    hioki._channels = tuple(WANTED["hioki-bt3562"])
    daq = KeithleyDaq6510(Said(text))  # type: ignore[arg-type]
    daq._channels = tuple(TWO)
    for device in (hioki, daq):
        try:
            values = [reading.value for reading in device.scan()]
        except DriverError:
            continue
        assert all(value is None or abs(value) < 9e36 for value in values)
