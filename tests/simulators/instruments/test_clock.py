"""Simulated time."""

from __future__ import annotations

import pytest

from simulators.clock import ManualTime, SimClock


def test_speed_changes_slope_without_a_jump() -> None:
    time = ManualTime(100.0)
    clock = SimClock(speed=2.0, monotonic=time)
    time.advance(3.0)
    assert clock.now_s() == pytest.approx(6.0)
    clock.set_speed(20.0)
    assert clock.now_s() == pytest.approx(6.0)
    time.advance(1.0)
    assert clock.now_s() == pytest.approx(26.0)


def test_real_instant_maps_to_simulated_instant() -> None:
    time = ManualTime(10.0)
    clock = SimClock(speed=5.0, monotonic=time)
    assert clock.sim_at_real_s(12.0) == pytest.approx(10.0)
    assert clock.real_until_s(10.0) == pytest.approx(2.0)


@pytest.mark.parametrize("speed", [0.0, -1.0, 1e9])
def test_impossible_speed_is_refused(speed: float) -> None:
    clock = SimClock(monotonic=ManualTime())
    with pytest.raises(ValueError, match="speed"):
        clock.set_speed(speed)


def test_time_never_goes_back() -> None:
    with pytest.raises(ValueError, match="back"):
        ManualTime().advance(-0.1)
