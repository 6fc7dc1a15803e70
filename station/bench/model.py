"""What a bench file may say. Unknown fields are errors; units stand in the names."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)


class Name(_Part):
    """What people read."""

    zh: str
    en: str


class InstrumentRef(_Part):
    """One instrument: which driver, where, what it must answer when asked who it is.

    ``expect`` holds any of manufacturer, model, serial, firmware; each must be
    contained in the instrument's own answer. ``options`` belong to the driver.
    A joined pair (``supply-and-load``) has no address of its own: its options
    hold two more references, ``supply`` and ``load``.
    """

    driver: str = Field(min_length=1)
    address: str | None = None
    expect: dict[Literal["manufacturer", "model", "serial", "firmware"], str] = {}
    options: dict[str, Any] = {}


class SensorInput(_Part):
    """One scanner input and the role of what it measures.

    Roles: ``cell_surface`` and ``ambient`` are temperatures; ``terminals`` is the
    voltage across the whole battery on leads of its own; ``cell`` is the voltage
    of series cell ``cell`` (counting from 1 at the negative end).
    """

    number: int = Field(ge=0)
    role: Literal["cell_surface", "ambient", "terminals", "cell"]
    cell: int | None = Field(default=None, ge=1)


class SensorRef(InstrumentRef):
    """A scanner and its inputs, read every ``period_s``."""

    inputs: tuple[SensorInput, ...] = Field(min_length=1)
    period_s: float = Field(default=0.5, gt=0, le=60)


class ChannelLimits(_Part):
    """The bench's own envelope for a channel; nothing can widen it. Terminal values, magnitudes."""

    voltage_min_V: float = Field(ge=0)
    voltage_max_V: float = Field(gt=0)
    charge_current_max_A: float = Field(ge=0)
    discharge_current_max_A: float = Field(ge=0)
    power_max_W: float = Field(gt=0)
    temperature_min_degC: float = 0.0
    temperature_max_degC: float = 50.0
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


class Cutoff(_Part):
    """The relay coil that closes this channel's contactor, and the input that shows it closed, if wired."""

    coil: int = Field(ge=0)
    feedback_input: int | None = Field(default=None, ge=0)


class Channel(_Part):
    """One place where a battery is connected."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,20}$")
    name: Name
    level: Literal["cell", "module", "pack"]
    series_cells: int = Field(default=1, ge=1, le=400)
    power: InstrumentRef
    sensors: tuple[SensorRef, ...] = ()
    bms: InstrumentRef | None = None
    limits: ChannelLimits
    cutoff: Cutoff | None = None
    accept_no_watchdog: bool = Field(
        default=False,
        description="run without instrument watchdog and without cut-off; written into each record",
    )


class GuardInputs(_Part):
    """Inputs of the guard's relay board; a closed contact means healthy."""

    estop: int | None = Field(default=None, ge=0)
    interlock: int | None = Field(default=None, ge=0)


class GuardConfig(_Part):
    """The independent supervisor's own path to the power."""

    relay: InstrumentRef
    inputs: GuardInputs = GuardInputs()
    heartbeat_timeout_s: float = Field(default=0.3, ge=0.05, le=5)
    poll_s: float = Field(default=0.05, ge=0.01, le=1)


class Simulation(_Part):
    """Present on a simulated bench only. The batteries are the simulators' business, the address ours."""

    control: str = Field(pattern=r"^[^:\s]+:\d+$", description="host:port of the simulated bench's control")
    batteries: dict[str, dict[str, Any]] = {}
    options: dict[str, Any] = {}


class Bench(_Part):
    """A whole bench."""

    schema_version: Literal["pulse-station/bench/1"] = Field(alias="schema")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    title: Name
    channels: Annotated[tuple[Channel, ...], Field(min_length=1, max_length=64)]
    guard: GuardConfig | None = None
    simulation: Simulation | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Bench:
        ids = [channel.id for channel in self.channels]
        if len(ids) != len(set(ids)):
            raise ValueError("two channels have the same id")
        coils = [channel.cutoff.coil for channel in self.channels if channel.cutoff]
        if len(coils) != len(set(coils)):
            raise ValueError("two channels share a cut-off coil")
        if coils and self.guard is None:
            raise ValueError("a channel has a cut-off but the bench has no guard")
        if self.simulation:
            unknown = set(self.simulation.batteries) - set(ids)
            if unknown:
                raise ValueError(f"simulation.batteries names unknown channels: {', '.join(sorted(unknown))}")
        return self

    def channel(self, channel_id: str) -> Channel:
        """The channel called ``channel_id``. Raises KeyError."""
        for channel in self.channels:
            if channel.id == channel_id:
                return channel
        raise KeyError(channel_id)
