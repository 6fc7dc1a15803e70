"""What is known of a battery's past from a result, its code, its papers and the records; the join into it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from station.diagnosis.decision.facts import SohInterval
from station.diagnosis.history import (
    EarlierTest,
    HistoryFacts,
    HistoryRules,
    Intake,
    judge_history,
    read_bms,
    replay_history,
)
from station.diagnosis.history.facts import whole_day
from station.errors import UsageError
from station.models.rulebook import KnownFacts, load_history_rules
from station.reports.battery_code import BatteryCode
from station.reports.decision import HOLDS_THE_LIMIT, facts_of, resistance_mohm, with_decision

Fact = Mapping[str, Any]


def check_intake(data: Fact | None, *, today: str) -> dict[str, Any] | None:
    """The intake data as plain JSON data, None where there are none. Raises UsageError (``usage.intake``)."""
    if not data:
        return None
    try:
        intake = Intake.model_validate(dict(data))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "intake"
        unknown = first["type"] == "extra_forbidden"
        remedy = "units are in the names: mileage_km, age_years" if unknown else "correct the value"
        raise _refused(field, first["msg"], remedy) from error
    if intake.made_on is not None and whole_day(intake.made_on)[: len(intake.made_on)] > today:
        raise _refused("made_on", f"{intake.made_on} is in the future", "check the day on the label")
    plain = intake.model_dump(mode="python", exclude_defaults=True)
    if "bms" in plain:
        plain["bms"] = {str(name): _told(value) for name, value in plain["bms"].items()}
    try:
        kept: dict[str, Any] = json.loads(json.dumps(plain, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise _refused("bms", str(error), "give numbers and texts") from error
    return kept or None


def _told(value: Any) -> Any:
    """JSON has no NaN: as text it is refused by its name later on."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _refused(field: str, problem: str, remedy: str) -> UsageError:
    return UsageError(
        f"the intake data are wrong: {field}: {problem}",
        remedy=remedy,
        code="usage.intake",
        field=field,
        problem=problem,
    )


def earlier_tests(rows: Iterable[Fact]) -> list[dict[str, Any]]:
    """Earlier tests on record as plain facts; ``rows`` are runs with their ``result``.

    What counts is what their own measurement said, never what they had joined to it. A result that cannot be
    read counts as one without an estimate: an old record must not keep a new test from its end.
    """
    found = []
    for row in rows:
        try:
            test = _earlier(row, row["result"])
        except (ValidationError, KeyError, TypeError, AttributeError):
            test = _earlier(row, {})
        found.append(test.model_dump(mode="json", exclude_defaults=True))
    return found


def _earlier(row: Fact, result: Fact) -> EarlierTest:
    kept = result.get("history") or {}
    known = kept.get("known") or {}
    measured = result.get("measured_soh")
    own = kept["pulse_soh"] if "pulse_soh" in kept else result.get("soh")
    soh = {"estimate": measured, "low90": measured, "high90": measured} if measured else own
    if result.get("soh_method") == "capacity":
        soh = result["soh"]  # with the bounds of what was counted
    abstained = bool(result.get("abstained")) and (result.get("series_cells") or 1) == 1 and not measured
    return EarlierTest(
        run_id=row["run_id"],
        day=str(row["started_utc"])[:10],
        soh=_interval(None if abstained else soh),
        method="capacity" if measured else "pulses",
        nominal_capacity_Ah=row["nominal_capacity_Ah"],
        series_cells=result.get("series_cells"),
        simulated=bool(row["simulated"]),
        resistance_mohm=resistance_mohm(result, "1"),
        mileage_km=known.get("mileage_km"),
        bms=known.get("bms") or {},
    )


def _interval(soh: Any) -> SohInterval | None:
    """None for what an earlier program or a damaged record left of it."""
    try:
        return SohInterval(**{key: soh[key] for key in ("estimate", "low90", "high90")}) if soh else None
    except (ValidationError, KeyError, TypeError):
        return None


def history_facts(
    result: Fact,
    code: BatteryCode,
    *,
    today: str,
    chemistry: str | None = None,
    simulated: bool = False,
    intake: Fact | None = None,
    bms: Fact | None = None,
    earlier: Iterable[Fact] = (),
) -> HistoryFacts:
    """Everything that a join needs. ``bms`` are signals of the run's own BMS; they go before the papers'."""
    papers = Intake.model_validate(dict(intake or {}))
    series = result.get("series_cells")
    abstained = bool(result.get("abstained"))
    mean_cell = abstained and (series or 1) > 1
    return HistoryFacts(
        today=today,
        soh=_interval(result.get("soh")) if mean_cell or not abstained else None,
        mean_cell=mean_cell,
        pulse_chemistry=(result.get("chemistry") or {}).get("label"),
        given_chemistry=chemistry,
        letter=code.type_letter,
        letter_chemistry=code.chemistry_hint,
        made_on=code.made_on,
        nominal_capacity_Ah=result.get("nominal_capacity_Ah"),
        series_cells=series,
        simulated=simulated,
        resistance_mohm=resistance_mohm(result, "1"),
        intake=papers.model_copy(update={"bms": {}}),
        bms=read_bms({**papers.bms, **(bms or {})}),
        earlier=tuple(EarlierTest.model_validate(dict(test)) for test in earlier),
    )


def with_history(
    result: Fact,
    facts: HistoryFacts,
    *,
    decided_on: str,
    rules: HistoryRules | None = None,
    known: KnownFacts | None = None,
) -> dict[str, Any]:
    """The result with its past joined: ``history``, the joined ``soh``, and decided anew by the same rules.

    ``known`` is what a person has found of the battery. An abstention stays one: what the past alone says
    is in ``history`` and nowhere else.
    """
    record = judge_history(facts, rules or load_history_rules())
    outcome = record["outcome"]
    told = {"mileage_km": facts.intake.mileage_km, "bms": facts.bms.values}
    joined: dict[str, Any] = {**result, "history": {**outcome, "known": told}}
    if result.get("soh_method") == "capacity":
        return joined  # what was counted is not changed by what the past would make likely
    if outcome["basis"] in ("pulses", "mean_cell"):
        joined["soh"] = outcome["soh"]
    if result.get("decision") is None:
        return joined
    judged = with_decision(joined, facts_of(joined, known), decided_on=decided_on)
    judged["decision"]["history"] = record
    if not judged.get("abstained"):
        judged["reason"] = HOLDS_THE_LIMIT if judged["verdict"] == "no_verdict" else None
    return judged


def history_problems(decision: Fact) -> list[tuple[str, str]]:
    """What does not fit in a decision's stored past: the join again, and the SOH that was decided on.

    Empty for a decision without one. Raises ValueError when it is damaged.
    """
    stored = decision.get("history")
    if stored is None:
        return []
    problems = replay_history(stored)
    outcome, decided = stored["outcome"], decision["facts"].get("soh")
    if outcome["basis"] == "pulses" and decided != outcome["soh"]:
        problems.append(("history", "soh"))
    if outcome["basis"] != "pulses" and decided is not None:
        problems.append(("history", "basis"))
    return problems
