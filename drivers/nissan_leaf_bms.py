"""The BMS of a Nissan Leaf or e-NV200 pack (ZE0, AZE0, ZE1) on CAN at 500 kbit/s.

Listens to the controller's broadcasts, keeps the pack awake with the four
frames of a car, and polls the cell voltages. The pack has no pre-charge command
on CAN: it only permits; contactors are driven by 12 V lines.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Literal

import can
import cantools
from cantools.database.errors import Error as DatabaseError

from drivers.contracts.bms import Bms, BmsSignal, BmsSnapshot
from drivers.contracts.common import Identity
from drivers.datasheet import Datasheet, Evidence, Variant
from drivers.errors import TransportError
from drivers.keeper.cyclic import Cyclic
from drivers.keeper.link import TIMEOUT_S, KeeperProcess, Mode, shareable
from drivers.nissan_leaf_cells import LeafCells
from drivers.nissan_leaf_decoder import FrameCounts, LeafDecoder
from drivers.nissan_leaf_frames import keep_awake_1d4, keep_awake_1f2, keep_awake_50b, keep_awake_50c
from drivers.spec import BadOptions, Category, DriverOptions, DriverSpec, need_address
from drivers.transports.can_bus import open_can, send

_FAST_S = 0.01
_SLOW_EVERY = 10
_FAILSAFE = {
    1: "stop discharge",
    2: "stop charge",
    3: "stop discharge and charge",
    4: "caution",
    5: "caution, stop discharge",
    6: "caution, stop charge",
    7: "caution, stop discharge and charge",
}


CAR_FRAMES = (
    Cyclic(0x1D4, _FAST_S, tuple(keep_awake_1d4(count) for count in range(4))),
    Cyclic(0x1F2, _FAST_S, tuple(keep_awake_1f2(count) for count in range(20))),
    Cyclic(0x50B, _FAST_S * _SLOW_EVERY, (keep_awake_50b(0),)),
    Cyclic(0x50C, _FAST_S * _SLOW_EVERY, tuple(keep_awake_50c(count) for count in range(4))),
)


class NissanLeafOptions(DriverOptions):
    """``dbc`` takes another database with the same signal names; ``keep_awake`` sends the car's frames, from
    a process of its own where the bus can be opened twice (``keep_alive``: ``process``, ``inside``).

    ``current_sign`` -1 is for a bus on which discharge is positive. ``insulation_unit_ohm`` is what one step
    of the pack's own insulation value means (taken for kiloohms, not verified); None leaves the value out.
    """

    dbc: Path | None = None
    cells: int = 96
    cell_period_s: float = 1.0
    keep_awake: bool = True
    keep_alive: Mode = "auto"
    keep_alive_timeout_s: float = TIMEOUT_S
    poll_cells: bool = True
    current_sign: Literal[1, -1] = 1
    insulation_unit_ohm: float | None = 1000.0
    open_timeout_s: float = 1.0
    identify_timeout_s: float = 1.5


class _Listener(can.Listener):
    """Hands frames on; remembers the error that ended the bus."""

    def __init__(self, on_frame: Callable[[int, bytes], None]) -> None:
        self._on_frame = on_frame
        self.error: Exception | None = None

    def on_message_received(self, msg: can.Message) -> None:
        if not (msg.is_error_frame or msg.is_remote_frame or msg.is_extended_id):
            self.error = None
            self._on_frame(msg.arbitration_id, bytes(msg.data))

    def on_error(self, exc: Exception) -> None:
        self.error = exc


class NissanLeafBms(Bms):
    """One pack on one bus. Listening begins at once; ``start`` adds keep-awake and polling."""

    def __init__(
        self,
        bus: can.BusABC,
        address: str,
        options: NissanLeafOptions | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options = options or NissanLeafOptions()
        self.address = address
        self._bus = bus
        self._clock = clock
        self._decoder = LeafDecoder(_database(self._options.dbc), clock, self._options.current_sign)
        self._cells = LeafCells(
            lambda data: send(bus, address, 0x79B, data),
            clock,
            self._options.cells,
            self._options.cell_period_s,
        )
        self._stop = threading.Event()
        self._keeper: threading.Thread | None = None
        self._process: KeeperProcess | None = None
        self._send_problem = ""
        self._listener = _Listener(self._on_frame)
        self._notifier = can.Notifier(bus, [self._listener], timeout=0.1)

    def _on_frame(self, frame: int, data: bytes) -> None:
        self._decoder.on_frame(frame, data)
        self._cells.on_frame(frame, data)

    def identify(self) -> Identity:
        """Start, wait for a frame with a valid checksum, and ask for the serial number.

        Raises TransportError when no Leaf pack is heard.
        """
        self.start()
        if not self._decoder.first_good.wait(self._options.identify_timeout_s):
            counts = self._decoder.counts()
            raise TransportError(
                f"{self.address}: no valid frame 1DB within {self._options.identify_timeout_s:g} s "
                f"({counts.received} frames received, {counts.bad_crc} with a wrong checksum)",
                remedy="Check 12 V supply, CAN wiring, termination and the bit rate of 500 kbit/s.",
                address=self.address,
            )
        self.beat()
        for _ in range(12):  # the frames that tell the generations apart come every 500 ms
            if self._decoder.generation() != "ZE0" or self._stop.wait(0.05):
                break
        serial = self._cells.request(0x84, tries=1) or b""
        text = "".join(chr(byte) for byte in serial if 0x21 <= byte < 0x7F)
        return Identity("Nissan", f"Leaf {self._decoder.generation()}", text, "")

    def start(self) -> None:
        if self._stop.is_set():
            raise TransportError(f"{self.address}: closed by the station", address=self.address)
        given = self._options
        if given.keep_awake and self._keeper is None:
            if given.keep_alive == "process" or (given.keep_alive == "auto" and shareable(self.address)):
                self._process = KeeperProcess(self.address, CAR_FRAMES, given.keep_alive_timeout_s)
            self._keeper = threading.Thread(target=self._keep_awake, name="leaf-awake", daemon=True)
            self._keeper.start()
        if self._options.poll_cells:
            self._cells.start()

    def snapshot(self) -> BmsSnapshot:
        """Get the newest signals without waiting; all are None once the CAN link is lost."""
        self.beat()
        signals = self._decoder.signals()
        voltages, age_s = self._cells.voltages()
        unit_ohm = self._options.insulation_unit_ohm
        if unit_ohm is not None and self._options.poll_cells:
            raw, raw_age_s = self._cells.insulation()
            signals["insulation_ohm"] = BmsSignal(None if raw is None else raw * unit_ohm, raw_age_s)
        lost = self._listener.error
        if lost is not None:
            signals = {name: BmsSignal(None, signal.age_s) for name, signal in signals.items()}
            voltages = ()
        return BmsSnapshot(
            signals, self._faults(signals, lost), voltages, age_s, gives_cells=self._options.poll_cells
        )

    def beat(self) -> None:
        """The station lives."""
        if self._process is not None:
            self._process.beat()

    def frame_counts(self) -> FrameCounts:
        """Get how many frames were received, used, missed and refused."""
        return self._decoder.counts()

    def cells_problem(self) -> str:
        """Get why the last cell poll gave nothing; '' when it was good.

        No fault of the pack: the voltages keep their age, and whoever needs them looks at it.
        """
        return "paused, another tester is on the bus" if self._cells.paused() else self._cells.last_problem

    def close(self) -> None:
        self._stop.set()
        self._cells.stop()
        if self._keeper is not None:
            self._keeper.join(1.0)
        if self._process is not None:
            self._process.stop()
        self._notifier.stop(timeout=1.0)
        self._bus.shutdown()

    # ------------------------------------------------------------------ parts

    def _faults(self, signals: dict[str, BmsSignal], lost: Exception | None) -> tuple[str, ...]:
        faults = []
        if lost is not None:
            faults.append(f"CAN link lost: {lost}")
        problem = self._send_problem or (self._process.problem() if self._process is not None else "")
        if problem:
            faults.append(f"keep-awake not sent: {problem}")
        failsafe = signals["failsafe"].value
        if failsafe:
            faults.append(f"failsafe {failsafe:.0f}: {_FAILSAFE.get(int(failsafe), 'unknown')}")
        if signals["relay_cut_request"].value:
            faults.append("relay cut requested")
        if signals["interlock"].value == 0:
            faults.append("high-voltage interlock open")
        faults += [f"counter of {frame} frozen" for frame in self._decoder.frozen()]
        return tuple(faults)

    def _keep_awake(self) -> None:
        """Send the car's frames on absolute deadlines until the process that does it better has started."""
        due = time.monotonic()
        count = 0
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            if self._process is not None and self._process.wait_ready(0.0):
                return
            try:
                self._send_tick(count)
            except TransportError as error:
                self._send_problem = error.message
                if self._stop.wait(0.2):
                    return
            else:
                self._send_problem = ""
            count += 1
            due = max(due + _FAST_S, time.monotonic())

    def _send_tick(self, count: int) -> None:
        send(self._bus, self.address, 0x1D4, keep_awake_1d4(count))
        send(self._bus, self.address, 0x1F2, keep_awake_1f2(count))
        if count % _SLOW_EVERY == 0:
            slow = count // _SLOW_EVERY
            send(self._bus, self.address, 0x50B, keep_awake_50b(slow))
            send(self._bus, self.address, 0x50C, keep_awake_50c(slow))


