"""A battery's past and its weight in a verdict, as lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_HEADS = {
    "zh": {
        "history": "历史数据",
        "weight": "权重",
        "not_used": "未采用",
        "alone": "仅脉冲",
        "wider": "区间加宽",
    },
    "en": {
        "history": "history",
        "weight": "weight",
        "not_used": "not used",
        "alone": "pulses alone",
        "wider": "interval wider by",
    },
}


def history_lines(outcome: Mapping[str, Any], lang: str, *, brief: bool = False) -> Iterator[str]:
    """Every source with what it says and its weight, every contradiction by name.

    ``brief``: nothing where the pulses stand alone, and no sources without weight.
    """
    from station.messages import say
    from station.messages.catalogue import words

    heads, named = _HEADS[lang], words(lang)
    if brief and outcome["confidence"] in ("none", "pulses_alone"):
        return
    yield f"{heads['history']}: {named.get(outcome['confidence'], outcome['confidence'])}"
    if outcome["basis"] == "history_only":
        yield f"  {say('history.only', outcome['soh'], lang).text}"
    elif outcome["pulse_soh"] is not None:
        yield f"  {heads['alone']}: {_percent(outcome['pulse_soh'])} → {_percent(outcome['soh'])}"
    for source in outcome["sources"]:
        if source["why"] is None:
            statement = f"SOH {source['soh'] * 100:.1f} ± {source['half90'] * 100:.1f} %"
            yield f"  {heads['weight']} {source['weight'] * 100:5.1f} %  {_told(source, lang)}: {statement}"
            if not brief:
                for figure in source["evidence"]:
                    grade = named.get(figure["evidence"], figure["evidence"])
                    yield f"        {grade}: {figure['source']}"
        elif not brief:
            reason = say(f"history.why.{source['why']}", source["params"], lang, fallback=source["why"])
            yield f"  {heads['not_used']}: {_told(source, lang)}: {reason.text}"
    for one in outcome["contradictions"]:
        said = say(f"history.contradiction.{one['name']}", contradiction_params(one, lang), lang)
        wider = f"  ({heads['wider']} {one['widening'] * 100:.0f} %)" if one["widening"] else ""
        yield f"  ! {said.text}{wider}"
        if said.remedy and not brief:
            yield f"      → {said.remedy}"


def contradiction_params(one: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """Sources by their names in ``lang``; lists as one text."""
    params = dict(one["params"])
    if one["name"] in ("source_outside", "sources_disagree"):
        for key in ("one", "other"):
            if key in params:
                params[key] = _told({"name": params[key], "params": {}}, lang)
    if "faults" in params:
        params["faults"] = ("、" if lang == "zh" else ", ").join(params["faults"])
    return params


def _told(source: Mapping[str, Any], lang: str) -> str:
    from station.messages import say

    name, _, run_id = str(source["name"]).partition(":")
    params = {**source["params"], "run_id": run_id, "name": name}
    return say(f"history.source.{name}", params, lang, fallback=name).text


def _percent(soh: Mapping[str, float]) -> str:
    return f"SOH {soh['estimate'] * 100:.1f} % [{soh['low90'] * 100:.1f}, {soh['high90'] * 100:.1f}]"
