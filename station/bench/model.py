"""What a bench file may say. Unknown fields are errors; units stand in the names."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from drivers.transports.address import canonical_address
from station.bench.geometry import PackGeometry
from station.bench.instruments import InstrumentRef, Name, Part, SensorRef


class ChannelLimits(Part):
    """The bench's own envelope for a channel; nothing can widen it. Terminal values, magnitudes."""

    voltage_min_V: float = Field(ge=0)
    voltage_max_V: float = Field(gt=0)
    charge_current_max_A: float = Field(ge=0)
    discharge_current_max_A: float = Field(ge=0)
    power_max_W: float = Field(gt=0)
    temperature_min_degC: float = 0.0
    temperature_max_degC: float = 50.0
    temperature_rate_max_K_per_min: float | None = Field(default=None, gt=0)
    charge_max_Ah: float | None = Field(default=None, gt=0, description="in one run")
    discharge_max_Ah: float | None = Field(default=None, gt=0, description="in one run")
    energy_max_Wh: float | None = Field(default=None, gt=0, description="in one run, each direction")
    cell_spread_max_V: float | None = Field(default=None, gt=0)
    cell_temperature_spread_max_K: float | None = Field(default=None, gt=0)
    contact_resistance_max_ohm: float = Field(
        default=0.005,
        gt=0,
        description="between the instrument's sense voltage and the scanner's, per ampere",
    )

    @model_validator(mode="after")
    def _ordered(self) -> ChannelLimits:
        if self.voltage_min_V >= self.voltage_max_V:
            raise ValueError("voltage_min_V must be below voltage_max_V")
        if self.temperature_min_degC >= self.temperature_max_degC:
            raise ValueError("temperature_min_degC must be below temperature_max_degC")
        return self


class Precharge(Part):
    """The coil that joins source and battery through a resistor before the contactor closes.

    With a pre-charge the power instrument senses on its own side of the contactor; the battery's voltage
    comes from the ``terminals`` input or the BMS. The contactor closes once the two differ by no more than
    the larger of ``tolerance_V`` and ``tolerance_fraction`` of the battery's voltage.
    """

    coil: int = Field(ge=0)
    resistance_ohm: float = Field(gt=0)
    timeout_s: float = Field(default=3.0, ge=0.2, le=10)
    tolerance_V: float = Field(default=5.0, gt=0, le=10)
    tolerance_fraction: float = Field(default=0.05, gt=0, le=0.1)


class Cutoff(Part):
    """The relay coil that closes this channel's contactor, and the input that shows it closed, if wired."""

    coil: int = Field(ge=0)
    feedback_input: int | None = Field(default=None, ge=0)
    precharge: Precharge | None = None


