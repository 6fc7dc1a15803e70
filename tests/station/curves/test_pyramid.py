"""Honest curves of any length."""

from __future__ import annotations

import numpy as np
import pytest

from station.curves import Pyramid


def long_test(samples: int, period_s: float, dip_at: int) -> tuple[np.ndarray, np.ndarray]:
    t = np.arange(samples) * period_s
    v = 3.7 + 0.01 * np.sin(t / 30)
    v[dip_at] = 2.0
    return t, v


@pytest.mark.parametrize("block", [1, 7, 40, 5000])
def test_a_dip_of_one_sample_is_drawn_whatever_the_view_and_the_blocks(block: int) -> None:
    t, v = long_test(20_000, 0.05, 12_345)
    pyramid = Pyramid()
    for begin in range(0, len(t), block):
        pyramid.add(t[begin : begin + block], v[begin : begin + block])
    _, drawn = pyramid.line(0.0, t[-1], 300)
    assert drawn.min() == 2.0
    assert drawn.max() == pytest.approx(v.max())
    assert len(drawn) <= 4 * 301


def test_few_and_many_samples_give_the_same_curve() -> None:
    t, v = long_test(3000, 0.05, 777)
    one, other = Pyramid(), Pyramid()
    one.add(t, v)
    for k in range(0, 3000, 5):
        other.add(t[k : k + 5], v[k : k + 5])
    for got, wanted in zip(other.line(10, 120, 250), one.line(10, 120, 250), strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_buckets_stand_still_while_the_curve_grows() -> None:
    t, v = long_test(4000, 0.05, 100)
    pyramid = Pyramid()
    pyramid.add(t[:3000], v[:3000])
    before_t, before_v = pyramid.line(0, 200, 200)
    pyramid.add(t[3000:], v[3000:])
    after_t, after_v = pyramid.line(0, 200, 200)
    keep = len(before_t) - 4  # the newest bucket was still open
    np.testing.assert_array_equal(after_t[:keep], before_t[:keep])
    np.testing.assert_array_equal(after_v[:keep], before_v[:keep])


def test_uneven_sampling_reduces_by_time_not_by_count() -> None:
    rest = np.arange(0, 100, 1.0)
    pulse = 100 + np.arange(0, 1, 0.001)
    t = np.concatenate((rest, pulse))
    v = np.concatenate((np.full(100, 3.7), np.linspace(3.6, 3.4, 1000)))
    pyramid = Pyramid()
    pyramid.add(t, v)
    drawn_t, _ = pyramid.line(0, 101, 200)
    assert np.count_nonzero(drawn_t < 100) >= 4 * 70
    assert np.count_nonzero(drawn_t >= 100) <= 4 * 5


def test_memory_does_not_grow_over_a_week() -> None:
    pyramid = Pyramid()
    size = pyramid.nbytes
    assert size < 1_000_000
    for day in range(7):
        t = day * 86400 + np.arange(0, 86400, 0.5)
        pyramid.add(t, 3.6 + 0.1 * np.sin(t / 3600))
    assert pyramid.nbytes == size
    t, v = pyramid.line(0, 7 * 86400, 400)
    assert t[0] == 0.0
    assert t[-1] >= 7 * 86400 - 1
    assert v.max() == pytest.approx(3.7, abs=1e-3)


def test_a_gap_is_not_drawn_over_and_no_number_is_invented() -> None:
    pyramid = Pyramid()
    t = np.concatenate((np.arange(0, 10, 0.1), np.arange(50, 60, 0.1)))
    v = np.full(len(t), 3.3)
    v[20] = np.nan
    pyramid.add(t, v)
    drawn_t, drawn_v = pyramid.line(0, 60, 2000, gap_s=2.0)
    breaks = drawn_t[np.isnan(drawn_v)]
    assert len(breaks) == 1
    assert 10 <= breaks[0] <= 50
    assert np.nanmin(drawn_v) == np.nanmax(drawn_v) == 3.3


def test_samples_that_come_again_are_left_out_and_clear_forgets() -> None:
    pyramid = Pyramid()
    pyramid.add(np.array([1.0, 2.0]), np.array([3.0, 3.1]))
    pyramid.add(np.array([1.0, 2.0]), np.array([9.0, 9.0]))
    assert pyramid.high == 3.1
    pyramid.clear()
    assert pyramid.last_s is None
    assert len(pyramid.line(0, 10, 10)[0]) == 0
