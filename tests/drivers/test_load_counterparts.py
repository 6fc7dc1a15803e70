"""Software of others against our simulated loads, and our M97 driver against a Modbus server of others."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import minimalmodbus
import pytest
from pymodbus import FramerType
from pymodbus.datastore import ModbusDeviceContext, ModbusSequentialDataBlock, ModbusServerContext
from pymodbus.server import ModbusTcpServer

from drivers.catalogue import open_instrument
from drivers.contracts.load import LoadProtection, LoadReading
from drivers.itech_it8500 import frame
from tests.drivers.loads_rig import LOADS, Loads, running_loads

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # theirs, not ours
    import kelctl
    import pybk8500
    from instro.eload.drivers.bk_85xxb import BK85XXB
    from instro.eload.types import LoadMode, SlewRateDirection
    from instro.lib.transports.visa import TerminatorConfig, TimeoutConfig, VisaConfig
    from itech_serial.it8500 import IT8500
    from pymeasure.instruments.aimtti import LD400P

KINDS = {kind.driver: kind for kind in LOADS}
VOLTS_AT_10_A = pytest.approx(3.58, abs=0.01)


@pytest.fixture(scope="module")
def loads() -> Iterator[Loads]:
    with running_loads() as bench:
        yield bench


def terminal(loads: Loads, driver: str) -> str:
    return str(loads.unit(driver)["device"])


def sinks(loads: Loads, driver: str) -> float:
    return -float(loads.truth(KINDS[driver])["current_A"])


def test_itech_serial_runs_the_simulated_it8500(loads: Loads) -> None:
    unit: Any = IT8500(terminal(loads, "itech-it8500"), baudrate=4800, address=0)
    with contextlib.closing(unit.instrument.serial):
        assert unit.description["model"] == "8512A"
        assert unit.description["serial_number"] == "8000000001"
        unit.control_set_remote()
        unit.max_current_set(20.0)
        unit.max_voltage_set(5.0)
        unit.max_power_set(100.0)
        assert (unit.max_current_get(), unit.max_voltage_get(), unit.max_power_get()) == (20.0, 5.0, 100.0)
        unit.mode_set("cc")
        assert unit.mode_get() == "cc"
        unit.constant_current_set(10.0)
        assert unit.constant_current_get() == 10.0
        unit.enable()
        told = unit.measure()
        assert (told["voltage"], told["current"]) == (VOLTS_AT_10_A, 10.0)
        assert int(told["op_state"], 16) & 0x0C == 0x0C
        assert int(told["demand_state"], 16) & 0x40
        assert sinks(loads, "itech-it8500") == pytest.approx(10.0)
        unit.disable()
        assert unit.measure()["current"] == 0.0
        unit.control_set_local()


def test_instro_runs_the_simulated_8514b(loads: Loads) -> None:
    """Validated by its makers on an 8514B; it asks ``SYST:ERR?`` after every line."""
    unit = loads.unit("itech-it8500-scpi")
    their: Any = BK85XXB(
        VisaConfig(
            f"TCPIP0::{unit['host']}::{unit['port']}::SOCKET",
            visa_backend="@py",
            terminator=TerminatorConfig("\n", "\n"),
            timeout=TimeoutConfig(recv=5),
        )
    )
    their.open()
    with contextlib.closing(their):
        their.set_mode(LoadMode.CC, 1)
        their.set_range(LoadMode.CC, 24.0, 1)
        their.set_slewrate(SlewRateDirection.BOTH, 0.5, 1)
        their.set_slewrate(SlewRateDirection.RISE, 0.25, 1)
        their.set_level(LoadMode.CC, 10.0, 1, None)
        their.output_enable(True, 1)
        assert (their.get_voltage(1), their.get_current(1)) == (VOLTS_AT_10_A, 10.0)
        assert sinks(loads, "itech-it8500-scpi") == pytest.approx(10.0)
        for mode, level, ampere in ((LoadMode.CP, 35.8, 10.0), (LoadMode.CR, 0.358, 10.0)):
            their.set_mode(mode, 1)
            their.set_level(mode, level, 1, None)
            assert their.get_current(1) == pytest.approx(ampere, rel=1e-3)
        with pytest.raises(RuntimeError, match="-222"):
            their.set_level(LoadMode.CP, 1e4, 1, None)
        their.set_mode(LoadMode.CV, 1)
        their.set_range(LoadMode.CV, 12.0, 1)
        their.set_level(LoadMode.CV, 3.58, 1, None)
        assert their.get_current(1) == pytest.approx(10.0, rel=1e-3)
        their.short_output(True, 1)
        assert their.get_current(1) > 100.0
        their.short_output(False, 1)
        assert their.get_current(1) == 0.0


def test_pybk8500_builds_our_frames_and_reads_the_simulated_ones(loads: Loads) -> None:
    """Its fields come from the manual of the BK 85xx: commands, offsets, units."""
    theirs = (
        (pybk8500.SetRemote(value=1), 0x20, b"\x01"),
        (pybk8500.LoadSwitch(value=1), 0x21, b"\x01"),
        (pybk8500.SetMaxVoltage(voltage=4.3), 0x22, (4300).to_bytes(4, "little")),
        (pybk8500.SetMaxCurrent(current=20.0), 0x24, (200_000).to_bytes(4, "little")),
        (pybk8500.SetMaxPower(power=100.0), 0x26, (100_000).to_bytes(4, "little")),
        (pybk8500.SetCCModeCurrent(current=10.0), 0x2A, (100_000).to_bytes(4, "little")),
        (pybk8500.SetTimerValueForLoadOn(seconds=90), 0x50, (90).to_bytes(2, "little")),
        (pybk8500.SelectFunctionType(function="List"), 0x5D, b"\x03"),
        (pybk8500.SetOneStepCurrentAndTime(step=2, current=3.0, time=0.5), 0x40,
         b"\x02\x00" + (30_000).to_bytes(4, "little") + (5000).to_bytes(2, "little")),
        (pybk8500.ReadInput(), 0x5F, b""),
    )  # fmt: skip
    for message, command, data in theirs:
        assert bytes(message) == frame(0, command, data)
    unit, parser = loads.unit("itech-it8500"), pybk8500.Parser()
    with socket.create_connection((unit["host"], unit["port"]), timeout=5) as link:

        def ask(message: Any) -> Any:
            link.sendall(bytes(message))
            return parser.process_msg(bytearray(link.recv(26, socket.MSG_WAITALL)))

        for message, _, _ in (theirs[0], theirs[3], theirs[4], theirs[5], theirs[1]):
            assert ask(message).status == "Command was successful"
        told = ask(pybk8500.ReadInput())
        assert (told.voltage, told.current) == (VOLTS_AT_10_A, pytest.approx(10.0))
        assert ask(pybk8500.LoadSwitch(value=0)).status == "Command was successful"


def test_pybk8500_plays_transients_and_a_battery_test(loads: Loads) -> None:
    """Continuous, pulsed and toggled transients, then the minimum voltage, by its messages."""
    unit, parser = loads.unit("itech-it8500"), pybk8500.Parser()
    with socket.create_connection((unit["host"], unit["port"]), timeout=5) as link:

        def ask(message: Any) -> Any:
            link.sendall(bytes(message))
            return parser.process_msg(bytearray(link.recv(26, socket.MSG_WAITALL)))

        def do(*messages: Any) -> None:
            assert [ask(message).status for message in messages] == ["Command was successful"] * len(messages)

        def transient(operation: str) -> Any:
            return pybk8500.SetCCModeTransientCurrentAndTiming(
                current_a=2.0, time_a=1.0, current_b=8.0, time_b=0.5, operation=operation
            )

        def after(seconds: float) -> float:
            loads.time.advance(seconds)
            return round(float(ask(pybk8500.ReadInput()).current), 3)

        do(pybk8500.SetRemote(value=1), pybk8500.LoadSwitch(value=0), pybk8500.SetMode(mode="CC"))
        do(pybk8500.SetCCModeCurrent(current=1.0), pybk8500.SelectTriggerSource(trigger="software trigger"))
        do(transient("CONTINUOUS"), pybk8500.SelectFunctionType(function="Transient"))
        told = ask(pybk8500.ReadCCModeTransientParameters())
        assert (told.current_a, told.time_a, told.current_b, told.time_b) == (2.0, 1.0, 8.0, 0.5)
        do(pybk8500.LoadSwitch(value=1))
        assert [after(0.9), after(0.2), after(0.5), after(1.0)] == [2.0, 8.0, 2.0, 8.0]
        do(transient("PULSE"))
        assert after(5.0) == 2.0
        do(pybk8500.TriggerElectronicLoad())
        assert [after(0.4), after(0.2)] == [8.0, 2.0]
        do(transient("TOGGLED"), pybk8500.TriggerElectronicLoad())
        assert after(9.0) == 8.0
        do(pybk8500.TriggerElectronicLoad())
        assert after(9.0) == 2.0
        wrong = pybk8500.SetCCModeTransientCurrentAndTiming(current_a=500.0, time_a=1.0, time_b=1.0)
        assert ask(wrong).status == "Parameter incorrect"
        do(pybk8500.SelectFunctionType(function="Battery"), pybk8500.SetMinimumVoltage(voltage=3.59))
        assert after(0.1) == 1.0, "the fixed level"
        do(pybk8500.SetCCModeCurrent(current=10.0))  # 3.58 V at the cell
        assert after(0.1) == 0.0
        do(pybk8500.SelectFunctionType(function="Fixed"))


def test_kelctl_runs_the_simulated_kel103(loads: Loads) -> None:
    unit: Any = kelctl.KELSerial(terminal(loads, "korad-kel103"), send_sleep_time=0.001)
    try:
        assert unit.model.startswith("KORAD-KEL103 V")
        assert unit.status.baudrate is kelctl.BaudRate.R115200
        unit.function = kelctl.Mode.constant_current
        assert unit.function is kelctl.Mode.constant_current
        unit.settings.current_limit = 20.0
        assert unit.settings.current_limit == 20.0
        with pytest.raises(kelctl.ValueOutOfLimitError):
            unit.current = 25.0
        unit.current = 10.0
        assert unit.current == 10.0
        unit.settings.compensation.on()
        assert unit.settings.compensation.get() is kelctl.OnOffState.on
        unit.input.on()
        assert unit.input.get() is kelctl.OnOffState.on
        assert (unit.measured_voltage, unit.measured_current) == (VOLTS_AT_10_A, 10.0)
        assert unit.measured_power == pytest.approx(35.8, abs=0.1)
        assert sinks(loads, "korad-kel103") == pytest.approx(10.0)
        unit.input.off()
        steps = [kelctl.ListStep(1.0, 0.1, 0.5), kelctl.ListStep(2.0, 0.1, 1.5)]
        unit.set_list(kelctl.LoadList(1, 10.0, steps, 1))
        kept = unit.get_list(1)
        assert [(step.current, step.duration) for step in kept.steps] == [(1.0, 0.5), (2.0, 1.5)]
        assert "PORT:18190" in unit.device_info
        unit.set_batt(kelctl.BattList(2, 30.0, 10.0, 3.0, 0.01, 60.0))
        assert (unit.function, unit.get_batt(2).discharge_current) == (kelctl.Mode.battery, 10.0)
        unit.input.on()
        loads.time.advance(3.0)
        assert (unit.measured_current, unit.get_batt_time()) == (10.0, pytest.approx(0.05))
        loads.time.advance(1.0)
        assert unit.input.get() is kelctl.OnOffState.off, "10 mAh are out"
        assert unit.get_batt_cap() == pytest.approx(0.01, abs=1e-3)
        unit.set_dynamic_mode(kelctl.CCList(0.1, 0.1, 2.0, 8.0, 0.5, 25.0))
        assert unit.function is kelctl.Mode.dynamic_cc
        assert unit.get_dynamic_mode().current2 == 8.0
        unit.input.on()
        seen = []
        for seconds in (0.4, 0.2, 1.3, 0.2):
            loads.time.advance(seconds)
            seen.append(unit.measured_current)
        assert seen == [2.0, 8.0, 8.0, 2.0]
        unit.set_dynamic_mode(kelctl.ToggleList(0.1, 0.1, 2.0, 8.0))
        assert unit.measured_current == 2.0
        unit.trigger()
        assert unit.measured_current == 8.0
        ocp = kelctl.OCPList(3, 1.0, 0.1, 30.0, 10.0, 1.0, 0.1, 1.0, 2.0, 9.0, 2.0)
        unit.set_ocp(ocp)
        assert (unit.get_ocp(3).min_overcurrent, unit.function) == (2.0, kelctl.Mode.OCP)
        unit.function = kelctl.Mode.constant_current
        assert (unit.measured_current, unit.current) == (10.0, 10.0), "as it was set before all that"
    finally:
        unit.input.off()
        unit.close()


def test_pymeasure_runs_the_simulated_ld400p(loads: Loads) -> None:
    address = f"TCPIP0::127.0.0.1::{loads.unit('tti-ld400p')['port']}::SOCKET"
    unit: Any = LD400P(address, visa_library="@py", read_termination="\r\n", write_termination="\n")
    try:
        unit.mode = "C"
        unit.level_select = "A"
        assert (unit.mode, unit.level_select) == ("C", "A")
        unit.level_a, unit.level_b = 10.0, 2.0
        assert (unit.level_a, unit.level_b) == (10.0, 2.0)
        unit.input_enabled = True
        assert unit.input_enabled is True
        assert (unit.voltage, unit.current) == (VOLTS_AT_10_A, 10.0)
        unit.level_select = "B"
        assert unit.current == 2.0
        unit.input_enabled = False
        assert unit.current == 0.0
        unit.mode = "P"
        assert unit.mode == "P"
    finally:
        unit.input_enabled = False
        unit.adapter.close()


def test_minimalmodbus_runs_the_simulated_m97(loads: Loads) -> None:
    unit: Any = minimalmodbus.Instrument(terminal(loads, "maynuo-m97"), 1)
    unit.serial.baudrate, unit.serial.timeout = 115200, 2.0
    with contextlib.closing(unit.serial):
        assert unit.read_registers(0x0B06, 2) == [28, 102]
        with pytest.raises(minimalmodbus.SlaveReportedException):
            unit.write_float(0x0A01, 5.0)  # not under remote control yet
        unit.write_bit(0x0500, 1)
        assert unit.read_bit(0x0503, functioncode=1) == 1
        unit.write_float(0x0A01, 10.0)
        unit.write_register(0x0A00, 42)
        unit.write_register(0x0A00, 1)
        assert unit.read_register(0x0B04) == 1
        assert unit.read_bit(0x0510, functioncode=1) == 1
        assert unit.read_float(0x0B00) == VOLTS_AT_10_A
        assert unit.read_float(0x0B02) == pytest.approx(10.0, abs=1e-3)
        assert sinks(loads, "maynuo-m97") == pytest.approx(10.0)
        with pytest.raises(minimalmodbus.IllegalRequestError):
            unit.write_float(0x0A01, 1000.0)
        with pytest.raises(minimalmodbus.IllegalRequestError):
            unit.read_register(0x0C00)
        unit.write_register(0x0A00, 43)
        assert unit.read_float(0x0B02) == 0.0


class Server:
    """pymodbus's server with RTU frames on TCP: it stores, and knows nothing of loads."""

    def __init__(self) -> None:
        self.coils = ModbusSequentialDataBlock(1, [False] * 0x0600)
        self.words = ModbusSequentialDataBlock(1, [0] * 0x0C00)
        self.port = 0
        self._up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        assert self._up.wait(20)

    async def _run(self) -> None:
        device = ModbusDeviceContext(co=self.coils, hr=self.words)
        server = ModbusTcpServer(
            ModbusServerContext(devices={1: device}, single=False),
            framer=FramerType.RTU,
            address=("127.0.0.1", 0),
        )
        await server.listen()
        self.port = server.transport.sockets[0].getsockname()[1]
        self._loop, self._done = asyncio.get_running_loop(), asyncio.Event()
        self._up.set()
        await self._done.wait()
        await server.shutdown()

    def float_at(self, register: int) -> float:
        return float(struct.unpack(">f", struct.pack(">2H", *self.words.values[register : register + 2]))[0])

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join(20)


def test_our_m97_driver_speaks_to_the_server_of_pymodbus() -> None:
    server = Server()
    server.words.values[0x0B00:0x0B08] = [*struct.unpack(">4H", struct.pack(">2f", 3.7, 0.0)), 1, 0, 28, 102]
    with contextlib.closing(server):
        load: Any = open_instrument("maynuo-m97", f"tcp://127.0.0.1:{server.port}", {"timeout_s": 5.0})
        with contextlib.closing(load):
            assert load.identify().model == "M9710"
            load.prepare(LoadProtection(2.7, 4.3, 20.0, 100.0))
            assert server.coils.values[0x0500]
            assert [server.float_at(at) for at in (0x0A34, 0x0A36, 0x0A38)] == [
                20.0,
                pytest.approx(4.3),
                100.0,
            ]
            load.set_current(12.5)
            assert server.float_at(0x0A01) == 12.5
            assert load.read() == LoadReading(pytest.approx(3.7), 0.0)
            server.coils.values[0x0522] = True
            assert load.trips() == ("over power",)
            load.make_safe()
            assert (server.float_at(0x0A01), server.words.values[0x0A00]) == (0.0, 43)
