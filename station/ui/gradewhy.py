"""Why a battery stands below the grade that its SOH reaches: in one short line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from station.messages import word
from station.ui.texts import Texts, say_code

_OWN_WORDS = ("history", "consistency")
"""What a rule of this name asks for has no name in the message catalogues."""


def grade_why(result: Mapping[str, Any], texts: Texts) -> str:
    """``Not grade A: no data on resistance growth, its history``; empty where the SOH alone decided.

    Of the best grade whose lowest SOH the estimate reaches: first what it fails, else what nobody knows.
    """
    rules, given = result.get("rules"), result.get("grade")
    if not isinstance(rules, Sequence) or not given:
        return ""
    reached = next((_grade(rule) for rule in rules if _is_met(rule)), None)
    if reached is None or reached == given:
        return ""
    of_it = [rule for rule in rules if str(rule["id"]).startswith(f"grade_{reached}.")]
    for rule in of_it:
        if rule["outcome"] == "not_met":
            params = {"value": rule.get("value"), "limit": rule.get("limit"), **rule.get("params", {})}
            return texts("tile.grade_not", grade=reached, why=say_code(rule["code"], params, texts.lang).text)
    names = [_name(rule, texts) for rule in of_it if rule["outcome"] == "unknown"]
    comma = "、" if texts.lang == "zh" else ", "
    return texts("tile.grade_unknown", grade=reached, names=comma.join(names)) if names else ""


def _is_met(rule: Mapping[str, Any]) -> bool:
    """Whether a rule is a grade's lowest SOH, and reached."""
    name = str(rule.get("id"))
    return name.startswith("grade_") and name.endswith(".soh") and rule.get("outcome") == "met"


def _grade(rule: Mapping[str, Any]) -> str:
    return str(rule["id"]).removeprefix("grade_").removesuffix(".soh")


def _name(rule: Mapping[str, Any], texts: Texts) -> str:
    """What ``grade_A.resistance_growth`` asks for, in words."""
    asked = str(rule["id"]).rpartition(".")[2]
    return texts(f"tile.{asked}_of_it") if asked in _OWN_WORDS else word(asked, texts.lang)
