"""Finds groups with small spreads: sorted start, then exchanges until none helps, from several starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from station.diagnosis.matching.stock import Floats, MatchingError, Part, Weights, as_matrix, spread
from station.diagnosis.matching.yardsticks import by_capacity

#: Starts beside the sorted one; more find little more.
STARTS = 8
#: Rounds of exchanges, each over all pairs, at most.
ROUNDS = 60


@dataclass(frozen=True)
class Grouping:
    """Groups of part codes, tightest first, the codes left over, and the sum of spreads in weights."""

    groups: tuple[tuple[str, ...], ...]
    spreads: tuple[float, ...]
    left_over: tuple[str, ...]

    @property
    def total(self) -> float:
        """Sum of the groups' spreads."""
        return sum(self.spreads)


def match(
    parts: Sequence[Part], *, groups: int, size: int, weights: Weights | None = None, seed: int = 0
) -> Grouping:
    """``groups`` groups of ``size`` parts with a small sum of spreads (see ``Weights``).

    The same stock and seed give the same groups. Raises MatchingError when the stock is too small or a part
    makes no sense.
    """
    if groups < 1 or size < 2:
        raise MatchingError(f"{groups} groups of {size}: at least one group of two parts is needed")
    if len(parts) < groups * size:
        raise MatchingError(
            f"{groups} groups of {size} need {groups * size} parts, the stock has {len(parts)}: "
            "ask for fewer or smaller groups"
        )
    matrix = as_matrix(parts, weights or Weights())
    random = np.random.default_rng(seed)
    starts = [by_capacity(parts, groups, size)]
    for _ in range(STARTS):
        direction = np.abs(random.normal(size=matrix.shape[1]))
        starts.append(_along(matrix @ direction, groups, size))
    best: list[list[int]] = min(
        (_improve(matrix, start, len(parts)) for start in starts),
        key=lambda found: sum(spread(matrix, members) for members in found),
    )
    best.sort(key=lambda members: spread(matrix, members))
    used = {n for members in best for n in members}
    return Grouping(
        tuple(tuple(sorted(parts[n].code for n in members)) for members in best),
        tuple(spread(matrix, members) for members in best),
        tuple(sorted(parts[n].code for n in range(len(parts)) if n not in used)),
    )


def _along(score: Floats, groups: int, size: int) -> list[list[int]]:
    """Neighbours along one direction, the spare parts left at the far ends."""
    order = np.argsort(score, kind="stable")
    spare = order.size - groups * size
    order = order[spare // 2 : order.size - (spare - spare // 2)]
    return [order[n * size : (n + 1) * size].tolist() for n in range(groups)]


def _improve(matrix: Floats, start: list[list[int]], count: int) -> list[list[int]]:
    """Exchange parts between groups, and with those left over, as long as the sum of spreads falls."""
    groups = [list(members) for members in start]
    used = {n for members in groups for n in members}
    spare = [n for n in range(count) if n not in used]
    for _ in range(ROUNDS):
        gained = False
        for one in range(len(groups)):
            gained |= _exchange_with_spare(matrix, groups[one], spare)
            for two in range(one + 1, len(groups)):
                gained |= _exchange(matrix, groups[one], groups[two])
        if not gained:
            break
    return groups


def _exchange(matrix: Floats, one: list[int], two: list[int]) -> bool:
    """The best exchange of one part each, done if it helps."""
    before = spread(matrix, one) + spread(matrix, two)
    after = _with_each(matrix, one, two) + _with_each(matrix, two, one).T
    row, column = divmod(int(np.argmin(after)), after.shape[1])
    if after[row, column] >= before - 1e-12:
        return False
    one[row], two[column] = two[column], one[row]
    return True


def _exchange_with_spare(matrix: Floats, members: list[int], spare: list[int]) -> bool:
    if not spare:
        return False
    after = _with_each(matrix, members, spare)
    row, column = divmod(int(np.argmin(after)), after.shape[1])
    if after[row, column] >= spread(matrix, members) - 1e-12:
        return False
    members[row], spare[column] = spare[column], members[row]
    return True


def _with_each(matrix: Floats, members: list[int], others: list[int]) -> Floats:
    """Spread of ``members`` with its r-th part replaced by the c-th of ``others``; shape (r, c)."""
    rows, new = matrix[members], matrix[others]
    count = len(members)
    keep = ~np.eye(count, dtype=bool)
    high = np.stack([rows[keep[r]].max(axis=0) for r in range(count)])
    low = np.stack([rows[keep[r]].min(axis=0) for r in range(count)])
    result: Floats = (
        np.maximum(high[:, None, :], new[None, :, :]) - np.minimum(low[:, None, :], new[None, :, :])
    ).sum(axis=2)
    return result
