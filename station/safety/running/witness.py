"""What the rules see beside the sample: the newest scan and look at the BMS, the last change of current."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from drivers.contracts.bms import BmsSnapshot


class ScanView(Protocol):
    """One pass of the scanners from bench time ``start_s`` to ``end_s``; ``at`` is real (monotonic) time.

    ``surface_degC`` is the hottest of ``surfaces_degC``, None unless every one of them reads.
    """

    @property
    def serial(self) -> int: ...
    @property
    def start_s(self) -> float: ...
    @property
    def end_s(self) -> float: ...
    @property
    def at(self) -> float: ...
    @property
    def surface_degC(self) -> float | None: ...
    @property
    def surfaces_degC(self) -> tuple[float | None, ...]: ...
    @property
    def terminals_V(self) -> float | None: ...
    @property
    def cells_V(self) -> tuple[float | None, ...]: ...


class Means(Protocol):
    """The instrument's latest samples."""

    def mean(self, start_s: float, end_s: float, from_s: float) -> tuple[float, float] | None:
        """Mean voltage and current between two bench times, or on the line between the samples around them.

        None where there are neither, or where these lie before ``from_s``.
        """
        ...

    def steady(self, start_s: float, within_A: float, within: float) -> bool:
        """True when all currents from a bench time on lie as close together as the larger of both limits.

        ``within`` is a fraction of the largest of them.
        """
        ...


@dataclass(slots=True)
class Witness:
    """Handed over with every sample. One object, changed in place: this happens a thousand times a second.

    ``steady_since_s`` is when the commanded current changed last (bench time), ``real_s`` monotonic real
    time. ``bms`` is a fresh look at the BMS and None between two looks.
    """

    recent: Means
    steady_since_s: float = 0.0
    real_s: float = 0.0
    scan: ScanView | None = None
    bms: BmsSnapshot | None = None


@dataclass(frozen=True, slots=True)
class Rig:
    """What the rules must know of a channel and its battery.

    ``roles`` are the scanner roles that the bench file names; ``sensor_age_limit_s`` is the bench time after
    which their values are stale. ``judge_clock`` is False where time is not real (tests). ``dead_cells``: how
    many cells without voltage the bench accepts.
    """

    range_A: float
    resolution_V: float
    contact_max_ohm: float
    series_cells: int = 1
    roles: frozenset[str] = frozenset()
    sensor_age_limit_s: float = 2.0
    speed: float = 1.0
    judge_clock: bool = True
    dead_cells: int = 0

    @property
    def floor_A(self) -> float:
        """A difference of currents below this says nothing: 0.3 A, or 0.2 % of the range."""
        return max(0.3, 0.002 * self.range_A)
