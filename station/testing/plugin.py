"""The pytest plugin for tests of profiles: fixtures ``bench``, ``channel``, ``sim_cell``, ``faults``,
``clock``.

Everything runs on a simulated copy of a bench (``--station-bench``, the demo bench by default). Real
instruments are touched with ``--station-hardware`` alone, never because a bench file happens to be real.
Each run is told in the test's JUnit properties: battery code, profile, its hash, bench and channel.

A test that has fixtures of these names of its own keeps them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from station.dryrun import DryRun
    from station.testing.bench import Faults, TestBench, TestChannel
    from station.testing.clock import TestClock

# The station itself is imported by the fixtures alone: who does not use them pays nothing.


def pytest_addoption(parser: pytest.Parser) -> None:
    """The plugin's options."""
    group = parser.getgroup("pulse station")
    group.addoption("--station-bench", default="demo", help="bench file, or the name of one that ships")
    group.addoption("--station-channel", default="", help="channel [default: the bench's first]")
    group.addoption(
        "--station-hardware",
        action="store_true",
        help="test on the REAL instruments of the bench; needs --station-battery and a charged battery",
    )
    group.addoption("--station-battery", default="", help="code of the battery on the leads; hardware only")
    group.addoption("--station-capacity", type=float, default=None, help="its nominal capacity in Ah")
    group.addoption("--station-data", default="", help="the station's data folder; hardware only")


@pytest.fixture(scope="module")
def _station_bench(request: pytest.FixtureRequest) -> Iterator[TestBench]:
    """One bench a module; started when something is asked of it."""
    bench = _bench_of(request.config)
    yield bench
    bench.close()


def _bench_of(config: pytest.Config) -> TestBench:
    from station.bench import load_bench
    from station.testing.bench import TestBench

    name = str(config.getoption("--station-bench"))
    loaded = load_bench(name)
    channel = str(config.getoption("--station-channel")) or loaded.channels[0].id
    if not config.getoption("--station-hardware"):
        return TestBench(loaded, channel)
    from station.bench import locate_bench
    from station.cli.options import data_folder
    from station.testing.hardware import HardwareBench

    battery = str(config.getoption("--station-battery"))
    if not battery:
        raise pytest.UsageError("--station-hardware needs --station-battery CODE: what hangs on the leads")
    given = str(config.getoption("--station-data"))
    return HardwareBench(
        str(locate_bench(name)),
        loaded,
        channel,
        battery=battery,
        capacity_Ah=config.getoption("--station-capacity"),
        data=data_folder(Path(given) if given else None),
    )


@pytest.fixture
def bench(_station_bench: TestBench, request: pytest.FixtureRequest) -> Iterator[TestBench]:
    """The bench. ``bench.run(profile)`` plays a test to its end; faults and battery are healed behind."""

    def tell(run: DryRun) -> None:
        request.node.user_properties.extend(_properties(_station_bench, run))

    _station_bench.listeners.append(tell)
    yield _station_bench
    _station_bench.listeners.remove(tell)
    if _station_bench.simulated:
        _station_bench.heal()


def _properties(bench: TestBench, run: DryRun) -> list[tuple[str, str]]:
    from profiles.hashing import profile_hash
    from station.dryrun.bench import BATTERY

    return [
        ("battery", str(getattr(bench, "battery_code", BATTERY))),
        ("profile", run.profile.name),
        ("profile_hash", profile_hash(run.asked)),
        ("bench", run.bench),
        ("channel", run.channel),
        ("simulated", str(bench.simulated).lower()),
    ]


@pytest.fixture
def channel(bench: TestBench) -> TestChannel:
    """The channel under test."""
    from station.testing.bench import TestChannel

    return TestChannel(bench)


@pytest.fixture
def sim_cell(bench: TestBench) -> Callable[..., dict[str, Any]]:
    """Connect a simulated cell: ``sim_cell("NMC", soc=0.3, soh=0.8)``, ``sim_cell("LFP35-037")``."""
    from station.testing.bench import sim_cell_of

    def connect(word: str, **more: Any) -> dict[str, Any]:
        return sim_cell_of(bench, word, **more)

    return connect


@pytest.fixture
def faults(bench: TestBench) -> Faults:
    """Faults on the simulated bench."""
    from station.testing.bench import Faults

    return Faults(bench)


@pytest.fixture
def clock(bench: TestBench) -> TestClock:
    """The bench's time."""
    from station.testing.clock import TestClock

    return TestClock(bench)
