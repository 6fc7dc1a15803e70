"""Who comes later draws the same line; recorded curves have the buckets of the live ones."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

from station.curves import Pyramid, StoredCurve, from_message, to_message


def recording(seconds: float, period_s: float, dip_at: int) -> tuple[np.ndarray, np.ndarray]:
    t = np.arange(0.0, seconds, period_s)
    v = 3.7 + 0.01 * np.sin(t / 3) + 0.001 * np.sin(t * 999)
    v[dip_at] = 2.0
    return t, v


@pytest.mark.parametrize("seconds", [30.0, 7_000.0, 90_000.0])
def test_a_late_window_draws_what_one_from_the_start_draws(seconds: float) -> None:
    t, v = recording(seconds, max(0.05, seconds / 40_000), 111)
    half = len(t) // 2
    service, early, late = Pyramid(), Pyramid(), Pyramid()
    for pyramid in (service, early):
        pyramid.add(t[:half], v[:half])
    from_message(late, json.loads(json.dumps(to_message(service))))
    assert (late.first_s, late.last_s, late.low, late.high) == (0.0, t[half - 1], 2.0, early.high)
    for begin, end in pairwise([half, half, half + 3, half + 100, len(t)]):
        early.add(t[begin:end], v[begin:end])
        late.add(t[begin:end], v[begin:end])
        for buckets in (300, 1800):
            for until_s in (t[end - 1], seconds, 2 * seconds):
                wanted = early.line_since(0.0, until_s, buckets, -np.inf, 2.0)
                for got, want in zip(
                    late.line_since(0.0, until_s, buckets, -np.inf, 2.0), wanted, strict=True
                ):
                    np.testing.assert_array_equal(got, want)
    # Zoomed in to what came after it connected it has the finest buckets as well.
    np.testing.assert_array_equal(
        late.line(t[half] + 1, t[-1], 2000)[1][-400:], early.line(t[half] + 1, t[-1], 2000)[1][-400:]
    )


def test_a_curve_that_cannot_be_is_refused_and_none_is_nothing() -> None:
    pyramid = Pyramid()
    pyramid.add(np.arange(100.0), np.arange(100.0))
    message = to_message(pyramid)
    assert message is not None
    for wrong in ({"width_s": 0.03}, {"keys": message["values"]}, {"values": "?"}, {"first_s": 1e9}):
        with pytest.raises(ValueError, match=r".+"):
            from_message(Pyramid(), {**message, **wrong})
    from_message(pyramid, None)
    assert pyramid.last_s is None
    assert to_message(pyramid) is None


@pytest.mark.parametrize(("begin_s", "end_s"), [(0.0, 5000.0), (1200.0, 1300.0), (16.0, 16.2)])
def test_a_recorded_run_at_any_zoom_keeps_its_dip_and_few_points(begin_s: float, end_s: float) -> None:
    t, v = recording(5000.0, 0.01, 1611)
    v[125_000] = 4.9
    drawn = StoredCurve(t, v).view(begin_s, end_s, 800)
    inside = (t >= begin_s) & (t <= end_s)
    assert len(drawn) <= 803
    assert drawn.values[:, 1].min() == v[inside].min()
    assert drawn.values[:, 2].max() >= v[inside].max()
    shown_t, _ = drawn.line()
    assert shown_t[0] <= begin_s + 0.02
    assert shown_t[-1] >= t[inside][-1]


def test_recorded_buckets_are_those_of_the_running_test() -> None:
    t, v = recording(600.0, 0.01, 77)
    live = Pyramid()
    live.add(t, v)
    width_s = live.bucket_s(0.0, 600.0, 1000)
    recorded = StoredCurve(t, v).view(0.0, 600.0, round(600.0 / width_s))
    assert recorded.width_s == width_s
    np.testing.assert_array_equal(recorded.line()[1], live.line(0.0, 600.0, 1000)[1])


def test_a_record_without_numbers_has_nothing_to_draw() -> None:
    assert len(StoredCurve(np.array([0.0, 1.0]), np.array([np.nan, np.nan])).view(0.0, 1.0, 10)) == 0
    one = StoredCurve(np.array([0.0, 1.0, 0.5, 2.0]), np.array([1.0, 2.0, 9.0, 3.0]))
    assert one.span_s == (0.0, 2.0)
    assert one.v.max() == 3.0
    with pytest.raises(ValueError, match="nothing to look at"):
        one.view(1.0, 1.0, 10)
