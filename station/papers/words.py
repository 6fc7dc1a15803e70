"""The papers' own words, Chinese and English; the station's codes come from the message catalogues."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from station.messages import say
from station.messages.catalogue import words as catalogue_words
from station.messages.filling import Filler

LANGUAGES = ("zh", "en")


class Words:
    """One language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang if lang in LANGUAGES else "en"
        self._own = _load(self.lang)
        self._filler = Filler(catalogue_words(self.lang))

    def __call__(self, key: str, **facts: Any) -> str:
        """A text of the papers with its facts filled in."""
        return self._own[key].format(**facts) if facts else self._own[key]

    def word(self, name: object) -> str:
        """A word that the station uses as a value: outcomes, levels, quantities."""
        return self._filler.format_field(name, "")

    def message(self, code: str, params: Mapping[str, Any] | None = None, fallback: str = "") -> str:
        """The sentence of a code."""
        return say(code, params or {}, self.lang, fallback=fallback or code).text

    def title(self, pair: Mapping[str, str]) -> str:
        """The right one of ``{"zh", "en"}``."""
        return pair.get(self.lang) or pair.get("en") or ""


@cache
def _load(lang: str) -> dict[str, str]:
    text = files("station.papers").joinpath(f"words_{lang}.json").read_text(encoding="utf-8")
    loaded: dict[str, str] = json.loads(text)
    return loaded
