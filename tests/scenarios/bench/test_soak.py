"""Half an hour of bench time on the whole station: nothing grows, leaks or drifts."""

from __future__ import annotations

from tests.scenarios.bench.stand import marking
from tests.soak.report import markdown, problems
from tests.soak.soak import soak


def test_half_an_hour_on_two_channels() -> None:
    with marking():
        found = soak(0.5, speed=100.0, look_s=0.5)
    assert not problems(found, rss_percent=5.0), markdown(found)
    assert found.outcomes == ("completed", "completed")
    assert found.samples > 2 * 0.5 * 3600 * 2  # two a second at least, however busy the machine is
