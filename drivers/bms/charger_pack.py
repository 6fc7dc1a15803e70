"""Any pack with a GB/T 20234.3 plug, seen from the charger's side of GB/T 27930-2015.

Where the station takes the place of a charger it learns chemistry, rating, production date, charge count, VIN
and limits without knowing the maker. Without ``cells`` it never says that it is ready, so that the vehicle
keeps its contactors open; with it the vehicle closes them, and the station asks for a pause throughout.
No vehicle has been connected to it yet; layouts were proved on one recorded session.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import can

from drivers.bms.bus_listener import BusListener
from drivers.bms.charger_session import ChargerSession, ChargerSettings, Stage
from drivers.bms.decoder import CanDecoder
from drivers.bms.family import Family, load_family
from drivers.bms.signals import Reading
from drivers.bms.snapshot import snapshot_of
from drivers.contracts.bms import Bms, BmsSnapshot
from drivers.contracts.common import Identity
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.errors import TransportError
from drivers.spec import Category, DriverOptions, DriverSpec, need_address
from drivers.transports.can_bus import open_can

_TICK_S = 0.01


class ChargerOptions(DriverOptions):
    """``version``: what CHM tells, three bytes; ``cells``: go on until the vehicle tells cell voltages."""

    version: tuple[int, int, int] = (1, 1, 0)
    number: int = 1
    voltage_max_V: float = 750.0
    voltage_min_V: float = 200.0
    current_max_A: float = 20.0
    cells: bool = False
    open_timeout_s: float = 1.0
    identify_timeout_s: float = 20.0


class ChargerPack(Bms):
    """One vehicle at one plug; ``start`` begins the handshake."""

    def __init__(
        self,
        bus: can.BusABC,
        address: str,
        options: ChargerOptions,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.address = address
        self.family: Family = load_family("gbt27930-2015")
        self._options = options
        self._bus = bus
        self._clock = clock
        self._stop = threading.Event()
        self._one = threading.Lock()
        self._problem = ""
        self._thread: threading.Thread | None = None
        self.decoder = CanDecoder(self.family, keep_exchanges=0)
        settings = ChargerSettings(
            version=options.version,
            number=options.number,
            voltage_max_V=options.voltage_max_V,
            voltage_min_V=options.voltage_min_V,
            current_max_A=options.current_max_A,
            cells=options.cells,
        )
        self.session = ChargerSession(self._send, self.decoder, settings)
        self._listener = BusListener(self._hear)
        self._notifier = can.Notifier(bus, [self._listener], timeout=0.05)

    def identify(self) -> Identity:
        """Go through the handshake. Raises TransportError naming what the vehicle did not send."""
        self.start()
        deadline_s = self._clock() + self._options.identify_timeout_s
        while self.session.stage in (Stage.HANDSHAKE, Stage.RECOGNITION, Stage.PARAMETERS):
            if self._clock() > deadline_s or self._stop.wait(0.02):
                raise TransportError(
                    f"{self.address}: the vehicle sent no {self.session.stage.value} within "
                    f"{self._options.identify_timeout_s:g} s",
                    remedy="Check plug, auxiliary supply, signal CC1 and the bit rate of 250 kbit/s.",
                    address=self.address,
                    missing=self.session.stage.value,
                )
        told = {r.name: r.value for r in self.decoder.store.readings()}
        kind = f"{told.get('chemistry') or 'pack'} {told.get('rated_voltage_V') or 0:g} V"
        vin = told.get("vin")
        return Identity(str(told.get("vendor") or "unknown"), kind, str(vin or ""), "")

    def start(self) -> None:
        """Start the handshake. Idempotent."""
        if self._stop.is_set():
            raise TransportError(f"{self.address}: closed by the station", address=self.address)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="gbt-charger", daemon=True)
            self._thread.start()

    def snapshot(self) -> BmsSnapshot:
        """Get the newest signals without waiting; all are None once the CAN link is lost."""
        fault = (
            f"CAN link lost: {self._listener.error}" if self._listener.error is not None else self._problem
        )
        return snapshot_of(self.decoder.store, self._clock(), fault, gives_cells=self._options.cells)

    def read(self, groups: list[str]) -> list[Reading]:
        """All readings of these groups that the vehicle has told so far."""
        return [r for r in self.decoder.store.readings() if r.group in groups]

    def now_s(self) -> float:
        """The clock that arrival times are told in."""
        return self._clock()

    def close(self) -> None:
        """End the session in order (at most 1 s) and leave the bus."""
        if self._thread is not None and not self._stop.is_set():
            with self._one:
                self.session.stop(self._clock())
            deadline_s = self._clock() + 1.0
            while self.session.stage is Stage.STOPPING and self._clock() < deadline_s:
                if self._stop.wait(_TICK_S):
                    break
        self._stop.set()
        if self._thread is not None:
            self._thread.join(1.0)
        self._notifier.stop(timeout=1.0)
        self._bus.shutdown()

    # ------------------------------------------------------------------ parts

    def _hear(self, message: can.Message) -> None:
        now_s = self._clock()
        if message.is_error_frame:
            self.decoder.on_error_frame(now_s)
        elif not message.is_remote_frame:
            data = bytes(message.data)
            with self._one:
                self.decoder.on_frame(now_s, message.arbitration_id, message.is_extended_id, data)
                if message.is_extended_id:
                    self.session.hear(now_s, message.arbitration_id, data)

    def _send(self, frame: int, data: bytes) -> None:
        try:
            self._bus.send(can.Message(arbitration_id=frame, data=data, is_extended_id=True))
            self._problem = ""
        except (can.CanError, OSError) as error:
            self._problem = f"frame {frame:08X} not sent: {error}"

    def _run(self) -> None:
        while not self._stop.wait(_TICK_S):
            with self._one:
                self.session.tick(self._clock())


def _open(address: str | None, options: Any) -> ChargerPack:
    assert isinstance(options, ChargerOptions)
    text = need_address(address, driver.name)
    bus = open_can(text, options.open_timeout_s)
    try:
        return ChargerPack(bus, text, options)
    except BaseException:
        bus.shutdown()
        raise


driver = DriverSpec(
    name="bms-gbt-charger",
    category=Category.BMS,
    title="Any pack at a GB/T 20234.3 plug, from the charger's side (GB/T 27930-2015)",
    open=_open,
    options_model=ChargerOptions,
    datasheet=Datasheet(
        evidence=Evidence.B,
        sources=("one recorded session of charger and vehicle (MIT)", "open descriptions of GB/T 27930-2015"),
        links=("can",),
        variants=(
            Variant(
                "any vehicle with a GB/T 20234.3 plug, 2015 edition",
                voltage_resolution_V=0.01,
                note="cells every 10 s and only from some vehicles",
            ),
        ),
        simulators=("gbt-vehicle",),
        proofs=(
            Proof(
                "can-j1939",
                "driver",
                "as the vehicle, up to the parameters",
                "tests/drivers/bms/test_charger.py",
            ),
        ),
        unverified=("any vehicle live", "cell lists and reasons of ending", "the 2023 edition: not spoken"),
    ),
)
