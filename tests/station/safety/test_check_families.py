"""Rules about instruments, supervision, BMS freshness, the plan and the contactor, each for itself."""

from __future__ import annotations

import datetime
import math
from dataclasses import replace
from typing import Any

import pytest

from station.safety import CheckInputs, build_envelope, chemistry_limits, run_checks
from station.safety.checks import RULES, CheckResult, contactor, plan, supervision
from station.safety.checks.instruments import InstrumentFacts, calibrations, identity
from station.safety.envelope import EnvelopePart

TODAY = datetime.date(2026, 3, 1)
SOURCE = InstrumentFacts(
    "power", "delta-sm15k", {"model": "SM500", "serial": "7"}, {"model": "SM500-CP-90", "serial": "7"}
)
PACK = CheckInputs(
    voltage_V=350.0,
    chemistry=chemistry_limits("NMC"),
    series_cells=96,
    charge_min_degC=0.0,
    charge_max_degC=45.0,
    has_bms=True,
    bms_pack_V=350.0,
    bms_gives_cells=True,
    bms_cells_age_s=0.5,
    bms_temperature_degC=25.0,
    cell_voltages_V=(3.65,) * 96,
    level="pack",
    has_cutoff=True,
    has_precharge=True,
)


def test_every_rule_answers_with_name_source_and_a_result_also_when_it_passes() -> None:
    results = run_checks(PACK)
    assert len(results) == len(RULES)
    assert len({result.rule for result in results}) == len(RULES)
    for result in results:
        assert result.ok
        assert result.source
        assert (result.event, result.level) == ("engine.check", "info"), result
        assert "remedy" not in result.as_dict()


def test_a_wrong_instrument_is_told_with_what_was_expected_and_answered() -> None:
    assert identity(SOURCE).ok
    wrong = identity(replace(SOURCE, answered={"model": "34970A", "serial": "7"}, wrong=("model",)))
    assert (wrong.ok, wrong.level) == (False, "alarm")
    params = wrong.error().params
    assert params["expected"] == "model SM500, serial 7"
    assert params["answered"] == "model 34970A, serial 7"
    assert params["place"] == "power"
    nobody = identity(replace(SOURCE, expected={}))
    assert (nobody.ok, nobody.event, nobody.level) == (True, "engine.identity_unknown", "warning")


@pytest.mark.parametrize(
    ("due", "policy", "ok", "event"),
    [
        (TODAY + datetime.timedelta(days=1), "refuse", True, "engine.check"),
        (TODAY, "refuse", True, "engine.check"),
        (TODAY - datetime.timedelta(days=1), "refuse", False, "engine.check"),
        (TODAY - datetime.timedelta(days=1), "warn", True, "engine.calibration_expired"),
    ],
)
def test_calibration_holds_to_the_end_of_its_day(
    due: datetime.date, policy: str, ok: bool, event: str
) -> None:
    results = calibrations([replace(SOURCE, due=due, certificate="C-1")], TODAY, policy, simulated=False)
    assert [(result.ok, result.event) for result in results] == [(ok, event)]
    assert results[0].facts["certificate"] == "C-1"
    if not ok:
        assert results[0].error().params["due"] == due.isoformat()
        assert results[0].value == 1.0


@pytest.mark.parametrize(("simulated", "level"), [(False, "warning"), (True, "info")])
def test_unknown_calibration_is_told_once_for_all(simulated: bool, level: str) -> None:
    results = calibrations([SOURCE, replace(SOURCE, place="bms")], TODAY, "refuse", simulated=simulated)
    assert [(r.ok, r.event, r.level) for r in results] == [(True, "engine.calibration_unknown", level)]
    assert results[0].facts == {"instruments": "power, bms"}


@pytest.mark.parametrize(
    ("change", "signal"),
    [
        ({}, None),
        ({"bms_pack_age_s": 1.2}, "pack voltage"),
        ({"bms_cells_age_s": 5.5}, "cell voltages"),
        ({"bms_cells_age_s": math.inf, "cell_voltages_V": ()}, "cell voltages"),
        ({"bms_cells_age_s": math.inf, "bms_gives_cells": False}, None),
    ],
)
def test_the_bms_must_be_fresh(change: dict[str, Any], signal: str | None) -> None:
    last = run_checks(replace(PACK, **change))[-1]
    assert last.ok == (signal is None)
    if signal:
        assert last.rule == "bms_fresh"
        assert last.error().params["signal"] == signal
        assert last.value is None or math.isfinite(last.value)


def test_a_start_up_sentinel_is_no_voltage_and_a_frozen_counter_is_a_fault() -> None:
    assert run_checks(replace(PACK, bms_pack_V=None))[-1].error().code == "safety.check.reading_present"
    frozen = run_checks(replace(PACK, bms_faults=("counter of 1DB frozen",)))[-1]
    assert (frozen.rule, frozen.facts["faults"]) == ("bms_fault", ["counter of 1DB frozen"])


def by_rule(inputs: CheckInputs) -> dict[str, CheckResult]:
    return {result.rule: result for result in run_checks(inputs)}


