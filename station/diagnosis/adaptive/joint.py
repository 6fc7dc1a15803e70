"""One estimate from several pulse rows of one rest, learned from cells that were measured in all these ways.

The rows of a cell err together (correlations of 0.7–0.9 on LFP 20 and 35 Ah), so averaging their estimates
gains little. What one width leaves open, the difference to another width tells: so the rows of a history are
judged as one longer row, by the same Gaussian process and ridge, with an interval calibrated by cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from station.diagnosis.adaptive.kinds import Kind
from station.diagnosis.soh.gaussian_process import Kernel, Posterior
from station.diagnosis.soh.imputation import denoise
from station.diagnosis.soh.model import PROCESS_SHARE, Calibration, Recipe, Ridge
from station.diagnosis.soh.noise import LAST_SHARE, Noise
from station.diagnosis.tables import Floats


def stacked(kinds: Sequence[Kind], by_width_V: Mapping[float, Floats]) -> Floats:
    """The voltages (n, p) of a history side by side, from tables (n, 41) of the same n rests by width."""
    return np.hstack([by_width_V[kind.width_s][:, list(kind.columns)] for kind in kinds])


def into_features(kinds: Sequence[Kind]) -> Floats:
    """Matrix (p, q) that turns stacked voltages into features.

    They are the first row's rest voltage, and of every row the differences to its own rest voltage.
    """
    sizes = [len(kind.columns) for kind in kinds]
    matrix = np.zeros((sum(sizes), 1 + sum(size - 1 for size in sizes)))
    matrix[0, 0] = 1.0
    row, column = 0, 1
    for size in sizes:
        inside = np.arange(1, size)
        matrix[row + inside, column + inside - 1] = 1.0
        matrix[row, column : column + size - 1] = -1.0
        row, column = row + size, column + size - 1
    return matrix


def stacked_noise_V2(kinds: Sequence[Kind], noise: Sequence[Noise]) -> Floats:
    """Covariance (p, p) of the errors of stacked voltages; rows have errors of their own."""
    blocks = [
        one.covariance_V2()[np.ix_(kind.columns, kind.columns)]
        for kind, one in zip(kinds, noise, strict=True)
    ]
    size = sum(len(block) for block in blocks)
    whole, start = np.zeros((size, size)), 0
    for block in blocks:
        inside = slice(start, start + len(block))
        whole[inside, inside] = block
        start += len(block)
    return whole


@dataclass(frozen=True)
class JointLearned:
    """The arrays of one history and noise level; as ``soh.model.Learned`` has them for one row."""

    kinds: tuple[Kind, ...]
    level_V: float
    mean: Floats
    projection: Floats
    kernel: Kernel
    ridge: Ridge
    calibration: Calibration


@dataclass(frozen=True)
class Reading:
    """SOH of one rest by one history: estimate and half-width of its 90 % interval, both fractions."""

    soh: float
    half_width: float


@dataclass
class JointEstimator:
    """``JointLearned`` conditioned on learned rests: voltages (n, p), SOH, weights (n,)."""

    learned: JointLearned
    voltages_V: Floats
    soh: Floats
    weights: Floats
    _parts: tuple[Posterior, Floats, Floats, Floats] | None = field(default=None, repr=False)

    @staticmethod
    def of_recipe(learned: JointLearned, recipe: Recipe) -> JointEstimator:
        """Conditioned on the rests that the type's shipped models hold at every width."""
        first = recipe.widths[learned.kinds[0].width_s]
        tables = {kind.width_s: recipe.widths[kind.width_s].voltages_V for kind in learned.kinds}
        return JointEstimator(learned, stacked(learned.kinds, tables), first.soh, first.weights)

    def predict(self, voltages_V: Floats, noise: Sequence[Noise] | None = None) -> tuple[Floats, Floats]:
        """Mean and scale (m,) of stacked voltages (m, p) without gaps; ``noise`` of each row."""
        learned = self.learned
        posterior, into, mean_V, covariance_V2 = self._ready()
        clean, added = voltages_V, np.zeros(len(voltages_V))
        if learned.level_V > 0.0:
            usual = [Noise.of(learned.level_V)] * len(learned.kinds)
            real = list(noise) if noise is not None else usual
            whole = np.ones(len(mean_V), dtype=bool)
            errors = stacked_noise_V2(learned.kinds, real)
            clean, left = denoise(voltages_V, whole, mean_V, covariance_V2, errors)
            if any(_beyond(one, learned.level_V) for one in real):
                nothing = np.empty((0, len(mean_V)))
                _, common = denoise(
                    nothing, whole, mean_V, covariance_V2, stacked_noise_V2(learned.kinds, usual)
                )
                slopes = self._slopes(clean)
                added = np.maximum(np.einsum("ij,jk,ik->i", slopes, left - common, slopes), 0.0)
        features = clean @ into
        mean, sigma = posterior.predict((features - learned.mean) @ learned.projection)
        scale = np.sqrt(sigma**2 + learned.calibration.floor**2 + added)
        return PROCESS_SHARE * mean + (1.0 - PROCESS_SHARE) * learned.ridge.predict(features), scale

    def read(self, voltages_V: Floats, noise: Sequence[Noise] | None = None) -> Reading:
        """Estimate and half-width of one history (p,)."""
        mean, scale = self.predict(voltages_V[None, :], noise)
        return Reading(float(mean[0]), float(self.learned.calibration.factor * scale[0]))

    def _slopes(self, voltages_V: Floats) -> Floats:
        posterior, into, _, _ = self._ready()
        components = (voltages_V @ into - self.learned.mean) @ self.learned.projection
        slopes: Floats = posterior.gradient(components) @ self.learned.projection.T @ into.T
        return slopes

    def _ready(self) -> tuple[Posterior, Floats, Floats, Floats]:
        if self._parts is None:
            learned, into = self.learned, into_features(self.learned.kinds)
            components = (self.voltages_V @ into - learned.mean) @ learned.projection
            posterior = Posterior(learned.kernel, components, self.soh, self.weights)
            mean_V = np.average(self.voltages_V, axis=0, weights=self.weights)
            covariance_V2 = np.cov(self.voltages_V, rowvar=False, aweights=self.weights)
            self._parts = (posterior, into, mean_V, covariance_V2)
        return self._parts


def _beyond(noise: Noise, level_V: float) -> bool:
    return bool(noise.told_V) or noise.sample_V > level_V or noise.last_V > LAST_SHARE * level_V
