"""A measured record: time, current and voltage rows, checked and put in order once for all that follows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Rows that may stand out of time order before the record counts as broken instead of merely shuffled.
MAX_UNSORTED_SHARE = 0.01
#: How far apart rows logged at the same instant are put, in s.
SAME_INSTANT_STEP_S = 1e-6


class Samples(Protocol):
    """Anything with the columns of a record, as ``station.rawfiles`` gives them."""

    @property
    def time_s(self) -> Floats: ...
    @property
    def current_A(self) -> Floats: ...
    @property
    def voltage_V(self) -> Floats: ...
    @property
    def temperature_degC(self) -> Floats | None: ...
    @property
    def step(self) -> Ints | None: ...


@dataclass(frozen=True)
class RecordNotes:
    """What had to be done to the rows before they could be used; all zero for a clean record."""

    missing_rows: int = 0
    duplicate_rows: int = 0
    coincident_rows: int = 0
    unsorted_rows: int = 0
    missing_temperatures: int = 0


@dataclass(frozen=True, eq=False)
class Record:
    """Rows of one test in strictly rising time; positive current charges the battery.

    All columns have shape ``(n,)``: ``time_s`` in s, ``current_A`` in A, ``voltage_V`` in V,
    ``temperature_degC`` in °C (NaN where not measured) or None, ``step`` (cycler step number) or None.
    ``edges_s``, shape ``(m,)``, are the instants at which the current was made to change, where the
    program that drove the test recorded them; they place an edge inside the gap between two samples.

    The constructor drops rows without time, current or voltage, drops repeated rows, puts out-of-order
    rows in order, and counts all of it in ``notes``. Cyclers log the last row of one step and the
    first row of the next at the same instant: both are kept, the earlier one 1 µs earlier.

    Raises ValueError for columns of different length, fewer than two usable rows, or a time column that
    restarts (more than 1 % of the rows out of order), because sorting such a record would mix its steps.
    """

    time_s: Floats
    current_A: Floats
    voltage_V: Floats
    temperature_degC: Floats | None = None
    step: Ints | None = None
    edges_s: Floats | None = None
    notes: RecordNotes = RecordNotes()

    def __init__(
        self,
        time_s: ArrayLike,
        current_A: ArrayLike,
        voltage_V: ArrayLike,
        temperature_degC: ArrayLike | None = None,
        step: ArrayLike | None = None,
        edges_s: ArrayLike | None = None,
    ) -> None:
        t = np.asarray(time_s, dtype=np.float64)
        current = np.asarray(current_A, dtype=np.float64)
        voltage = np.asarray(voltage_V, dtype=np.float64)
        warm = None if temperature_degC is None else np.asarray(temperature_degC, dtype=np.float64)
        steps = None if step is None else np.asarray(step, dtype=np.int64)
        for name, column in (
            ("current_A", current),
            ("voltage_V", voltage),
            ("temperature_degC", warm),
            ("step", steps),
        ):
            if column is not None and column.shape != t.shape:
                raise ValueError(f"column {name} has shape {column.shape}, time_s has {t.shape}")
        if t.ndim != 1:
            raise ValueError(f"time_s must be one-dimensional, not {t.ndim}-dimensional")

        rows, times, notes = _usable_rows(t, current, voltage)
        if rows.size < 2:
            raise ValueError(f"a record needs at least 2 usable rows, this one has {rows.size} of {t.size}")
        if warm is not None:
            warm = warm[rows]
            missing = int(np.count_nonzero(~np.isfinite(warm)))
            notes = replace(notes, missing_temperatures=missing)
            if missing == warm.size:
                warm = None
        for name, value in (
            ("time_s", times),
            ("current_A", current[rows]),
            ("voltage_V", voltage[rows]),
            ("temperature_degC", warm),
            ("step", None if steps is None else steps[rows]),
            ("edges_s", None if edges_s is None else np.sort(np.asarray(edges_s, dtype=np.float64))),
            ("notes", notes),
        ):
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, samples: Samples, edges_s: ArrayLike | None = None) -> Record:
        """Make a record of the columns of a file. Raises ValueError as the constructor does."""
        return cls(
            samples.time_s,
            samples.current_A,
            samples.voltage_V,
            samples.temperature_degC,
            samples.step,
            edges_s,
        )

    @property
    def size(self) -> int:
        """Number of usable rows."""
        return int(self.time_s.size)


def _usable_rows(t: Floats, current: Floats, voltage: Floats) -> tuple[Ints, Floats, RecordNotes]:
    """Indices of the rows to keep in time order, their strictly rising times, and what was wrong."""
    rows = np.flatnonzero(np.isfinite(t) & np.isfinite(current) & np.isfinite(voltage))
    missing = int(t.size - rows.size)
    times = t[rows]
    if rows.size < 2 or bool(np.all(times[1:] > times[:-1])):
        return rows, times.copy(), RecordNotes(missing_rows=missing)

    unsorted_rows = int(np.count_nonzero(times < np.maximum.accumulate(times)))
    if unsorted_rows > max(2, MAX_UNSORTED_SHARE * rows.size):
        first = int(rows[np.flatnonzero(np.diff(times) < 0)[0] + 1])
        raise ValueError(
            f"time_s runs backwards at row {first}, and {unsorted_rows} of {rows.size} rows are "
            "out of order: the clock restarts inside the record"
        )
    rows = rows[np.argsort(times, kind="stable")]
    times = t[rows]

    repeats = (np.diff(times) == 0) & (np.diff(current[rows]) == 0) & (np.diff(voltage[rows]) == 0)
    rows = rows[np.append(True, ~repeats)]
    times = t[rows]
    # Rows of one instant with different content: count from the last one back, 1 µs each.
    same_as_next = np.append(np.diff(times) == 0, False)
    back = np.zeros(times.size)
    for row in np.flatnonzero(same_as_next)[::-1].tolist():
        back[row] = back[row + 1] + 1
    shifted = times - back * SAME_INSTANT_STEP_S
    strict = np.append(True, shifted[1:] > np.maximum.accumulate(shifted)[:-1])
    notes = RecordNotes(
        missing_rows=missing,
        duplicate_rows=int(np.count_nonzero(repeats) + np.count_nonzero(~strict)),
        coincident_rows=int(np.count_nonzero(same_as_next)),
        unsorted_rows=unsorted_rows,
    )
    return rows[strict], shifted[strict], notes
