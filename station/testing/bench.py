"""A bench, its channel and its faults, as tests of profiles use them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import profiles
from station.bench import Bench
from station.dryrun import DryBench, DryRun, cell_model, dry_bench, run_on
from station.dryrun.run import speed_for, thinned
from station.errors import UsageError


class TestBench:
    """A simulated copy of one channel of ``bench``; it is started with the first thing that is asked of it.

    Tests on hardware go through ``station.testing.hardware`` and have the same methods where they make sense.
    """

    __test__ = False
    simulated = True

    def __init__(self, bench: Bench, channel: str, *, seed: int = 1) -> None:
        self.description = bench
        self.channel_id = channel
        self._seed = seed
        self.listeners: list[Callable[[DryRun], None]] = []
        """Each gets every run that has ended."""
        self._battery: Mapping[str, Any] | None = None
        self._running: DryBench | None = None
        self._speed: float | None = None

    @property
    def name(self) -> str:
        """As the bench file has it."""
        return self.description.name

    @property
    def speed(self) -> float:
        """Bench seconds per real second while nothing has to be done."""
        return self.started().speed

    def started(self) -> DryBench:
        """The running bench."""
        if self._running is None:
            alone = dry_bench(self.description, self.channel_id, self._battery)
            self._running = DryBench(alone, speed=self._speed, seed=self._seed).__enter__()
        return self._running

    def connect(self, battery: Mapping[str, Any]) -> None:
        """Put this battery on the leads; as in the simulation section of a bench file."""
        self._battery = dict(battery)
        if self._running is not None:
            self._running.ask("connect", battery=self._battery, seed=self._seed)

    def ask(self, op: str, **request: Any) -> dict[str, Any]:
        """One operation on the simulators' control port."""
        return self.started().ask(op, **request)

    def run(
        self,
        profile: profiles.Profile | str | Path,
        *,
        nominal_capacity_Ah: float | None = None,
        chemistry: str | None = None,
        full_sampling: bool = False,
    ) -> DryRun:
        """Play ``profile`` (itself, a name or a file) to its end by the real engine.

        A test that ends early is a result, not an error. Raises ProfileError, and UsageError when it cannot
        be ordered.
        """
        made = profile if isinstance(profile, profiles.Profile) else profiles.load(str(profile))
        asked, made = made, made if full_sampling else thinned(made)
        wanted = speed_for(made)
        if self._running is None:
            self._speed = wanted
        elif wanted != self._speed:  # a longer test than before: another pace, another bench
            self.close()
            self._speed = wanted
        run = run_on(
            self.started(),
            made,
            asked=asked,
            nominal_capacity_Ah=nominal_capacity_Ah,
            chemistry=chemistry,
            speed=self._speed,
        )
        self._tell(run)
        return run

    def _tell(self, run: DryRun) -> None:
        for listener in self.listeners:
            listener(run)

    def heal(self) -> None:
        """No faults, and the same battery as at the beginning."""
        if self._running is None:
            return
        self.ask("clear_faults")
        battery = self._battery
        if battery is None:
            assert self.description.simulation is not None  # it was started
            battery = self.description.simulation.batteries[self.channel_id]
        self.ask("connect", battery=dict(battery), seed=self._seed)

    def close(self) -> None:
        """End it; harmless when it never ran."""
        running, self._running = self._running, None
        if running is not None:
            running.__exit__(None, None, None)


class TestChannel:
    """The channel under test: its limits, and ``run``."""

    __test__ = False

    def __init__(self, bench: TestBench) -> None:
        self.bench = bench
        self.id = bench.channel_id
        self.limits = bench.description.channel(bench.channel_id).limits
        self.series_cells = bench.description.channel(bench.channel_id).series_cells

    def run(self, profile: profiles.Profile | str | Path, **more: Any) -> DryRun:
        """See ``TestBench.run``."""
        return self.bench.run(profile, **more)

    def check(self, profile: profiles.Profile | str | Path, *, nominal_capacity_Ah: float) -> profiles.Plan:
        """The plan on this channel. Raises ProfileError when its currents are too large for it."""
        made = profile if isinstance(profile, profiles.Profile) else profiles.load(str(profile))
        limits = profiles.CurrentLimits(self.limits.charge_current_max_A, self.limits.discharge_current_max_A)
        return profiles.resolve(made, nominal_capacity_Ah=nominal_capacity_Ah, limits=limits)


class Faults:
    """Breaks things on the simulated bench; all is healed behind the test. ``station inject --list`` has all
    names."""

    __test__ = False

    def __init__(self, bench: TestBench) -> None:
        self._bench = bench

    def begin(self, name: str, value: Any = True, *, instrument: str | None = None) -> None:
        """Begin a fault now. Raises InstrumentFault for one that is not known."""
        more = {} if instrument is None else {"instrument": instrument}
        self._bench.ask("fault", name=name, value=value, **more)

    def arm(self, name: str, moment: str, value: Any = True, *, after_s: float = 0.0) -> None:
        """Begin it at a moment: ``output_on``, ``output_off``, ``rise`` or ``fall`` of the current."""
        when = {"moment": moment, "after_s": after_s}
        self._bench.ask("arm", label=name, when=when, fault={"name": name, "value": value})

    def clear(self) -> None:
        """End all of them."""
        self._bench.ask("clear_faults")


def sim_cell_of(bench: TestBench, word: str, **more: Any) -> dict[str, Any]:
    """Connect a cell by word: ``NMC``, ``LFP35-037``, a file; see ``station.dryrun.cell_model``."""
    if not bench.simulated:
        raise UsageError(
            "a simulated cell on real hardware",
            remedy="leave out --station-hardware",
            code="testing.hardware",
        )
    channel = bench.description.channel(bench.channel_id)
    battery = cell_model(word, channel, **more)
    bench.connect(battery)
    return battery
