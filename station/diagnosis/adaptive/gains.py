"""What recorded cells taught about a test's next step: per cell type, what interval a history ends in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from station.diagnosis.adaptive.advice import ActionKind
from station.diagnosis.adaptive.joint import JointEstimator, JointLearned
from station.diagnosis.adaptive.kinds import History
from station.diagnosis.soh.model import Recipe


@dataclass(frozen=True)
class HistoryGain:
    """Where a history ends, on cells the fit had not seen.

    ``half_width`` by noise level: median half-width of the 90 % interval (fraction of SOH). ``mape_percent``
    and ``p95`` (fraction) are the errors without noise. ``learned`` by noise level. What is not ``planned``
    is read where a profile measured it, but never advised.
    """

    half_width: Mapping[float, float]
    mape_percent: float
    p95: float
    learned: Mapping[float, JointLearned] = field(default_factory=dict)
    planned: bool = True


@dataclass(frozen=True)
class TypeGains:
    """Of one cell type.

    ``prior_low``, ``prior_high``: 5 % and 95 % quantile of SOH of the learned cells: what is known before a
    test. ``carry`` and ``spread``: a cell whose half-width is x times the median for its history is expected
    at x**carry times the median for a longer one, with a standard deviation of ``spread`` of its logarithm.
    ``level_factor`` by number of SOC levels: half-width of their mean over the mean of their half-widths,
    from the ladder; ``level_step`` is the charge between two, as a share of nominal capacity.
    """

    histories: Mapping[History, HistoryGain]
    prior_low: float
    prior_high: float
    carry: float
    spread: float
    level_factor: Mapping[int, float]
    level_step: float

    def __post_init__(self) -> None:
        if not self.histories:
            raise ValueError("a type without a history has nothing to advise")


@dataclass(frozen=True)
class Assumed:
    """What no record on file can tell: stated, never measured. ``half_width`` None: nobody knows."""

    kind: ActionKind
    half_width: float | None
    source: str


ASSUMED = (
    Assumed(
        ActionKind.PARTIAL_CHARGE,
        None,
        "no charge segment is in the learned records, and the station has no estimator for one",
    ),
    Assumed(
        ActionKind.CAPACITY_TEST,
        0.02,
        "repeated capacity tests of the learned LFP cells differ by 0.5-2.0 % on average",
    ),
)
"""Defaults; a site may state its own."""


@dataclass(frozen=True)
class Gains:
    """Of all types by recipe name; ``models_sha256`` names the model arrays they were learned beside."""

    types: Mapping[str, TypeGains]
    models_sha256: str
    info: Mapping[str, object] = field(default_factory=dict)
    assumed: tuple[Assumed, ...] = ASSUMED
    _estimators: dict[tuple[str, History, float], JointEstimator] = field(
        default_factory=dict, repr=False, compare=False
    )

    def estimator(self, recipe: Recipe, history: History, level_V: float) -> JointEstimator:
        """The joint estimator of a history, conditioned at first use. Raises KeyError where there is none."""
        key = (recipe.name, history, level_V)
        found = self._estimators.get(key)
        if found is None:
            learned = self.types[recipe.name].histories[history].learned[level_V]
            found = JointEstimator.of_recipe(learned, recipe)
            self._estimators[key] = found
        return found
