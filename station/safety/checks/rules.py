"""The rules that look at one set of readings, in their order."""

from __future__ import annotations

from collections.abc import Callable

from station.safety.checks import battery, bms, readings, supervision
from station.safety.checks.inputs import CheckInputs
from station.safety.checks.result import CheckResult

RULES: tuple[Callable[[CheckInputs], CheckResult], ...] = (
    supervision.watchdog_or_cutoff,
    supervision.precharge_wired,
    readings.reading_present,
    readings.polarity,
    readings.battery_present,
    readings.voltmeters_agree,
    bms.bms_healthy,
    bms.bms_fresh,
    readings.bms_agrees,
    battery.not_overdischarged,
    battery.ocv_in_window,
    battery.cells_in_window,
    battery.temperature_allows_charge,
)


def run_checks(inputs: CheckInputs) -> list[CheckResult]:
    """Every rule in order, up to and including the first that fails."""
    results: list[CheckResult] = []
    for rule in RULES:
        results.append(rule(inputs))
        if not results[-1].ok:
            break
    return results
