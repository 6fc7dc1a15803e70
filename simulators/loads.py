"""The simulated electronic loads that a bench may contain, and how each is built with its server."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.instruments.itech_it8500 import ItechIT8500
from simulators.instruments.itech_it8500 import ItechOptions as Itech
from simulators.instruments.itech_it8500_scpi import ItechIT8500Scpi
from simulators.instruments.itech_it8500_scpi import ItechScpiOptions as ItechScpi
from simulators.instruments.keysight_el30000 import EL30000Options, KeysightEL30000
from simulators.instruments.korad_kel103 import KoradKEL103
from simulators.instruments.korad_kel103 import KoradOptions as Korad
from simulators.instruments.kunkin_kp184 import KunkinKP184
from simulators.instruments.kunkin_kp184 import KunkinOptions as Kunkin
from simulators.instruments.maynuo_m97 import MaynuoM97
from simulators.instruments.maynuo_m97 import MaynuoOptions as Maynuo
from simulators.instruments.power import PowerInstrument
from simulators.instruments.siglent_sdl1000x import SiglentOptions as Siglent
from simulators.instruments.siglent_sdl1000x import SiglentSDL1000X
from simulators.instruments.tti_ld400p import LD400POptions as TTi
from simulators.instruments.tti_ld400p import TTiLD400P
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


class ItechScpiLoad(LoadModel):
    """ITECH IT8500+, BK Precision 8500B and 8600, where they speak SCPI."""

    kind: Literal["itech-it8500-scpi"]
    options: ItechScpi = Field(default_factory=ItechScpi)


class SiglentLoad(LoadModel):
    """Siglent SDL1000X."""

    kind: Literal["siglent-sdl1000x"]
    options: Siglent = Field(default_factory=Siglent)


class KoradLoad(LoadModel):
    """Korad KEL103; also on UDP, at the same port number."""

    kind: Literal["korad-kel103"]
    options: Korad = Field(default_factory=Korad)


class MaynuoLoad(LoadModel):
    """Maynuo M97xx."""

    kind: Literal["maynuo-m97"]
    options: Maynuo = Field(default_factory=Maynuo)


class LD400PLoad(LoadModel):
    """TTi LD400P."""

    kind: Literal["tti-ld400p"]
    options: TTi = Field(default_factory=TTi)


class EL30000Load(LoadModel):
    """Keysight EL30000."""

    kind: Literal["keysight-el30000"]
    options: EL30000Options = Field(default_factory=EL30000Options)


LoadInstrument = (
    EL30000Load | KunkinLoad | ItechLoad | ItechScpiLoad | SiglentLoad | KoradLoad | MaynuoLoad | LD400PLoad
)


def build_load(
    instrument: LoadModel, circuit: Circuit, seed: int
) -> tuple[PowerInstrument, LineServer | SerialServer]:
    """One load in a channel's circuit, and its server, which is not started yet."""
    host, port = instrument.host, instrument.port
    if isinstance(instrument, (SiglentLoad, LD400PLoad, EL30000Load)):
        lan: SiglentSDL1000X | TTiLD400P | KeysightEL30000
        if isinstance(instrument, EL30000Load):
            lan = KeysightEL30000(instrument.options, circuit, seed=seed)
        elif isinstance(instrument, SiglentLoad):
            lan = SiglentSDL1000X(instrument.options, circuit, seed=seed)
        else:
            lan = TTiLD400P(instrument.options, circuit, seed=seed)
        return lan, LineServer(lan, host=host, port=port, max_clients=instrument.options.max_clients)
    load: KunkinKP184 | ItechIT8500 | ItechIT8500Scpi | KoradKEL103 | MaynuoM97
    match instrument:
        case KunkinLoad(options=kunkin):
            load = KunkinKP184(kunkin, circuit, seed=seed)
        case ItechLoad(options=itech):
            load = ItechIT8500(itech, circuit, seed=seed)
        case ItechScpiLoad(options=itech_scpi):
            load = ItechIT8500Scpi(itech_scpi, circuit, seed=seed)
        case KoradLoad(options=korad):
            load = KoradKEL103(korad, circuit, seed=seed)
        case MaynuoLoad(options=maynuo):
            load = MaynuoM97(maynuo, circuit, seed=seed)
        case _:
            raise TypeError(f"no load of kind {type(instrument).__name__}")
    lines = isinstance(load, (KoradKEL103, ItechIT8500Scpi))
    return load, SerialServer(
        load.faults,
        load.conversation,
        host=host,
        port=port,
        terminal=load.options.terminal,
        udp=isinstance(load, KoradKEL103),
        terminator=b"\n" if lines else b"",
        reply_delay_s=load.options.reply_delay_s,
    )
