"""Rules about the insulation of packs above 60 V: by the BMS, by the station's own measurement, or by name.

The station measures with the pack's own voltage: the voltages between either pole and chassis, once as they
are and once with a known resistor R0 between one pole and chassis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from station.safety.checks.inputs import TOUCH_SAFE_V
from station.safety.checks.readings import reversed_leads
from station.safety.checks.result import CheckResult

FAIL_OHM_PER_V = 100.0
WARN_OHM_PER_V = 500.0
"""Least resistance per volt of working voltage for d.c. circuits, and for d.c. joined with a.c."""
VOLTMETER_MIN_OHM = 10e6
"""The method wants voltmeters of at least this; a smaller one makes the result too low."""
NOISE_V = 0.05
SUM_FRACTION, SUM_V = 0.02, 2.0
"""The two voltages to chassis add up to the pack's within the larger of these."""
_REMEDY_LOW = "do not connect it: find the leak (moisture, coolant, crushed cable), quarantine the pack"


@dataclass(frozen=True)
class ChassisReadings:
    """Voltages between chassis and the poles, without and with R0; positive on a sound pack."""

    minus_V: float
    plus_V: float
    minus_with_V: float
    plus_with_V: float
    resistor_ohm: float
    voltmeter_ohm: float
    stable: bool = True


@dataclass(frozen=True)
class Thresholds:
    """Ohms per volt, and whose they are."""

    fail_ohm_per_V: float = FAIL_OHM_PER_V
    warn_ohm_per_V: float = WARN_OHM_PER_V
    source: str = "chemistry"


def needs_insulation(working_V: float) -> bool:
    """True above the touch-safe voltage."""
    return working_V > TOUCH_SAFE_V


def by_bms(insulation_ohm: float, working_V: float, thresholds: Thresholds) -> CheckResult:
    """Judge what the pack's own monitor says."""
    return _judged(insulation_ohm, working_V, thresholds, {"method": "bms"}, "", "battery")


def unknown(accepted: str | None) -> CheckResult:
    """Neither the BMS nor the station can say: refused, unless the bench file names who watches instead."""
    return CheckResult(
        "insulation_unknown",
        accepted is not None,
        limit=FAIL_OHM_PER_V,
        unit="Ω/V",
        message="nothing tells the insulation resistance of this pack, which is above 60 V",
        remedy="wire the insulation inputs and resistor, or name who watches it: accept_no_insulation",
        source="bench",
        warning="" if accepted is None else "engine.insulation_accepted",
        facts={} if accepted is None else {"by": accepted},
    )


def measured(
    readings: ChassisReadings, pack_V: float, working_V: float, thresholds: Thresholds
) -> CheckResult:
    """Judge the station's own measurement; every way it can go wrong refuses with a rule of its own."""
    r = readings
    if min(r.minus_V, r.plus_V) < -3 * NOISE_V:
        return reversed_leads(min(r.minus_V, r.plus_V))
    limit_V = max(SUM_V, SUM_FRACTION * pack_V)
    total_V = max((r.minus_V + r.plus_V, r.minus_with_V + r.plus_with_V), key=lambda v: abs(v - pack_V))
    if abs(total_V - pack_V) > limit_V:
        return CheckResult(
            "insulation_reading",
            False,
            abs(total_V - pack_V),
            limit_V,
            "V",
            f"the voltages to chassis add up to {total_V:.1f} V, the pack has {pack_V:.1f} V",
            "check the leads of the two chassis inputs",
            source="bench",
        )
    facts: dict[str, Any] = {"method": "measured", "voltmeter_ohm": r.voltmeter_ohm, "stable": r.stable}
    low_V, high_V = sorted((r.minus_V, r.plus_V))
    weak = "minus" if r.minus_V < r.plus_V else "plus"
    # No path is better than the voltmeter that lies across it, so the weak pole is worth no more than this.
    bound_ohm = r.voltmeter_ohm * (max(low_V, 0.0) + NOISE_V) / high_V
    if bound_ohm < thresholds.fail_ohm_per_V * working_V or low_V < 3 * NOISE_V:
        return _judged(
            bound_ohm, working_V, thresholds, {**facts, "pole": weak, "at_most": True}, "", "bench", low=True
        )
    moved_V = max(abs(r.minus_V - r.minus_with_V), abs(r.plus_V - r.plus_with_V))
    if moved_V < 3 * NOISE_V or min(r.minus_with_V, r.plus_with_V) < NOISE_V:
        return CheckResult(
            "insulation_relay",
            False,
            moved_V,
            3 * NOISE_V,
            "V",
            f"the measuring resistor moved the voltages by {moved_V:.2f} V: it or its relay is broken, "
            "or both poles leak",
            "check the resistor and its relay; measure the insulation by hand before the next try",
            source="bench",
        )
    minus_ohm, plus_ohm = resistances_ohm(r)
    facts |= {"minus_ohm": round(minus_ohm), "plus_ohm": round(plus_ohm)}
    facts["pole"] = "minus" if minus_ohm < plus_ohm else "plus"
    doubtful = not r.stable or r.voltmeter_ohm < VOLTMETER_MIN_OHM * (1 - 1e-6)
    return _judged(
        min(minus_ohm, plus_ohm),
        working_V,
        thresholds,
        facts,
        "engine.insulation_doubtful" if doubtful else "",
        "bench",
    )


def resistances_ohm(r: ChassisReadings) -> tuple[float, float]:
    """Resistance from minus to chassis and from plus to chassis.

    With R0 at the minus pole the ratio of plus to minus voltage grows by R_plus/R0, so
    R_plus = R0 (V2'/V1' - V2/V1), which for a constant pack voltage Vb is the usual R0 Vb (1/V1' - 1/V1); and
    R_minus = R_plus V1/V2 from the readings without R0. Mirrored when the resistor pulls the other pole.
    The voltmeters count as leaks: the result is a little too low, never too high.
    """
    if r.minus_with_V * r.plus_V <= r.minus_V * r.plus_with_V:
        plus_ohm = r.resistor_ohm * (r.plus_with_V / r.minus_with_V - r.plus_V / r.minus_V)
        return plus_ohm * r.minus_V / r.plus_V, plus_ohm
    minus_ohm = r.resistor_ohm * (r.minus_with_V / r.plus_with_V - r.minus_V / r.plus_V)
    return minus_ohm, minus_ohm * r.plus_V / r.minus_V


def _judged(
    insulation_ohm: float,
    working_V: float,
    thresholds: Thresholds,
    facts: dict[str, Any],
    warning: str,
    where: str,
    *,
    low: bool = False,
) -> CheckResult:
    per_V = insulation_ohm / working_V
    pole = f" at the {facts['pole']} pole" if "pole" in facts else ""
    ok = per_V >= thresholds.fail_ohm_per_V and not low
    return CheckResult(
        "insulation",
        ok,
        round(per_V, 2),
        thresholds.fail_ohm_per_V
        if not ok or per_V >= thresholds.warn_ohm_per_V
        else thresholds.warn_ohm_per_V,
        "Ω/V",
        f"insulation {per_V:.0f} Ω/V{pole}, needed are {thresholds.fail_ohm_per_V:g} Ω/V",
        _REMEDY_LOW,
        source=thresholds.source or where,
        warning=warning or ("engine.insulation_low" if per_V < thresholds.warn_ohm_per_V else ""),
        facts={**facts, "insulation_ohm": round(insulation_ohm), "working_V": round(working_V, 1)},
    )
