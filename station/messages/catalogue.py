"""From a code and its facts to a sentence and a remedy, by the catalogues beside this file.

An entry is ``{"text", "remedy"}``. In both, ``{param}`` or ``{param:.2f}`` takes a fact of the case,
``[[…]]`` encloses a part that is left out when a fact in it is missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from station.messages.filling import Filler

LANGUAGES: Final = ("zh", "en")
_OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)


@dataclass(frozen=True)
class Message:
    """What happened, and what a person does next; ``remedy`` may be empty."""

    text: str
    remedy: str


def say(
    code: str,
    params: Mapping[str, Any] | None = None,
    lang: str = "zh",
    *,
    fallback: str = "",
    fallback_remedy: str = "",
) -> Message:
    """The message for ``code`` in ``lang``; an unknown language is English.

    ``fallback`` is the error's own English message: it is used for a code that the catalogue does not
    have, and in place of a text or remedy that the catalogue leaves empty.
    """
    language = _load(lang if lang in LANGUAGES else "en")
    entry = language["codes"].get(code)
    if entry is None:
        return Message(fallback or code, fallback_remedy)
    filler = Filler(language["words"], lambda told: told_text(told, lang))
    facts = params or {}
    return Message(
        _fill(entry["text"], facts, filler) or fallback or code,
        _fill(entry["remedy"], facts, filler) or fallback_remedy,
    )


def told_text(told: Mapping[str, Any], lang: str) -> str:
    """What another message has among its facts: an error by its code, else in its own words."""
    own, code, params = str(told.get("message") or ""), str(told.get("code") or ""), told.get("params") or {}
    if told.get("part") == "remedy":
        return say(code, params, lang, fallback_remedy=own).remedy
    return say(code, params, lang, fallback=own).text


def codes(lang: str) -> list[str]:
    """All codes that the catalogue of ``lang`` has, sorted."""
    return sorted(_load(lang)["codes"])


def words(lang: str) -> Mapping[str, str]:
    """What the catalogue of ``lang`` calls single words, such as outcomes and quantities."""
    return _load(lang if lang in LANGUAGES else "en")["words"]


def word(name: str, lang: str) -> str:
    """What the catalogue of ``lang`` calls ``name``; the name itself where it has no other."""
    return words(lang).get(name, name)


def value(fact: Any, lang: str) -> str:
    """A fact by itself, as it would stand in a message."""
    return Filler(words(lang), lambda told: told_text(told, lang)).format_field(fact, "")


def _fill(text: str, params: Mapping[str, Any], filler: Filler) -> str:
    # Split, not substituted: what a fact itself says is never read as a text with gaps.
    parts = _OPTIONAL.split(text)
    return "".join(
        filler.fill(part, params)
        for number, part in enumerate(parts)
        if number % 2 == 0 or filler.knows_all(part, params)
    )


@cache
def _load(lang: str) -> dict[str, dict[str, Any]]:
    text = files("station.messages").joinpath(f"catalogue_{lang}.json").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, Any]] = json.loads(text)
    return loaded
