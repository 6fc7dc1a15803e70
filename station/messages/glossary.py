"""The field's terms in both languages, and which words stand in their place where none should.

``python -m station.messages.glossary FILE`` writes the page of all terms (docs/glossary.md).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

_NO_PROSE: Final = re.compile(r"\{[^}]*\}|\b\w+(?:[._/]\w+)+\b|--[\w-]+")
"""Places to fill, names of files and fields, options: not words of a text."""


@dataclass(frozen=True)
class Term:
    """One term; ``not_zh`` and ``not_en`` are never said for it, except inside the words of ``but``."""

    id: str
    zh: str
    en: str
    means: str
    not_zh: tuple[str, ...] = ()
    not_en: tuple[str, ...] = ()
    but: tuple[str, ...] = ()


@cache
def terms() -> tuple[Term, ...]:
    """All terms, in the order of the file."""
    from ruamel.yaml import YAML

    text = files("station.messages").joinpath("glossary.yaml").read_text(encoding="utf-8")
    return tuple(_term(row) for row in YAML(typ="safe").load(text))


def _term(row: dict[str, Any]) -> Term:
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
    return Term(**fields)


def wrong_words(text: str, lang: str) -> Iterator[tuple[str, Term]]:
    """Words in a text that the glossary does not want, each with the term to say instead."""
    prose = _NO_PROSE.sub(" ", text)
    for term in terms():
        rest = prose
        for allowed in term.but:
            rest = rest.replace(allowed, " ")
        for word in term.not_zh if lang == "zh" else term.not_en:
            found = (
                word in rest if lang == "zh" else re.search(rf"\b{re.escape(word)}\b", rest, re.IGNORECASE)
            )
            if found:
                yield word, term


def page() -> str:
    """The glossary as a Markdown page."""
    lines = [
        "# Glossary",
        "",
        "The field's terms as window, messages, command line and papers say them. Made from",
        "`station/messages/glossary.yaml` by `python -m station.messages.glossary docs/glossary.md`.",
        "",
        "| 中文 | English | meaning | not 中文 | not English |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {term.zh} | {term.en} | {term.means} | {'、'.join(term.not_zh)} | {', '.join(term.not_en)} |"
        for term in terms()
    ]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
