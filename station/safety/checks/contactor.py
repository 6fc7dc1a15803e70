"""Rules around the contactor: before it closes, during pre-charge, once it is closed, after it opened."""

from __future__ import annotations

from station.safety.checks.inputs import (
    AGREEMENT_FRACTION,
    AGREEMENT_V,
    BMS_AGREEMENT_FRACTION,
    BMS_AGREEMENT_V,
    TOUCH_SAFE_V,
)
from station.safety.checks.result import CheckResult

RESIDUAL_S = 5.0
"""Within this time after opening the terminals must be touch-safe."""
ROSE_FRACTION = 0.1
"""A source that has not risen by this part of the battery's voltage gets nothing through the resistor."""
STEP_V, STEP_FRACTION = 0.05, 0.01
"""What closing a contactor may move the voltage at the battery by: nothing flows yet."""


def within(source_V: float, battery_V: float, tolerance_V: float, tolerance_fraction: float) -> bool:
    """True when the two sides differ by no more than the larger tolerance."""
    return abs(battery_V - source_V) <= max(tolerance_V, tolerance_fraction * abs(battery_V))


def contactor_open_before(source_V: float, battery_V: float, tolerance_V: float) -> CheckResult:
    """Nothing is closed yet: a source that already has the battery's voltage is joined to it somehow."""
    joined = source_V > TOUCH_SAFE_V and abs(battery_V - source_V) <= tolerance_V
    return CheckResult(
        "contactor_welded",
        not joined,
        source_V,
        battery_V,
        "V",
        f"{source_V:.1f} V at the source before anything was closed: the contactor is closed or welded",
        "take the service disconnect off and measure the contactor; replace it when it is welded",
        source="bench",
    )


def residual_before(source_V: float) -> CheckResult:
    """The source's own side must be discharged before it is joined to a pack."""
    return CheckResult(
        "residual_voltage",
        source_V <= TOUCH_SAFE_V,
        source_V,
        TOUCH_SAFE_V,
        "V",
        f"{source_V:.1f} V stand at the source's terminals with everything open",
        f"wait until they are below {TOUCH_SAFE_V:g} V; if they stay, the discharge resistor is open",
        source="bench",
    )


def rising(start_V: float, source_V: float, battery_V: float) -> bool:
    """True when something comes through the resistor."""
    return source_V - start_V >= ROSE_FRACTION * battery_V


def precharge_failed(
    start_V: float, source_V: float, battery_V: float, terminals_V: float | None, after_s: float
) -> CheckResult:
    """Why the pre-charge did not bring the source to the battery's voltage in time."""
    if terminals_V is not None and terminals_V < battery_V * (1 - 2 * STEP_FRACTION):
        return CheckResult(
            "precharge_no_pack",
            False,
            terminals_V,
            battery_V,
            "V",
            f"the battery's terminals fell to {terminals_V:.1f} V on the pre-charge resistor",
            "the pack's own contactors or its service plug are open: nothing stands behind the voltage",
            source="battery",
        )
    if not rising(start_V, source_V, battery_V):
        return CheckResult(
            "precharge_open",
            False,
            source_V,
            battery_V,
            "V",
            f"the source stayed at {source_V:.1f} V: nothing comes through the pre-charge",
            "check the pre-charge resistor, its fuse and its relay, and the pack's own contactors",
            source="bench",
        )
    return CheckResult(
        "precharge_slow",
        False,
        source_V,
        battery_V,
        "V",
        f"the source has reached {source_V:.1f} of {battery_V:.1f} V after {after_s:.1f} s",
        "something draws current from the source's side, or the resistor is too large for its capacitors",
        source="bench",
    )


def precharge_done(source_V: float, battery_V: float, took_s: float, timeout_s: float) -> CheckResult:
    """The two sides have met; for the record."""
    return CheckResult(
        "precharge",
        True,
        abs(battery_V - source_V),
        unit="V",
        source="bench",
        facts={"took_s": round(took_s, 3), "timeout_s": timeout_s},
    )


def cutoff_step(open_V: float, closed_V: float) -> CheckResult:
    """Sense leads at the battery see the same before and after the contactor closes."""
    limit_V = max(STEP_V, STEP_FRACTION * abs(open_V))
    return CheckResult(
        "cutoff_step",
        abs(closed_V - open_V) <= limit_V,
        abs(closed_V - open_V),
        limit_V,
        "V",
        f"closing the cut-off moved the voltage from {open_V:.3f} V to {closed_V:.3f} V",
        "the instrument loads the battery although its output is off: check both",
        source="bench",
    )


def cutoff_joined(battery_V: float, source_V: float, *, by_bms: bool) -> CheckResult:
    """Sense leads at the source see the battery once the contactor is closed."""
    floor_V, share = (
        (BMS_AGREEMENT_V, BMS_AGREEMENT_FRACTION) if by_bms else (AGREEMENT_V, AGREEMENT_FRACTION)
    )
    limit_V = max(floor_V, share * abs(battery_V))
    return CheckResult(
        "cutoff_joined",
        abs(source_V - battery_V) <= limit_V,
        abs(source_V - battery_V),
        limit_V,
        "V",
        f"the contactor is closed, but the source has {source_V:.1f} V and the battery {battery_V:.1f} V",
        "check the main fuse and the power leads",
        source="bench",
    )


def residual_after(source_V: float, waited_s: float) -> CheckResult:
    """Once the contactor has opened, the terminals become touch-safe within 5 s, or it has not opened."""
    return CheckResult(
        "residual_voltage",
        source_V <= TOUCH_SAFE_V,
        source_V,
        TOUCH_SAFE_V,
        "V",
        f"{source_V:.1f} V stand at the source's terminals {waited_s:.1f} s after the cut-off opened",
        "do not touch: contactor welded or discharge resistor open; use the service disconnect",
        source="bench",
        facts={"waited_s": round(waited_s, 2)},
    )
