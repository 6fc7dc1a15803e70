"""Simulated Nissan Leaf battery controller on a socketcand bus.

It follows the battery of its channel. It wakes when the first client listens (or, with
``needs_keepalive``, at the first station frame), sends "not available" for about 130 ms, permits
the relays 131 ms and reports the interlock 261 ms after waking (simulated time).
When the pack's own contactors open, it withdraws the permission, reports failsafe 3 (stop both) and,
chosen here because the facts name only the field, both bits of the relay-cut request.
Where the channel's insulation is simulated, that decides the insulation value, not the option.

Pacing: at speed 1 the periods are the car's. Above that a period shrinks with the speed, but no
identifier is sent more often than every 10 ms of real time (100 frames/s), so that the frame
load of the host stays bounded; 10 ms messages then carry every ``speed``-th state only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.faults import MESSAGE_FAULTS, FaultSet, FaultSpec
from simulators.instruments import leaf_frames
from simulators.instruments.leaf_diagnostics import REQUEST_ID, IsoTpServer, PackState, reply_to
from simulators.instruments.pack_balancing import Balancing
from simulators.instruments.socketcand import Frame, SocketcandServer
from simulators.wiring import Circuit

SENTINEL_S = 0.130
RELAY_PERMISSION_S = 0.131
INTERLOCK_S = 0.261
SHORTEST_REAL_PERIOD_S = 0.010
#: identifier: period of the station's frames that keep the controller awake
KEEPALIVE_PERIODS_S = {0x1D4: 0.010, 0x1F2: 0.010, 0x50B: 0.100, 0x50C: 0.100}
KEEPALIVE_PERIODS_MISSED = 5
FAULTS = {
    "bms_silent": FaultSpec("the controller sends and answers nothing"),
    "sentinel_reading": FaultSpec("voltage and current stay 'not available'"),
    "frozen_reading": FaultSpec("broadcast values and counters stop changing"),
    "current_sign": FaultSpec("the broadcast current has the wrong sign"),
    "interlock": FaultSpec("the pack's own high-voltage interlock is open"),
    "checksum_wrong": FaultSpec("the checksum of each broadcast frame that has one is wrong"),
    "counter_frozen": FaultSpec("the counters of the broadcast frames stand still; values go on"),
    "length_wrong": FaultSpec("each broadcast frame ends after two bytes"),
    "second_pack": FaultSpec("another pack of the same kind is on the bus"),
    "requests_dropped": FaultSpec("diagnostic requests get no answer"),
    "requests_refused": FaultSpec("diagnostic requests are refused with this reason", 34.0),
    "pending_first": FaultSpec("each answer comes this many real seconds after a 'pending'", 0.3),
}
_MUTE = {"bms_silent", "requests_dropped"}
CHECKED_FRAMES = (0x1DB, 0x1DC, 0x55B)
FAILSAFE_STOP_BOTH = 3
RELAY_CUT = 3


class LeafOptions(BaseModel):
    """Settings of one simulated Leaf BMS."""

    model_config = ConfigDict(extra="forbid")

    bus: str = "can0"
    generation: Literal["AZE0", "ZE1"] = "AZE0"
    needs_keepalive: bool = False
    insulation_kohm: float = Field(default=1000.0, ge=0, le=65535)
    current_offset_A: float = 0.0
    soc_error: float = Field(default=0.0, ge=-1, le=1)
    soh_shown: float | None = Field(default=None, ge=0, le=1.2)
    discharge_limit_kW: float = 110.0
    charge_limit_kW: float = 50.0
    frame_gap_s: float = Field(default=0.010, ge=0)
    trouble_codes: list[str] = Field(default_factory=list)
    charge_counts: tuple[int, int] = (0, 0)
    serial: str = Field(default="", max_length=16)
    balancing: Balancing = Field(default_factory=Balancing)


class LeafBms:
    """One controller with its own bus."""

    def __init__(self, options: LeafOptions, circuit: Circuit, *, host: str, port: int) -> None:
        self.options = options
        self.circuit = circuit
        self.faults = FaultSet("leaf-bms", MESSAGE_FAULTS, FAULTS)
        self.server = SocketcandServer(
            host=host,
            port=port,
            faults=self.faults,
            bus=options.bus,
            receive=self._received,
            listening=self._listening,
        )
        self._diagnostics = IsoTpServer(
            self._put, self._reply, gap_s=self._gap_s, pending_s=lambda: self.faults.number("pending_first")
        )
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._awake = False
        self._awake_since_s = 0.0
        self._last_keepalive_s: dict[int, float] = {}
        self._counter = 0
        self._slow_counter = 0
        self._toggle = False
        self._frozen: dict[int, bytes] = {}

    @property
    def address(self) -> tuple[str, int]:
        """Host and the port really bound."""
        return self.server.address

    async def start(self) -> None:
        """Open the bus."""
        await self.server.start()

    async def stop(self) -> None:
        """Close the bus."""
        self._sleep()
        await self.server.stop()

    # ---- waking and sleeping --------------------------------------------------------------

    def _listening(self, anybody: bool) -> None:
        if not anybody:
            self._sleep()
        elif not self.options.needs_keepalive:
            self._wake()

    def _wake(self) -> None:
        if self._awake:
            return
        self._awake = True
        self._awake_since_s = self.circuit.clock.now_s()
        self._every("fast", 0.010, self._send_fast)
        self._every("medium", 0.100, self._send_medium)
        self._every("slow", 0.500, self._send_slow)

    def _sleep(self) -> None:
        self._awake = False
        self._last_keepalive_s.clear()
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._diagnostics.close()

    def _received(self, frame: Frame) -> None:
        if frame.can_id in KEEPALIVE_PERIODS_S:
            self._last_keepalive_s[frame.can_id] = self.circuit.clock.real_s()
            if self.options.needs_keepalive:
                self._wake()
        elif frame.can_id == REQUEST_ID and self._awake and not _MUTE & self.faults.active.keys():
            self._diagnostics.receive(frame.data)

    def _keepalive_lost(self) -> bool:
        """Whether a station frame that was seen has been missing for 5 of its periods (real time)."""
        now_s = self.circuit.clock.real_s()
        return any(
            now_s - seen_s > KEEPALIVE_PERIODS_S[can_id] * KEEPALIVE_PERIODS_MISSED
            for can_id, seen_s in self._last_keepalive_s.items()
        )

    # ---- sending --------------------------------------------------------------------------

    def _every(self, name: str, period_s: float, send: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        due_s = loop.time()

        def fire() -> None:
            nonlocal due_s
            if self.options.needs_keepalive and self._keepalive_lost():
                self._sleep()
                return
            send()
            real_period_s = max(period_s / self.circuit.clock.speed, min(period_s, SHORTEST_REAL_PERIOD_S))
            # Keep the grid, but never catch up with a burst after a stall.
            due_s = max(due_s + real_period_s, loop.time())
            self._timers[name] = loop.call_at(due_s, fire)

        fire()

    def _put(self, frame: Frame) -> None:
        if "bms_silent" in self.faults.active:
            return
        if "frozen_reading" in self.faults.active and frame.can_id != 0x7BB:
            frame = Frame(frame.can_id, self._frozen.setdefault(frame.can_id, frame.data))
        elif self._frozen:
            self._frozen.clear()
        if "checksum_wrong" in self.faults.active and frame.can_id in CHECKED_FRAMES:
            frame = Frame(frame.can_id, frame.data[:7] + bytes((frame.data[7] ^ 0xFF,)))
        if "length_wrong" in self.faults.active and frame.can_id != 0x7BB:
            frame = Frame(frame.can_id, frame.data[:2])
        for _ in range(2 if "second_pack" in self.faults.active else 1):
            self.server.send(frame)

    def _send_fast(self) -> None:
        self.circuit.refresh()
        awake_s = self.circuit.clock.now_s() - self._awake_since_s
        current_A = self._shown_current_A()
        voltage_V = self._pack_V()
        waking = awake_s < SENTINEL_S or "sentinel_reading" in self.faults.active
        opened = "bms_opens_contactors" in self.circuit.faults.active
        self._counter = self._next(self._counter)
        self._put(
            Frame(
                0x1DB,
                leaf_frames.frame_1db(
                    current=leaf_frames.NOT_AVAILABLE if waking else leaf_frames.current_raw(current_A),
                    voltage=leaf_frames.NOT_AVAILABLE if waking else leaf_frames.voltage_raw(voltage_V),
                    counter=self._counter,
                    relay_permitted=awake_s >= RELAY_PERMISSION_S and not opened,
                    interlock_closed=awake_s >= INTERLOCK_S and "interlock" not in self.faults.active,
                    full=False,
                    failsafe=FAILSAFE_STOP_BOTH if opened else 0,
                    relay_cut=RELAY_CUT if opened else 0,
                ),
            )
        )
        limits = leaf_frames.frame_1dc(
            discharge_kW=self.options.discharge_limit_kW,
            charge_kW=self.options.charge_limit_kW,
            charger_kW=min(self.options.charge_limit_kW, 90.0),
            counter=self._counter,
        )
        self._put(Frame(0x1DC, limits))

    def _send_medium(self) -> None:
        self.circuit.refresh()
        truth = self.circuit.battery.truth()
        soc = self._shown_soc(truth.soc)
        self._slow_counter = self._next(self._slow_counter)
        self._toggle = not self._toggle
        self._put(
            Frame(
                0x55B,
                leaf_frames.frame_55b(soc_percent=soc * 100.0, counter=self._slow_counter, empty=soc <= 0.0),
            )
        )
        full_Wh = truth.capacity_Ah * self._pack_V()
        gids = full_Wh * (1.0 if self._toggle else soc) / leaf_frames.WATT_HOURS_PER_GID
        temperatures = self.circuit.battery.temperatures_degC()
        self._put(
            Frame(
                0x5BC,
                leaf_frames.frame_5bc(
                    gids=round(gids),
                    maximum=self._toggle,
                    soh_percent=self._shown_soh(truth.soh) * 100.0,
                    temperature_degC=sum(temperatures) / len(temperatures),
                ),
            )
        )

    def _send_slow(self) -> None:
        temperatures = self.circuit.battery.temperatures_degC()
        self._put(Frame(0x59E, leaf_frames.frame_59e()))
        self._put(Frame(0x5C0, leaf_frames.frame_5c0(highest=True, temperature_degC=max(temperatures))))
        self._put(Frame(0x5C0, leaf_frames.frame_5c0(highest=False, temperature_degC=min(temperatures))))

    # ---- what the controller believes -----------------------------------------------------

    def _pack_V(self) -> float:
        return self.circuit.battery.voltage_V(self.circuit.current_A)

    def _next(self, counter: int) -> int:
        return counter if "counter_frozen" in self.faults.active else (counter + 1) & 3

    def _insulation_kohm(self) -> float:
        network = self.circuit.insulation
        kohm = self.options.insulation_kohm if network is None else network.resistance_ohm() / 1000.0
        return min(kohm, 65535.0)

    def _shown_current_A(self) -> float:
        current_A = self.circuit.current_A + self.options.current_offset_A
        return -current_A if "current_sign" in self.faults.active else current_A

    def _shown_soc(self, soc: float) -> float:
        return min(max(soc + self.options.soc_error, 0.0), 1.0)

    def _shown_soh(self, soh: float) -> float:
        return soh if self.options.soh_shown is None else self.options.soh_shown

    def _state(self) -> PackState:
        self.circuit.refresh()
        truth = self.circuit.battery.truth()
        soh = self._shown_soh(truth.soh)
        balancing = self.options.balancing
        balanced = balancing.cells(self.circuit.battery.cell_voltages_V(0.0))
        cells_V = self.circuit.battery.cell_voltages_V(self.circuit.current_A)
        return PackState(
            current_A=self._shown_current_A(),
            voltage_V=self._pack_V(),
            soc=self._shown_soc(truth.soc),
            soh=soh,
            capacity_Ah=truth.nominal_capacity_Ah * soh,
            insulation_kohm=self._insulation_kohm(),
            cell_voltages_V=balancing.read_V(cells_V, balanced),
            balanced=balanced,
            codes=self.options.trouble_codes,
            charge_counts=self.options.charge_counts,
            serial=self.options.serial,
        )

    def _reply(self, request: bytes) -> bytes | None:
        if "requests_refused" in self.faults.active:
            return bytes((0x7F, request[0], round(self.faults.number("requests_refused"))))
        return reply_to(request, self._state, zero_emission_1=self.options.generation == "ZE1")

    def _gap_s(self) -> float:
        """Real time between diagnostic frames: the controller's own, shortened by the speed."""
        gap_s = self.options.frame_gap_s
        return max(gap_s / self.circuit.clock.speed, min(gap_s, 0.001))
