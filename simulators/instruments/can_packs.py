"""Simulated packs on a socketcand bus that follow the battery of their channel.

Periods are the pack's own, shortened by the speed but never below 10 ms of real time. Faults: silence, wrong
checksums and lengths, values and counters that stay, a pack that wakes for ever, a second pack, requests
that get no answer, a refusal, or an answer after a pause. With ``contactors`` the pack has contactors of its
own that follow its family's sequence in real time.
"""

from __future__ import annotations

import asyncio
import time
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.faults import MESSAGE_FAULTS, FaultSet, FaultSpec
from simulators.instruments.leaf_diagnostics import IsoTpServer
from simulators.instruments.pack_balancing import Balancing
from simulators.instruments.pack_contactors import (
    CONTACTOR_FAULTS,
    BydContactors,
    KonaContactors,
    MebContactors,
    PackContactors,
    trouble_code_bytes,
)
from simulators.instruments.pack_language_daly import DalyCanLanguage
from simulators.instruments.pack_language_meb import MebLanguage
from simulators.instruments.pack_languages import (
    BydLanguage,
    EgmpLanguage,
    KonaLanguage,
    PackView,
    PylontechCanLanguage,
    refuse,
)
from simulators.instruments.pack_view import view_of
from simulators.instruments.socketcand import Frame, SocketcandServer
from simulators.wiring import Circuit

SHORTEST_REAL_PERIOD_S = 0.010
LOOK_S = 0.010
WAKING_S = 0.130
FAULTS = {
    "bms_silent": FaultSpec("the controller sends and answers nothing"),
    "sentinel_reading": FaultSpec("values stay 'not available'"),
    "frozen_reading": FaultSpec("broadcast values stop changing"),
    "current_sign": FaultSpec("the current has the wrong sign"),
    "checksum_wrong": FaultSpec("the first and last byte of each broadcast frame are wrong"),
    "length_wrong": FaultSpec("each broadcast frame ends after two bytes"),
    "counter_frozen": FaultSpec("the counters of the broadcast frames stand still"),
    "second_pack": FaultSpec("another pack of the same kind is on the bus"),
    "requests_dropped": FaultSpec("requests get no answer"),
    "requests_refused": FaultSpec("diagnostic requests are refused with this reason", 34.0),
    "pending_first": FaultSpec("each answer comes this many real seconds after a 'pending'", 0.3),
}
_Language = (
    type[KonaLanguage]
    | type[EgmpLanguage]
    | type[BydLanguage]
    | type[MebLanguage]
    | type[PylontechCanLanguage]
    | type[DalyCanLanguage]
)
LANGUAGES: dict[str, _Language] = {
    "kona": KonaLanguage,
    "egmp": EgmpLanguage,
    "byd": BydLanguage,
    "meb": MebLanguage,
    "pylontech": PylontechCanLanguage,
    "daly": DalyCanLanguage,
}
_MUTE = {"bms_silent", "requests_dropped"}
CONTACTORS: dict[str, type[PackContactors]] = {
    "byd": BydContactors,
    "kona": KonaContactors,
    "meb": MebContactors,
}


class CanPackOptions(BaseModel):
    """Settings of one simulated pack on CAN.

    ``contactors``: it has its own, which begin open. ``measures_link``: an MEB pack also looks at what stands
    outside itself. ``block_frames`` and ``frame_gap_s`` are its side of ISO-TP.
    """

    model_config = ConfigDict(extra="forbid")

    language: Literal["kona", "egmp", "byd", "meb", "pylontech", "daly"]
    bus: str = "can0"
    insulation_ohm: float = Field(default=1_000_000.0, ge=0)
    charged_Ah: float = Field(default=20_000.0, ge=0)
    frame_gap_s: float = Field(default=0.010, ge=0)
    contactors: bool = False
    measures_link: bool = True
    trouble_codes: list[str] = Field(default_factory=list)
    balancing: Balancing = Field(default_factory=Balancing)


class _Poles:
    def __init__(self, circuit: Circuit) -> None:
        self._circuit = circuit

    def pack_V(self) -> float:
        return self._circuit.battery.voltage_V(self._circuit.current_A)

    def outside_V(self) -> float:
        return self._circuit.outside_V()


