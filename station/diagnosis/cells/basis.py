"""What a cell's voltage is made of: a level, charge, current, and currents through RC elements.

The time constants are fixed, so the fit is linear, and the resistance at any time is a sum of what was
fitted: when inside a sweep a cell was measured does not matter.
"""

from __future__ import annotations

import numpy as np

from station.diagnosis.cells.record import CurrentLevels, Floats

#: time constants of the RC elements in s; between them a resistance that grows with √t is followed within 1 %
TAUS_S = (0.7, 4.0, 20.0, 100.0)
#: time constant of the rest that was not over when the record began, in s
SETTLING_S = 180.0
GRID_S = 0.01


class Basis:
    """Values of every part over time, on a grid of 10 ms, read at any times.

    Columns: 1, settling, charge in A·s, current, one per RC element, and with ``bent`` the current's
    magnitude times itself over the largest, for packs pulsed at several amplitudes.
    """

    def __init__(
        self, levels: CurrentLevels, *, bent: bool = False, taus_s: tuple[float, ...] = TAUS_S
    ) -> None:
        self.taus_s, self.bent = taus_s, bent
        self.levels = levels
        self._from_s = float(levels.start_s[0])
        count = int((levels.end_s - self._from_s) / GRID_S) + 2
        self._count = count
        t: Floats = self._from_s + GRID_S * np.arange(count, dtype=np.float64)
        columns = [np.ones(count), np.exp(-(t - self._from_s) / SETTLING_S)]
        columns.append(_charge(levels, t))
        columns += [_through(levels, t, tau) for tau in taus_s]
        self._smooth: Floats = np.stack(columns, axis=1)
        self._largest = max(levels.largest_A, 1e-9)

    @property
    def size(self) -> int:
        """Number of columns."""
        return int(self._smooth.shape[1]) + 1 + self.bent

    def at(self, time_s: Floats) -> Floats:
        """Columns at times of any shape: shape (*times, size). NaN times give rows of zeros."""
        told = np.isfinite(time_s)
        safe = np.where(told, time_s, self._from_s)
        place = np.clip((safe - self._from_s) / GRID_S, 0, self._count - 1.001)
        low = place.astype(np.int64)
        part = (place - low)[..., None]
        smooth = self._smooth[low] * (1 - part) + self._smooth[low + 1] * part
        current = self.levels.at(safe)
        sharp = [current[..., None]]
        if self.bent:
            sharp.append((current * np.abs(current) / self._largest)[..., None])
        whole: Floats = np.concatenate([smooth, *sharp], axis=-1) * told[..., None]
        return whole

    def step(self, time_s: float) -> Floats:
        """Resistance ``time_s`` into a pulse as weights of the columns: what a step of 1 A has changed by
        then.

        Of the charge as well: a resistance by voltage difference holds the change of the open-circuit
        voltage.
        """
        weights = [0.0, 0.0, time_s, *(1 - np.exp(-time_s / tau) for tau in self.taus_s), 1.0]
        return np.array([*weights, 1.0] if self.bent else weights)


def _through(levels: CurrentLevels, t: Floats, tau_s: float) -> Floats:
    """Current through an RC element at times ``t``, exact for current that changes in steps."""
    starts, amps = levels.start_s, levels.current_A
    at_start = np.zeros(len(starts))
    for number in range(1, len(starts)):
        kept = np.exp(-(starts[number] - starts[number - 1]) / tau_s)
        at_start[number] = at_start[number - 1] * kept + amps[number - 1] * (1 - kept)
    place = np.clip(np.searchsorted(starts, t, side="right") - 1, 0, None)
    kept = np.exp(-np.maximum(t - starts[place], 0) / tau_s)
    through: Floats = at_start[place] * kept + amps[place] * (1 - kept)
    return through


def _charge(levels: CurrentLevels, t: Floats) -> Floats:
    """Charge in A·s since the start."""
    starts, amps = levels.start_s, levels.current_A
    before = np.concatenate([[0.0], np.cumsum(amps[:-1] * np.diff(starts))])
    place = np.clip(np.searchsorted(starts, t, side="right") - 1, 0, None)
    return before[place] + amps[place] * np.maximum(t - starts[place], 0)
