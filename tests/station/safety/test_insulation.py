"""The insulation rules against a network solved on its own: two leaks, two voltmeters, one known resistor."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from station.safety.checks import CheckResult
from station.safety.checks.insulation import (
    ChassisReadings,
    Thresholds,
    by_bms,
    measured,
    needs_insulation,
    resistances_ohm,
    unknown,
)

PACK_V = 350.0
WORKING_V = 400.0
R0 = 200e3
METER = 10e6


def divider(minus_ohm: float, plus_ohm: float) -> tuple[float, float]:
    """Voltages across both leaks in series on the pack."""
    minus_V = PACK_V * minus_ohm / (minus_ohm + plus_ohm)
    return minus_V, PACK_V - minus_V


def beside(*ohms: float) -> float:
    return 1 / sum(1 / ohm for ohm in ohms)


def readings(
    minus_ohm: float, plus_ohm: float, *, at: str = "minus", r0: float = R0, meter: float = METER
) -> ChassisReadings:
    minus, plus = beside(minus_ohm, meter), beside(plus_ohm, meter)
    with_r0 = (beside(minus, r0), plus) if at == "minus" else (minus, beside(plus, r0))
    return ChassisReadings(*divider(minus, plus), *divider(*with_r0), r0, meter)


def judge(r: ChassisReadings, pack_V: float = PACK_V, thresholds: Thresholds | None = None) -> CheckResult:
    return measured(r, pack_V, WORKING_V, thresholds or Thresholds())


ohms = st.floats(1e3, 20e6)


@given(minus_ohm=ohms, plus_ohm=ohms, at=st.sampled_from(["minus", "plus"]))
def test_both_resistances_are_found_whichever_pole_has_the_resistor(
    minus_ohm: float, plus_ohm: float, at: str
) -> None:
    found = resistances_ohm(readings(minus_ohm, plus_ohm, at=at))
    assert found == pytest.approx((beside(minus_ohm, METER), beside(plus_ohm, METER)), rel=1e-6)


@given(minus_ohm=ohms, plus_ohm=ohms)
def test_the_usual_formula_is_the_same_where_it_applies(minus_ohm: float, plus_ohm: float) -> None:
    r = readings(minus_ohm, plus_ohm)
    assume(r.minus_V >= r.plus_V)
    usual = R0 * PACK_V * (1 / r.minus_with_V - 1 / r.minus_V)
    assert resistances_ohm(r)[1] == pytest.approx(usual, rel=1e-6)


@given(minus_ohm=st.floats(1.0, 20e6), plus_ohm=st.floats(1.0, 20e6))
def test_no_low_insulation_passes_and_no_good_one_is_refused(minus_ohm: float, plus_ohm: float) -> None:
    result = judge(readings(minus_ohm, plus_ohm))
    worst_per_V = min(minus_ohm, plus_ohm) / WORKING_V
    if worst_per_V < 100:
        assert not result.ok
    # The voltmeters count as leaks: at the limits that is a few ohms per volt.
    if worst_per_V > 102:
        assert result.ok
        assert result.warning == ("engine.insulation_low" if result.value < 500 else "")  # type: ignore[operator]
    if result.ok and worst_per_V > 525:
        assert result.warning == ""


@pytest.mark.parametrize(("minus", "plus", "pole"), [(30e3, 5e6, "minus"), (5e6, 30e3, "plus")])
def test_the_leaking_pole_is_named(minus: float, plus: float, pole: str) -> None:
    result = judge(readings(minus, plus))
    assert (result.ok, result.rule, result.facts["pole"]) == (False, "insulation", pole)
    assert result.limit == 100
    assert result.error().params["pole"] == pole
    assert pole in result.message


@pytest.mark.parametrize(("minus", "plus"), [(1.0, 5e6), (5e6, 1.0)])
def test_a_dead_short_to_chassis_is_low_insulation_not_a_broken_relay(minus: float, plus: float) -> None:
    result = judge(readings(minus, plus))
    assert (result.ok, result.rule, result.facts["at_most"]) == (False, "insulation", True)


def test_a_resistor_that_changes_nothing_refuses() -> None:
    good = readings(5e6, 4e6)
    stuck = replace(good, minus_with_V=good.minus_V, plus_with_V=good.plus_V)
    assert judge(stuck).rule == "insulation_relay"
    assert not judge(stuck).ok
    shorted = replace(good, minus_with_V=0.0, plus_with_V=PACK_V)
    assert judge(shorted).rule == "insulation_relay"


def test_voltages_that_do_not_add_up_refuse() -> None:
    assert judge(readings(5e6, 5e6), pack_V=380.0).rule == "insulation_reading"
    moved = replace(readings(5e6, 5e6), plus_with_V=10.0)
    assert judge(moved).rule == "insulation_reading"


def test_a_reversed_pack_is_told_as_such() -> None:
    good = readings(5e6, 5e6)
    turned = replace(good, minus_V=-good.minus_V, plus_V=-good.plus_V)
    assert (judge(turned).rule, judge(turned).ok) == ("polarity", False)


def test_unsteady_readings_and_small_voltmeters_are_noted() -> None:
    good = readings(5e6, 5e6)
    assert judge(good).warning == ""
    assert judge(replace(good, stable=False)).warning == "engine.insulation_doubtful"
    assert judge(readings(5e6, 5e6, meter=1e6)).warning == "engine.insulation_doubtful"
    assert judge(good, thresholds=Thresholds(1e5, 2e5, "bench")).ok is False


@pytest.mark.parametrize(
    ("ohm", "ok", "warning"),
    [(39e3, False, ""), (41e3, True, "engine.insulation_low"), (1e6, True, ""), (0.0, False, "")],
)
def test_the_value_of_the_bms_is_judged_alike(ohm: float, ok: bool, warning: str) -> None:
    result = by_bms(ohm, WORKING_V, Thresholds())
    assert (result.ok, result.facts["method"]) == (ok, "bms")
    assert (result.warning if ok else "") == warning


def test_no_method_refuses_unless_somebody_is_named() -> None:
    assert unknown(None).error().code == "safety.check.insulation_unknown"
    accepted = unknown("ISO175 relay of the stand")
    assert (accepted.ok, accepted.event, accepted.level) == (True, "engine.insulation_accepted", "warning")
    assert accepted.facts == {"by": "ISO175 relay of the stand"}
    assert [needs_insulation(volts) for volts in (25.2, 60.0, 60.1)] == [False, False, True]
