"""Simulated time: monotonic time multiplied by a speed that may change while the bench runs."""

from __future__ import annotations

import time
from collections.abc import Callable

MINIMUM_SPEED = 0.01
MAXIMUM_SPEED = 1000.0


class ManualTime:
    """A monotonic source that moves only when told; for tests."""

    def __init__(self, start_s: float = 0.0) -> None:
        self._now_s = start_s

    def __call__(self) -> float:
        """Return the present time in seconds."""
        return self._now_s

    def advance(self, duration_s: float) -> None:
        """Move ``duration_s`` seconds forward. Raises ValueError if negative."""
        if duration_s < 0:
            raise ValueError(f"time cannot go back by {-duration_s} s")
        self._now_s += duration_s


class SimClock:
    """Maps real (monotonic) seconds to simulated seconds, starting at 0 s.

    A change of speed keeps the simulated time continuous: it only changes its slope.
    """

    def __init__(self, *, speed: float = 1.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._speed = _checked(speed)
        self._real_base_s = monotonic()
        self._sim_base_s = 0.0

    @property
    def speed(self) -> float:
        """Simulated seconds per real second."""
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Change the speed from now on. Raises ValueError outside 0.01–1000."""
        _checked(speed)
        real_s = self._monotonic()
        self._sim_base_s = self.sim_at_real_s(real_s)
        self._real_base_s = real_s
        self._speed = speed

    def now_s(self) -> float:
        """Simulated time now."""
        return self._sim_base_s + (self._monotonic() - self._real_base_s) * self._speed

    def real_s(self) -> float:
        """Real (monotonic) time now: what a host's own timers count."""
        return self._monotonic()

    def sim_at_real_s(self, real_s: float) -> float:
        """Simulated time at the real instant ``real_s``, if the speed stays."""
        return self._sim_base_s + (real_s - self._real_base_s) * self._speed

    def real_at_sim_s(self, sim_s: float) -> float:
        """Real (monotonic) time of the simulated instant ``sim_s`` since the last change of speed."""
        return self._real_base_s + (sim_s - self._sim_base_s) / self._speed

    def real_until_s(self, sim_s: float) -> float:
        """Real seconds from now until the simulated instant ``sim_s`` (not below 0)."""
        return max(0.0, (sim_s - self.now_s()) / self._speed)


def _checked(speed: float) -> float:
    if not MINIMUM_SPEED <= speed <= MAXIMUM_SPEED:
        raise ValueError(f"speed {speed} is outside {MINIMUM_SPEED}–{MAXIMUM_SPEED}")
    return speed
