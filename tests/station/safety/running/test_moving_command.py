"""A commanded current that never stands still: which rules stay awake, and how soon they trip."""

from __future__ import annotations

import pytest

from tests.station.safety.running.feed import Feed, code_of


def swing(feed: Feed, change: float, seconds: float, *, settled: bool) -> str | None:
    """Set the current anew every 50 ms, up and down by ``change`` of 40 A; the code of what tripped.

    ``settled``: as the engine tells of small changes, which do not restart the settling times.
    """
    end_s, up = feed.t_s + seconds, True
    while feed.t_s < end_s:
        wanted_A, up = 40.0 * (1.0 if up else 1.0 - change), not up
        if settled:
            feed.command_A = wanted_A
        else:
            feed.command(wanted_A)
        tripped = feed.run(0.05)
        if tripped is not None:
            return code_of(tripped)
    return None


@pytest.mark.parametrize(
    ("bent", "value", "code", "within_s"),
    [
        ("gain", 0.5, "safety.half_current", 0.2),
        ("gain", 0.9, "safety.current_tracking", 0.7),
        ("terminals", lambda voltage_V: voltage_V + 0.1, "safety.voltage_agreement", 1.6),
    ],
)
def test_small_changes_keep_every_rule_awake(bent: str, value: object, code: str, within_s: float) -> None:
    feed = Feed()
    assert feed.run(2.0) is None
    feed.command(40.0)
    assert swing(feed, 0.015, 3.0, settled=True) is None, "nothing is wrong"
    setattr(feed, bent, value)
    from_s = feed.t_s
    assert swing(feed, 0.015, 3.0, settled=True) == code
    assert feed.t_s - from_s <= within_s


@pytest.mark.parametrize(
    ("bent", "value", "code"),
    [
        ("gain", 0.5, "safety.current_tracking"),
        ("gain", 0.0, "safety.current_tracking"),
        ("extra_V", lambda _t_s: 0.6, "safety.voltage_max"),
        ("degC", lambda _t_s: (70.0,), "safety.temperature_max"),
    ],
)
def test_large_changes_without_end_blind_neither_current_nor_envelope(
    bent: str, value: object, code: str
) -> None:
    feed = Feed()
    assert feed.run(2.0) is None
    assert swing(feed, 0.1, 3.0, settled=False) is None, "nothing is wrong"
    setattr(feed, bent, value)
    from_s = feed.t_s
    found = swing(feed, 0.1, 3.0, settled=False)
    assert found == code
    assert feed.t_s - from_s <= 0.7
