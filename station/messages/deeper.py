"""What a person asks of an alarm beyond what happened: where it comes from, and what it means.

An entry of ``alarms_*.json`` is ``{"cause", "consequence"}``, by code, or by the beginning of codes with
a dot at its end: the longest that has the part is taken. Facts are filled in as in the catalogues.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from station.messages.catalogue import LANGUAGES, told_text, words
from station.messages.filling import Filler


@dataclass(frozen=True)
class Why:
    """``cause``: what usually leads to it; ``consequence``: what it means for the test. Both may be empty."""

    cause: str
    consequence: str


def why(code: str, params: Mapping[str, Any] | None = None, lang: str = "zh") -> Why:
    """Cause and consequence of ``code`` in ``lang``; an unknown language is English."""
    filler = Filler(words(lang), lambda told: told_text(told, lang))
    cause, consequence = (
        filler.fill(_find(code, part, lang), params or {}) for part in ("cause", "consequence")
    )
    return Why(cause, consequence)


def entries(lang: str) -> Mapping[str, Mapping[str, str]]:
    """All entries of ``lang``."""
    return _load(lang if lang in LANGUAGES else "en")


def _find(code: str, part: str, lang: str) -> str:
    known = entries(lang)
    own = known.get(code, {}).get(part)
    if own:
        return own
    parts = code.split(".")
    for length in range(len(parts) - 1, 0, -1):
        text = known.get(".".join(parts[:length]) + ".", {}).get(part)
        if text:
            return text
    return ""


@cache
def _load(lang: str) -> dict[str, dict[str, str]]:
    text = files("station.messages").joinpath(f"alarms_{lang}.json").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, str]] = json.loads(text)
    return loaded
