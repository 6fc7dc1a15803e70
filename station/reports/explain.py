"""A stored decision in words, rule by rule, with the source and evidence of every limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from station.messages import say
from station.reports.explain_value import value_lines

Line = dict[str, Any]


def explain(decision: Mapping[str, Any], lang: str) -> list[Line]:
    """One line per applied rule, in the order of application.

    Each has ``section`` (``verdict``, ``use``, ``depth``, ``value``), ``subject`` (the use's name),
    ``title``, ``status``, ``id``, ``outcome``, ``text``, ``remedy``, ``evidence`` and ``source``. Raises
    KeyError or TypeError when the decision is damaged.
    """
    outcome, names = decision["outcome"], _titles(decision["rules"]["content"], lang)
    lines = list(_lines("verdict", None, outcome["verdict"], outcome["steps"], names, lang))
    for use in outcome["uses"]:
        lines += _lines("use", use["use"], use["status"], use["steps"], names, lang)
    lines += _lines("depth", None, outcome["depth"]["depth"], outcome["depth"]["steps"], names, lang)
    lines += value_lines(decision, names, lang)
    return lines


def _titles(rules: Mapping[str, Any], lang: str) -> dict[str, str]:
    """What the rule set calls its findings and uses."""
    titles = {rule["finding"]: rule["title"][lang] for rule in rules["safety"]}
    return titles | {use["use"]: use["title"][lang] for use in rules["uses"]}


def _lines(
    section: str,
    subject: str | None,
    status: str,
    steps: list[Mapping[str, Any]],
    names: Mapping[str, str],
    lang: str,
) -> Iterator[Line]:
    for step in steps:
        told = say(step["code"], _params(step, names, lang), lang)
        open_or_unsafe = step["outcome"] in ("unknown", "undecided") or "safety" in step["id"]
        yield {
            "section": section,
            "subject": subject,
            "title": names.get(subject or ""),
            "status": status,
            "id": step["id"],
            "outcome": step["outcome"],
            "text": told.text,
            "remedy": told.remedy if open_or_unsafe else "",
            "evidence": step["evidence"],
            "source": step["source"],
        }


def _params(step: Mapping[str, Any], names: Mapping[str, str], lang: str) -> dict[str, Any]:
    params = {"value": step["value"], "limit": step["limit"], **step["params"]}
    if f"rule_{lang}" in params:
        params["rule"] = params[f"rule_{lang}"]
    if "finding" in params:
        params["finding"] = names.get(str(params["finding"]), params["finding"])
    if step["code"] == "decision.not_inspected":
        listed = str(params["names"]).split(", ")
        params["names"] = ("、" if lang == "zh" else ", ").join(names.get(name, name) for name in listed)
    if step["code"] == "decision.no_soh":
        reason = str(params["reason"])
        params["reason"] = say(f"reason.{reason}", {}, lang, fallback=reason).text
    return params
