"""Bench time that waits for its host: both sides of the file count the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulators.config import BenchSimulation
from simulators.host_time import WaitingClock
from station.bench import HostedClock


def test_a_sleep_moves_both_clocks_to_exactly_there(tmp_path: Path) -> None:
    bench = WaitingClock(tmp_path / "time", speed=1000.0)
    host = HostedClock(tmp_path / "time", 1000.0, 5.0)
    apart_s = host.now_s() - bench.now_s()
    host.sleep_until(65.0)
    assert 65.0 <= host.now_s() < 75.0, "sixty seconds were slept in 0.06 s; the rest is this computer's"
    assert host.now_s() - bench.now_s() == pytest.approx(apart_s, abs=0.5)
    before_s = host.now_s()
    host.sleep_until(before_s - 1.0)
    assert host.now_s() - before_s < 5.0, "what has passed is not waited for"


def test_time_waits_for_one_host_only() -> None:
    channels = [{"id": name, "battery": {}, "instruments": []} for name in "12"]
    with pytest.raises(ValueError, match="host_time"):
        BenchSimulation.model_validate({"channels": channels, "host_time": "time"})
