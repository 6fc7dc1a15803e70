"""What a learned estimator consists of: plain arrays per cell type, pulse width and measured subset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.diagnosis.chemistry.classifier import GaussianClasses
from station.diagnosis.soh.gaussian_process import Kernel, Posterior
from station.diagnosis.soh.imputation import denoise
from station.diagnosis.soh.local import LocalKernel, LocalProcess
from station.diagnosis.soh.neighbourhood import Neighbourhood
from station.diagnosis.soh.noise import Noise
from station.diagnosis.tables import SUBSETS, Bools, Floats, differences

PROCESS_SHARE = 0.8
"""Weight of the Gaussian process in the mean; the rest is a ridge on differences and their OCV products."""

DISTANCE_COMPONENTS = (8, 16)
"""Numbers of leading components in which the distance to the nearest learned block is measured."""


@dataclass(frozen=True)
class Ridge:
    """Linear member: ``target = intercept + ((curved(features) - mean) / scale) @ slopes``."""

    mean: Floats
    scale: Floats
    slopes: Floats
    intercept: float

    def predict(self, features: Floats) -> Floats:
        """SOH of rows of ``differences`` (n, p)."""
        return self.intercept + ((curved(features) - self.mean) / self.scale) @ self.slopes


OCV_CENTRE_V, OCV_SPAN_V = 3.4, 0.2
"""Only scale the OCV products below to order one; the same for all types."""


def curved(features: Floats) -> Floats:
    """Differences with their products with OCV and OCV²: lets a linear model bend with SOC. (n, 3 p)."""
    ocv = (features[:, :1] - OCV_CENTRE_V) / OCV_SPAN_V
    rest = features[:, 1:]
    return np.column_stack([features, rest * ocv, rest * ocv**2, ocv**2, ocv**3])


@dataclass(frozen=True)
class Calibration:
    """How residuals of unseen cells became an interval.

    Half-width = ``factor`` * sqrt(sigma² + ``floor``²) in SOH; ``typical_half_width`` is its median on
    calibration rows. Beyond ``distance_limit`` a block is foreign even to a stated type; without a stated
    type it must stay within ``strict_distance_limit``.
    """

    factor: float
    floor: float
    distance_limit: float
    strict_distance_limit: float
    typical_half_width: float


@dataclass(frozen=True)
class Learned:
    """All numbers of one type, width and subset; ``projection`` (p, d) turns scaled differences into
    components.

    A type learned from few cells has ``companions``: kernels over fewer leading components. ``shares`` are
    then the weights in the mean of the kernel, its companions and the ridge; empty: ``PROCESS_SHARE`` and the
    rest. ``local``: a second opinion that is averaged with all of these; None: none.
    """

    subset: str
    mean: Floats
    projection: Floats
    kernel: Kernel
    ridge: Ridge
    calibration: Calibration
    companions: tuple[Kernel, ...] = ()
    shares: tuple[float, ...] = ()
    local: LocalKernel | None = None

    @property
    def kernels(self) -> tuple[Kernel, ...]:
        """The kernel and its companions."""
        return (self.kernel, *self.companions)

    def features(self, voltages_V: Floats) -> Floats:
        """Rest voltage and differences of this subset from rows (n, 41) without gaps in the subset."""
        return differences(voltages_V[:, SUBSETS[self.subset]])

    def components(self, features: Floats) -> Floats:
        """Whitened components (n, d) of feature rows (n, p)."""
        return (features - self.mean) @ self.projection


@dataclass(frozen=True)
class Prediction:
    """Per row: SOH mean, its scale (standard deviation before the factor) and the distance to what was
    learned."""

    mean: Floats
    scale: Floats
    distance: Floats


@dataclass(frozen=True)
class WidthModel:
    """Learned blocks of one type at one pulse width and the estimators of the subsets on them.

    ``subsets`` are for voltages as good as the learned ones, ``noisy`` for the levels of
    ``station.diagnosis.soh.noise``: these look along directions that stand out of the noise and expect
    voltages that have been through ``denoise``.
    """

    width_s: float
    voltages_V: Floats
    soh: Floats
    weights: Floats
    cells: NDArray[np.int64]
    column_mean_V: Floats
    column_covariance_V2: Floats
    subsets: Mapping[str, Learned]
    noisy: Mapping[float, Mapping[str, Learned]] = field(default_factory=dict)
    _fitted: dict[tuple[str, float], Estimator] = field(default_factory=dict, repr=False, compare=False)
    _usual: dict[tuple[str, float], Floats] = field(default_factory=dict, repr=False, compare=False)

    def learned(self, level_V: float) -> Mapping[str, Learned]:
        """Subsets for a noise level (0: none)."""
        return self.noisy.get(level_V, {}) if level_V > 0.0 else self.subsets

    def estimator(self, subset: str, level_V: float = 0.0) -> Estimator:
        """The estimator of a subset, conditioned on the learned blocks at first use (some 50 ms)."""
        found = self._fitted.get((subset, level_V))
        if found is None:
            learned = self.learned(level_V)[subset]
            found = Estimator(learned, self.voltages_V, self.soh, self.weights, self.cells)
            self._fitted[subset, level_V] = found
        return found

    def denoise(self, voltages_V: Floats, present: Bools, subset: str, noise: Noise) -> tuple[Floats, Floats]:
        """Voltages of a subset (n, p) without gaps and noise, and the covariance of what stays uncertain."""
        columns = list(SUBSETS[subset])
        block = np.ix_(columns, columns)
        return denoise(
            voltages_V,
            present,
            self.column_mean_V[columns],
            self.column_covariance_V2[block],
            noise.covariance_V2()[block],
        )

    def usual_uncertainty_V2(self, subset: str, level_V: float) -> Floats:
        """What stays uncertain at a learned noise level when nothing is missing."""
        found = self._usual.get((subset, level_V))
        if found is None:
            nothing = np.empty((0, len(SUBSETS[subset])))
            present = np.ones(nothing.shape[1], dtype=bool)
            found = self.denoise(nothing, present, subset, Noise.of(level_V))[1]
            self._usual[subset, level_V] = found
        return found


class Estimator:
    """One subset's members, ready to predict."""

    def __init__(
        self,
        learned: Learned,
        voltages_V: Floats,
        soh: Floats,
        weights: Floats,
        cells: NDArray[np.int64],
    ) -> None:
        self.learned = learned
        features = learned.features(voltages_V)
        components = learned.components(features)
        local = learned.local
        self._local = None if local is None else LocalProcess(local, features, soh, weights)
        self._posteriors = [
            Posterior(kernel, components[:, : len(kernel.lengths)], soh, weights)
            for kernel in learned.kernels
        ]
        *processes, self._ridge_share = learned.shares or (PROCESS_SHARE, 1.0 - PROCESS_SHARE)
        self._process_shares = processes
        whole = sum(processes)
        self._parts = [share / whole if whole > 0 else 1.0 / len(processes) for share in processes]
        """Of the processes among themselves."""
        self._neighbourhoods = [Neighbourhood(components[:, :count], cells) for count in DISTANCE_COMPONENTS]

    def predict(self, voltages_V: Floats) -> Prediction:
        """SOH of rows (m, 41) without gaps in the subset."""
        learned = self.learned
        features = learned.features(voltages_V)
        components = learned.components(features)
        mean, sigma = self._processes(components)
        scale = np.sqrt(sigma**2 + learned.calibration.floor**2)
        blended = sum(self._process_shares) * mean + self._ridge_share * learned.ridge.predict(features)
        if self._local is not None and learned.local is not None:
            share = learned.local.share
            blended = (1.0 - share) * blended + share * self._local.predict(features)
        return Prediction(blended, scale, self.distance(components))

    def _processes(self, components: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the mixture of the processes, (m,) each."""
        found = [
            posterior.predict(components[:, : len(posterior.kernel.lengths)])
            for posterior in self._posteriors
        ]
        if len(found) == 1:
            return found[0]
        means, sigmas = np.array([mean for mean, _ in found]), np.array([sigma for _, sigma in found])
        parts = np.array(self._parts)
        mean: Floats = parts @ means
        return mean, np.sqrt(parts @ (sigmas**2 + (means - mean) ** 2))

    def slopes(self, voltages_V: Floats) -> Floats:
        """Slope of SOH over each voltage of the subset, 1/V, (m, p); of the Gaussian processes alone."""
        components = self.learned.components(self.learned.features(voltages_V))
        slope = np.zeros((len(components), self.learned.projection.shape[0]))
        for part, posterior in zip(self._parts, self._posteriors, strict=True):
            count = len(posterior.kernel.lengths)
            slope += part * posterior.gradient(components[:, :count]) @ self.learned.projection[:, :count].T
        slope[:, 0] -= slope[:, 1:].sum(axis=1)  # the rest voltage is part of every difference
        return slope

    def distance(self, components: Floats) -> Floats:
        """How far rows lie from what was learned, relative to how far learned cells lie from each other."""
        found = [
            place.distance(components[:, :count])
            for count, place in zip(DISTANCE_COMPONENTS, self._neighbourhoods, strict=True)
        ]
        farthest: Floats = np.max(found, axis=0)
        return farthest


@dataclass(frozen=True)
class Recipe:
    """A known cell type."""

    name: str
    chemistry: str
    nominal_capacity_Ah: float
    third_amplitude_C: float
    widths: Mapping[float, WidthModel]


@dataclass(frozen=True)
class ModelSet:
    """Everything the diagnosis knows: recipes, the type and chemistry classes, and where it was learned."""

    recipes: Mapping[str, Recipe]
    types: Mapping[tuple[float, str], GaussianClasses]
    lfp_or_not: GaussianClasses
    info: Mapping[str, Any]