def test_missing_temperature_and_precharge_are_told_not_refused() -> None:
    bare = by_rule(replace(PACK, bms_temperature_degC=None, has_precharge=False))
    assert bare["temperature"].event == "engine.no_temperature_sensor"
    assert bare["temperature"].facts == {"missing": "cell_surface", "chemistry": "NMC"}
    assert bare["precharge_wired"].event == "engine.no_precharge"
    assert {result.level for result in bare.values()} == {"info", "warning"}
    assert by_rule(replace(PACK, level="module", has_precharge=False))["precharge_wired"].level == "info"


@pytest.mark.parametrize(
    ("surface_degC", "bms_degC", "ok"), [(25.0, 25.0, True), (25.0, 46.0, False), (25.0, -1.0, False)]
)
def test_the_worst_of_two_temperatures_counts(surface_degC: float, bms_degC: float, ok: bool) -> None:
    inputs = replace(PACK, has_surface=True, surface_degC=surface_degC, bms_temperature_degC=bms_degC)
    assert run_checks(inputs)[-1].ok == ok


def test_unwatched_instruments_are_accepted_by_name_only() -> None:
    inputs = replace(PACK, has_cutoff=False, unwatched=("rigol-dl3021",))
    refused = supervision.watchdog_or_cutoff(inputs)
    assert not refused.ok
    assert "accept_no_watchdog: [rigol-dl3021]" in refused.remedy
    accepted = supervision.watchdog_or_cutoff(replace(inputs, accept_no_watchdog=("rigol-dl3021",)))
    assert (accepted.ok, accepted.event) == (True, "engine.no_watchdog_accepted")
    assert not supervision.watchdog_or_cutoff(replace(inputs, accept_no_watchdog=("delta-sm15k",))).ok
    assert supervision.watchdog_or_cutoff(replace(inputs, has_cutoff=True)).event == "engine.check"


def test_guard_and_its_inputs() -> None:
    assert not supervision.guard_present(has_guard=False, needs_guard=True).ok
    assert supervision.guard_present(has_guard=False, needs_guard=False).event == "engine.no_guard"
    assert supervision.guard_present(has_guard=True, needs_guard=True).event == "engine.check"
    assert supervision.interlocks(()).event == "engine.check"
    assert supervision.interlocks(("interlock",)).facts == {"missing": "interlock"}
    assert not supervision.interlocks((), refusal="the emergency stop is pressed", remedy="release it").ok


ENVELOPE = build_envelope(
    [
        EnvelopePart(
            "bench",
            voltage_min_V=2.0,
            voltage_max_V=4.3,
            charge_current_max_A=40.0,
            discharge_current_max_A=0.0,
            power_max_W=150.0,
            temperature_min_degC=0.0,
            temperature_max_degC=45.0,
        )
    ]
)


@pytest.mark.parametrize(
    ("currents_A", "ok", "value"),
    [
        ([0.0, 2.0, 40.0, 10.0], True, 40.0),
        ([2.0, 41.0], False, 41.0),
        ([40.0, -1.0], False, 1.0),
        ([], True, 0.0),
    ],
)
def test_the_plan_fits_the_limits(currents_A: list[float], ok: bool, value: float) -> None:
    result = plan.plan_current(currents_A, ENVELOPE)
    assert (result.ok, result.value, result.source) == (ok, value, "bench")
    assert plan.plan_power([40.0], ENVELOPE, 3.7).ok
    assert not plan.plan_power([40.0], ENVELOPE, 3.8).ok


def test_the_contactor_before_and_after() -> None:
    assert contactor.contactor_open_before(0.5, 350.0, 17.5).ok
    assert contactor.contactor_open_before(45.0, 48.0, 5.0).ok  # below 60 V nothing can be told apart
    assert not contactor.contactor_open_before(345.0, 350.0, 17.5).ok
    assert [contactor.residual_before(volts).ok for volts in (0.0, 60.0, 61.0)] == [True, True, False]
    assert [contactor.residual_after(volts, 5.0).ok for volts in (12.0, 350.0)] == [True, False]
    assert contactor.cutoff_step(3.65, 3.69).ok
    assert not contactor.cutoff_step(3.65, 3.75).ok
    assert contactor.cutoff_joined(350.0, 345.0, by_bms=True).ok
    assert not contactor.cutoff_joined(350.0, 345.0, by_bms=False).ok


@pytest.mark.parametrize(
    ("source_V", "terminals_V", "rule"),
    [
        (2.0, None, "precharge_open"),
        (2.0, 350.0, "precharge_open"),
        (200.0, 350.0, "precharge_slow"),
        (200.0, None, "precharge_slow"),
        (2.0, 3.0, "precharge_no_pack"),
    ],
)
def test_every_failure_of_the_precharge_has_its_name(
    source_V: float, terminals_V: float | None, rule: str
) -> None:
    result = contactor.precharge_failed(0.0, source_V, 350.0, terminals_V, 3.0)
    assert (result.ok, result.rule) == (False, rule)
    assert result.message
    assert result.remedy
