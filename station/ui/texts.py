"""The window's words in Chinese and English, and messages of the station by their code."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from station.messages import Message, say

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


def say_code(
    code: str, params: Mapping[str, Any], lang: str, *, message: str = "", remedy: str = ""
) -> Message:
    """The station's message with ``code`` in ``lang``, else the words it came with."""
    said = say(code, params, lang, fallback=message or code, fallback_remedy=remedy)
    return Message(_glued(said.text), _glued(said.remedy))


def _glued(text: str) -> str:
    """A figure and its unit never part at the end of a line."""
    return re.sub(r"(?<=\d) (?=(?:[mµ]?Ω|m?V|m?A|A?h|s|°C|%|W|Hz)(?!\w))", "\u00a0", text)
