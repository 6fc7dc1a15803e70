"""Every parser of frames and lines by name, as a function of bytes that must not misbehave.

Allowed is an answer, or an error of the drivers' tree; not a hang, not another exception, not a number that
no instrument of the kind can have measured. The ordinary tests feed them by hypothesis (``test_parsers``),
``python -m tests.benchmarks.fuzz_parsers NAME`` by coverage for as long as one likes.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import Any

from drivers import arbin_frames, kunkin_kp184, maccor_frames, neware_xml
from drivers.contracts.scanner import Quantity, ScanChannel, ScanReading
from drivers.dcon_thermocouples import DconThermocouples, value_of
from drivers.delta_sm15k import DeltaSM15K
from drivers.ea_psb10000 import EaOptions, EaPsb10000
from drivers.errors import DriverError, TransportError
from drivers.hioki_bt3562 import HiokiBt3562
from drivers.itech_it6000c import ItechIt6000C
from drivers.itech_it8500 import cut_reply
from drivers.itech_it8500_scpi import ItechIT8500Scpi, ItechScpiOptions
from drivers.keithley_daq6510 import KeithleyDaq6510
from drivers.keysight_34970a import Keysight34970A
from drivers.keysight_el30000 import KeysightEL30000
from drivers.korad_kel103 import KoradKEL103, KoradOptions
from drivers.modbus_rtu import cut_reply as cut_rtu
from drivers.modbus_rtu import sealed
from drivers.rigol_dl3021 import RigolDL3021, RigolOptions
from drivers.serial_scanner import LineCutter
from drivers.siglent_sdl1000x import SiglentSDL1000X
from drivers.transports import scpi
from drivers.tspl_printer import TsplPrinter
from drivers.tti_ld400p import TTiLD400P
from drivers.zpl_printer import ZplPrinter
from simulators.clock import ManualTime, SimClock
from simulators.instruments.itech_it6000c import ItechIt6000C as SimulatedItech
from simulators.instruments.itech_it6000c import ItechOptions as SimulatedItechOptions
from simulators.instruments.itech_it8500 import ItechIT8500, ItechOptions
from simulators.instruments.itech_it8500_scpi import ItechIT8500Scpi as SimulatedItechScpi
from simulators.instruments.itech_it8500_scpi import ItechScpiOptions as SimulatedItechScpiOptions
from simulators.instruments.keysight_el30000 import EL30000Options
from simulators.instruments.keysight_el30000 import KeysightEL30000 as SimulatedEL30000
from simulators.instruments.korad_kel103 import KoradKEL103 as SimulatedKorad
from simulators.instruments.korad_kel103 import KoradOptions as SimulatedKoradOptions
from simulators.instruments.kunkin_kp184 import KunkinKP184, KunkinOptions
from simulators.instruments.maynuo_m97 import MaynuoM97, MaynuoOptions
from simulators.instruments.neware_steps import read_step_file
from simulators.instruments.rigol_dl3021 import RigolDL3021 as SimulatedRigol
from simulators.instruments.rigol_dl3021 import RigolOptions as SimulatedRigolOptions
from simulators.instruments.siglent_sdl1000x import SiglentOptions as SimulatedSiglentOptions
from simulators.instruments.siglent_sdl1000x import SiglentSDL1000X as SimulatedSiglent
from simulators.modbus import take_rtu, take_tcp
from simulators.wiring import Circuit
from tests.drivers.loads_rig import Cell

SANE = 1e6
EA = EaOptions(voltage_max_V=80, current_max_A=120, power_max_W=5000)
READ = sealed(b"\x01\x03\x0b\x00\x00\x04")


class Line:
    """A line on which the same text answers everything."""

    address = "x"

    def __init__(self, data: bytes) -> None:
        self._text = data.decode("ascii", "replace").split("\n", 1)[0].rstrip("\r")

    def query(self, command: str, timeout_s: float | None = None) -> str:
        """The text."""
        del command, timeout_s
        return self._text

    def write(self, command: str) -> None:
        """Nobody listens."""

    def drain(self) -> int:
        """Nothing."""
        return 0

    def close(self) -> None:
        """Nothing to close."""


class Raw:
    """A byte link that gives the same bytes to every question."""

    address = "x"

    def __init__(self, data: bytes) -> None:
        self._data = data

    def ask(self, request: bytes, end: bytes, count: int, timeout_s: float) -> bytes:
        """The bytes."""
        del request, end, count, timeout_s
        return self._data


def sane(*values: float) -> None:
    """What a reading may be."""
    for value in values:
        assert math.isfinite(value), value
        assert abs(value) < SANE, value


def _load(make: Callable[[Any], Any]) -> Callable[[bytes], None]:
    def parse(data: bytes) -> None:
        load = make(Line(data))
        with contextlib.suppress(DriverError):
            reading = load.read()
            sane(reading.voltage_V, reading.current_A)
        with contextlib.suppress(DriverError):
            load.identify()
        with contextlib.suppress(DriverError):
            assert load.input_is_on() in (True, False)

    return parse


def _source(make: Callable[[Any], Any]) -> Callable[[bytes], None]:
    def parse(data: bytes) -> None:
        source = make(Line(data))
        with contextlib.suppress(DriverError):
            reading = source.read()
            sane(reading.voltage_V, reading.current_A)
        with contextlib.suppress(DriverError):
            source.identify()
        with contextlib.suppress(DriverError):
            sane(source.verify_safe().current_A)

    return parse


def _scanner(make: Callable[[Any], Any], *channels: tuple[int, Quantity]) -> Callable[[bytes], None]:
    def parse(data: bytes) -> None:
        scanner = make(Line(data))
        scanner._channels = tuple(ScanChannel(number, quantity) for number, quantity in channels)
        with contextlib.suppress(DriverError):
            readings: list[ScanReading] = scanner.scan()
            sane(*(reading.value for reading in readings if reading.value is not None))
        with contextlib.suppress(DriverError):
            scanner.identify()
        with contextlib.suppress(DriverError):
            scanner.configure(scanner._channels)

    return parse


def _numbers(data: bytes) -> None:
    text = data.decode("ascii", "replace")
    with contextlib.suppress(DriverError):
        assert abs(scpi.parse_number(text, "x", "x", "A")) < 9.0e36
    for parse in (scpi.parse_bool, lambda given, _, address: scpi.parse_error(given, address)):
        with contextlib.suppress(DriverError):
            parse(text, "x", "x")


def _neware(data: bytes) -> None:
    assert 0 <= neware_xml.message_size(data) <= len(data)
    for command in ("connect", "download", "inquire"):
        with contextlib.suppress(DriverError):
            neware_xml.parse(data, command, "x")


def _arbin(data: bytes) -> None:
    with contextlib.suppress(DriverError):
        size = arbin_frames.frame_size(data)
        assert 0 <= size <= len(data)
        if size:
            info = arbin_frames.channel_info(data[:size], "x")
            assert all(math.isfinite(value) for value in (info.voltage_V, info.current_A))


def _maccor(data: bytes) -> None:
    size = maccor_frames.frame_size(data)
    assert 0 <= size <= len(data)
    if size:
        with contextlib.suppress(DriverError):
            maccor_frames.status(data[:size], 0)


def _kunkin(data: bytes) -> None:
    for order in ("high-first", "low-first"):
        with contextlib.suppress(DriverError):
            frame = kunkin_kp184.cut_state(data, 1, order, "x")  # type: ignore[arg-type]
            if frame is not None:
                state = kunkin_kp184.parse_state(frame)
                sane(state.voltage_V, state.current_A)
        with contextlib.suppress(DriverError):
            kunkin_kp184.cut_echo(data, bytes(11), order, "x")  # type: ignore[arg-type]


def _frames(data: bytes) -> None:
    with contextlib.suppress(DriverError):
        frame = cut_reply(data, 0, 0x5F, "x")
        assert frame is None or len(frame) == 26
    with contextlib.suppress(DriverError):
        reply = cut_rtu(data, READ, "x")
        assert reply is None or sealed(reply[:-2]) == reply


def _printers(data: bytes) -> None:
    for kind in (ZplPrinter, TsplPrinter):
        printer: Any = kind.__new__(kind)  # without a link: only its parser is wanted
        from drivers.tspl_printer import TsplOptions

        printer._options, printer.address = TsplOptions(), "x"
        with contextlib.suppress(TransportError):
            assert (printer._ask_status(Raw(data)).waiting or 0) >= 0


def _codes(data: bytes) -> None:
    cutter = LineCutter()
    for code in (*cutter.feed(data[: len(data) // 2]), *cutter.feed(data[len(data) // 2 :])):
        assert code.text.isprintable()
        assert code.text.isascii()


def _recording(data: bytes) -> None:
    load = KeysightEL30000(Line(data))  # type: ignore[arg-type]
    load._points = 2
    with contextlib.suppress(DriverError):
        recorded = load.recording()
        assert len(recorded) == 2
        for point in recorded:
            sane(point.voltage_V, point.current_A)


def _circuit() -> Circuit:
    return Circuit(SimClock(monotonic=ManualTime()), Cell({}, 0))


def _simulated(make: Callable[[], Any]) -> Callable[[bytes], None]:
    """A simulated instrument: any bytes may come, it answers or it does not."""

    def parse(data: bytes) -> None:
        for answer in make().conversation().feed(data):
            assert isinstance(answer, bytes)

    return parse


def _simulated_lines(make: Callable[[], Any]) -> Callable[[bytes], None]:
    def parse(data: bytes) -> None:
        device = make()
        for line in data.decode("ascii", "replace").splitlines():
            device.execute(line)
        (answer,) = device.execute("*OPC?")
        assert answer == "1", "it still answers"

    return parse


def _modbus(data: bytes) -> None:
    for take in (take_tcp, take_rtu):
        with contextlib.suppress(ValueError):
            telegram, rest = take(data)
            assert telegram is None or len(rest) < len(data)


def _step_file(data: bytes) -> None:
    with contextlib.suppress(ValueError):  # what the server answers "false" to
        read_step_file(data.decode("utf-8", "replace"))


VOLT, DEGREE, OHM = Quantity.VOLTAGE, Quantity.TEMPERATURE, Quantity.RESISTANCE
PARSERS: dict[str, Callable[[bytes], None]] = {
    "scpi": _numbers,
    "neware-xml": _neware,
    "arbin-cti": _arbin,
    "maccor-macnet": _maccor,
    "kunkin-kp184": _kunkin,
    "frames-26-and-rtu": _frames,
    "printers": _printers,
    "codes": _codes,
    "dcon-value": lambda data: sane(value_of(data.decode("latin-1")) or 0.0),
    "dcon": _scanner(DconThermocouples, (0, DEGREE), (7, DEGREE)),
    "hioki": _scanner(HiokiBt3562, (1, OHM), (2, VOLT)),
    "34970a": _scanner(Keysight34970A, (101, VOLT), (102, DEGREE)),
    "daq6510": _scanner(KeithleyDaq6510, (101, VOLT)),
    "korad": _load(lambda link: KoradKEL103(link, KoradOptions(pause_s=0.0))),
    "tti": _load(TTiLD400P),
    "siglent": _load(SiglentSDL1000X),
    "it8500-scpi": _load(
        lambda link: ItechIT8500Scpi(
            link, ItechScpiOptions(voltage_max_V=120.0, current_max_A=240.0, power_max_W=1500.0)
        )
    ),
    "delta": _source(DeltaSM15K),
    "ea": _source(lambda link: EaPsb10000(link, EA)),
    "it6000c": _source(ItechIt6000C),
    "rigol": _load(lambda link: RigolDL3021(link, RigolOptions())),
    "el30000": _load(KeysightEL30000),
    "el30000-recording": _recording,
    "simulated-it8500": _simulated(lambda: ItechIT8500(ItechOptions(), _circuit())),
    "simulated-kp184": _simulated(lambda: KunkinKP184(KunkinOptions(), _circuit())),
    "simulated-m97": _simulated(lambda: MaynuoM97(MaynuoOptions(), _circuit())),
    "simulated-it8500-scpi": _simulated(lambda: SimulatedItechScpi(SimulatedItechScpiOptions(), _circuit())),
    "simulated-kel103": _simulated(lambda: SimulatedKorad(SimulatedKoradOptions(), _circuit())),
    "simulated-sdl1000x": _simulated_lines(lambda: SimulatedSiglent(SimulatedSiglentOptions(), _circuit())),
    "simulated-it6000c": _simulated_lines(lambda: SimulatedItech(SimulatedItechOptions(), _circuit())),
    "simulated-dl3021": _simulated_lines(lambda: SimulatedRigol(SimulatedRigolOptions(), _circuit())),
    "simulated-el30000": _simulated_lines(lambda: SimulatedEL30000(EL30000Options(), _circuit())),
    "simulated-modbus": _modbus,
    "simulated-step-file": _step_file,
}
