"""What must be true before any energy moves. One function per rule; the first that fails refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from station.errors import CheckFailed
from station.safety.chemistry import ChemistryLimits, overdischarged_V
from station.safety.sample import is_reading

NO_BATTERY_V = 0.1
"""Below this (plus 20 mV for each series cell) there is no battery, or its BMS holds its switch open."""
NO_BATTERY_PER_CELL_V = 0.02
WINDOW_TOLERANCE_V = 0.01
"""Rested voltage may lie outside the cell's window by this much (instrument accuracy)."""
AGREEMENT_V = 0.02
AGREEMENT_FRACTION = 0.005
"""Two independent voltmeters on one battery agree within the larger of these."""
BMS_AGREEMENT_FRACTION = 0.02
BMS_AGREEMENT_V = 2.0
"""A BMS measures its pack more coarsely (0.5 V steps are usual)."""


@dataclass(frozen=True)
class CheckInputs:
    """What was read before energy. None where there is no reading.

    ``terminals_V`` and ``surface_degC`` only count where the channel has such a sensor
    (``has_terminals``, ``has_surface``); likewise ``bms_pack_V`` with ``has_bms``.
    """

    voltage_V: float | None
    chemistry: ChemistryLimits
    series_cells: int
    charge_min_degC: float
    charge_max_degC: float
    has_terminals: bool = False
    terminals_V: float | None = None
    has_surface: bool = False
    surface_degC: float | None = None
    has_bms: bool = False
    bms_pack_V: float | None = None
    bms_faults: tuple[str, ...] = ()
    cell_voltages_V: tuple[float | None, ...] = ()
    has_watchdog: bool = False
    has_cutoff: bool = False
    accept_no_watchdog: bool = False


@dataclass(frozen=True)
class CheckResult:
    """One rule's answer; ``limit`` is a number, a pair or a word."""

    rule: str
    ok: bool
    value: float | None = None
    limit: Any = None
    unit: str = ""
    message: str = ""
    remedy: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the journal; words only where something is wrong."""
        data = asdict(self)
        return {key: data[key] for key in data if not (self.ok and key in ("message", "remedy"))}

    def error(self) -> CheckFailed:
        """The refusal that this result is."""
        return CheckFailed(
            f"{self.rule}: {self.message}",
            remedy=self.remedy,
            code=f"safety.check.{self.rule}",
            rule=self.rule,
            value=self.value,
            limit=self.limit,
            unit=self.unit,
        )


def run_checks(inputs: CheckInputs) -> list[CheckResult]:
    """Every rule in order, up to and including the first that fails."""
    results: list[CheckResult] = []
    for rule in RULES:
        results.append(rule(inputs))
        if not results[-1].ok:
            break
    return results


def require(results: Iterable[CheckResult]) -> None:
    """Raise CheckFailed for the first result that is not ok."""
    for result in results:
        if not result.ok:
            raise result.error()


def watchdog_or_cutoff(inputs: CheckInputs) -> CheckResult:
    """Something below this program must be able to stop the current when the program dies."""
    ok = inputs.has_watchdog or inputs.has_cutoff or inputs.accept_no_watchdog
    return CheckResult(
        "watchdog_or_cutoff",
        ok,
        message="the instrument has no watchdog and the channel has no cut-off",
        remedy="wire a cut-off for this channel, or accept it in the bench file (accept_no_watchdog)",
    )


def reading_present(inputs: CheckInputs) -> CheckResult:
    """The instrument must see a voltage, and every voltmeter the bench file names must too."""
    missing = [
        name
        for name, present, value in (
            ("the instrument's sense input", True, inputs.voltage_V),
            ("the scanner's terminal input", inputs.has_terminals, inputs.terminals_V),
            ("the BMS", inputs.has_bms, inputs.bms_pack_V),
        )
        if present and not is_reading(value)
    ]
    return CheckResult(
        "reading_present",
        not missing,
        message=f"no voltage from {' and '.join(missing)}",
        remedy="check the leads, the fuse of the sense lead and the scanner's channel list; wake the BMS",
    )


def polarity(inputs: CheckInputs) -> CheckResult:
    """No voltmeter may read a reversed battery, and two of them may not disagree in sign."""
    readings = [
        v for v in (inputs.voltage_V, inputs.terminals_V if inputs.has_terminals else None) if v is not None
    ]
    lowest = min(readings)
    return CheckResult(
        "polarity",
        lowest >= -NO_BATTERY_V,
        lowest,
        0.0,
        "V",
        f"the battery reads {lowest:.3f} V: the battery or a pair of sense leads is the wrong way round",
        "swap the leads of that instrument; nothing has been switched on",
    )


def battery_present(inputs: CheckInputs) -> CheckResult:
    """Close to 0 V is no battery, or one whose BMS keeps it switched off."""
    limit = NO_BATTERY_V + NO_BATTERY_PER_CELL_V * inputs.series_cells
    readings = [
        v for v in (inputs.voltage_V, inputs.terminals_V if inputs.has_terminals else None) if v is not None
    ]
    highest = max(readings)
    return CheckResult(
        "no_battery",
        highest > limit,
        highest,
        limit,
        "V",
        f"{highest:.3f} V at the terminals: no battery is connected, or its BMS has switched it off",
        "connect the battery; a pack that reads 0 V may need its BMS woken or its service plug fitted",
    )


def voltmeters_agree(inputs: CheckInputs) -> CheckResult:
    """The instrument's sense input and the scanner's own leads see the same battery."""
    if not inputs.has_terminals or inputs.voltage_V is None or inputs.terminals_V is None:
        return CheckResult("voltage_agreement", True)
    limit = max(AGREEMENT_V, AGREEMENT_FRACTION * abs(inputs.terminals_V))
    difference = abs(inputs.voltage_V - inputs.terminals_V)
    return CheckResult(
        "voltage_agreement",
        difference <= limit,
        difference,
        limit,
        "V",
        f"the instrument reads {inputs.voltage_V:.3f} V, the scanner {inputs.terminals_V:.3f} V",
        "a sense lead is open or at another battery: check both pairs of leads",
    )


def bms_agrees(inputs: CheckInputs) -> CheckResult:
    """The pack's own BMS sees the same pack."""
    if not inputs.has_bms or inputs.voltage_V is None or inputs.bms_pack_V is None:
        return CheckResult("bms_agreement", True)
    limit = max(BMS_AGREEMENT_V, BMS_AGREEMENT_FRACTION * abs(inputs.voltage_V))
    difference = abs(inputs.voltage_V - inputs.bms_pack_V)
    return CheckResult(
        "bms_agreement",
        difference <= limit,
        difference,
        limit,
        "V",
        f"the instrument reads {inputs.voltage_V:.1f} V, the BMS {inputs.bms_pack_V:.1f} V",
        "the pack's contactors may be open, or the CAN plug belongs to another pack",
    )


