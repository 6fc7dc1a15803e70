"""What a bench's voltage noise means for each value of a pulse block, and how much of it a record shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from station.diagnosis.tables import COLUMNS, Bools, Floats

CLEAN_BELOW_V = 5e-5
"""Up to this noise of one sample the voltages are as good as the learned ones (steps of 0.1 mV)."""

LEVELS_V = (2.2e-4, 6e-4)
"""Noise of one sample for which estimators are learned: a 10 V class and a 70 V class instrument."""

STEADIED_V = 3e-4
"""The level that a 70 V class instrument's voltages have when they are read from many samples (0.4 mV after
an edge, 0.1 mV at an end); learned for the longest pulses."""

STEADIED_MOST = 2.0
"""Values so many times as uncertain as that are not of this level any more."""

COARSE_V = 1.2e-3
"""One sample known no better than this, twice the largest level learned, tells nothing of a pattern."""

FIRST_SHARE, LAST_SHARE, REST_SHARE = 4 / 3, 0.5, 1 / 3
"""Standard deviations over that of one sample. First sample after an edge: one sample, and the edge is not
known exactly; last sample: the end of a line through about ten; voltage at rest: more of them."""

OFFSET_V = 3e-4
"""Standard deviation of an offset that all values of a block share."""

FIRST_SAMPLES: Bools = np.arange(len(COLUMNS)) % 2 == 1
RESTS: Bools = np.isin(np.arange(len(COLUMNS)), (0, 32))


@dataclass(frozen=True)
class Noise:
    """Noise of one sample and of a value from the last samples of a pulse or rest, both as V (1 sigma)."""

    sample_V: float
    last_V: float
    told_V: tuple[tuple[int, float], ...] = ()
    """Columns (from 0) whose own standard deviation is known from the record, with it."""
    clock_V: tuple[tuple[int, float], ...] = ()
    """Columns that one error of the clock moves together, with how far (1 sigma, signed)."""

    @staticmethod
    def of(
        sample_V: float,
        last_V: float | None = None,
        sigma_V: Mapping[str, float] | None = None,
        clock_V: Mapping[str, float] | None = None,
    ) -> Noise:
        """``last_V`` None: as if ten samples were averaged. Not finite or negative counts as no noise.

        ``sigma_V``: standard deviations of single values, by key; ``clock_V``: what comes on top of them from
        the one error of the clock that all edges of a program share.
        """
        sample = sample_V if np.isfinite(sample_V) and sample_V > 0.0 else 0.0
        known = last_V is not None and np.isfinite(last_V) and last_V > 0.0
        last = float(last_V) if known and last_V is not None else LAST_SHARE * sample
        told, moved = (
            tuple(sorted((COLUMNS.index(key), value) for key, value in (values or {}).items()))
            for values in (sigma_V, clock_V)
        )
        return Noise(sample, last, told, moved)

    @property
    def levels_V(self) -> tuple[float, ...]:
        """The learned levels whose estimators may judge: the one for it, and all where values are told apart.

        With a standard deviation of its own for every value, each estimator's interval says what these
        very values mean to it, and the narrowest is right.
        """
        return LEVELS_V if self.told_V and self.level_V > 0.0 else (self.level_V,)

    @property
    def steadied(self) -> bool:
        """Whether these are a coarse instrument's values read from many samples: of level ``STEADIED_V``."""
        firsts = [own_V for column, own_V in self.told_V if FIRST_SAMPLES[column]]
        if not firsts or self.level_V != LEVELS_V[-1]:
            return False
        return float(np.median(firsts)) <= STEADIED_MOST * FIRST_SHARE * STEADIED_V

    @property
    def coarse(self) -> bool:
        """Whether a pattern that looks foreign may be the instrument's steps or noise."""
        return self.sample_V > COARSE_V

    @property
    def level_V(self) -> float:
        """The learned level for it: the next larger one, the largest for more; 0 for as good as clean."""
        if self.sample_V <= CLEAN_BELOW_V:
            return 0.0
        return next((level for level in LEVELS_V if self.sample_V <= 1.05 * level), LEVELS_V[-1])

    @property
    def first_sigma_V(self) -> float:
        """Standard deviation of a first sample; 0 where the voltages are as good as clean."""
        return FIRST_SHARE * self.sample_V if self.level_V > 0.0 else 0.0

    def sigma_V(self) -> Floats:
        """Standard deviation of each of the 41 values, without what they share (offset, clock)."""
        sigma = np.where(FIRST_SAMPLES, FIRST_SHARE * self.sample_V, self.last_V)
        sigma[RESTS] = REST_SHARE * self.sample_V
        for column, own_V in self.told_V:
            sigma[column] = own_V
        return sigma

    def covariance_V2(self) -> Floats:
        """Covariance (41, 41) of the errors of the values."""
        errors: Floats = np.diag(self.sigma_V() ** 2) + OFFSET_V**2
        if self.clock_V:
            moved = np.zeros(len(COLUMNS))
            for column, by_V in self.clock_V:
                moved[column] = by_V
            errors = errors + np.outer(moved, moved)
        return errors


CLEAN = Noise(0.0, 0.0)
