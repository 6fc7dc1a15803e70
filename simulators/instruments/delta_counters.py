"""The SM15K's host watchdog and Ah/Wh integrators."""

from __future__ import annotations

from typing import Literal

from simulators.clock import SimClock
from simulators.scpi.errors import illegal_parameter
from simulators.wiring import NEVER_S

WATCHDOG_MINIMUM_MS = 20
WATCHDOG_MAXIMUM_MS = 10000
WATCHDOG_TEST_MS = 2.5


class Watchdog:
    """Host watchdog in ms. It counts real time by default, because the host lives in real time;
    with ``simulated`` it counts simulated time (the same thing at speed 1)."""

    def __init__(self, clock: SimClock, counts: Literal["real", "simulated"]) -> None:
        self._clock = clock
        self._real = counts == "real"
        self.setting_ms = 0
        self._loaded_ms = 0.0
        self._loaded_at_s = 0.0
        self._armed = False
        self._timed_out = False

    def expiry_s(self) -> float:
        """Simulated time at which it expires; ``inf`` while off."""
        if not self._armed:
            return NEVER_S
        due_s = self._loaded_at_s + self._loaded_ms / 1000.0
        return self._clock.sim_at_real_s(due_s) if self._real else due_s

    def arm(self, milliseconds: float) -> None:
        """Load and enable."""
        self._armed = True
        self._timed_out = False
        self._loaded_ms = milliseconds
        self._loaded_at_s = self._now_s()

    def reload(self) -> None:
        """Start again from the set time."""
        if self._armed and self._loaded_ms > WATCHDOG_TEST_MS:
            self._loaded_at_s = self._now_s()

    def stop(self) -> None:
        """Disable."""
        self._armed = False
        self._timed_out = False

    def expire(self) -> None:
        """The time is over."""
        self._armed = False
        self._timed_out = True

    def state_ms(self) -> int:
        """Remaining ms, 0 once after a time-out, -1 while off."""
        if self._armed:
            left_ms = self._loaded_ms - (self._now_s() - self._loaded_at_s) * 1000.0
            return max(1, round(left_ms))
        if self._timed_out:
            self._timed_out = False
            return 0
        return -1

    def _now_s(self) -> float:
        return self._clock.real_s() if self._real else self._clock.now_s()


class Integrator:
    """One of AH or WH: totals and extremes by direction."""

    def __init__(self) -> None:
        self.state = "OFF"
        self.seconds = 0.0
        self.totals = {"POS": 0.0, "NEG": 0.0}
        self.lowest: dict[str, float | None] = {"POS": None, "NEG": None}
        self.highest: dict[str, float | None] = {"POS": None, "NEG": None}

    def command(self, word: str) -> None:
        """ON resets and starts; SUSPEND and RESUME pause."""
        if word == "ON":
            self.__init__()  # type: ignore[misc]
        if word not in ("ON", "OFF", "SUSPEND", "RESUME"):
            raise illegal_parameter()
        self.state = word

    def add(self, duration_s: float, value: float) -> None:
        """Integrate ``value`` (A or W) over ``duration_s``."""
        if self.state not in ("ON", "RESUME"):
            return
        self.seconds += duration_s
        side = "POS" if value >= 0.0 else "NEG"
        self.totals[side] += value * duration_s / 3600.0
        low, high = self.lowest[side], self.highest[side]
        self.lowest[side] = value if low is None or abs(value) < abs(low) else low
        self.highest[side] = value if high is None or abs(value) > abs(high) else high

    def answer(self, question: str) -> str:
        """Answer e.g. ``TIMEHR``, ``POS,TOTAL``, ``NEG,IMAX``; zero while off."""
        if question == "STATE":
            return self.state
        off = self.state == "OFF"
        if question == "TIMEHR":
            return f"{0.0 if off else self.seconds / 3600.0:.3f}"
        if question == "TIMESEC":
            return f"{0.0 if off else self.seconds:.1f}"
        side, _, what = question.partition(",")
        if side not in self.totals:
            raise illegal_parameter()
        if what == "TOTAL":
            return f"{0.0 if off else self.totals[side]:.6E}"
        if what in ("IMIN", "PMIN"):
            return f"{0.0 if off else self.lowest[side] or 0.0:.4f}"
        if what in ("IMAX", "PMAX"):
            return f"{0.0 if off else self.highest[side] or 0.0:.4f}"
        raise illegal_parameter()


class IntegratorBank:
    """The AH and WH integrators."""

    def __init__(self) -> None:
        self.by_name = {"AH": Integrator(), "WH": Integrator()}

    def add(self, duration_s: float, current_A: float, power_W: float) -> None:
        """Take note of a step."""
        self.by_name["AH"].add(duration_s, current_A)
        self.by_name["WH"].add(duration_s, power_W)

    def handle(self, text: str) -> str | None:
        """``AH,STATE,ON`` or ``AH,POS,TOTAL?``."""
        name, _, rest = text.replace(" ", "").upper().partition(",")
        integrator = self.by_name.get(name)
        if integrator is None:
            raise illegal_parameter()
        if rest.endswith("?"):
            return integrator.answer(rest[:-1])
        what, _, word = rest.partition(",")
        if what != "STATE":
            raise illegal_parameter()
        integrator.command(word)
        return None
