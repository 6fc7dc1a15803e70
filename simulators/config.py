"""Describes a simulated bench: channels, wiring, instruments, relay module, control port."""

from __future__ import annotations

from math import inf
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulators.clock import MAXIMUM_SPEED, MINIMUM_SPEED
from simulators.instruments.arbin_cti import ArbinOptions
from simulators.instruments.can_leaf import LeafOptions
from simulators.instruments.can_packs import CanPackOptions
from simulators.instruments.delta_sm15k import DeltaOptions
from simulators.instruments.gbt_vehicle import GbtVehicleOptions
from simulators.instruments.keysight_34970a import KeysightOptions
from simulators.instruments.maccor_macnet import MaccorOptions
from simulators.instruments.neware_bts8 import NewareOptions
from simulators.instruments.rigol_dl3021 import RigolOptions
from simulators.instruments.serial_packs import SerialPackOptions
from simulators.loads import LoadInstrument
from simulators.meters import MeterInstrument
from simulators.sources import SourceInstrument

LOOPBACK = "127.0.0.1"
Port = Annotated[int, Field(ge=0, le=65535)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ControlPort(_Strict):
    """Where the control port listens; port 0 takes a free one."""

    host: str = LOOPBACK
    port: Port = 0


class RelayModule(_Strict):
    """The Modbus relay module.

    ``coils`` and ``inputs`` name addresses. The inputs ``estop`` and ``interlock`` are wired to
    the safety chain; others are feedback contacts that a channel's wiring refers to.
    """

    host: str = LOOPBACK
    port: Port = 0
    unit: int = Field(default=1, ge=0, le=247)
    coils: dict[str, Annotated[int, Field(ge=0, le=255)]] = Field(default_factory=dict)
    inputs: dict[str, Annotated[int, Field(ge=0, le=255)]] = Field(
        default_factory=lambda: {"estop": 0, "interlock": 1}
    )
    coil_count: int | None = Field(default=None, ge=1, le=256)
    input_count: int | None = Field(default=None, ge=1, le=256)
    hardwired: bool = True
    timed_coils: bool = Field(
        default=False, description="FC05 at 0x0200 + coil and 0x0400 + coil takes a time in units of 100 ms"
    )


class Precharge(_Strict):
    """A resistor with a contactor of its own, beside the power contactor."""

    coil: str | int
    resistance_ohm: float = Field(gt=0)


class Insulation(_Strict):
    """Insulation of a high-voltage battery, and the relay that puts a test resistor at one pole.

    ``voltmeter_ohm`` is the input resistance of the two voltmeters to chassis, always connected.
    """

    minus_ohm: float = Field(default=1e6, gt=0)
    plus_ohm: float = Field(default=1e6, gt=0)
    y_capacitance_F: float = Field(default=100e-9, ge=0)
    voltmeter_ohm: float = Field(default=10e6, gt=0)
    test_coil: str | int | None = None
    test_ohm: float = Field(default=200e3, gt=0)
    test_pole: Literal["minus", "plus"] = "minus"


class Wiring(_Strict):
    """One channel's power path. Coils and ``feedback_input`` are names or addresses.

    Without ``cutoff_coil`` there is no contactor and the path is always closed. Without
    ``output_capacitance_F`` the instruments' terminals follow the battery without any inrush; with it the
    capacitor floats while the contactors are open, discharges through ``bleeder_ohm``, and its inrush blows
    the fuse or welds the contactor above the limits given. ``sense_at`` says where the power instruments'
    sense leads end.
    """

    lead_resistance_ohm: float = Field(default=0.002, ge=0)
    polarity_reversed: bool = False
    cutoff_coil: str | int | None = None
    feedback_input: str | int | None = None
    contactor_delay_s: float = Field(default=0.012, ge=0)
    sense_at: Literal["posts", "terminals"] = "posts"
    output_capacitance_F: float = Field(default=0.0, ge=0)
    bleeder_ohm: float = Field(default=inf, gt=0)
    precharge: Precharge | None = None
    fuse_inrush_A: float = Field(default=inf, gt=0)
    weld_inrush_A: float = Field(default=inf, gt=0)
    insulation: Insulation | None = None
    short_cell: int = Field(default=1, ge=1, description="the cell that the fault internal_short is in")

    @model_validator(mode="after")
    def _capacitor_for_precharge(self) -> Self:
        if self.precharge is not None and self.output_capacitance_F == 0.0:
            raise ValueError("precharge needs an output_capacitance_F to charge")
        return self

    def coils(self) -> dict[str, str | int]:
        """Every coil of the channel by its purpose: ``cutoff``, ``precharge``, ``insulation``."""
        found = {
            "cutoff": self.cutoff_coil,
            "precharge": None if self.precharge is None else self.precharge.coil,
            "insulation": None if self.insulation is None else self.insulation.test_coil,
        }
        return {purpose: coil for purpose, coil in found.items() if coil is not None}


class _Instrument(_Strict):
    host: str = LOOPBACK
    port: Port = 0


class DeltaInstrument(_Instrument):
    """Delta Elektronika SM15K."""

    kind: Literal["delta-sm15k"]
    options: DeltaOptions = Field(default_factory=DeltaOptions)


class RigolInstrument(_Instrument):
    """Rigol DL3021."""

    kind: Literal["rigol-dl3021"]
    options: RigolOptions = Field(default_factory=RigolOptions)


class KeysightInstrument(_Instrument):
    """Keysight 34970A."""

    kind: Literal["keysight-34970a"]
    options: KeysightOptions = Field(default_factory=KeysightOptions)


class LeafInstrument(_Instrument):
    """Nissan Leaf BMS on a socketcand bus."""

    kind: Literal["leaf-bms"]
    options: LeafOptions = Field(default_factory=LeafOptions)


class NewareInstrument(_Instrument):
    """Neware BTS 8 server; its places may be wired to any channel of the bench."""

    kind: Literal["neware-bts8"]
    options: NewareOptions = Field(default_factory=NewareOptions)


class ArbinInstrument(_Instrument):
    """Arbin CTI server; its places may be wired to any channel of the bench."""

    kind: Literal["arbin-cti"]
    options: ArbinOptions = Field(default_factory=ArbinOptions)


class MaccorInstrument(_Instrument):
    """Maccor MacNet server; its places may be wired to any channel of the bench."""

    kind: Literal["maccor-macnet"]
    options: MaccorOptions = Field(default_factory=MaccorOptions)


CyclerInstrument = NewareInstrument | ArbinInstrument | MaccorInstrument


class CanPackInstrument(_Instrument):
    """A pack of another family on a socketcand bus."""

    kind: Literal["can-bms"]
    options: CanPackOptions


class SerialPackInstrument(_Instrument):
    """A board on a serial line, behind a TCP serial server."""

    kind: Literal["serial-bms"]
    options: SerialPackOptions


class GbtVehicleInstrument(_Instrument):
    """A vehicle at a GB/T 20234.3 plug, on a socketcand bus."""

    kind: Literal["gbt-vehicle"]
    options: GbtVehicleOptions = Field(default_factory=GbtVehicleOptions)


Instrument = Annotated[
    DeltaInstrument
    | RigolInstrument
    | KeysightInstrument
    | LeafInstrument
    | LoadInstrument
    | CyclerInstrument
    | SourceInstrument
    | MeterInstrument
    | CanPackInstrument
    | GbtVehicleInstrument
    | SerialPackInstrument,
    Field(discriminator="kind"),
]


class Channel(_Strict):
    """One test channel: a battery, its wiring, its instruments. ``battery`` is for the builder."""

    id: str = Field(min_length=1)
    battery: dict[str, Any] = Field(default_factory=dict)
    seed: int = 0
    wiring: Wiring = Field(default_factory=Wiring)
    instruments: list[Instrument] = Field(default_factory=list)

    @model_validator(mode="after")
    def _chassis_points_need_insulation(self) -> Self:
        for instrument in self.instruments:
            if isinstance(instrument, KeysightInstrument) and self.wiring.insulation is None:
                points = {point.point for point in instrument.options.channels.values()}
                if points & {"minus_chassis", "plus_chassis"}:
                    raise ValueError(f"channel {self.id}: points to chassis need wiring.insulation")
        return self


class LabelPrinter(_Instrument):
    """A label printer beside the channels."""

    id: str = Field(min_length=1)
    kind: Literal["zpl", "tspl"] = "tspl"
    dots_per_mm: float = Field(default=8.0, gt=0)


class CodeScanner(_Instrument):
    """A barcode scanner on a serial line: bytes over TCP, and a pseudo-terminal with ``terminal``.

    ``prefix`` goes before each code (an AIM identifier such as ``]C0``); ``ending`` after it.
    """

    id: str = Field(min_length=1)
    kind: Literal["code-scanner"] = "code-scanner"
    terminal: bool = False
    prefix: str = ""
    ending: Literal["cr", "crlf", "lf"] = "cr"


class BenchSimulation(_Strict):
    """A whole simulated bench."""

    name: str = "simulated bench"
    speed: float = Field(default=1.0, ge=MINIMUM_SPEED, le=MAXIMUM_SPEED)
    control: ControlPort = Field(default_factory=ControlPort)
    relay: RelayModule | None = None
    channels: list[Channel] = Field(min_length=1)
    printers: list[LabelPrinter] = Field(default_factory=list)
    code_scanners: list[CodeScanner] = Field(default_factory=list)
    scenario: list[dict[str, Any]] = Field(default_factory=list)
    host_time: Path | None = None
    """A file by which time waits for the host (``simulators.host_time``)."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.host_time is not None and len(self.channels) > 1:
            raise ValueError("host_time: time waits for one host only; the bench has several channels")
        ids = [channel.id for channel in self.channels]
        if len(set(ids)) != len(ids):
            raise ValueError(f"channel ids repeat: {', '.join(ids)}")
        for channel in self.channels:
            coils, feedback = channel.wiring.coils(), channel.wiring.feedback_input
            if (coils or feedback is not None) and self.relay is None:
                raise ValueError(f"channel {channel.id}: coils and feedback_input need a relay")
            if self.relay is not None:
                for purpose, coil in coils.items():
                    _resolve(coil, self.relay.coils, f"channel {channel.id}: {purpose} coil")
                _resolve(feedback, self.relay.inputs, f"channel {channel.id}: feedback_input")
        return self

    def coil_addresses(self, channel: Channel) -> dict[str, int]:
        """Addresses of the channel's coils by purpose (see ``Wiring.coils``)."""
        names = {} if self.relay is None else self.relay.coils
        addresses = {
            purpose: _resolve(coil, names, purpose) for purpose, coil in channel.wiring.coils().items()
        }
        return {purpose: address for purpose, address in addresses.items() if address is not None}

    def feedback_address(self, channel: Channel) -> int | None:
        """Address of the input that reports this channel's contactor."""
        inputs = {} if self.relay is None else self.relay.inputs
        return _resolve(channel.wiring.feedback_input, inputs, "feedback_input")


def _resolve(wanted: str | int | None, names: dict[str, int], what: str) -> int | None:
    if wanted is None or isinstance(wanted, int):
        return wanted
    if wanted not in names:
        raise ValueError(f"{what} {wanted!r} is not among {', '.join(names) or 'the (empty) names'}")
    return names[wanted]
