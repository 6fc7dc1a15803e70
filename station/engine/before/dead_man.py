"""What turns the current off when this program falls silent: armed before energy, and said in the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drivers.capabilities import Capabilities
from drivers.contracts.power import PowerPort
from station.engine.base.job import Job

WATCHDOG_S = 1.0
"""The instrument's watchdog, in real time also on a fast simulated bench: supervision is never hurried."""
FEEDS = 2
"""Feeds within one watchdog time."""
TIMER_SHARE, TIMER_EXTRA_S = 1.1, 30.0
"""A load-on timer runs from turning on, whatever the host does: it must outlast the run, and by no more. It
is the instrument's own clock, as a list's steps are: bench time, whatever the speed of a simulated bench."""


@dataclass(frozen=True)
class DeadMan:
    """What is armed: the watchdog in real s, the timer in bench s. ``unwatched`` names drivers."""

    watchdog_s: float | None
    load_on_timer_s: float | None
    unwatched: tuple[str, ...]

    @property
    def feed_every_s(self) -> float:
        """After this time the main loop, and nobody else, feeds the watchdog; 0 where nothing is fed."""
        return 0.0 if self.watchdog_s is None else self.watchdog_s / FEEDS

    def facts(self, job: Job, hold_s: float | None) -> dict[str, Any]:
        """For the record; ``hold_s`` is what the guard said about its relay board."""
        return {
            "watchdog": self.watchdog_s is not None,
            "watchdog_s": self.watchdog_s,
            "load_on_timer_s": self.load_on_timer_s,
            "unwatched": list(self.unwatched),
            "cutoff": job.channel.cutoff is not None,
            "hold_s": hold_s,
            "accepted": [name for name in self.unwatched if name in job.channel.accepted_unwatched()],
        }


def dead_man(job: Job, capabilities: Capabilities) -> DeadMan:
    """What this channel's instruments can do by themselves in this run."""
    watchdog, timer_s = capabilities.watchdog, load_on_timer_s(job, capabilities)
    watchdog_s = None
    if watchdog is not None:
        watchdog_s = min(max(WATCHDOG_S, watchdog.timeout_s.low), watchdog.timeout_s.high)
    return DeadMan(watchdog_s, timer_s, unwatched(job, capabilities))


def arm(job: Job, power: PowerPort) -> DeadMan:
    """Arm all of it; before the output goes on. Raises DriverError."""
    armed = dead_man(job, power.capabilities)
    if armed.load_on_timer_s is not None:
        power.set_load_on_timer(armed.load_on_timer_s)
    if armed.watchdog_s is not None:
        power.arm_watchdog(armed.watchdog_s)
    return armed


def load_on_timer_s(job: Job, capabilities: Capabilities) -> float | None:
    """The time to set in s, or None where there is no timer or the run is longer than it can count."""
    span = capabilities.load_on_timer
    if span is None:
        return None
    wanted_s = max(span.low, job.plan.duration_s * TIMER_SHARE + TIMER_EXTRA_S)
    return wanted_s if wanted_s <= span.high else None


def unwatched(job: Job, capabilities: Capabilities) -> tuple[str, ...]:
    """The drivers behind the power port that nothing of their own turns off in this run."""
    timed = load_on_timer_s(job, capabilities) is not None
    power = job.channel.power
    if capabilities.unwatched is None:
        return () if capabilities.watchdog is not None or timed else (power.driver,)
    parts = power.parts()
    left = set(capabilities.unwatched)
    if capabilities.load_on_timer is not None and not timed:
        left.add("load")
    return tuple(parts[name].driver if name in parts else name for name in sorted(left))
