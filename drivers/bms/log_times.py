"""Times as loggers write them: seconds, clocks, dates, ticks, and times since the line before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate, pairwise

_DAY_S, _HOUR_S = 86400.0, 3600.0
_PACKED = re.compile(r"^(?:\d+T)?(\d\d)(\d\d)(\d\d)(\d{3})$")
_EPOCHS = ((3e17, 1e-9), (3e14, 1e-6), (3e11, 1e-3))
_TICKS_OF_MS, _TICKS_OF_US = 20, 50_000


def clock_s(text: str) -> float:
    """Seconds of ``12.5``, ``02:03.5``, ``01:02:03.5``, ``01:02:03:500`` or a date with such a time.

    The date itself is left out. ``26T205936123``: day, time and milliseconds without separators. Raises
    ValueError.
    """
    words = text.strip().rstrip("Zz").replace("T", " ").split()
    if not words:
        raise ValueError("no time")
    last = re.sub(r"(?<=:\d\d[.,]\d)(\d*)[+-]\d\d:?\d\d$", r"\1", words[-1]).replace(",", ".")
    packed = _PACKED.match(last) if "." not in last and len(last) == 9 else None
    if packed is not None:
        hours, minutes, seconds, milliseconds = map(int, packed.groups())
        return _HOUR_S * hours + 60.0 * minutes + seconds + milliseconds / 1000.0
    parts = last.split(":")
    fraction = 0.0
    if len(parts) == 4:  # the fraction of a second behind a third colon
        fraction = int(parts[3]) / 10.0 ** len(parts[3])
        parts = parts[:3]
    total = 0.0
    for part in parts:
        total = total * 60 + float(part)
    return total + fraction


def unrolled(times_s: Sequence[float]) -> list[float]:
    """Clock times that go on where the hour, or the day, began anew."""
    found: list[float] = []
    added_s, before_s = 0.0, 0.0
    for time_s in times_s:
        now_s = time_s + added_s
        fall_s = before_s - now_s
        if found and fall_s > _HOUR_S / 2:
            step_s = _DAY_S if fall_s > _DAY_S / 2 else _HOUR_S
            added_s += step_s
            now_s += step_s
        found.append(now_s)
        before_s = now_s
    return found


def tick_s(ticks: Sequence[float]) -> float:
    """How long one step of whole-numbered times is, in s.

    Numbers as large as a date tell it themselves. Else milliseconds are so coarse on a bus that many frames
    are only a step or two apart, microseconds leave the length of a frame between them.
    """
    largest = max((abs(one) for one in ticks), default=0.0)
    for least, step_s in _EPOCHS:
        if largest > least:
            return step_s
    gaps = sorted(abs(b - a) for a, b in pairwise(ticks) if a != b)
    if not gaps:
        return 1.0
    small = gaps[len(gaps) // 10]
    if small < _TICKS_OF_MS:
        return 1e-3
    return 1e-6 if small < _TICKS_OF_US else 1e-9


def are_gaps(times_s: Sequence[float]) -> bool:
    """Whether the times are those since the line before (``candump -t d``): they fall as often as they
    rise.
    """
    if len(times_s) < 4:
        return False
    rises = sum(b > a for a, b in pairwise(times_s))
    falls = sum(b < a for a, b in pairwise(times_s))
    if times_s[0] == 0 and rises <= 1 and falls == 0:
        return times_s[-1] > 0 and times_s[1] > 0  # all the same distance
    return 4 * falls > rises and max(times_s) < _HOUR_S


def summed(gaps_s: Sequence[float]) -> list[float]:
    """Times from the times since the line before."""
    return list(accumulate(gaps_s))
