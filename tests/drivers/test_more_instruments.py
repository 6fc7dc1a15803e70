"""EA-PSB by Modbus, the EL30000's digitiser, serial barcode scanners, DCON and Hioki on a serial line."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from drivers.catalogue import check_identity, open_instrument
from drivers.contracts.code_reader import CodeReader, ScannedCode
from drivers.contracts.load import LoadProtection
from drivers.contracts.power import PowerPort, Protection
from drivers.contracts.scanner import Quantity, ScanChannel, Scanner
from drivers.ea_psb10000_modbus import FINGERPRINT
from drivers.errors import DriverError, NoReading, OutOfRange
from drivers.keysight_el30000 import KeysightEL30000
from simulators.bench import running
from simulators.config import BenchSimulation
from tests.drivers.loads_rig import Cell
from tests.simulators.instruments.conftest import BenchUnderTest, Starter, start

__all__ = ["start"]

QUIET = {"voltage_noise_V": 0, "current_noise_A": 0}
EA = {"voltage_max_V": 80, "current_max_A": 120, "power_max_W": 5000, "timeout_s": 2.0}
KEPT = Protection(3.0, 4.2, 30.0, 20.0, 200.0, 150.0)


def test_ea_by_modbus_charges_discharges_and_is_safe(start: Starter) -> None:
    bench = start([{"kind": "ea-psb10000", "options": {**QUIET, "modbus": True}}])
    host, port = bench.address("ea-psb10000")
    device = open_instrument("ea-psb10000-modbus", f"modbus-tcp://{host}:{port}?unit=0", EA)
    assert isinstance(device, PowerPort)
    with contextlib.closing(device):
        check_identity(device, {"manufacturer": FINGERPRINT})
        device.prepare(KEPT)
        device.output_on()
        for current_A in (25.0, 0.0, -20.0, 5.0):
            device.set_current(current_A)
            bench.advance(1.0)
            reading = device.read()
            assert reading.current_A == pytest.approx(current_A, abs=0.02)
            assert reading.voltage_V == pytest.approx(3.6 + current_A * 0.001, abs=0.011)
            assert bench.truth()["current_A"] == pytest.approx(current_A, abs=0.01)
        for wrong_A in (31.0, -20.5, float("nan")):
            with pytest.raises(OutOfRange):
                device.set_current(wrong_A)
        bench.fault("nan_reading")
        with pytest.raises(NoReading):
            device.read()
        bench.fault("nan_reading", False)
        bench.fault("remote_lost")
        with pytest.raises(DriverError):
            device.set_current(1.0)
        bench.fault("remote_lost", False)
        device.make_safe()
        assert device.verify_safe().is_safe(0.05)
        assert bench.truth()["output_on"] == [False]


def test_the_digitiser_records_a_pulse(start: Starter) -> None:
    bench = start([{"kind": "keysight-el30000", "options": QUIET}])
    host, port = bench.address("keysight-el30000")
    load = open_instrument("keysight-el30000", f"tcp://{host}:{port}", {"timeout_s": 5.0})
    assert isinstance(load, KeysightEL30000)
    with contextlib.closing(load):
        load.prepare(LoadProtection(3.0, 4.2, 20.0, 100.0))
        load.input_on()
        load.start_recording(100, 0.02)
        bench.advance(1.0)
        load.set_current(10.0)
        bench.advance(1.0)
        points = load.recording()
        currents = [point.current_A for point in points]
        assert (len(points), currents[0], currents[-1]) == (100, 0.0, pytest.approx(10.0, abs=0.01))
        assert sum(current > 5.0 for current in currents) == pytest.approx(50, abs=2)
        with pytest.raises(OutOfRange):
            load.start_recording(200_000, 0.02)
        load.make_safe()


@contextmanager
def on_a_terminal(bench: BenchUnderTest, kind: str) -> Iterator[str]:
    """A pseudo-terminal that leads to a simulated instrument, as its serial line does."""
    own, other = os.openpty()
    tty.setraw(other)
    with socket.create_connection(bench.address(kind)) as link:

        def to_instrument() -> None:
            with contextlib.suppress(OSError):
                while data := os.read(own, 4096):
                    link.sendall(data)

        def to_host() -> None:
            with contextlib.suppress(OSError):
                while data := link.recv(4096):
                    os.write(own, data)

        threads = [threading.Thread(target=work, daemon=True) for work in (to_instrument, to_host)]
        for thread in threads:
            thread.start()
        try:
            yield f"serial:{os.ttyname(other)}?baudrate=9600"
        finally:
            link.shutdown(socket.SHUT_RDWR)
            os.close(other)
            os.close(own)


@pytest.mark.parametrize(
    ("name", "simulated", "options", "channels"),
    [
        (
            "dcon-thermocouples",
            {"channels": {"0": {"kind": "thermocouple", "point": "temperature:1"}}, "checksum": True},
            {"checksum": True, "type_code": "0F"},
            [ScanChannel(0, Quantity.TEMPERATURE)],
        ),
        (
            "hioki-bt3562",
            {"resistance_noise": 0},
            {"rate": "FAST", "scan_timeout_s": 5.0},
            [ScanChannel(1, Quantity.RESISTANCE), ScanChannel(2, Quantity.VOLTAGE)],
        ),
    ],
)
def test_meters_of_serial_lines(
    start: Starter, name: str, simulated: dict[str, object], options: dict[str, object],
    channels: list[ScanChannel],
) -> None:  # fmt: skip
    bench = start([{"kind": name, "options": simulated}], real_time=True)
    with on_a_terminal(bench, name) as address:
        scanner = open_instrument(name, address, {**options, "timeout_s": 5.0})
        assert isinstance(scanner, Scanner)
        with contextlib.closing(scanner):
            assert scanner.identify().model
            scanner.configure(channels)
            values = [reading.value for reading in scanner.scan()]
        expected = {Quantity.TEMPERATURE: 25.0, Quantity.RESISTANCE: 0.001, Quantity.VOLTAGE: 3.6}
        for channel, value in zip(channels, values, strict=True):
            assert value == pytest.approx(expected[channel.quantity], rel=0.05)


def test_codes_come_whole_once_and_without_their_prefix() -> None:
    scanner = {"id": "desk", "terminal": True, "prefix": "]C0", "ending": "crlf"}
    settings = BenchSimulation.model_validate({"channels": [{"id": "1"}], "code_scanners": [scanner]})
    with running(settings, battery_builder=Cell) as info:
        told = info["code_scanners"]["desk"]
        host, port = info["control"].split(":")
        with (
            socket.create_connection((host, int(port)), timeout=10) as control,
            control.makefile() as answers,
        ):

            def scan(code: str) -> None:
                control.sendall(f'{{"op": "scan", "scanner": "desk", "code": "{code}"}}\n'.encode())
                assert '"ok": true' in answers.readline()

            for address in (f"tcp://{told['address']}", f"serial:{told['device']}?baudrate=115200"):
                reader = open_instrument("serial-scanner", address, {"same_again_s": 60.0})
                assert isinstance(reader, CodeReader)
                with contextlib.closing(reader):
                    assert reader.codes(0.01) == []
                    scan("04QCB76G312300JAS0000123")
                    assert reader.codes(10.0) == [ScannedCode("04QCB76G312300JAS0000123", "C0")]
                    scan("04QCB76G312300JAS0000123")
                    scan("NEXT")
                    assert reader.codes(10.0) == [ScannedCode("NEXT", "C0")]
