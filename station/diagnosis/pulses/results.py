"""What the pulse analysis hands out: pulses, blocks of pulses at one SOC, and what was noticed on the way."""

from __future__ import annotations

from dataclasses import dataclass, field

#: Times after the edge at which a resistance is given unless others are asked for, in s.
DEFAULT_TIMES_S = (0.01, 0.1, 1.0, 5.0, 10.0)


def time_key(time_s: float) -> str:
    """The key of a time in ``Pulse.resistance_ohm``: ``0.01`` → ``"0.01"``, ``5.0`` → ``"5"``."""
    return f"{time_s:g}"


@dataclass(frozen=True)
class Pulse:
    """One current pulse. Currents: positive charges. A value that the record cannot support is None.

    ``resistance_ohm[t]`` = (V(edge + t) − ``voltage_before_V``) / (I(edge + t) − ``rest_current_A``): None
    when the pulse is shorter than t, when the sampling is too coarse to know the voltage at t, or when the
    current was not within 3 % of its level at t.
    """

    start_s: float
    """The edge on the record's clock, in s: where the current step has its centre of gravity."""
    duration_s: float
    """From the edge to the last sample that still carries the pulse current, in s."""
    current_A: float
    rest_current_A: float
    """Current before the edge: 0, the instrument's offset, or the level before when there was no rest."""
    voltage_before_V: float
    resistance_ohm: dict[str, float | None]
    rise_s: float | None
    """Achieved edge time: last sample before the edge to first settled sample (an upper bound), in s."""
    clipped: bool
    """True when the pulse ended early, its current fell off its level, or its end is not in the record."""
    after_rest: bool
    """False when another current level preceded without a rest between."""
    end_voltage_V: float
    voltage_10ms_V: float | None = None
    """Voltage 10 ms after the edge (short extrapolation from a first sample up to 50 ms late)."""
    rest_voltage_10ms_V: float | None = None
    """Voltage 10 ms after the end of the pulse."""
    recovered_voltage_V: float | None = None
    """Last voltage of the rest that follows; None when no rest follows."""
    recovered_voltage_15w_V: float | None = None
    """Voltage 15 pulse widths after the end of the pulse; None when the rest is shorter (0.9 × is enough)."""
    rest_after_s: float = 0.0
    voltage_lag_s: float = 0.0
    """How much later than the current the voltage channel was found to be; already corrected."""
    temperature_degC: float | None = None
    first_row: int = -1
    """Row of the record with the first sample of the pulse, −1 when the pulse comes from a step sheet."""
    last_row: int = -1
    sigma_V: dict[str, float] = field(default_factory=dict)
    """Standard deviation of voltages in V, by field name, where it was told from the samples."""
    clock_V: dict[str, float] = field(default_factory=dict)
    """What one standard deviation of a program's clock error moves them by, together, signed."""

    @property
    def charge_Ah(self) -> float:
        """Charge put in (positive) or taken out, in Ah."""
        return self.current_A * self.duration_s / 3600.0

    def resistance(self, time_s: float) -> float | None:
        """Resistance at ``time_s`` after the edge in ohm, None when unsupported or not asked for."""
        return self.resistance_ohm.get(time_key(time_s))


@dataclass(frozen=True)
class Block:
    """The pulses at one SOC level."""

    start_s: float
    end_s: float
    ocv_V: float | None
    """Rest voltage before the first pulse; None when no rest precedes it."""
    ocv_drift_V_per_s: float | None
    """Slope of that rest voltage over its last minute; None when fewer than 5 samples or 5 s show it."""
    pulses: tuple[Pulse, ...]
    rest_before_s: float = 0.0
    charge_before_Ah: float | None = None
    """Net charge moved since the start of the record before this block, in Ah; None when not known."""
    temperature_degC: float | None = None


@dataclass(frozen=True)
class Analysis:
    """All blocks of a record, and what a reader should know about it."""

    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def pulses(self) -> tuple[Pulse, ...]:
        """All pulses in time order."""
        return tuple(pulse for block in self.blocks for pulse in block.pulses)
