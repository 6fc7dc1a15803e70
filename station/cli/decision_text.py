"""A decision as lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from station.messages import say
from station.messages.filling import Filler
from station.messages.rule_sources import rule_source

_HEADS = {
    "zh": {
        "verdict": "结论",
        "uses": "用途",
        "depth": "拆解深度",
        "value": "残值",
        "rules": "规则集",
        "range": "可能的等级",
        "example": "示例价格表：不是任何人的报价",
        "stale": "价格表已过期",
        "conditional": "有条件",
        "missing": "缺少",
        "better": "较优",
        "certain": "确定",
        "not_certain": "不确定：区间重叠、附有条件或缺数据",
        "no_verdict": "结论为重测，不给较优项",
        "missing_facts": "缺少数据",
        "no_offer": "价格表中没有适用项",
    },
    "en": {
        "verdict": "verdict",
        "uses": "uses",
        "depth": "depth",
        "value": "residual value",
        "rules": "rule set",
        "range": "possible grades",
        "example": "EXAMPLE PRICES: nobody's offer",
        "stale": "the price table is out of date",
        "conditional": "conditional",
        "missing": "missing",
        "better": "better",
        "certain": "certain",
        "not_certain": "not certain: intervals overlap, conditions or data are open",
        "no_verdict": "the verdict is retest, so nothing is called better",
        "missing_facts": "facts are missing",
        "no_offer": "the price table has nothing that applies",
    },
}


def decision_lines(decision: dict[str, Any], lang: str) -> Iterator[str]:
    """Verdict, grade, uses, depth and value."""
    outcome, heads, words = decision["outcome"], _HEADS[lang], _words(lang)
    yield f"{words(outcome['verdict'])}  {outcome['grade'] or ''}".rstrip()
    yield f"{heads['range']}: {outcome['best']} … {outcome['worst']}"
    rules = decision["rules"]
    yield f"{heads['rules']}: {rules['name']} {rules['version']}  sha256 {rules['sha256'][:16]}…"
    titles = {use["use"]: use["title"][lang] for use in rules["content"]["uses"]}
    yield f"{heads['uses']}:"
    for use in outcome["uses"]:
        yield f"  {words(use['status'])}  {titles[use['use']]}"
    yield f"{heads['depth']}: {words(outcome['depth']['depth'])}"
    if outcome["value"] is not None:
        yield from _value(outcome["value"], decision["prices"], titles, lang)


def brief_lines(decision: dict[str, Any], lang: str) -> Iterator[str]:
    """What a test's result shows of its decision: findings, open grades, and the uses by status."""
    outcome, words = decision["outcome"], _words(lang)
    if outcome["best"] != outcome["worst"] and outcome["grade"] is not None:
        yield f"{_HEADS[lang]['range']}: {outcome['best']} … {outcome['worst']}"
    found = {one["finding"]: one["title"][lang] for one in decision["rules"]["content"]["safety"]}
    for step in outcome["steps"]:
        if step["code"] == "decision.safety_found":
            finding = step["params"]["finding"]
            yield say(step["code"], {"finding": found.get(finding, finding)}, lang).text
    titles = {use["use"]: use["title"][lang] for use in decision["rules"]["content"]["uses"]}
    comma = "、" if lang == "zh" else ", "
    for status in ("fits", "conditional", "blocked"):
        listed = [titles[use["use"]] for use in outcome["uses"] if use["status"] == status]
        if listed and outcome["verdict"] == "pass":
            yield f"{words(status)}: {comma.join(listed)}"


def _value(value: dict[str, Any], prices: dict[str, Any], titles: dict[str, str], lang: str) -> Iterator[str]:
    heads, words = _HEADS[lang], _words(lang)
    dated = prices["content"]["dated"]
    yield f"{heads['value']} ({value['currency']}, {prices['name']} {prices['version']}, {dated}):"
    if value["example"]:
        yield f"  {heads['example']}"
    if value["stale"]:
        yield f"  {heads['stale']} ({value['age_days']} d)"
    titles = titles | {
        route["route"]: route["title"][lang] for route in prices["content"].get("recycling", [])
    }
    for offer in value["offers"]:
        said = _band(offer["net"]) if offer["net"] else f"{heads['missing']}: {offer['missing']}"
        mark = f" ({heads['conditional']})" if offer["conditional"] else ""
        yield f"  {words(offer['kind'])}  {titles.get(offer['name'], offer['name'])}{mark}: {said}"
    better = value["better"]
    if better is None:
        yield f"  {heads[value['reason']]}"
        return
    sure = heads["certain" if value["certain"] else "not_certain"]
    yield f"  {heads['better']}: {words(better['kind'])}, {_band(better['net'])}; {sure}"


def rule_lines(lines: list[dict[str, Any]], lang: str) -> Iterator[str]:
    """Every applied rule under its heading."""
    words, heading = _words(lang), ""
    for line in lines:
        head = line["title"] or _HEADS[lang].get(line["section"], line["section"])
        if head != heading:
            heading = head
            yield ""
            yield f"{head}: {words(line['status'])}" if line["status"] else f"{head}:"
        yield f"  [{words(line['outcome'])}] {line['text']}"
        if line["remedy"]:
            yield f"      → {line['remedy']}"
        if line["source"]:
            yield f"      {line['id']}  {words(line['evidence'])}: {rule_source(line['source'], lang)}"


def _band(band: dict[str, float]) -> str:
    return f"{band['value']:.2f} [{band['low']:.2f} … {band['high']:.2f}]"


def _words(lang: str) -> Any:
    from station.messages.catalogue import words

    filler = Filler(words(lang))
    return lambda word: filler.format_field(word, "")
