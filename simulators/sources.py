"""The simulated bidirectional supplies beside the SM15K, and how each is built with its server."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.instruments.ea_modbus import EaModbus
from simulators.instruments.ea_psb10000 import EaOptions, EaPsb10000
from simulators.instruments.itech_it6000c import ItechIt6000C, ItechOptions
from simulators.instruments.power import PowerInstrument
from simulators.modbus import ModbusServer
from simulators.scpi.server import LineServer
from simulators.wiring import Circuit


class SourceModel(BaseModel):
    """What all have in common."""

    model_config = ConfigDict(extra="forbid")

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 0


class EaSource(SourceModel):
    """EA-PSB 10000, by SCPI or by Modbus TCP."""

    kind: Literal["ea-psb10000"]
    options: EaOptions = Field(default_factory=EaOptions)


class ItechSource(SourceModel):
    """ITECH IT6000C or IT-M3900C."""

    kind: Literal["itech-it6000c"]
    options: ItechOptions = Field(default_factory=ItechOptions)


SourceInstrument = EaSource | ItechSource


def build_source(
    instrument: SourceInstrument, circuit: Circuit, seed: int
) -> tuple[PowerInstrument, LineServer | ModbusServer]:
    """One supply in a channel's circuit, and its server, which is not started yet."""
    host, port, clients = instrument.host, instrument.port, instrument.options.max_clients
    if isinstance(instrument, EaSource):
        ea = EaPsb10000(instrument.options, circuit, seed=seed)
        if instrument.options.modbus:
            return ea, ModbusServer(EaModbus(ea), host=host, port=port, unit=0, max_clients=clients)
        return ea, LineServer(ea, host=host, port=port, max_clients=clients)
    itech = ItechIt6000C(instrument.options, circuit, seed=seed)
    return itech, LineServer(itech, host=host, port=port, max_clients=clients)
