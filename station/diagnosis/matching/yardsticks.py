"""Two simple ways to group, for comparison: by chance, and sorted by capacity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from station.diagnosis.matching.stock import Part


def by_chance(parts: Sequence[Part], groups: int, size: int, *, seed: int = 0) -> list[list[int]]:
    """Groups of parts drawn without looking."""
    order = np.random.default_rng(seed).permutation(len(parts))
    return [order[n * size : (n + 1) * size].tolist() for n in range(groups)]


def by_capacity(parts: Sequence[Part], groups: int, size: int) -> list[list[int]]:
    """Neighbours in the order of capacity, the most even run of the stock: what sites do by hand.

    Parts are left over where the gaps between neighbours are largest.
    """
    order = sorted(range(len(parts)), key=lambda n: parts[n].capacity_Ah)
    capacity = [parts[n].capacity_Ah for n in order]
    # best[g][n]: least sum of ranges with g groups out of the first n parts.
    best = [[0.0] * (len(order) + 1)] + [[float("inf")] * (len(order) + 1) for _ in range(groups)]
    taken = [[False] * (len(order) + 1) for _ in range(groups + 1)]
    for g in range(1, groups + 1):
        for n in range(g * size, len(order) + 1):
            skip = best[g][n - 1]
            take = best[g - 1][n - size] + capacity[n - 1] - capacity[n - size]
            taken[g][n] = take < skip
            best[g][n] = min(skip, take)
    found: list[list[int]] = []
    n = len(order)
    for g in range(groups, 0, -1):
        while not taken[g][n]:
            n -= 1
        found.append(order[n - size : n])
        n -= size
    return found[::-1]
