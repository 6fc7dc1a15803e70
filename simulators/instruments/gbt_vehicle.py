"""A simulated vehicle at a GB/T 20234.3 plug: the BMS's side of GB/T 27930-2015.

CHM → BHM → CRM(00) → BRM → CRM(AA) → BCP → CTS, CML → BRO(00, then AA once closed) → CRO(AA) → BCL,
BCS, BSM, BMV, BMT ↔ CCS → CST → BST → BSD. A charger that stays away for 5 s (CCS: 1 s) is told by BEM, and
the contactors open. Times are real. Periods, lengths and offsets are those of the facts; that the contactors
close 0.5 s after CML is chosen here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field

from simulators.faults import MESSAGE_FAULTS, FaultSet, FaultSpec
from simulators.instruments.j1939_transport import CONNECTION, LongMessages
from simulators.instruments.pack_languages import PackView, clamp, le16
from simulators.instruments.pack_view import view_of
from simulators.instruments.socketcand import Frame, SocketcandServer
from simulators.wiring import Circuit

OWN, CHARGER = 0xF4, 0x56
LOOK_S = 0.010
CLOSE_S = 0.5
TIMEOUT_S, CCS_TIMEOUT_S = 5.0, 1.0
BRM, BCP, BCS, BMV, BMT = 0x0200, 0x0600, 0x1100, 0x1500, 0x1600
FAULTS = {
    "bms_silent": FaultSpec("the vehicle sends and answers nothing"),
    "stops_charging": FaultSpec("the vehicle ends charging by itself (BST)"),
    "long_messages_stuck": FaultSpec("long messages are announced and never sent"),
}
IDLE, HELLO, KNOWN, PARAMETERS, READY, CHARGING, STOPPED = range(7)


class GbtVehicleOptions(BaseModel):
    """Settings of one simulated vehicle."""

    model_config = ConfigDict(extra="forbid")

    bus: str = "can0"
    chemistry_code: int = Field(default=3, ge=0, le=255)
    rated_capacity_Ah: float = 100.0
    maker: str = Field(default="SIMV", min_length=4, max_length=4)
    vin: str = Field(default="SIMULATEDVEHICLE1", min_length=17, max_length=17)
    charge_count: int = Field(default=321, ge=0, le=0xFFFFFF)
    produced: tuple[int, int, int] = (2021, 6, 15)
    insulation_ohm: float = Field(default=1_000_000.0, ge=0)
    tells_cells: bool = True


class GbtVehicle:
    """One vehicle with its own bus."""

    def __init__(self, options: GbtVehicleOptions, circuit: Circuit, *, host: str, port: int) -> None:
        self.options = options
        self.circuit = circuit
        self.faults = FaultSet("gbt-vehicle", MESSAGE_FAULTS, FAULTS)
        self.server = SocketcandServer(
            host=host, port=port, faults=self.faults, bus=options.bus,
            receive=self._received, listening=self._listening,
        )  # fmt: skip
        self._long = LongMessages(OWN, CHARGER, self._put)
        self._look: asyncio.TimerHandle | None = None
        self._due: dict[str, float] = {}
        self._stage = IDLE
        self._heard_s = self._since_s = 0.0
        circuit.command_pack(False)

    @property
    def address(self) -> tuple[str, int]:
        """Host and the port really bound."""
        return self.server.address

    async def start(self) -> None:
        """Open the bus."""
        await self.server.start()
        self._turn()

    async def stop(self) -> None:
        """Close the bus."""
        if self._look is not None:
            self._look.cancel()
        await self.server.stop()

    # ---- hearing ---------------------------------------------------------------------------

    def _listening(self, anybody: bool) -> None:
        if not anybody:
            self._go(IDLE)

    def _received(self, frame: Frame) -> None:
        if "bms_silent" in self.faults.active or frame.can_id & 0xFFFF != OWN << 8 | CHARGER:
            return
        now_s, kind, data = time.monotonic(), frame.can_id >> 16 & 0xFF, frame.data
        self._heard_s = now_s
        if kind == CONNECTION:
            if "long_messages_stuck" not in self.faults.active:
                self._long.hear(data, now_s)
        elif kind == 0x26 and self._stage in (IDLE, STOPPED):
            self._go(HELLO)
        elif kind == 0x01 and data[:1] == b"\x00" and self._stage == HELLO:
            self._go(KNOWN)
        elif kind == 0x01 and data[:1] == b"\xaa" and self._stage == KNOWN:
            self._go(PARAMETERS)
        elif kind == 0x08 and self._stage == PARAMETERS:
            self._go(READY)
        elif kind == 0x0A and data[:1] == b"\xaa" and self._stage == READY and self._closed(now_s):
            self._go(CHARGING)
        elif kind == 0x1A and self._stage == CHARGING:
            self._end()

    # ---- sending ---------------------------------------------------------------------------

    def _turn(self) -> None:
        now_s = time.monotonic()
        self._long.look(now_s)
        if "bms_silent" not in self.faults.active:
            self._say(now_s)
        self._look = asyncio.get_running_loop().call_later(LOOK_S, self._turn)

    def _say(self, now_s: float) -> None:
        stage = self._stage
        limit_s = CCS_TIMEOUT_S if stage == CHARGING else TIMEOUT_S
        if stage not in (IDLE, STOPPED) and now_s - self._heard_s > limit_s:
            self._lost(stage)
        elif stage == HELLO:
            self._every(now_s, "BHM", 0.25, lambda: self._short(6, 0x27, le16(self._limit_dV())))
        elif stage == KNOWN:
            self._every(now_s, "BRM", 0.25, lambda: self._long.put(BRM, self._brm(), now_s))
        elif stage == PARAMETERS:
            self._every(now_s, "BCP", 0.5, lambda: self._long.put(BCP, self._bcp(), now_s))
        elif stage == READY:
            ready = b"\xaa" if self._closed(now_s) else b"\x00"
            if ready == b"\xaa":
                self.circuit.command_pack(True)
            self._every(now_s, "BRO", 0.25, lambda: self._short(4, 0x09, ready))
        elif stage == CHARGING:
            self._charging(now_s)

    def _charging(self, now_s: float) -> None:
        view = self._view()
        if "stops_charging" in self.faults.active:
            self._short(4, 0x19, b"\x01\xff\xff\xff")
            self._end()
            return
        wanted = le16(self._limit_dV()) + le16(_current(10.0)) + b"\x02"
        self._every(now_s, "BCL", 0.05, lambda: self._short(6, 0x10, wanted))
        self._every(now_s, "BCS", 0.25, lambda: self._long.put(BCS, self._bcs(view), now_s))
        self._every(now_s, "BSM", 0.25, lambda: self._short(6, 0x13, self._bsm(view)))
        if self.options.tells_cells:
            self._every(now_s, "BMV", 10.0, lambda: self._long.put(BMV, _cells(view), now_s))
            self._every(now_s, "BMT", 10.0, lambda: self._long.put(BMT, _temperatures(view), now_s))

    def _every(self, now_s: float, name: str, period_s: float, send: Callable[[], None]) -> None:
        due_s = self._due.get(name, now_s)
        if now_s >= due_s:
            self._due[name] = max(due_s + period_s, now_s)
            send()

    def _short(self, priority: int, kind: int, data: bytes) -> None:
        self._put(priority << 26 | kind << 16 | CHARGER << 8 | OWN, data)

    def _put(self, can_id: int, data: bytes) -> None:
        if "bms_silent" not in self.faults.active:
            self.server.send(Frame(can_id, data))

    # ---- stages ----------------------------------------------------------------------------

    def _closed(self, now_s: float) -> bool:
        return now_s - self._since_s >= CLOSE_S

    def _go(self, stage: int) -> None:
        self._stage, self._since_s = stage, time.monotonic()
        self._due.clear()
        if stage in (IDLE, HELLO, STOPPED):
            self._long.clear()
            self.circuit.command_pack(False)

    def _end(self) -> None:
        """BST in answer to CST, then the statistics; the contactors open."""
        view = self._view()
        self._short(4, 0x19, b"\x00\x00\x00\x00")
        low, high = clamp(min(view.cells_V) * 100, 0, 0xFFFE), clamp(max(view.cells_V) * 100, 0, 0xFFFE)
        cold, warm = (clamp(f(view.temperatures_degC) + 50, 0, 250) for f in (min, max))
        self._go(STOPPED)
        self._short(
            6, 0x1C, bytes((clamp(view.soc * 100, 0, 100),)) + le16(low) + le16(high) + bytes((cold, warm))
        )

    def _lost(self, stage: int) -> None:
        """The charger stays away: which message is missing stands in BEM as 01 in its two bits."""
        flags = {HELLO: 0x01, KNOWN: 0x04, PARAMETERS: 0x01 << 8, READY: 0x04 << 8, CHARGING: 0x01 << 16}
        missing = 0xF0 | 0xF0 << 8 | 0xF0 << 16 | 0xFC << 24 | flags.get(stage, 0)
        self._short(2, 0x1E, missing.to_bytes(4, "little"))
        self._go(IDLE)

    # ---- what it says ----------------------------------------------------------------------

    def _limit_dV(self) -> int:
        return clamp(self.circuit.battery.series_cells * 3.65 * 10, 0, 0xFFFE)

    def _brm(self) -> bytes:
        given, cells = self.options, self.circuit.battery.series_cells
        year, month, day = given.produced
        return (
            b"\x01\x01\x00"
            + bytes((given.chemistry_code,))
            + le16(clamp(given.rated_capacity_Ah * 10, 0, 0xFFFE))
            + le16(clamp(cells * 32, 0, 0xFFFE))
            + given.maker.encode("ascii")
            + (12345).to_bytes(4, "little")
            + bytes((year - 1985, month, day))
            + given.charge_count.to_bytes(3, "little")
            + b"\x01\xff"
            + given.vin.encode("ascii")
            + b"\xff" * 8
        )

    def _bcp(self) -> bytes:
        view, cells = self._view(), self.circuit.battery.series_cells
        energy = self.options.rated_capacity_Ah * cells * 3.2 / 1000
        return (
            le16(365)
            + le16(_current(100.0))
            + le16(clamp(energy * 10, 0, 0xFFFE))
            + le16(self._limit_dV())
            + bytes((105,))
            + le16(clamp(view.soc * 1000, 0, 1000))
            + le16(clamp(view.voltage_V * 10, 0, 0xFFFE))
        )

    @staticmethod
    def _bcs(view: PackView) -> bytes:
        highest = clamp(max(view.cells_V) * 100, 0, 0xFFF)
        return (
            le16(clamp(view.voltage_V * 10, 0, 0xFFFE))
            + le16(_current(view.current_A))
            + le16(highest)
            + bytes((clamp(view.soc * 100, 0, 100),))
            + le16(60)
        )

    def _bsm(self, view: PackView) -> bytes:
        cells, degC = list(view.cells_V), list(view.temperatures_degC)
        low = view.insulation_ohm < 100.0 * view.voltage_V
        return bytes(
            (
                cells.index(max(cells)) & 0xFF,
                clamp(max(degC) + 50, 0, 250),
                degC.index(max(degC)) & 0xFF,
                clamp(min(degC) + 50, 0, 250),
                degC.index(min(degC)) & 0xFF,
                0x00,
                0xC0 | 0x10 | (0x01 if low else 0x00),
            )
        )

    def _view(self) -> PackView:
        return view_of(self.circuit, insulation_ohm=self.options.insulation_ohm, charged_Ah=0.0)


def _current(ampere: float) -> int:
    """Positive means discharge on this bus, in 0.1 A from -400 A; ours is positive while charging."""
    return clamp((400.0 - ampere) * 10, 0, 0xFFFE)


def _cells(view: PackView) -> bytes:
    return b"".join(le16(clamp(volts * 100, 0, 0xFFE)) for volts in view.cells_V[:256])


def _temperatures(view: PackView) -> bytes:
    return bytes(clamp(degC + 50, 0, 250) for degC in view.temperatures_degC[:128])
