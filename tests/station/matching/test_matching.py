"""Matching: every part at most once, never worse than sorting, near the best where that can be counted."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.diagnosis.matching import MatchingError, Part, Weights, by_capacity, by_chance, match
from station.diagnosis.matching.stock import as_matrix, spread


def stock(count: int, seed: int = 1) -> list[Part]:
    random = np.random.default_rng(seed)
    capacity = random.normal(30.0, 3.0, count)
    return [
        Part(f"C{n:03d}", float(abs(ah) + 1.0), float(0.002 * 30.0 / ah * random.lognormal(0.0, 0.1)))
        for n, ah in enumerate(capacity)
    ]


def total(parts: list[Part], groups: list[list[int]]) -> float:
    matrix = as_matrix(parts, Weights())
    return sum(spread(matrix, members) for members in groups)


@settings(max_examples=25, deadline=None)
@given(count=st.integers(8, 40), size=st.integers(2, 4), seed=st.integers(0, 1000))
def test_groups_are_whole_disjoint_and_never_worse_than_sorting(count: int, size: int, seed: int) -> None:
    parts, groups = stock(count, seed), count // (size + 1)
    found = match(parts, groups=groups, size=size)
    used = [code for members in found.groups for code in members]
    assert len(used) == len(set(used)) == groups * size
    assert sorted([*used, *found.left_over]) == sorted(part.code for part in parts)
    assert found.total <= total(parts, by_capacity(parts, groups, size)) + 1e-9
    assert list(found.spreads) == sorted(found.spreads)


def test_a_small_stock_is_matched_about_as_well_as_can_be() -> None:
    for seed in range(6):
        parts = stock(8, seed)
        matrix = as_matrix(parts, Weights())
        best = min(
            spread(matrix, one) + spread(matrix, [n for n in range(8) if n not in one])
            for one in combinations(range(8), 4)
        )
        assert match(parts, groups=2, size=4).total <= 1.02 * best


def test_matching_beats_chance_and_sorting_on_a_large_stock() -> None:
    parts = stock(200)
    found = match(parts, groups=12, size=16).total
    assert found < 0.9 * total(parts, by_capacity(parts, 12, 16))
    assert found < 0.5 * total(parts, by_chance(parts, 12, 16))


def test_the_same_stock_gives_the_same_groups() -> None:
    assert match(stock(40), groups=5, size=6) == match(stock(40), groups=5, size=6)


def test_ocv_counts_where_every_part_has_one() -> None:
    parts = [Part(f"C{n}", 30.0, 0.002, ocv_V=3.3 + 0.02 * (n % 2)) for n in range(8)]
    found = match(parts, groups=2, size=4)
    assert {frozenset(members) for members in found.groups} == {
        frozenset({"C0", "C2", "C4", "C6"}),
        frozenset({"C1", "C3", "C5", "C7"}),
    }


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ([Part("A", 30.0, 0.002), Part("A", 31.0, 0.002)], "A is in the stock twice"),
        ([Part("A", float("nan"), 0.002), Part("B", 31.0, 0.002)], "A: capacity"),
        ([Part("A", 30.0, 0.002, 3.3), Part("B", 31.0, 0.002)], "B has no OCV"),
        ([Part("A", 30.0, 0.002)], "need 2 parts"),
    ],
)
def test_bad_stock_is_named(parts: list[Part], words: str) -> None:
    with pytest.raises(MatchingError, match=words):
        match(parts, groups=1, size=2)
