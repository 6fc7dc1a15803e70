"""How far the temperatures of cells at the same load may lie apart."""

from __future__ import annotations

from station.errors import LimitTripped
from station.safety.envelope import Limit
from station.safety.running.rule import Notes, RuleInfo
from station.safety.running.witness import ScanView
from station.safety.sample import Sample, is_reading

WARN_SHARE = 0.5
"""5 K warn and 10 K stop by practice (not verified); a tighter stop brings its warning along."""
TIMES = 3


class TemperatureSpread:
    """The warmest minus the coldest surface sensor, three scans in a row."""

    def __init__(self, limit: Limit, notes: Notes) -> None:
        self._notes = notes
        self._limit_K = limit.value
        self._warm = self._bad = 0
        self.info = RuleInfo.within(
            "temperature_spread",
            limit,
            "K",
            "one cell is much warmer than the others: watch it until it cools down, then inspect it",
        )

    def check_scan(self, scan: ScanView, sample: Sample) -> LimitTripped | None:
        """Judge one scan."""
        known = [value for value in scan.surfaces_degC if value is not None and is_reading(value)]
        if len(known) < 2:
            return None
        spread_K = max(known) - min(known)
        self._warm = self._warm + 1 if spread_K > WARN_SHARE * self._limit_K else 0
        self._bad = self._bad + 1 if spread_K > self._limit_K else 0
        if self._warm == 0 or self._warm >= TIMES:
            self._notes.say_while("temperature_spread", self._warm >= TIMES, spread_K=round(spread_K, 1))
        if self._bad < TIMES:
            return None
        return self.info.trip(
            f"{spread_K:.1f} K between the surface sensors; the {self.info.source} allows "
            f"{self._limit_K:.3g} K",
            sample,
            value=spread_K,
        )
