"""The residual value of a stored decision in words: every offer with the source of its price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from station.messages import say

Line = dict[str, Any]


def value_lines(decision: Mapping[str, Any], titles: Mapping[str, str], lang: str) -> Iterator[Line]:
    """Warnings about the table, one line per offer, and the better one. Nothing without a price table."""
    value, prices = decision["outcome"]["value"], decision["prices"]
    if value is None:
        return
    content = prices["content"]
    names = {route["route"]: route["title"][lang] for route in content.get("recycling", [])}
    table = {"table": f"{prices['name']} {prices['version']}", "dated": content["dated"]}
    if value["example"]:
        yield _line("value.example", "decision.value_example", "not_met", table, lang)
    if value["stale"]:
        told = {**table, "age_days": value["age_days"], "max_age_days": content["max_age_days"]}
        yield _line("value.stale", "decision.value_stale", "not_met", told, lang)
    for offer in value["offers"]:
        name = offer["name"]
        facts = {"kind": offer["kind"], "name": names.get(name) or titles.get(name, name)}
        line_id, evidence = f"value.{offer['kind']}.{name}", _price(content, offer)
        if offer["net"] is None:
            told = {**facts, "missing": offer["missing"]}
            yield _line(line_id, "decision.value_missing", "unknown", told, lang, evidence)
        else:
            told = {**facts, **offer["net"], "currency": value["currency"]}
            outcome = "unknown" if offer["conditional"] else "met"
            yield _line(line_id, "decision.value_offer", outcome, told, lang, evidence)
    better = value["better"]
    if better is None:
        yield _line("value.better", f"decision.value_{value['reason']}", "undecided", {}, lang)
        return
    facts = {"name": names.get(better["name"]) or titles.get(better["name"], better["name"])}
    outcome = "met" if value["certain"] else "undecided"
    yield _line("value.better", "decision.value_better", outcome, {**facts, "kind": better["kind"]}, lang)


def _price(content: Mapping[str, Any], offer: Mapping[str, Any]) -> tuple[str, str]:
    """Evidence and source of what an offer is paid by; a route by metal has one price per metal."""
    if offer["kind"] == "reuse":
        price = {entry["use"]: entry for entry in content["reuse"]}[offer["name"]]["per_remaining_kWh"]
        return price["evidence"], price["source"]
    route = {route["route"]: route for route in content["recycling"]}[offer["name"]]
    price = route.get("per_tonne") or route.get("per_rated_kWh")
    if price is not None:
        return price["evidence"], price["source"]
    prices = {name: metal["price_per_kg"] for name, metal in sorted(route["metals"].items())}
    evidence = ", ".join(dict.fromkeys(price["evidence"] for price in prices.values()))
    return evidence, "; ".join(f"{name}: {price['source']}" for name, price in prices.items())


def _line(
    id: str,
    code: str,
    outcome: str,
    params: Mapping[str, Any],
    lang: str,
    evidence: tuple[str, str] | None = None,
) -> Line:
    told = say(code, params, lang)
    return {
        "section": "value",
        "subject": None,
        "title": None,
        "status": outcome if id == "value.better" else "",
        "id": id,
        "outcome": outcome,
        "text": told.text,
        "remedy": "" if outcome == "met" else told.remedy,
        "evidence": evidence[0] if evidence else None,
        "source": evidence[1] if evidence else None,
    }
