"""Rules about the voltages that were read: there, the right way round, and of one mind."""

from __future__ import annotations

from station.safety.checks.inputs import (
    AGREEMENT_FRACTION,
    AGREEMENT_V,
    BMS_AGREEMENT_FRACTION,
    BMS_AGREEMENT_V,
    NO_BATTERY_PER_CELL_V,
    NO_BATTERY_V,
    CheckInputs,
)
from station.safety.checks.result import CheckResult
from station.safety.sample import is_reading


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
        inputs.voltage_V if is_reading(inputs.voltage_V) else None,
        unit="V",
        message=f"no voltage from {' and '.join(missing)}",
        remedy="check the leads, the fuse of the sense lead and the scanner's channel list; wake the BMS",
        source="bench",
    )


def _of_leads(inputs: CheckInputs) -> list[float]:
    readings = (inputs.voltage_V, inputs.terminals_V if inputs.has_terminals else None)
    return [value for value in readings if value is not None]


def polarity(inputs: CheckInputs) -> CheckResult:
    """No voltmeter may read a reversed battery, and two of them may not disagree in sign."""
    return reversed_leads(min(_of_leads(inputs)))


def reversed_leads(lowest_V: float) -> CheckResult:
    """Judge the lowest voltage that any pair of leads shows."""
    return CheckResult(
        "polarity",
        lowest_V >= -NO_BATTERY_V,
        lowest_V,
        0.0,
        "V",
        f"the battery reads {lowest_V:.3f} V: the battery or a pair of sense leads is the wrong way round",
        "swap the leads of that instrument; nothing has been switched on",
        source="bench",
    )


def battery_present(inputs: CheckInputs) -> CheckResult:
    """Close to 0 V is no battery, or one whose BMS keeps it switched off."""
    limit = NO_BATTERY_V + NO_BATTERY_PER_CELL_V * inputs.series_cells
    highest = max(_of_leads(inputs))
    return CheckResult(
        "no_battery",
        highest > limit,
        highest,
        limit,
        "V",
        f"{highest:.3f} V at the terminals: no battery is connected, or its BMS has switched it off",
        "connect the battery; a pack that reads 0 V may need its BMS woken or its service plug fitted",
        source="battery",
    )


def voltmeters_agree(inputs: CheckInputs) -> CheckResult:
    """The instrument's sense input and the scanner's own leads see the same battery."""
    if not inputs.has_terminals or inputs.voltage_V is None or inputs.terminals_V is None:
        return CheckResult("voltage_agreement", True, source="bench")
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
        source="bench",
    )


def bms_agrees(inputs: CheckInputs) -> CheckResult:
    """The pack's own BMS sees the same pack."""
    if not inputs.has_bms or inputs.voltage_V is None or inputs.bms_pack_V is None:
        return CheckResult("bms_agreement", True, source="battery")
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
        source="battery",
    )
