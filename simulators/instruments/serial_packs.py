"""Simulated boards on a serial line behind a TCP serial server; they follow the battery of their channel."""

from __future__ import annotations

import asyncio
from typing import Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from simulators.faults import MESSAGE_FAULTS, FaultSet, FaultSpec
from simulators.instruments.pack_balancing import Balancing
from simulators.instruments.pack_languages import PackView
from simulators.instruments.pack_view import view_of
from simulators.instruments.serial_languages import SERIAL_LANGUAGES
from simulators.link import Cable, Link
from simulators.wiring import Circuit

FAULTS = {
    "bms_silent": FaultSpec("the board answers nothing"),
    "checksum_wrong": FaultSpec("a byte in the middle of each answer is wrong"),
    "frozen_reading": FaultSpec("measured values stop changing"),
    "current_sign": FaultSpec("the current has the wrong sign"),
    "answer_torn": FaultSpec("each answer ends in its middle"),
}


class SerialPackOptions(BaseModel):
    """Settings of one simulated board."""

    model_config = ConfigDict(extra="forbid")

    language: Literal["jbd", "daly", "jk", "pylontech"]
    charged_Ah: float = Field(default=0.0, ge=0)
    balancing: Balancing = Field(default_factory=Balancing)


class SerialPack:
    """One board with a serial server of its own."""

    def __init__(self, options: SerialPackOptions, circuit: Circuit, *, host: str, port: int) -> None:
        self.options = options
        self.circuit = circuit
        self.faults = FaultSet("serial-bms", MESSAGE_FAULTS, FAULTS)
        self._cable = Cable(self.faults)
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None
        self._frozen: PackView | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and the port really bound."""
        return self._host, self._port

    async def start(self) -> None:
        """Bind and listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Client(self, self._cable), self._host, self._port)
        self._port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Hang up and stop listening."""
        if self._server is not None:
            self._server.close()
            self._cable.hang_up()
            await self._server.wait_closed()
            self._server = None

    def view(self) -> PackView:
        """What the board believes."""
        active = self.faults.active
        if "frozen_reading" in active and self._frozen is not None:
            return self._frozen
        self._frozen = view_of(
            self.circuit,
            insulation_ohm=0.0,
            charged_Ah=self.options.charged_Ah,
            wrong_sign="current_sign" in active,
            balancing=self.options.balancing,
        )
        return self._frozen

    def spoil(self, answer: bytes) -> bytes:
        """What the faults make of an answer."""
        active = self.faults.active
        if "bms_silent" in active:
            return b""
        middle = len(answer) // 2
        if "answer_torn" in active:
            return answer[:middle]
        if "checksum_wrong" in active:
            return answer[:middle] + bytes((answer[middle] ^ 0x01,)) + answer[middle + 1 :]
        return answer


class _Client(asyncio.Protocol):
    def __init__(self, pack: SerialPack, cable: Cable) -> None:
        self._pack, self._cable = pack, cable
        self._language = SERIAL_LANGUAGES[pack.options.language]()
        self._link: Link | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._link = Link(self._cable, cast(asyncio.Transport, transport))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's signature)
        if self._link is not None:
            self._link.lost()

    def data_received(self, data: bytes) -> None:
        assert self._link is not None
        heard = self._link.heard(data)
        for answer in self._language.feed(heard, self._pack.view) if heard else ():
            spoiled = self._pack.spoil(answer)
            if spoiled:
                self._link.send(spoiled)
