"""From a result and what else is known to the facts of a decision, and the decision into the result."""

from __future__ import annotations

import datetime
import statistics
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from station.diagnosis.decision import Facts, PriceTable, RuleSet, SohInterval, decide
from station.diagnosis.decision.parts import Quantity
from station.errors import DataError
from station.models.rulebook import KnownFacts, load_rules, prices_in_use

HOLDS_THE_LIMIT = "the interval holds the limit between reuse and recycling"
"""Why there is no verdict although there is an SOH."""


def today() -> str:
    """The day of a decision made now, UTC."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def facts_of(
    result: Mapping[str, Any], known: KnownFacts | None = None, *, rules: RuleSet | None = None
) -> Facts:
    """What a result says, completed by what is known. The result's own SOH is never replaced.

    Raises DataError when the result is none.
    """
    known = known or KnownFacts()
    rules = rules or load_rules()
    soh = result.get("soh")
    # A string's SOH is that of its mean cell, which may hide a weak one: its abstention stands.
    abstained = bool(result.get("abstained", soh is None))
    chemistry = known.chemistry or (result.get("chemistry") or {}).get("label")
    try:
        return Facts(
            soh=SohInterval(**{key: soh[key] for key in ("estimate", "low90", "high90")})
            if soh and not abstained
            else None,
            abstained_reason=result.get("reason_code") if abstained or not soh else None,
            chemistry=chemistry,
            level=known.level or result.get("level"),
            history=known.history,
            findings=_findings(result, known, rules),
            cleared=tuple(name for name, answer in known.inspection.items() if answer == "no"),
            quantities=_quantities(result, known),
            permitted=known.permitted,
            refused=known.refused,
            reviewed=known.reviewed,
            nominal_capacity_Ah=known.nominal_capacity_Ah or result.get("nominal_capacity_Ah"),
            series_cells=known.series_cells or result.get("series_cells"),
            rated_energy_Wh=known.rated_energy_Wh,
            mass_kg=known.mass_kg,
            form=known.form,
        )
    except (ValidationError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"the result cannot be judged: {error}",
            remedy="diagnose the record again",
            code="data.result",
            reason=str(error),
        ) from error


def facts_alone(known: KnownFacts) -> Facts:
    """Facts of a battery that was measured elsewhere, without a result of the station."""
    facts = facts_of({"abstained": known.soh is None, "reason_code": None}, known)
    return facts.model_copy(update={"soh": known.soh})


def with_decision(
    result: Mapping[str, Any],
    facts: Facts,
    *,
    rules: RuleSet | None = None,
    prices: PriceTable | None = None,
    decided_on: str | None = None,
) -> dict[str, Any]:
    """The result with its decision: verdict, grade, applied rules, and the whole record to replay.

    By the rules and prices in use, where none are given.
    """
    prices = prices or prices_in_use()
    record = decide(facts, rules or load_rules(), prices, decided_on=decided_on or today())
    outcome = record["outcome"]
    return {
        **result,
        "grade": outcome["grade"],
        "rules": [
            {key: item[key] for key in ("id", "code", "value", "limit", "outcome", "params")}
            for item in outcome["steps"]
        ],
        "verdict": outcome["verdict"],
        "decision": record,
    }


def _findings(result: Mapping[str, Any], known: KnownFacts, rules: RuleSet) -> tuple[str, ...]:
    """What a person found, and what ended the test: a trip is a finding where the rule set says so."""
    found = [name for name, answer in known.inspection.items() if answer == "yes"]
    error = result.get("error")
    code = error.get("code") if isinstance(error, Mapping) else None
    found += [rule.finding for rule in rules.safety if code in rule.codes]
    found += (result.get("cells") or {}).get("findings") or []
    return tuple(dict.fromkeys(found))


def _quantities(result: Mapping[str, Any], known: KnownFacts) -> dict[Quantity, float]:
    quantities = {**(result.get("cells") or {}).get("quantities", {}), **known.quantities}
    if "resistance_growth" not in quantities and known.resistance_new is not None:
        measured = resistance_mohm(result, f"{known.resistance_new.at_s:g}")
        if measured is not None:
            quantities["resistance_growth"] = measured / known.resistance_new.value_mohm - 1.0
    return quantities


def resistance_mohm(result: Mapping[str, Any], at_s: str) -> float | None:
    """Resistance (mΩ) of a result ``at_s`` seconds (as text: ``1``) into a pulse, None where it has none.

    Median over the blocks of the largest resistance of their discharge pulses at that time.

    Blocks differ in SOC; near empty the resistance is several times that of the middle.
    """
    found = []
    for block in result.get("blocks") or []:
        pulses = block.get("pulses") or []
        discharges = [pulse for pulse in pulses if pulse["current_A"] < 0]
        values = [pulse["resistance_ohm"].get(at_s) for pulse in discharges or pulses]
        known = [value for value in values if value is not None]
        found += [max(known)] if known else []
    return statistics.median(found) * 1e3 if found else None
