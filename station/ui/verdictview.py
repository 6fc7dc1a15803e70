"""What a verdict says beside its word: figures, reason, uses and rules, what comes next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from station.messages.reasons import HOLDS_THE_LIMIT, reason_of
from station.ui.gradewhy import grade_why
from station.ui.mirror import Slot
from station.ui.texts import Texts, say_code
from station.ui.views import BenchInfo, GradeLimit

STATUSES: Final = ("fits", "conditional", "undecided", "unfit", "blocked")
"""What a rule set may say of a use, best first."""
_OPEN: Final = ("not_met", "unknown", "undecided")


@dataclass(frozen=True)
class UseLine:
    """One second life: what the rules say of it, and the rule that decided where it does not simply fit."""

    status: str
    title: str
    why: str = ""


def result_of(slot: Slot) -> Mapping[str, Any]:
    """The result of the run that the tile shows; empty while it is not known."""
    result = slot.result
    return result if result and result.get("run_id") in (None, slot.state.run_id) else {}


def use_lines(result: Mapping[str, Any], lang: str) -> tuple[UseLine, ...]:
    """Every use of the rule set that judged this result, in its order; empty when nothing was judged."""
    decision = result.get("decision")
    if not isinstance(decision, Mapping):
        return ()
    try:
        titles = {use["use"]: use["title"][lang] for use in decision["rules"]["content"]["uses"]}
        return tuple(
            UseLine(use["status"], titles[use["use"]], _why(use, lang)) for use in decision["outcome"]["uses"]
        )
    except (KeyError, TypeError):  # a result of another version: better nothing than half of it
        return ()


def _why(use: Mapping[str, Any], lang: str) -> str:
    """The first rule that stands against a use."""
    for outcome in _OPEN:
        for step in use["steps"]:
            if step["outcome"] == outcome and use["status"] != "fits":
                params = {"value": step["value"], "limit": step["limit"], **step["params"]}
                if f"rule_{lang}" in params:
                    params["rule"] = params[f"rule_{lang}"]
                return say_code(step["code"], params, lang).text
    return ""


def uses_in_one_line(lines: tuple[UseLine, ...], status: str, texts: Texts) -> str:
    """``Fits: street light, base-station backup``; empty when there is none."""
    named = [line.title for line in lines if line.status == status]
    comma = "、" if texts.lang == "zh" else ", "
    return texts(f"uses.{status}", uses=comma.join(named)) if named else ""


def next_step(slot: Slot, texts: Texts) -> str:
    """What to do with the battery and what comes next."""
    state = slot.state
    if state.state != "verdict" or state.verdict is None:
        return ""
    if state.verdict == "pass":
        return texts("next.pass", grade=state.grade) if state.grade else texts("next.pass_no_grade")
    if not state.needs_acknowledgement:
        return texts("next.acknowledged")
    if state.verdict == "no_verdict":
        return texts(_next_measurement(slot))
    return texts(f"next.{state.verdict}")


def _next_measurement(slot: Slot) -> str:
    """The word for what settles an open verdict; the same test again only where the leads may be to blame."""
    result = result_of(slot)
    wanted = result.get("next_measurement")
    if wanted in ("reference", "capacity", "nominal_capacity"):
        return f"next.no_verdict_{wanted}"
    reason = reason_of({**result, "soh": slot.state.soh})
    return "next.no_verdict" if reason is None or reason.code != HOLDS_THE_LIMIT else "next.no_verdict_more"


def limits(slot: Slot, bench: BenchInfo | None) -> tuple[GradeLimit, ...]:
    """The grades' limits as the service tells them; else those that this verdict says it applied."""
    if bench and bench.grades:
        return bench.grades
    found: dict[float, str] = {}
    for rule in (slot.result or {}).get("rules", []):
        named = re.fullmatch(r"grade_(\w+)\.soh", str(rule.get("id")))
        if isinstance(rule.get("limit"), (int, float)) and (named or rule.get("id") == "reuse_limit"):
            found[float(rule["limit"])] = named[1] if named else found.get(float(rule["limit"]), "")
    return tuple(GradeLimit(grade=grade, soh_min=low) for low, grade in sorted(found.items()) if low > 0)


def headline(slot: Slot, texts: Texts) -> str:
    """SOH and grade."""
    state = slot.state
    parts = [f"SOH {state.soh.estimate * 100:.1f} %" if state.soh else texts("tile.soh_none")]
    if state.grade:
        parts.append(texts("tile.grade", grade=state.grade))
    return "   ".join(parts)


def facts(slot: Slot, texts: Texts) -> str:
    """Interval, resistance, and whether the battery's past agrees."""
    state = slot.state
    parts = []
    if state.soh:
        low, high = f"{state.soh.low90 * 100:.1f}", f"{state.soh.high90 * 100:.1f}"
        parts.append(texts("tile.interval", low=low, high=high))
    if state.resistance_mohm is not None:
        parts.append(f"{texts('tile.resistance')} {milliohms(state.resistance_mohm)}")
    past = (result_of(slot).get("history") or {}).get("confidence")
    if past in ("supported", "contradicted", "history_only"):
        parts.append(texts(f"tile.history_{past}"))
    return "   ".join(parts)


def bar_name(slot: Slot, texts: Texts) -> str:
    """The limit bar in words."""
    soh = slot.state.soh
    if soh is None:
        return ""
    figures = {"estimate": soh.estimate, "low": soh.low90, "high": soh.high90}
    return texts("bar.name", **{key: f"{value * 100:.1f}" for key, value in figures.items()})


def why(slot: Slot, texts: Texts) -> tuple[str, str]:
    """Reason and remedy of a fault; the reason of a verdict that is no pass, or of a low grade."""
    fault = slot.state.fault
    if fault is not None:
        said = say_code(fault.code, fault.params, texts.lang, message=fault.message, remedy=fault.remedy)
        return said.text, said.remedy
    result = result_of(slot)
    reason = reason_of({**result, "soh": slot.state.soh})
    if reason is not None:
        if reason.code == HOLDS_THE_LIMIT:
            return texts("tile.reason_limit"), ""
        said = say_code(reason.code, reason.params, texts.lang, message=reason.text)
        return said.text, said.remedy
    return (grade_why(result, texts) if slot.state.verdict == "pass" else ""), ""


def milliohms(value: float) -> str:
    """Three significant figures: ``0.823 mΩ``, ``12.4 mΩ``."""
    return f"{value:.{3 if value < 1 else 2 if value < 10 else 1}f} mΩ"
