"""A profile that ships is played dry on every kind of channel of the demo bench."""

from __future__ import annotations

import pytest

import profiles
from station.bench import load_bench
from station.dryrun import dry_run
from station.dryrun.picture import picture
from station.dryrun.terminal import drawing


@pytest.mark.timeout(300)
@pytest.mark.parametrize("channel", ["1", "2", "3", "4"])
def test_screen_is_played_to_its_end(channel: str) -> None:
    profile = profiles.load("screen")
    run = dry_run(profile, load_bench("demo"), channel=channel, samples=300)
    assert run.completed, run.error
    assert [step["kind"] for step in run.steps()] == ["contact_check", "pulse_pair"]
    assert run.totals()["current_max_A"] > 5
    assert min(margin.share for margin in run.margins) >= 0
    svg = picture(run).svg()
    assert "pulse_pair" in svg
    assert "voltage / V" in svg
    assert len({len(line) for line in drawing(run)}) <= 2
