"""Simulated packs on a socketcand bus that follow the battery of their channel.

Periods are the pack's own, shortened by the speed but never below 10 ms of real time. Faults: silence, wrong
checksums, values that stay, a pack that wakes for ever, a second pack, requests that get no answer.
"""

from __future__ import annotations

import asyncio
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.faults import MESSAGE_FAULTS, FaultSet, FaultSpec
from simulators.instruments.leaf_diagnostics import IsoTpServer
from simulators.instruments.pack_languages import LANGUAGES, PackView
from simulators.instruments.pack_view import view_of
from simulators.instruments.socketcand import Frame, SocketcandServer
from simulators.wiring import Circuit

SHORTEST_REAL_PERIOD_S = 0.010
WAKING_S = 0.130
FAULTS = {
    "bms_silent": FaultSpec("the controller sends and answers nothing"),
    "sentinel_reading": FaultSpec("values stay 'not available'"),
    "frozen_reading": FaultSpec("broadcast values stop changing"),
    "current_sign": FaultSpec("the current has the wrong sign"),
    "checksum_wrong": FaultSpec("the last byte of each broadcast frame of eight bytes is wrong"),
    "second_pack": FaultSpec("another pack of the same kind is on the bus"),
    "requests_dropped": FaultSpec("diagnostic requests get no answer"),
}


class CanPackOptions(BaseModel):
    """Settings of one simulated pack on CAN."""

    model_config = ConfigDict(extra="forbid")

    language: Literal["kona", "byd", "pylontech"]
    bus: str = "can0"
    insulation_ohm: float = Field(default=1_000_000.0, ge=0)
    charged_Ah: float = Field(default=20_000.0, ge=0)
    frame_gap_s: float = Field(default=0.010, ge=0)


class CanPack:
    """One controller with its own bus."""

    def __init__(self, options: CanPackOptions, circuit: Circuit, *, host: str, port: int) -> None:
        self.options = options
        self.circuit = circuit
        self.faults = FaultSet("can-bms", MESSAGE_FAULTS, FAULTS)
        self.language = LANGUAGES[options.language]()
        self.server = SocketcandServer(
            host=host, port=port, faults=self.faults, bus=options.bus,
            receive=self._received, listening=self._listening,
        )  # fmt: skip
        self._diagnostics = IsoTpServer(
            self.server.send, self._reply, gap_s=self._gap_s, reply_id=self.language.reply_id
        )
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._awake_since_s = 0.0
        self._frozen: dict[str, PackView] = {}

    @property
    def address(self) -> tuple[str, int]:
        """Host and the port really bound."""
        return self.server.address

    async def start(self) -> None:
        """Open the bus."""
        await self.server.start()

    async def stop(self) -> None:
        """Close the bus."""
        self._listening(False)
        await self.server.stop()

    # ---- sending --------------------------------------------------------------------------

    def _listening(self, anybody: bool) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._diagnostics.close()
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
            count += 1
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
        for frame in self.language.frames(cycle, view, count):
            data = frame.data
            if "checksum_wrong" in active and len(data) == 8:
                data = data[:7] + bytes((data[7] ^ 0xFF,))
            for _ in range(2 if "second_pack" in active else 1):
                self.server.send(Frame(frame.can_id, data))

    # ---- answering ------------------------------------------------------------------------

    def _received(self, frame: Frame) -> None:
        dropped = {"bms_silent", "requests_dropped"} & set(self.faults.active)
        if frame.can_id == self.language.request_id and not dropped:
            self._diagnostics.receive(frame.data)

    def _reply(self, request: bytes) -> bytes | None:
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
        )
