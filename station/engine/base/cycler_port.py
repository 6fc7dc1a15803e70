"""A cycler as the rest of the engine knows its instruments: a power port that plays whole groups by itself.

So everything before energy, the ordered shutdown, pausing and the guard's part are the same for both kinds of
channel. What a cycler cannot do (a commanded current, an output that is on at zero current) is refused here.
Translating segments into a schedule is done here as well: drivers know nothing of profiles.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from drivers.capabilities import Capabilities
from drivers.contracts.common import Identity
from drivers.contracts.cycler import Cycler, CyclerRecord, CyclerStatus, CyclerStep, Schedule
from drivers.contracts.power import (
    PowerPort,
    PowerReading,
    Protection,
    SafeState,
    SequenceState,
    SequenceStep,
)
from drivers.errors import Unsupported
from station.errors import InstrumentFault, UsageError

OURS = "PS-"
"""How the names of all our tests begin: only those are ever stopped without being asked."""
NEEDED = ("voltage_min_V", "voltage_max_V", "charge_current_max_A", "discharge_current_max_A")
"""What a cycler must watch by itself; power is watched by the station where the cycler cannot."""
NAME_MAX = 25
"""What the shortest field for a test's name takes."""


class CyclerPort(PowerPort):
    """``cycler`` behind the contract of a power port. ``record_period_s`` is asked for with each schedule."""

    def __init__(self, cycler: Cycler, now: Callable[[], float] = time.time) -> None:
        self.cycler = cycler
        self._now = now
        self.record_period_s = 1.0
        self.name = ""
        self.handed_over = ""
        """What the driver said of the last upload."""
        self._protection: Protection | None = None

    # ------------------------------------------------------------------ a cycler's own

    def claim(self) -> None:
        """Before anything is said to it: is it free, or is what runs a test of ours that was left behind?

        Raises InstrumentFault: somebody else's test goes on undisturbed.
        """
        status = self.cycler.status()
        if status.state.over or status.test.startswith(OURS):
            return
        raise InstrumentFault(
            f"the cycler's channel is {status.word or status.state.value}: test {status.test or 'unknown'}",
            remedy="end that test at the cycler, or choose another channel",
            code="instrument.cycler_busy",
            state=status.state.value,
            test=status.test,
        )

    def schedule(self, steps: Sequence[CyclerStep], sampling_Hz: float) -> Schedule:
        """What is handed over: steps, the protections in force, records as often as asked or possible."""
        if self._protection is None:
            raise UsageError("no protection was prepared", remedy="prepare the channel first")
        period_s = max(1.0 / sampling_Hz, self.cycler.record_period_min_s)
        return Schedule(tuple(steps), self._protection, round(period_s, 3))

    def hand_over(self, steps: Sequence[CyclerStep], sampling_Hz: float) -> Schedule:
        """Upload under a new name. Raises CannotSay, OutOfRange, DriverError."""
        schedule = self.schedule(steps, sampling_Hz)
        self.name = self._new_name()
        self.handed_over = self.cycler.upload(schedule, self.name)
        self.record_period_s = schedule.record_period_s
        return schedule

    def start(self) -> None:
        """Start what was handed over."""
        self.cycler.start(self.name)

    def status(self) -> CyclerStatus:
        """Look at the channel."""
        return self.cycler.status()

    def is_ours(self, status: CyclerStatus) -> bool:
        """Whether what it tells is about the test that was started here, as far as the protocol tells."""
        return status.test in ("", self.name)

    def records(self, after: int) -> Sequence[CyclerRecord]:
        """The records above ``after`` so far."""
        return self.cycler.records(after)

    def _new_name(self) -> str:
        """Unique on the whole cycler, also where several channels start within a second."""
        stamp = time.strftime("%y%m%dT%H%M%S", time.gmtime(self._now()))
        return f"{OURS}{stamp}-{secrets.token_hex(4)}"[:NAME_MAX]

    # ------------------------------------------------------------------ the power port

    @property
    def capabilities(self) -> Capabilities:
        """Those of the cycler, less the one step that every schedule may need for a rest at its head."""
        own = self.cycler.capabilities
        steps = own.sequence_steps_max - 1
        return replace(own, watchdog=None, load_on_timer=None, sequence_steps_max=steps)

    def identify(self) -> Identity:
        return self.cycler.identify()

    def close(self) -> None:
        self.cycler.close()

    def prepare(self, protection: Protection) -> None:
        """Keep the protections for the schedules to come. Raises Unsupported where it cannot watch them."""
        missing = [name for name in NEEDED if name not in self.cycler.protections]
        if missing:
            raise Unsupported(
                f"the cycler cannot watch {', '.join(missing)} by itself",
                remedy="use a channel whose cycler takes its limits from the station",
                missing=missing,
            )
        self._protection = protection

    def set_current(self, current_A: float) -> None:
        if current_A != 0.0:
            raise Unsupported("a cycler takes schedules, no currents", remedy="use a profile's groups")
        self._end()

    def output_on(self) -> None:
        """Nothing to do: the cycler switches itself on with its schedule."""

    def output_off(self) -> None:
        self._end()

    def output_is_on(self) -> bool:
        return not self.cycler.status().state.over

    def read(self) -> PowerReading:
        return self.cycler.read()

    def load_sequence(self, steps: Sequence[SequenceStep]) -> None:
        self.hand_over([CyclerStep(step.current_A, step.duration_s) for step in steps], 1.0)

    def start_sequence(self) -> None:
        self.start()

    def sequence_state(self) -> SequenceState:
        state = self.cycler.status().state
        if state.over:
            return SequenceState.STOPPED
        return SequenceState.PAUSED if state.value == "paused" else SequenceState.RUNNING

    def stop_sequence(self) -> None:
        self._end()

    def arm_watchdog(self, timeout_s: float) -> None:
        raise _no_watchdog(timeout_s)

    def feed_watchdog(self) -> None:
        raise _no_watchdog()

    def disarm_watchdog(self) -> None:
        raise _no_watchdog()

    def make_safe(self) -> None:
        self.cycler.make_safe()

    def verify_safe(self) -> SafeState:
        return self.cycler.verify_safe()

    def _end(self) -> None:
        if not self.cycler.status().state.over:
            self.cycler.stop()


def _no_watchdog(timeout_s: float | None = None) -> Unsupported:
    told = "" if timeout_s is None else f" to set to {timeout_s:g} s"
    return Unsupported(f"a cycler has no host watchdog{told}", remedy="use a guard-driven cut-off relay")


def sampling_Hz(power: PowerPort, asked_Hz: float) -> float:
    """How often the instrument is to be read: a cycler's server is asked no more often than it records."""
    if isinstance(power, CyclerPort):
        return min(asked_Hz, 1.0 / power.cycler.record_period_min_s)
    return asked_Hz
