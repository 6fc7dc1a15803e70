"""The words in which a test in progress asks what to do next, and the answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class ActionKind(Enum):
    """What a test can do to learn more, roughly from the cheapest to the dearest."""

    PULSE_PAIR = "pulse_pair"
    """A charge and a discharge pulse of one amplitude and width, each with its rest."""
    PULSE_BLOCK = "pulse_block"
    """Pulse pairs of rising amplitude with one width: what the estimators read as one row."""
    SHIFT_SOC = "shift_soc"
    """A short charge (positive) or discharge to another SOC, and a rest."""
    PARTIAL_CHARGE = "partial_charge"
    """A constant-current charge segment whose voltage curve is read."""
    CAPACITY_TEST = "capacity_test"
    """The full capacity test."""


@dataclass(frozen=True)
class Action:
    """One thing to do: currents in C (positive charges), times in s.

    ``currents_C`` are the amplitudes of a pair (one) or a block (several), or the one signed current of the
    other kinds. ``time_s`` is how long all of it takes, rests included; ``predicted_half_width`` is the
    half-width of the 90 % interval of SOH (fraction) that is expected behind it, None where nobody knows.
    Behind a shift of SOC that is what the pulses that follow it will give (they are an action of their own).
    ``assumed`` names the source of what no recorded cell could teach; empty: learned from recorded cells.
    """

    kind: ActionKind
    currents_C: tuple[float, ...]
    duration_s: float
    rest_s: float
    time_s: float
    predicted_half_width: float | None = None
    assumed: str = ""


@dataclass(frozen=True)
class Goal:
    """When a test may stop: the interval lies inside one grade, or is narrower than asked.

    ``grades`` are the SOH limits between grades (fractions, falling); empty: only the width counts.
    ``half_width`` is a fraction of SOH; None: only the grade counts. ``budget_s`` bounds the whole step.
    """

    grades: tuple[float, ...] = ()
    half_width: float | None = None
    budget_s: float = 1800.0


@dataclass(frozen=True)
class Limits:
    """What may be done at all: currents in C as positive magnitudes, charge moved as a share of capacity."""

    charge_max_C: float
    discharge_max_C: float
    kinds: tuple[ActionKind, ...] = tuple(ActionKind)
    soc_shift_max: float = 0.2

    @property
    def pulse_max_C(self) -> float:
        """The largest amplitude of a pair, which goes both ways."""
        return min(self.charge_max_C, self.discharge_max_C)


@dataclass(frozen=True)
class Advice:
    """Stop (``action`` is None) or go on with ``action``.

    ``reason`` is a code: ``adaptive.inside_grade``, ``adaptive.narrow_enough``, ``adaptive.budget``,
    ``adaptive.nothing_helps``, ``adaptive.go_on``, ``adaptive.no_estimate``. SOH values are fractions, None
    while no estimate is given. ``others`` are the actions that were weighed and not taken, best first.
    ``cause`` is the reason of the diagnosis (a key of ``soh.reasons.TEXTS``) where there is no estimate.
    """

    reason: str
    soh: float | None
    low90: float | None
    high90: float | None
    action: Action | None = None
    others: tuple[Action, ...] = ()
    cause: str | None = None

    @property
    def half_width(self) -> float | None:
        """Half of the 90 % interval, as a fraction of SOH."""
        return None if self.low90 is None or self.high90 is None else (self.high90 - self.low90) / 2
