"""What an instrument can do, as data that the engine plans with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class Span:
    """A closed interval in the unit of the field that holds it."""

    low: float
    high: float

    def __contains__(self, value: object) -> bool:
        return isinstance(value, (int, float)) and self.low <= value <= self.high


class TimingClass(Enum):
    """Who makes the edges of a pulse."""

    SEQUENCED = "sequenced"
    """The instrument plays the pulse train itself."""
    COMMANDED = "commanded"
    """The host sends each edge."""
    HANDED_OVER = "handed_over"
    """A cycler plays a schedule of its own and streams back its records."""


@dataclass(frozen=True)
class Watchdog:
    """A timer inside the instrument that turns the output off when the host falls silent."""

    timeout_s: Span


@dataclass(frozen=True)
class Capabilities:
    """Ranges and abilities of one power instrument, or of a joined pair.

    Positive current charges the battery; ``current_A.low`` is therefore the
    (negative) discharge limit, 0 where the instrument cannot sink.
    """

    voltage_V: Span
    current_A: Span
    power_W: Span
    voltage_resolution_V: float
    current_resolution_A: float
    pulse_min_s: float
    timing: frozenset[TimingClass]
    sequence_steps_max: int = 0
    buffered_readback: bool = False
    watchdog: Watchdog | None = None
    load_on_timer: Span | None = None
    """Times in s after which a load turns its input off by itself, counted from turning it on."""
    unwatched: tuple[str, ...] | None = None
    """Parts of a joined instrument that have neither watchdog nor load-on timer; None for a single one."""
    remote_sense: bool = False
    """Measures at the battery, by leads of its own; else the drop in the power leads is in each voltage."""
