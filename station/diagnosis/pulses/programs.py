"""Which edges of a record one program of an instrument made, by the distances between them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

STEP_S, STEP_SLACK_S = 0.001, 0.00001
"""Edges of one program are due whole milliseconds apart; programs that are started one by one are not."""


def programs(edges_s: Sequence[float]) -> list[tuple[int, int]]:
    """First and one behind the last edge of each program, from the times at which the edges were due."""
    bounds = [0]
    for number in range(1, len(edges_s)):
        apart_s = edges_s[number] - edges_s[number - 1]
        if abs(apart_s - round(apart_s / STEP_S) * STEP_S) > STEP_SLACK_S:
            bounds.append(number)
    bounds.append(len(edges_s))
    return [(first, last) for first, last in pairwise(bounds) if last > first]