def _database(path: Path | None) -> Any:
    if path is None:
        with as_file(files("drivers.dbc").joinpath("nissan_leaf.dbc")) as built_in:
            return cantools.database.load_file(built_in, strict=False)
    try:
        return cantools.database.load_file(path, strict=False)
    except (OSError, DatabaseError) as error:
        raise BadOptions(
            f"dbc {str(path)!r} cannot be read: {error}",
            remedy="Give the path of a DBC file with the signals of the built-in one, or leave it out.",
            path=str(path),
        ) from error


def _open(address: str | None, options: Any) -> NissanLeafBms:
    assert isinstance(options, NissanLeafOptions)
    text = need_address(address, driver.name)
    bus = open_can(text, options.open_timeout_s)
    try:
        return NissanLeafBms(bus, text, options)
    except BaseException:
        bus.shutdown()
        raise


driver = DriverSpec(
    name="nissan-leaf-bms",
    category=Category.BMS,
    title="Nissan Leaf / e-NV200 battery controller on CAN",
    open=_open,
    options_model=NissanLeafOptions,
    datasheet=Datasheet(
        evidence=Evidence.B,
        sources=("public CAN databases and captures of Leaf and e-NV200 packs",),
        links=("can",),
        variants=(
            Variant("ZE0, AZE0", channels=96, note="96 cell pairs; voltages polled"),
            Variant("ZE1", channels=96, note="96 cell groups"),
        ),
        simulators=("leaf-bms",),
        unverified=("unit of the pack's insulation value",),
    ),
)
