"""Where the numbers of the shipped rule set come from, in Chinese; the set itself says it in English."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files


@cache
def _chinese() -> dict[str, str]:
    text = files("station.messages").joinpath("rule_sources_zh.json").read_text(encoding="utf-8")
    known: dict[str, str] = json.loads(text)
    return known


def rule_source(text: str, lang: str) -> str:
    """``text`` in ``lang``; a site's own words stay as the site wrote them."""
    return _chinese().get(text, text) if lang == "zh" else text
