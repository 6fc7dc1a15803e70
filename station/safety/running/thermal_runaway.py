"""The test judgement of a thermal runaway, after the Chinese standard for traction batteries.

(a) the voltage fell by more than 25 % of what it was at the start, (b) the maximum temperature is reached,
(c) the temperature rises by 1 K/s or more for 3 s or longer: (a) and (c), or (b) and (c).
"""

from __future__ import annotations

from station.errors import LimitTripped
from station.safety.envelope import Limit
from station.safety.running.rule import RuleInfo
from station.safety.running.temperatures import Temperatures
from station.safety.sample import Sample

RATE_K_PER_S, RATE_S = 1.0, 3.0
DROP = 0.25


class ThermalRunaway:
    """Also asked when a plain limit of temperature or voltage trips, so that the alarm has the right name."""

    def __init__(self, temperatures: Temperatures, maximum: Limit) -> None:
        self._temperatures = temperatures
        self._maximum_degC = maximum.value
        self._start_V: float | None = None
        self._sensor = ""
        self._rate: float | None = None
        self.info = RuleInfo(
            "thermal_runaway",
            RATE_K_PER_S * 60,
            "K/min",
            "station",
            "leave the room at once, close the door, call the fire brigade; do not come back to the battery",
        )

    def begin(self, voltage_V: float) -> None:
        """The first voltage of the run is what a drop is measured from."""
        if self._start_V is None:
            self._start_V = voltage_V

    def check_temperatures(self, sample: Sample) -> LimitTripped | None:
        """Judge all courses; called when one of them has grown."""
        self._rate = None
        for name, course in self._temperatures.courses.items():
            rate = course.rise(RATE_S, RATE_K_PER_S)
            if rate is not None:
                self._rate, self._sensor = rate, name
                break
        return self.judge(sample)

    def judge(self, sample: Sample, *, hot: bool = False) -> LimitTripped | None:
        """Whether what is known by now is a thermal runaway; ``hot``: a maximum is reached for certain."""
        if self._rate is None:
            return None
        voltage_V, surface_degC = sample.voltage_V, sample.surface_degC
        dropped = (
            self._start_V is not None and voltage_V is not None and voltage_V < (1 - DROP) * self._start_V
        )
        hot = hot or (surface_degC is not None and surface_degC >= self._maximum_degC)
        if not dropped and not hot:
            return None
        per_min = round(self._rate * 60, 1)
        why = "the voltage has fallen by more than a quarter" if dropped else "the maximum is reached"
        return self.info.trip(
            f"{self._sensor} rises by {per_min:.3g} K/min and {why}",
            sample,
            value=per_min,
            sensor=self._sensor,
        )