class Insulation(Part):
    """The coil that puts a known resistor between one pole and chassis, and what the result must be.

    ``resistance_ohm`` should be near the required ohms per volt times the nominal voltage. The channel needs
    the inputs ``minus_chassis`` and ``plus_chassis``.
    """

    coil: int = Field(ge=0)
    resistance_ohm: float = Field(gt=0)
    fail_ohm_per_V: float = Field(default=100, ge=100)
    warn_ohm_per_V: float = Field(default=500, gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> Insulation:
        if self.warn_ohm_per_V < self.fail_ohm_per_V:
            raise ValueError("warn_ohm_per_V must not be below fail_ohm_per_V")
        return self


def _or_a_file(schema: dict[str, Any]) -> None:
    """For editors; the file is read before the bench is checked."""
    schema["anyOf"].append({"type": "string"})


class Channel(Part):
    """One place where a battery is connected."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,20}$")
    name: Name
    level: Literal["cell", "module", "pack"]
    series_cells: int = Field(default=1, ge=1, le=400)
    modules: tuple[Annotated[int, Field(ge=1, le=400)], ...] = Field(
        default=(), description="cells in series of each module, in the order in which the BMS counts them"
    )
    geometry: PackGeometry | None = Field(
        default=None,
        description="where the modules lie, or the name of a file that says it (docs/bms.md)",
        json_schema_extra=_or_a_file,
    )
    power: InstrumentRef
    sensors: tuple[SensorRef, ...] = ()
    bms: InstrumentRef | None = None
    limits: ChannelLimits
    cutoff: Cutoff | None = None
    insulation: Insulation | None = None
    accept_no_watchdog: tuple[str, ...] = Field(
        default=(),
        description="drivers or parts accepted without a watchdog where no cut-off stands in; in each record",
    )
    accept_no_insulation: str | None = Field(
        default=None,
        min_length=3,
        description="who or what watches the insulation of packs above 60 V instead; in each record",
    )
    accept_dead_cells: int = Field(
        default=0,
        ge=0,
        le=2,
        description="cells without voltage with which a pack is pulsed all the same; in each record",
    )

    @field_validator("accept_no_watchdog", mode="before")
    @classmethod
    def _by_name(cls, value: object) -> object:
        if isinstance(value, (bool, str)):
            raise ValueError("name the accepted drivers in a list, for example [rigol-dl3021]")
        return value

    @model_validator(mode="after")
    def _built_as_told(self) -> Channel:
        if self.geometry is not None:
            if self.modules:
                raise ValueError("give either modules or geometry")
            self.geometry.of(self.series_cells)
        return self

    @model_validator(mode="after")
    def _pack_wiring(self) -> Channel:
        roles = {item.role for sensor in self.sensors for item in sensor.inputs}
        if self.insulation is not None and not {"minus_chassis", "plus_chassis"} <= roles:
            raise ValueError("insulation needs the inputs minus_chassis and plus_chassis")
        precharge = self.cutoff.precharge if self.cutoff else None
        if precharge is not None and "terminals" not in roles and self.bms is None:
            raise ValueError(
                "cutoff.precharge needs a terminals input or a bms that knows the battery's voltage"
            )
        if self.accept_dead_cells and (self.level != "pack" or self.bms is None):
            raise ValueError("accept_dead_cells is for packs whose bms tells their cells")
        known = self._unwatchable()
        strangers = sorted(set(self.accept_no_watchdog) - set(known))
        if strangers:
            raise ValueError(f"accept_no_watchdog names {', '.join(strangers)}, which drives nothing here")
        return self

    def _unwatchable(self) -> dict[str, str]:
        """What may be named in ``accept_no_watchdog``: drivers, ``power`` and the names of its parts."""
        refs = {"power": self.power, **self.power.parts()}
        return {name: ref.driver for place, ref in refs.items() for name in (place, ref.driver)}

    def accepted_unwatched(self) -> tuple[str, ...]:
        """The drivers that ``accept_no_watchdog`` means."""
        known = self._unwatchable()
        return tuple(known[name] for name in self.accept_no_watchdog)

    def instruments(self) -> dict[str, InstrumentRef]:
        """Every instrument by its place: ``power``, its parts, ``sensors[0]`` …, ``bms``."""
        found = {"power": self.power}
        found |= {f"power.{name}": part for name, part in self.power.parts().items()}
        found |= {f"sensors[{number}]": sensor for number, sensor in enumerate(self.sensors)}
        return found if self.bms is None else {**found, "bms": self.bms}


class GuardInputs(Part):
    """Inputs of the guard's relay board; a closed contact means healthy."""

    estop: int | None = Field(default=None, ge=0)
    interlock: int | None = Field(default=None, ge=0)


class GuardConfig(Part):
    """The independent supervisor's own path to the power."""

    relay: InstrumentRef
    inputs: GuardInputs = GuardInputs()
    heartbeat_timeout_s: float = Field(default=0.3, ge=0.05, le=5)
    poll_s: float = Field(default=0.05, ge=0.01, le=1)
    hold_s: float | None = Field(
        default=1.0,
        ge=0.5,
        le=10,
        description="a relay board with timed coils opens them by itself this long after the guard has died",
    )


class Connection(Part):
    """What a person answers before a test begins, by kind of battery; what it is stands on each run's record.

    ``full``: question by question; ``short``: one confirmation with the start; ``off``: not at all.

    ``checklist`` is a site's own file, ``photos`` a folder that is watched for new photos; both absolute or
    inside the data folder. ``camera`` is the number of a camera on this computer (0: ``/dev/video0``).
    """

    cell: Literal["full", "short", "off"] = "short"
    module: Literal["full", "short", "off"] = "full"
    pack: Literal["full", "short", "off"] = "full"
    checklist: str | None = Field(default=None, min_length=1)
    photos: str | None = Field(default=None, min_length=1)
    camera: int | None = Field(default=None, ge=0, le=63)

    def mode_of(self, level: str) -> str:
        """How it is done for this kind of battery."""
        return {"cell": self.cell, "module": self.module, "pack": self.pack}[level]


class LabelStock(Part):
    """The labels in a printer: size in mm, the printer's dots per inch, the kind of code."""

    width_mm: float = Field(default=60.0, ge=20, le=110)
    height_mm: float = Field(default=40.0, ge=15, le=200)
    dpi: Literal[203, 300, 600] = 203
    code: Literal["datamatrix", "qr"] = "datamatrix"


class PrinterRef(InstrumentRef):
    """A label printer. ``automatic``: the verdicts after which a label is printed without being asked for."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,20}$")
    name: Name = Name(zh="标签打印机", en="label printer")
    label: LabelStock = LabelStock()
    automatic: tuple[Literal["pass", "fail", "quarantine", "no_verdict"], ...] = ()
    channels: tuple[str, ...] = Field(default=(), description="whose labels it prints; none: all channels")


class Simulation(Part):
    """Present on a simulated bench only. The batteries are the simulators' business, the address ours."""

    control: str = Field(pattern=r"^[^:\s]+:\d+$", description="host:port of the simulated bench's control")
    batteries: dict[str, dict[str, Any]] = Field(default_factory=dict)
    options: dict[str, Any] = Field(default_factory=dict)


def _own_place(ref: InstrumentRef) -> str:
    """What drives a current, one text for each: a cycler's server has many channels at one address."""
    if ref.address is None:
        return ""
    part = "/".join(str(ref.options.get(name, "")) for name in ("device", "subdevice", "channel"))
    return f"{canonical_address(ref.address)} {part}"


class Bench(Part):
    """A whole bench."""

    schema_version: Literal["pulse-station/bench/1"] = Field(alias="schema")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    title: Name
    channels: Annotated[tuple[Channel, ...], Field(min_length=1, max_length=64)]
    guard: GuardConfig | None = None
    calibration: Literal["refuse", "warn"] = Field(
        default="refuse", description="what an instrument past its calibration date means"
    )
    connection: Connection | None = Field(
        default=None, description="the checklist before a battery is tested"
    )
    printers: tuple[PrinterRef, ...] = Field(default=(), max_length=16)
    barcode_scanner: str | None = Field(
        default=None,
        pattern=r"^[^@\s]+(@[1-9]\d*)?$",
        description="serial port of the window's scanner, PORT or PORT@BAUD; a keyboard scanner needs none",
    )
    simulation: Simulation | None = None

    @model_validator(mode="after")
    def _printers_of_this_bench(self) -> Bench:
        names = [printer.id for printer in self.printers]
        if len(names) != len(set(names)):
            raise ValueError("two printers have the same id")
        strangers = {c for p in self.printers for c in p.channels} - {channel.id for channel in self.channels}
        if strangers:
            raise ValueError(f"printers name unknown channels: {', '.join(sorted(strangers))}")
        return self

    @model_validator(mode="after")
    def _consistent(self) -> Bench:
        ids = [channel.id for channel in self.channels]
        if len(ids) != len(set(ids)):
            raise ValueError("two channels have the same id")
        coils = [channel.cutoff.coil for channel in self.channels if channel.cutoff]
        if len(coils) != len(set(coils)):
            raise ValueError("two channels share a cut-off coil")
        coils += [c.cutoff.precharge.coil for c in self.channels if c.cutoff and c.cutoff.precharge]
        coils += [c.insulation.coil for c in self.channels if c.insulation]
        if len(coils) != len(set(coils)):
            raise ValueError("a coil of a pre-charge or an insulation resistor is used twice")
        if coils and self.guard is None:
            raise ValueError("a channel has a cut-off or another coil but the bench has no guard")
        self._nothing_shared_wrongly()
        if self.simulation:
            unknown = set(self.simulation.batteries) - set(ids)
            if unknown:
                raise ValueError(f"simulation.batteries names unknown channels: {', '.join(sorted(unknown))}")
        return self

    def _nothing_shared_wrongly(self) -> None:
        """Channels may share a scanner, not what drives a current and not what one input is wired to."""
        powers: dict[str, str] = {}
        inputs: dict[tuple[str, int], str] = {}
        for channel in self.channels:
            for ref in (channel.power, *channel.power.parts().values()):
                place = _own_place(ref)
                if place and powers.setdefault(place, channel.id) != channel.id:
                    raise PydanticCustomError(
                        "shared_power",
                        "channels {one} and {other} name the same power instrument {address}",
                        {"one": powers[place], "other": channel.id, "address": ref.address},
                    )
            for sensor in channel.sensors:
                for item in sensor.inputs:
                    where = (canonical_address(sensor.address or ""), item.number)
                    if item.role != "ambient" and inputs.setdefault(where, channel.id) != channel.id:
                        raise ValueError(
                            f"channels {inputs[where]} and {channel.id} both use input {item.number}"
                            f" of the scanner {sensor.address}"
                        )

    def shared_scanners(self, channel: Channel) -> tuple[SensorRef, ...]:
        """The channel's scanners that are named more than once on this bench."""
        named = [canonical_address(s.address or "") for c in self.channels for s in c.sensors]
        return tuple(
            s for s in channel.sensors if s.address and named.count(canonical_address(s.address)) > 1
        )

    def channel(self, channel_id: str) -> Channel:
        """The channel called ``channel_id``. Raises KeyError."""
        for channel in self.channels:
            if channel.id == channel_id:
                return channel
        raise KeyError(channel_id)
