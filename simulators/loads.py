"""The simulated electronic loads that a bench may contain, and how each is built with its server."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.instruments.itech_it8500 import ItechIT8500
from simulators.instruments.itech_it8500 import ItechOptions as Itech
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


class ItechLoad(LoadModel):
    """ITECH IT8500(+), BK Precision 8500, Array 371x."""

    kind: Literal["itech-it8500"]
    options: Itech = Field(default_factory=Itech)


LoadInstrument = KunkinLoad | ItechLoad


def build_load(
    instrument: LoadInstrument, circuit: Circuit, seed: int
) -> tuple[PowerInstrument, LineServer | SerialServer]:
    """One load in a channel's circuit, and its server, which is not started yet."""
    host, port, options = instrument.host, instrument.port, instrument.options
    load: KunkinKP184 | ItechIT8500
    if isinstance(options, Kunkin):
        load = KunkinKP184(options, circuit, seed=seed)
    else:
        load = ItechIT8500(options, circuit, seed=seed)
    return load, SerialServer(
        load.faults,
        load.conversation,
        host=host,
        port=port,
        terminal=options.terminal,
        reply_delay_s=options.reply_delay_s,
    )
