"""The simulated electronic loads that a bench may contain, and how each is built with its server."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.instruments.kunkin_kp184 import KunkinKP184
from simulators.instruments.kunkin_kp184 import KunkinOptions as Kunkin
from simulators.instruments.power import PowerInstrument
from simulators.scpi.server import LineServer
from simulators.serial_server import SerialServer
from simulators.wiring import Circuit


class LoadModel(BaseModel):
    """What all have in common. Serial ones listen on TCP like a device server, and on a pseudo-terminal
    where ``options.terminal`` is set."""

    model_config = ConfigDict(extra="forbid")

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 0


class KunkinLoad(LoadModel):
    """Kunkin KP184."""

    kind: Literal["kunkin-kp184"]
    options: Kunkin = Field(default_factory=Kunkin)


LoadInstrument = KunkinLoad


def build_load(
    instrument: LoadInstrument, circuit: Circuit, seed: int
) -> tuple[PowerInstrument, LineServer | SerialServer]:
    """One load in a channel's circuit, and its server, which is not started yet."""
    host, port = instrument.host, instrument.port
    load = KunkinKP184(instrument.options, circuit, seed=seed)
    return load, SerialServer(
        load.faults,
        load.conversation,
        host=host,
        port=port,
        terminal=instrument.options.terminal,
        reply_delay_s=instrument.options.reply_delay_s,
    )
