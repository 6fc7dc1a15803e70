"""The simulated meters and scanners beside the 34970A, and how each is built with its server."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from simulators.instruments.dcon_module import DconModule, DconOptions
from simulators.instruments.hioki_bt3562 import HiokiBt3562, HiokiOptions
from simulators.instruments.keithley_daq6510 import KeithleyDaq6510, KeithleyOptions
from simulators.scpi.server import LineServer
from simulators.wiring import Circuit


class MeterModel(BaseModel):
    """What all have in common. Serial ones listen on TCP, as behind a serial device server."""

    model_config = ConfigDict(extra="forbid")

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 0


class HiokiMeter(MeterModel):
    """Hioki BT3562 or BT3563."""

    kind: Literal["hioki-bt3562"]
    options: HiokiOptions = Field(default_factory=HiokiOptions)


class KeithleyMeter(MeterModel):
    """Keithley DAQ6510."""

    kind: Literal["keithley-daq6510"]
    options: KeithleyOptions = Field(default_factory=KeithleyOptions)


class DconMeter(MeterModel):
    """ICP DAS I-7018 or Advantech ADAM-4018."""

    kind: Literal["dcon-thermocouples"]
    options: DconOptions = Field(default_factory=DconOptions)


MeterInstrument = HiokiMeter | KeithleyMeter | DconMeter
Meter = HiokiBt3562 | KeithleyDaq6510 | DconModule


def build_meter(instrument: MeterInstrument, circuit: Circuit, seed: int) -> tuple[Meter, LineServer]:
    """One meter in a channel's circuit, and its server, which is not started yet."""
    meter: Meter
    if isinstance(instrument, HiokiMeter):
        meter = HiokiBt3562(instrument.options, circuit, seed=seed)
    elif isinstance(instrument, KeithleyMeter):
        meter = KeithleyDaq6510(instrument.options, circuit, seed=seed)
    else:
        meter = DconModule(instrument.options, circuit, seed=seed)
    clients = instrument.options.max_clients
    return meter, LineServer(meter, host=instrument.host, port=instrument.port, max_clients=clients)