class CanPack:
    """One controller with its own bus."""

    def __init__(self, options: CanPackOptions, circuit: Circuit, *, host: str, port: int) -> None:
        self.options = options
        self.circuit = circuit
        self.faults = FaultSet("can-bms", MESSAGE_FAULTS, FAULTS)
        self.language = LANGUAGES[options.language]()
        self.contactors: PackContactors | None = None
        if options.contactors:
            self._fit_contactors(options)
        self.server = SocketcandServer(
            host=host, port=port, faults=self.faults, bus=options.bus,
            receive=self._received, listening=self._listening,
        )  # fmt: skip
        self._servers = [
            IsoTpServer(
                self._answer,
                self._reply,
                gap_s=self._gap_s,
                reply_id=self.language.reply_id,
                pending_s=lambda: self.faults.number("pending_first"),
            )
            for _ in range(2)  # the second pack's is only asked where there is one
        ]
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._look: asyncio.TimerHandle | None = None
        self._awake_since_s = 0.0
        self._frozen: dict[str, PackView] = {}

    def _fit_contactors(self, options: CanPackOptions) -> None:
        kind = CONTACTORS.get(options.language)
        if kind is None:
            raise ValueError(f"no sequence is known for the contactors of {options.language!r}")
        self.faults.learn(CONTACTOR_FAULTS)
        self.contactors = kind(self.faults, self._move, _Poles(self.circuit))
        if isinstance(self.contactors, MebContactors):
            self.contactors.measures_link = options.measures_link
        self.circuit.command_pack(False)
        self.faults.on_change(self._fault_changed)

    @property
    def address(self) -> tuple[str, int]:
        """Host and the port really bound."""
        return self.server.address

    async def start(self) -> None:
        """Open the bus."""
        await self.server.start()
        if self.contactors is not None:
            self._watch_contactors(self.contactors)

    async def stop(self) -> None:
        """Close the bus."""
        if self._look is not None:
            self._look.cancel()
        self._listening(False)
        await self.server.stop()

    # ---- contactors -----------------------------------------------------------------------

    def _watch_contactors(self, contactors: PackContactors) -> None:
        contactors.look(time.monotonic())
        self._look = asyncio.get_running_loop().call_later(LOOK_S, lambda: self._watch_contactors(contactors))

    def _move(self, closed: bool) -> None:
        self.circuit.command_pack(closed or "pack_contactor_welded" in self.faults.active)

    def _fault_changed(self, name: str) -> None:
        if name == "pack_contactor_welded" and self.contactors is not None:
            self._move(self.contactors.state == "closed")

    # ---- sending --------------------------------------------------------------------------

    def _listening(self, anybody: bool) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        for server in self._servers:
            server.close()
        if anybody:
            self._awake_since_s = self.circuit.clock.now_s()
            for cycle, period_s in self.language.cycles.items():
                self._every(cycle, period_s)

    def _every(self, cycle: str, period_s: float) -> None:
        loop = asyncio.get_running_loop()
        due_s, count = loop.time(), 0

        def fire() -> None:
            nonlocal due_s, count
            self._send(cycle, count)
            count += "counter_frozen" not in self.faults.active
            real_period_s = max(period_s / self.circuit.clock.speed, min(period_s, SHORTEST_REAL_PERIOD_S))
            due_s = max(due_s + real_period_s, loop.time())
            self._timers[cycle] = loop.call_at(due_s, fire)

        fire()

    def _send(self, cycle: str, count: int) -> None:
        active = self.faults.active
        if "bms_silent" in active:
            return
        view = self._view()
        if "frozen_reading" in active:
            view = self._frozen.setdefault(cycle, view)
        else:
            self._frozen.pop(cycle, None)
        self._put(self.language.frames(cycle, view, count))

    def _put(self, frames: list[Frame]) -> None:
        active = self.faults.active
        for frame in frames:
            data = frame.data
            if "checksum_wrong" in active and len(data) >= 8:
                data = bytes((data[0] ^ 0xFF, *data[1:-1], data[-1] ^ 0xFF))
            if "length_wrong" in active:
                data = data[:2]
            for _ in range(2 if "second_pack" in active else 1):
                self.server.send(Frame(frame.can_id, data, frame.fd))

    # ---- answering ------------------------------------------------------------------------

    def _received(self, frame: Frame) -> None:
        active = self.faults.active
        if self.contactors is not None:
            self.contactors.heard(frame.can_id, frame.data, time.monotonic())
        if frame.can_id == self.language.request_id and not _MUTE & active.keys():
            for server in self._servers[: 2 if "second_pack" in active else 1]:
                server.receive(frame.data)
        elif isinstance(self.language, DalyCanLanguage) and not _MUTE & active.keys():
            self._put(self.language.heard(frame, self._view()))

    def _answer(self, frame: Frame) -> None:
        self.server.send(Frame(frame.can_id, frame.data, self.language.fd))

    def _reply(self, request: bytes) -> bytes | None:
        if "requests_refused" in self.faults.active:
            return refuse(request, round(self.faults.number("requests_refused")))
        if self.contactors is not None:
            answer = self.contactors.asked(request, time.monotonic())
            if answer is not None:
                return answer
        if request[:2] == b"\x19\x02" and len(request) == 3:
            own = [] if self.contactors is None else self.contactors.codes
            return b"\x59\x02\x09" + trouble_code_bytes([*self.options.trouble_codes, *own])
        return self.language.reply(request, self._view())

    def _gap_s(self) -> float:
        gap_s = self.options.frame_gap_s
        return max(gap_s / self.circuit.clock.speed, min(gap_s, 0.001))

    # ---- what the controller believes -----------------------------------------------------

    def _view(self) -> PackView:
        active = self.faults.active
        awake_s = self.circuit.clock.now_s() - self._awake_since_s
        return view_of(
            self.circuit,
            insulation_ohm=self.options.insulation_ohm,
            charged_Ah=self.options.charged_Ah,
            waking=awake_s < WAKING_S or "sentinel_reading" in active,
            wrong_sign="current_sign" in active,
            contactors="" if self.contactors is None else self.contactors.state,
            balancing=self.options.balancing,
        )
