"""In-memory instruments that keep the contracts, with switches for what can go wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from drivers.capabilities import Capabilities, Span, TimingClass, Watchdog
from drivers.contracts.common import Identity
from drivers.contracts.power import (
    PowerPort,
    PowerReading,
    Protection,
    SafeState,
    SequenceState,
    SequenceStep,
)
from drivers.contracts.relay import RelayBoard
from drivers.errors import InstrumentError, OutOfRange, TransportError


class FakeRelay(RelayBoard):
    """Eight coils and eight inputs; inputs 0 and 1 are E-stop and interlock, 2 and 3 contactor feedback."""

    def __init__(self) -> None:
        self.coil_states = [False] * 8
        self.estop_ok = self.interlock_ok = True
        self.welded: set[int] = set()
        self.open_fault: set[int] = set()
        self.frozen: set[int] = set()
        self.timed = False
        self.falls_off_at: dict[int, float] = {}
        self.holds: list[tuple[float, int, float]] = []
        self.dead = False
        self.block = threading.Event()
        self.block.set()
        self.closed = False

    def _alive(self) -> None:
        self.block.wait(10)
        if self.dead:
            raise TransportError("relay board: no answer")

    @property
    def hold_timer(self) -> Span | None:
        return Span(0.1, 3276.7) if self.timed else None

    def hold_coil(self, coil: int, hold_s: float) -> None:
        self._alive()
        assert self.timed
        now = time.monotonic()
        self.holds.append((now, coil, hold_s))
        if coil not in self.frozen:
            self.coil_states[coil] = True
            self.falls_off_at[coil] = now + hold_s

    def expire(self) -> None:
        """What the board's own timers do."""
        for coil, at in list(self.falls_off_at.items()):
            if time.monotonic() >= at and coil not in self.frozen:
                del self.falls_off_at[coil]
                self.coil_states[coil] = False

    def set_coil(self, coil: int, closed: bool) -> None:
        self._alive()
        self.falls_off_at.pop(coil, None)
        if coil not in self.frozen:
            self.coil_states[coil] = closed

    def coils(self, first: int, count: int) -> list[bool]:
        self._alive()
        self.expire()
        return self.coil_states[first : first + count]

    def inputs(self, first: int, count: int) -> list[bool]:
        self._alive()
        self.expire()
        contacts = [
            (self.coil_states[c] and c not in self.open_fault and self.estop_ok) or c in self.welded
            for c in (0, 1)
        ]
        values = [self.estop_ok, self.interlock_ok, *contacts, *[False] * 8]
        return values[first : first + count]

    def identify(self) -> Identity:
        return Identity("fake", "relay", "1", "")

    def close(self) -> None:
        self.closed = True


class FakePower(PowerPort):
    """A source and sink on an ideal battery: 3.6 V and 2 mΩ."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.on = True
        self.current_A = 5.0
        self.fails: dict[str, Exception] = {}
        self.leaves_current_A = 0.0
        self.stays_on = False
        self.settles_after = 0
        self.watchdog: Watchdog | None = Watchdog(Span(0.02, 10.0))
        self.timing = frozenset({TimingClass.COMMANDED})

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if name in self.fails:
            raise self.fails[name]

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            voltage_V=Span(0, 70),
            current_A=Span(-100, 100),
            power_W=Span(-5000, 5000),
            voltage_resolution_V=0.0001,
            current_resolution_A=0.001,
            pulse_min_s=0.001,
            timing=self.timing,
            sequence_steps_max=100,
            watchdog=self.watchdog,
            remote_sense=True,
        )

    def prepare(self, protection: Protection) -> None:
        self._call("prepare")
        self.protection = protection
        self.on, self.current_A = False, 0.0

    def set_current(self, current_A: float) -> None:
        self._call("set_current")
        if abs(current_A) > 100:
            raise OutOfRange("beyond 100 A")
        self.current_A = current_A

    def output_on(self) -> None:
        self._call("output_on")
        self.on = True

    def output_off(self) -> None:
        self._call("output_off")
        self.on = self.stays_on

    def output_is_on(self) -> bool:
        return self.on

    def read(self) -> PowerReading:
        self._call("read")
        current_A = self.current_A if self.on else 0.0
        return PowerReading(3.6 + 0.002 * current_A, current_A)

    def load_sequence(self, steps: Sequence[SequenceStep]) -> None:
        self.steps = list(steps)
        self._call("load_sequence")

    def start_sequence(self) -> None:
        self._call("start_sequence")

    def sequence_state(self) -> SequenceState:
        return SequenceState.STOPPED

    def stop_sequence(self) -> None:
        self._call("stop_sequence")

    def arm_watchdog(self, timeout_s: float) -> None:
        self._call("arm_watchdog")
        self.watchdog_s = timeout_s

    def feed_watchdog(self) -> None:
        self._call("feed_watchdog")

    def disarm_watchdog(self) -> None:
        self._call("disarm_watchdog")

    def make_safe(self) -> None:
        self._call("make_safe")
        self.current_A = 0.0
        self.on = self.stays_on

    def verify_safe(self) -> SafeState:
        self._call("verify_safe")
        if self.settles_after > 0:
            self.settles_after -= 1
            return SafeState(False, 3.0)
        return SafeState(self.on, self.leaves_current_A)

    def identify(self) -> Identity:
        return Identity("fake", "power", "1", "")

    def close(self) -> None:
        self.calls.append("close")


BROKEN = InstrumentError("refused", error_code=1, text="refused")
LOST = TransportError("link lost")