def bms_healthy(inputs: CheckInputs) -> CheckResult:
    """A BMS that reports a fault is believed."""
    return CheckResult(
        "bms_fault",
        not inputs.bms_faults,
        message=f"the BMS reports {', '.join(inputs.bms_faults)}",
        remedy="read out and clear the BMS fault first; quarantine the pack if it stays",
    )


def not_overdischarged(inputs: CheckInputs) -> CheckResult:
    """A lithium-ion cell this empty may have grown copper shunts: it is never charged again."""
    cell_V = (inputs.voltage_V or 0.0) / inputs.series_cells
    limit = min(overdischarged_V(), inputs.chemistry.absolute_min_V)
    return CheckResult(
        "overdischarged",
        cell_V >= limit,
        cell_V,
        limit,
        "V",
        f"{cell_V:.3f} V per cell: over-discharged",
        "do not charge it: send it to recycling",
    )


def ocv_in_window(inputs: CheckInputs) -> CheckResult:
    """The rested voltage per cell lies inside the chemistry's window."""
    cell_V = (inputs.voltage_V or 0.0) / inputs.series_cells
    low, high = inputs.chemistry.discharge_min_V, inputs.chemistry.charge_max_V
    inside = low - WINDOW_TOLERANCE_V <= cell_V <= high + WINDOW_TOLERANCE_V
    return CheckResult(
        "ocv_window",
        inside,
        cell_V,
        [low, high],
        "V",
        f"{cell_V:.3f} V per cell is outside {low:g} to {high:g} V ({inputs.chemistry.name})",
        "check the chemistry and number of cells given; if they are right, bring it to mid charge by hand",
    )


def cells_in_window(inputs: CheckInputs) -> CheckResult:
    """Every single cell that can be seen lies inside the window; an average can hide a dead one."""
    low, high = inputs.chemistry.discharge_min_V, inputs.chemistry.charge_max_V
    for number, cell_V in enumerate(inputs.cell_voltages_V, start=1):
        if cell_V is None or not is_reading(cell_V):
            return CheckResult(
                "cell_reading",
                False,
                message=f"no voltage of cell {number}",
                remedy="check the cell's sense wire and the BMS",
            )
        if not low - WINDOW_TOLERANCE_V <= cell_V <= high + WINDOW_TOLERANCE_V:
            return CheckResult(
                "cell_window",
                False,
                cell_V,
                [low, high],
                "V",
                f"cell {number} has {cell_V:.3f} V, outside {low:g} to {high:g} V",
                "do not test this module as it is: a single cell is over-discharged or overcharged",
            )
    return CheckResult("cell_window", True)


def temperature_allows_charge(inputs: CheckInputs) -> CheckResult:
    """A wired temperature sensor must read, and the battery be warm and cool enough to be charged."""
    limits = [inputs.charge_min_degC, inputs.charge_max_degC]
    if not inputs.has_surface:
        return CheckResult("temperature", True)
    value = inputs.surface_degC
    if value is None or not is_reading(value):
        return CheckResult(
            "temperature",
            False,
            None,
            limits,
            "°C",
            "no reading from the surface sensor",
            "check the thermocouple",
        )
    return CheckResult(
        "temperature",
        limits[0] <= value <= limits[1],
        value,
        limits,
        "°C",
        f"the battery has {value:.1f} °C, allowed are {limits[0]:g} to {limits[1]:g} °C",
        "let the battery come to room temperature",
    )


RULES: tuple[Callable[[CheckInputs], CheckResult], ...] = (
    watchdog_or_cutoff,
    reading_present,
    polarity,
    battery_present,
    voltmeters_agree,
    bms_agrees,
    bms_healthy,
    not_overdischarged,
    ocv_in_window,
    cells_in_window,
    temperature_allows_charge,
)


def rested(
    drift_mV_per_min: float, limit_mV_per_min: float, uncertainty_mV_per_min: float = 0.0
) -> CheckResult:
    """Judge the drift of the open-circuit voltage, per cell. A drifting cell has not rested.

    Fails only when the drift is beyond the limit by more than the measurement's own uncertainty.
    """
    return CheckResult(
        "not_rested",
        abs(drift_mV_per_min) <= limit_mV_per_min + uncertainty_mV_per_min,
        drift_mV_per_min,
        limit_mV_per_min,
        "mV/min",
        f"the rested voltage drifts {drift_mV_per_min:+.1f} mV/min per cell, limit {limit_mV_per_min:g}",
        "let the battery rest longer (20 minutes after any current), then test again",
    )
