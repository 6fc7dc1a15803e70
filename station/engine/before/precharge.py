"""Joins source and pack through the pre-charge resistor, then closes the contactor."""

from __future__ import annotations

import time
from collections.abc import Callable

from station.bench import Precharge
from station.engine.base.timebase import Clock
from station.engine.before.insulation import AuxiliaryCoils
from station.safety.checks import TOUCH_SAFE_V, CheckResult
from station.safety.checks import contactor as rules
from station.safety.checks.readings import reversed_leads

AUXILIARY = "precharge"
POLL_S = 0.01
REVERSED_V = -0.1
JOINED_S = 1.0
"""How long (bench time) the source may take to show the battery's voltage once the contactor has closed."""


class Precharger:
    """One connection of source and pack. ``tell`` records each result and raises for one that refuses.

    ``joined``: the two have been connected, if only by the resistor.
    """

    def __init__(
        self,
        wiring: Precharge,
        coils: AuxiliaryCoils,
        *,
        read_source: Callable[[], float],
        read_terminals: Callable[[], float | None],
        clock: Clock,
        tell: Callable[[CheckResult], None],
        on_step: Callable[[], None],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._wiring, self._coils = wiring, coils
        self._read_source, self._read_terminals = read_source, read_terminals
        self._clock, self._tell, self._on_step, self._sleep = clock, tell, on_step, sleep
        self.joined = False

    def connect(self, battery_V: float, close_contactor: Callable[[], None], *, by_bms: bool) -> None:
        """Everything from open to closed. The pre-charge is open again however it ends.

        Raises CheckFailed (by ``tell``), InterlockOpen, DriverError.
        """
        start_V = self._discharged(battery_V)
        self.joined = True
        self._coils.close_aux(AUXILIARY)
        try:
            self._rise(start_V, battery_V)
            close_contactor()
        finally:
            self._coils.open_aux(AUXILIARY)
        source_V = self._wait(
            lambda volts: rules.cutoff_joined(battery_V, volts, by_bms=by_bms).ok, JOINED_S
        )[0]
        self._tell(rules.cutoff_joined(battery_V, source_V, by_bms=by_bms))

    def _discharged(self, battery_V: float) -> float:
        """The source's voltage before anything closes: not the battery's, and touch-safe."""
        source_V = self._read_source()
        self._tell(rules.contactor_open_before(source_V, battery_V, self._tolerance_V(battery_V)))
        source_V = self._wait(lambda volts: volts <= TOUCH_SAFE_V, rules.RESIDUAL_S)[0]
        self._tell(rules.residual_before(source_V))
        return source_V

    def _rise(self, start_V: float, battery_V: float) -> None:
        wiring = self._wiring

        def met(volts: float) -> bool:
            return volts < REVERSED_V or rules.within(
                volts, battery_V, wiring.tolerance_V, wiring.tolerance_fraction
            )

        # What reaches 95 % in time is past 60 % after a third of it: the resistor need not be heated longer.
        third_s = wiring.timeout_s / 3
        source_V, took_s = self._wait(met, third_s)
        if not met(source_V) and rules.rising(start_V, source_V, battery_V):
            source_V, more_s = self._wait(met, wiring.timeout_s - third_s)
            took_s += more_s
        if source_V < REVERSED_V:
            self._tell(reversed_leads(source_V))
        if not met(source_V):
            terminals_V = self._read_terminals()
            self._tell(rules.precharge_failed(start_V, source_V, battery_V, terminals_V, took_s))
        self._tell(rules.precharge_done(source_V, battery_V, took_s, wiring.timeout_s))

    def _tolerance_V(self, battery_V: float) -> float:
        return max(self._wiring.tolerance_V, self._wiring.tolerance_fraction * abs(battery_V))

    def _wait(self, good: Callable[[float], bool], timeout_s: float) -> tuple[float, float]:
        """Read until it is good; the last reading is never older than the time-out. Bench seconds taken."""
        start_s = self._clock.now_s()
        while True:
            self._on_step()
            took_s = self._clock.now_s() - start_s
            source_V = self._read_source()
            if good(source_V) or took_s >= timeout_s:
                return source_V, took_s
            self._sleep(POLL_S)


def residual_after(
    read_source: Callable[[], float],
    clock: Clock,
    on_step: Callable[[], None],
    sleep: Callable[[float], None] = time.sleep,
) -> CheckResult:
    """Watch the source's terminals after the cut-off has opened, for 5 s at most. Raises DriverError."""
    start_s = clock.now_s()
    while True:
        on_step()
        waited_s = clock.now_s() - start_s
        source_V = read_source()
        if source_V <= TOUCH_SAFE_V or waited_s >= rules.RESIDUAL_S:
            return rules.residual_after(source_V, waited_s)
        sleep(POLL_S)
