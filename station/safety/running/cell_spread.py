"""How far the cells of one string may lie apart."""

from __future__ import annotations

from collections.abc import Sequence

from station.errors import LimitTripped
from station.safety.envelope import Limit
from station.safety.running.rule import RuleInfo
from station.safety.sample import Sample, is_reading

TIMES = 2


class CellSpread:
    """The highest minus the lowest cell; two readings in a row of one source. Missing cells do not count."""

    def __init__(self, limit: Limit) -> None:
        self.info = RuleInfo.within(
            "cell_spread", limit, "V", "one cell is far from the others: balance or inspect the module"
        )
        self._limit_V = limit.value
        self._bad: dict[str, int] = {}
        self._last: dict[str, Sequence[float | None]] = {}

    def check_cells(
        self, cells_V: Sequence[float | None], signal: str, sample: Sample
    ) -> LimitTripped | None:
        """Judge one reading of all cells by ``signal``; the same reading again is no second one."""
        if not cells_V or self._last.get(signal) is cells_V:
            return None
        self._last[signal] = cells_V
        known = [(value, n) for n, value in enumerate(cells_V, 1) if value is not None and is_reading(value)]
        if len(known) < 2:
            return None
        (low_V, low), (high_V, high) = min(known), max(known)
        spread_V = high_V - low_V
        self._bad[signal] = self._bad.get(signal, 0) + 1 if spread_V > self._limit_V else 0
        if self._bad[signal] < TIMES:
            return None
        return self.info.trip(
            f"cell {low} has {low_V:.4g} V and cell {high} {high_V:.4g} V; the {self.info.source} allows "
            f"{self._limit_V:.4g} V between them",
            sample,
            value=spread_V,
            cell=low,
        )
