"""A battery that gets warmer by itself: the early signs of a thermal runaway.

The two early-stage rates and their times are engineering practice (not verified); both only ever tighten.
"""

from __future__ import annotations

from station.errors import LimitTripped
from station.safety.envelope import Limit
from station.safety.running.rule import Notes, RuleInfo
from station.safety.running.slope import STRETCH
from station.safety.running.temperatures import Temperatures
from station.safety.sample import Sample

SLOW_S = 30.0
FAST_K_PER_S, FAST_S = 0.5, 5.0
WITH_CURRENT = 2.5
"""The slow limit is so many times higher while a current flows or has flowed within the window: pulses heat
a battery, a tenth of a kelvin per second at most; the fast limit knows no such excuse."""


class TemperatureRate:
    """Above the limit (0.1 K/s unless somebody asks for less) for 30 s without a current step: stop.
    Above 0.5 K/s for 5 s: stop, and everybody leaves."""

    def __init__(self, temperatures: Temperatures, limit: Limit, notes: Notes) -> None:
        self._temperatures, self._notes = temperatures, notes
        self._limit_K_per_s = limit.value / 60
        self.info = RuleInfo.within(
            "temperature_rate",
            limit,
            "K/min",
            "the battery heats by itself: watch it from a distance for at least an hour, do not touch it",
        )
        self.fast = RuleInfo(
            "temperature_rate_fast",
            FAST_K_PER_S * 60,
            "K/min",
            "station",
            "press the emergency stop, leave the room and call for help: this battery may catch fire",
        )

    def check_temperatures(self, sample: Sample) -> LimitTripped | None:
        """Judge all courses; called when one of them has grown."""
        for name, course in self._temperatures.courses.items():
            rate = course.rise(FAST_S, FAST_K_PER_S)
            if rate is not None:
                return self._trip(self.fast, name, rate, self.fast.limit, sample)
            self._say_thin(name, course.span_of_points_s)
            start_s = course.start_s(SLOW_S)
            if start_s is None:
                continue
            with_current = self._temperatures.flow_s >= start_s
            limit = self._limit_K_per_s * (WITH_CURRENT if with_current else 1.0)
            rate = course.rise(SLOW_S, limit)
            if rate is not None:
                return self._trip(self.info, name, rate, limit * 60, sample)
        return None

    def _say_thin(self, name: str, span_s: float | None) -> None:
        if span_s is None or span_s <= STRETCH * FAST_S:
            return
        rule = self.info if span_s > STRETCH * SLOW_S else self.fast
        self._notes.once("engine.rule_thin", "warning", rule.name + name, rule=rule.name, signal=name)

    def _trip(
        self, info: RuleInfo, name: str, rate_K_per_s: float, limit: float | None, sample: Sample
    ) -> LimitTripped:
        per_min = round(rate_K_per_s * 60, 2)
        text = f"{name} rises by {per_min:.3g} K/min"
        return info.trip(text, sample, value=per_min, limit=limit, sensor=name)
