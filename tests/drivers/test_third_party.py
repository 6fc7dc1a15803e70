"""Our transports against simulated instruments that others wrote (instro), and a real serial line."""

from __future__ import annotations

import os
import re
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from drivers.contracts.power import Protection
from drivers.delta_sm15k import DeltaSM15K
from drivers.errors import InstrumentError, NoReading, TransportError
from drivers.transports.line import LineOptions, LineTransport
from drivers.transports.open import open_line
from drivers.transports.scpi import check_errors, query_number
from tests.drivers.sm15k_script import ScriptedSM15K

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # theirs, not ours
    psu: Any = pytest.importorskip("instro.psu.scpi_sim_server")
    dmm: Any = pytest.importorskip("instro.dmm.scpi_sim_server")


@pytest.fixture
def battery_on_a_supply() -> Iterator[int]:
    load = psu.SimulatedLoad(resistance=0.05, emf=3.7, probe_resistance=0.0)
    server = psu.SimulatedPSUServer(psu.SimulatedPSU(channels=[psu.SimulatedPSUChannel(1, load)]), port=0)
    server.start()
    yield server.port
    server.shutdown()


FORMS = ("tcp://127.0.0.1:{}", "TCPIP0::127.0.0.1::{}::SOCKET")


@pytest.fixture(params=FORMS)
def link(request: pytest.FixtureRequest, battery_on_a_supply: int) -> Iterator[LineTransport]:
    line = open_line(request.param.format(battery_on_a_supply), LineOptions(timeout_s=0.5))
    yield line
    line.close()


def test_a_supply_charges_its_simulated_battery(link: LineTransport) -> None:
    assert link.query("*IDN?")
    link.write("VOLT 4.2")
    link.write("CURR 5")
    link.write("OUTP ON")
    check_errors(link, "OUTP ON", "SYST:ERR?")
    voltage = query_number(link, "MEAS:VOLT?", "voltage")
    current = query_number(link, "MEAS:CURR?", "current")
    assert 3.7 < voltage < 4.3
    assert 4.0 < current < 5.5


def test_an_unknown_command_is_found_in_its_error_queue(link: LineTransport) -> None:
    link.write("FOO:BAR 1")
    with pytest.raises(InstrumentError) as caught:
        check_errors(link, "FOO:BAR 1", "SYST:ERR?")
    assert caught.value.params["error_code"] == -113


def test_a_pty_serial_line_through_visa() -> None:
    if sys.platform == "win32":
        pytest.skip("needs a pseudo-terminal")
    import pty
    import tty

    host, device = pty.openpty()
    tty.setraw(host)
    tty.setraw(device)
    stop = threading.Event()

    def instrument() -> None:
        buffer = b""
        while not stop.is_set():
            try:
                buffer += os.read(host, 100)
            except OSError:
                return
            while b"\n" in buffer:
                line, buffer = buffer.split(b"\n", 1)
                if line == b"MEAS:VOLT?":
                    os.write(host, b"3.6875\n")
                elif line == b"TWO?":
                    os.write(host, b"1\n2\n")
                elif line == b"BAD?":
                    os.write(host, b"9.91E37\n")

    thread = threading.Thread(target=instrument, daemon=True)
    thread.start()
    line = open_line(f"ASRL{os.ttyname(device)}::INSTR", LineOptions(timeout_s=0.3, baudrate=115200))
    assert line.query("MEAS:VOLT?") == "3.6875"
    assert line.query("TWO?") == "1"
    assert line.query("MEAS:VOLT?") == "3.6875"
    with pytest.raises(NoReading):
        query_number(line, "BAD?", "voltage")
    with pytest.raises(TransportError, match="SILENT"):
        line.query("SILENT?")
    assert line.query("MEAS:VOLT?", timeout_s=1.0) == "3.6875"
    line.write("TWO?")
    threading.Event().wait(0.1)
    assert line.drain() == 4
    line.close()
    with pytest.raises(TransportError, match="closed by the station"):
        line.write("X")
    stop.set()
    os.write(device, b"\n")  # wakes the reader
    thread.join(30)
    os.close(host)
    os.close(device)
    assert not thread.is_alive()


@pytest.mark.parametrize("form", FORMS)
def test_a_multimeter_is_read(form: str) -> None:
    server = dmm.SimulatedDMMServer(dmm.SimulatedDMM({"VOLT:DC": 3.7}), port=0)
    server.start()
    line = open_line(form.format(server.port), LineOptions(timeout_s=0.5))
    assert query_number(line, "MEAS:VOLT:DC?", "voltage") == pytest.approx(3.7, rel=0.05)
    assert line.query("*IDN?") == "NOMINAL,SIMULATED_DMM,000001,1.0"
    line.close()
    server.shutdown()


def test_the_sm15k_driver_uses_the_words_of_the_package_sm15k(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package is a second, independent reading of the vendor's manual."""
    theirs: Any = pytest.importorskip("deltaelektronika.SM15K")
    script = ScriptedSM15K()
    monkeypatch.setattr(theirs.Communication, "port_name", script.server.port)
    unit = theirs.SM15K("127.0.0.1")
    calls: tuple[tuple[Any, ...], ...] = (
        (unit.source, "SetVoltage", 4.2),
        (unit.source, "SetCurrent", 5),
        (unit.source, "SetNegativeCurrent", -5),
        (unit.source, "SetPower", 100),
        (unit.source, "SetNegativePower", -100),
        (unit.source, "MaximumVoltage"),
        (unit.source, "MaximumCurrent"),
        (unit.source, "MaximumNegativeCurrent"),
        (unit.source, "MaximumPower"),
        (unit.source, "MaximumNegativePower"),
        (unit.source, "ReadCurrentSet"),
        (unit.source, "ReadNegativeCurrentSet"),
        (unit.source, "ReadNegativePowerSet"),
        (unit.source, "ReadVoltageStepSize"),
        (unit.source, "ReadCurrentStepSize"),
        (unit.system, "SetVoltageLimit", 4.2, "ON"),
        (unit.system, "SetNegativeCurrentLimit", -5, "ON"),
        (unit.system, "SetNegativePowerLimit", -100, "ON"),
        (unit.system, "ReadNegativeCurrentLimitSet"),
        (unit.system, "SetWatchdog", 500),
        (unit.system, "ReadWatchdogSet"),
        (unit.system, "ReadCurrentWatchdogState"),
        (unit.system, "DisableWatchdog"),
        (unit.system, "ReadErrors"),
        (unit.output, "SetOutput", 1),
        (unit.output, "ReadOutputSet"),
    )
    for part, method, *values in calls:
        getattr(part, method)(*values)
    words = {numbers_away(line) for line in script.server.wait_for_count(len(calls))}
    script.server.close()

    mine = ScriptedSM15K()
    device = DeltaSM15K(open_line(mine.server.address))
    device.prepare(Protection(0.0, 4.2, 5.0, 5.0, 100.0, 100.0))
    device.set_current(-5.0)
    device.set_current(0.0)
    device.arm_watchdog(0.5)
    device.feed_watchdog()
    device.disarm_watchdog()
    device.output_on()
    device.close()
    ours = {numbers_away(line) for line in mine.server.lines}
    mine.server.close()
    assert words - ours == set()
    assert "SOURce:CURrent:NEGative -#" in words


def numbers_away(line: str) -> str:
    return re.sub(r"[0-9]+(\.[0-9]+)?", "#", line)
