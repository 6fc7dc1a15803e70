"""Where an edge really is, finer than a sample when the current slews, and whether the voltage lags it."""

from __future__ import annotations

from collections import Counter

import numpy as np

from station.diagnosis.pulses.middle import middle
from station.diagnosis.pulses.record import Record

#: The current counts as settled within this share of the step.
SETTLED_SHARE = 0.03
#: An edge is looked for over at most this many samples.
MAX_EDGE_ROWS = 400
#: A gap before the first sample this many times the pulse's own spacing says nothing about the edge.
GAP_FACTOR = 3.0

#: A recorded edge may be this far outside the gap between the samples that show it, in s.
RECORDED_SLACK_S = 0.02


def edge_time(
    record: Record, before_row: int, last_row: int, from_A: float, to_A: float, *, rising: bool
) -> float:
    """Time of the edge after ``before_row``, in s: the centre of gravity of the current step.

    A step between two samples is put at the earlier one: that sample still shows the old current, and
    instruments log the next one a full interval after the set-point. Of a slewing edge every later sample
    says how much of the step is still missing; the sum of what is missing over time moves the edge. For a
    linear circuit the response to a slewed step is, at first order, the response to a sharp one there.

    An edge that the driving program recorded is taken from there, as far as the samples around it agree.

    With ``rising`` (into a pulse) and a first sample much later than the pulse's own spacing (a
    thinned rest), the edge is put one spacing before the first pulse sample.
    """
    t = record.time_s
    row = before_row + 1
    start = float(t[before_row])
    known = _recorded(record, start, float(t[min(row, t.size - 1)]))
    if known is not None:
        return known
    if rising and row < last_row:
        spacing = middle(np.diff(t[row : min(row + 6, last_row + 1)]))
        if t[row] - start > GAP_FACTOR * spacing:
            start = float(t[row]) - spacing
    stop = min(last_row, before_row + MAX_EDGE_ROWS)
    missing = 1.0 - np.clip((record.current_A[row : stop + 1] - from_A) / (to_A - from_A), 0.0, 1.0)
    settled = np.flatnonzero(missing <= SETTLED_SHARE)
    end = int(settled[0]) if settled.size else missing.size - 1
    late = float(missing[0]) * (float(t[row]) - start)
    if end > 0:
        late += float(np.trapezoid(missing[: end + 1], t[row : row + end + 1]))
    return start + late


def _recorded(record: Record, before_s: float, after_s: float) -> float | None:
    """The recorded edge at this gap between two samples, in s; between them even when it says otherwise."""
    if record.edges_s is None or record.edges_s.size == 0:
        return None
    nearest = float(record.edges_s[np.argmin(np.abs(record.edges_s - 0.5 * (before_s + after_s)))])
    slack = max(after_s - before_s, RECORDED_SLACK_S)
    if not before_s - slack <= nearest <= after_s + slack:
        return None
    return min(max(nearest, before_s), after_s)


def voltage_lag(record: Record, before_rows: list[int]) -> tuple[int, float]:
    """How much the voltage channel is behind the current channel: rows and s, negative when it is ahead.

    ``before_rows`` are the last rows before each sharp edge. At each, the row of the largest voltage step is
    compared with the row of the current step; a lag is reported when at least 60 % of the edges (and at least
    two) show the same one, the voltage at the current's own row staying below a fifth of the step.
    """
    shifts: list[int] = []
    delays: dict[int, list[float]] = {}
    for k in before_rows:
        shift = step_shift(record, k)
        if shift is None:
            continue
        shifts.append(shift)
        t = record.time_s
        delays.setdefault(shift, []).append(float(t[k + 1 + shift] - t[k + 1]))
    if not shifts:
        return 0, 0.0
    shift, count = Counter(shifts).most_common(1)[0]
    if shift == 0 or count < 2 or count < 0.6 * len(shifts):
        return 0, 0.0
    return shift, float(np.median(delays[shift]))


def step_shift(record: Record, before_row: int) -> int | None:
    """Rows by which the voltage step follows the current step at one edge; None when it is not clear."""
    k = before_row
    if k < 2 or k + 4 > record.size - 1:
        return None
    volts = record.voltage_V[k - 1 : k + 5]
    sign = 1.0 if record.current_A[k + 1] > record.current_A[k] else -1.0
    steps = sign * np.diff(volts)  # k−1→k, k→k+1, k+1→k+2, …
    largest = int(np.argmax(steps))
    if steps[largest] <= 0.0:
        return None
    if largest == 1:
        return 0
    others = np.delete(steps, largest)
    if steps[1] > 0.2 * steps[largest] or float(np.max(others)) > 0.5 * steps[largest]:
        return None
    return largest - 1
