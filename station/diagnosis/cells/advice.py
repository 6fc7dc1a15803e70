"""How far to take a pack apart: the first rule that holds, with the facts it was held against."""

from __future__ import annotations

from dataclasses import dataclass, field

from station.diagnosis.cells.judge import CellReport
from station.diagnosis.cells.rules import Advice, Asked, CellRules
from station.diagnosis.cells.status import FINDINGS


@dataclass(frozen=True)
class Dismantling:
    """``rule``: which one decided; ``modules``: which to take out (from 1); ``facts``: what was asked and
    found."""

    advice: Advice
    rule: str
    text: dict[str, str]
    evidence: str
    source: str
    modules: tuple[int, ...] = ()
    facts: dict[str, float] = field(default_factory=dict)


def advise_dismantling(
    report: CellReport, verdict: str, rules: CellRules, *, level: str | None = None
) -> Dismantling:
    """``verdict`` of the decision (pass, fail, quarantine, no_verdict); ``level``: pack, module or cell."""
    facts = _facts(report, verdict, level)
    for rule in rules.advice:
        holds = (
            all(facts[name] > 0 for name in rule.when)
            and all(facts[name] >= limit for name, limit in rule.at_least.items())
            and all(facts[name] <= limit for name, limit in rule.at_most.items())
        )
        if holds:
            modules = _modules(report) if rule.advice in ("swap_module", "split_to_modules", "hold") else ()
            asked: dict[str, float] = {
                name: facts[name] for name in (*rule.when, *rule.at_least, *rule.at_most)
            }
            return Dismantling(
                rule.advice, rule.id, {"zh": rule.text.zh, "en": rule.text.en}, rule.evidence, rule.source,
                modules, asked,
            )  # fmt: skip
    raise AssertionError("the last rule holds always")


def _modules(report: CellReport) -> tuple[int, ...]:
    if not report.geometry.known:
        return ()
    bad = [n for n, state in enumerate(report.states, start=1) if state == "weak" or state in FINDINGS]
    held = {report.geometry.place(number)[0] for number in bad}
    held.update(report.ranking.weak_modules if report.ranking is not None else ())
    return tuple(sorted(held))


def _facts(report: CellReport, verdict: str, level: str | None) -> dict[Asked, float]:
    weak = report.states.count("weak")
    modules = _modules(report)
    ranking = report.ranking
    unranked = ranking is None or (ranking.refused not in ("", "alike"))
    return {
        "finding": float(any(state in FINDINGS for state in report.states)),
        "verdict_fail": float(verdict == "fail"),
        "verdict_none": float(verdict == "no_verdict"),
        "unranked": float(unranked),
        "alike": float(ranking is not None and not ranking.weak_cells and not ranking.weak_modules),
        "weak_cells": float(weak),
        "weak_modules": float(len(modules)),
        "weak_module_share": len(modules) / len(report.geometry.modules),
        "weak_cell_share": weak / max(len(report.states), 1),
        "level_module": float(level == "module" or len(report.geometry.modules) == 1),
    }
