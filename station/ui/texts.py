"""The window's words in Chinese and English, and messages of the station by their code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any, Final

LANGUAGES: Final = ("zh", "en")


@cache
def catalogue(lang: str) -> dict[str, str]:
    """All texts of one language, by key."""
    text = files("station.ui").joinpath("texts").joinpath(f"{lang}.json").read_text(encoding="utf-8")
    loaded: dict[str, str] = json.loads(text)
    return loaded


class Texts:
    """The current language."""

    def __init__(self, lang: str = "zh") -> None:
        self.lang = lang if lang in LANGUAGES else "zh"

    def switch(self) -> None:
        """Go on to the other language."""
        self.lang = "en" if self.lang == "zh" else "zh"

    def __call__(self, key: str, **params: Any) -> str:
        """The text called ``key`` with ``params`` filled in. An unknown key raises KeyError."""
        text = catalogue(self.lang)[key]
        return text.format(**params) if params else text


@dataclass(frozen=True)
class Said:
    """A message for people and what to do about it."""

    text: str
    remedy: str


def say_code(code: str, params: Mapping[str, Any], lang: str, *, message: str = "", remedy: str = "") -> Said:
    """The message with ``code`` in ``lang``: the window's own, else the station's, else as it came."""
    own = catalogue(lang)
    if f"code.{code}" in own:
        text, what_to_do = own[f"code.{code}"], own.get(f"remedy.{code}", remedy)
        return Said(_fill(text, params), _fill(what_to_do, params))
    say = getattr(import_module("station.messages"), "say", None)
    if say is None:
        return Said(message or code, remedy)
    said = say(code, dict(params), lang, fallback=message or code, fallback_remedy=remedy)
    return Said(str(said.text), str(said.remedy))


def _fill(text: str, params: Mapping[str, Any]) -> str:
    try:
        return text.format(**params)
    except (KeyError, IndexError, ValueError):
        # A message with a gap in it still tells more than none.
        return text
