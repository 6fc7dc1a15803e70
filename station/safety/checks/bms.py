"""Rules about the battery's own management system: believed when it complains, heard only when fresh."""

from __future__ import annotations

import math

from station.safety.checks.inputs import CheckInputs
from station.safety.checks.result import CheckResult

PACK_AGE_MAX_S = 1.0
"""A pack voltage comes every 10 to 100 ms; older than this the BMS has fallen silent."""
CELLS_AGE_MAX_S = 5.0
"""Cell voltages are polled: a sweep takes up to 3.4 s on the slowest pack that was measured."""


def bms_healthy(inputs: CheckInputs) -> CheckResult:
    """A BMS that reports a fault is believed; a counter that stands still is a fault as well."""
    return CheckResult(
        "bms_fault",
        not inputs.bms_faults,
        message=f"the BMS reports {', '.join(inputs.bms_faults)}",
        remedy="read out and clear the BMS fault first; quarantine the pack if it stays",
        source="battery",
        facts={"faults": list(inputs.bms_faults)} if inputs.bms_faults else {},
    )


def bms_fresh(inputs: CheckInputs) -> CheckResult:
    """What the BMS says must be of now. Start-up sentinels are no values, so their age never counts."""
    if not inputs.has_bms:
        return CheckResult("bms_fresh", True, source="battery")
    pack_s = inputs.bms_pack_age_s if inputs.bms_pack_V is not None else math.inf
    cells_s = inputs.bms_cells_age_s if inputs.bms_gives_cells else 0.0
    stale, what, limit = (
        (cells_s, "cell voltages", CELLS_AGE_MAX_S)
        if pack_s <= PACK_AGE_MAX_S
        else (pack_s, "pack voltage", PACK_AGE_MAX_S)
    )
    never = math.isinf(stale)
    return CheckResult(
        "bms_fresh",
        stale <= limit,
        None if never else round(stale, 3),
        limit,
        "s",
        f"the BMS has given no {what} yet" if never else f"its {what} are {stale:.1f} s old",
        "check the CAN plug and the pack's 12 V supply, and whether another tester is on the bus",
        source="battery",
        facts={"signal": what},
    )
