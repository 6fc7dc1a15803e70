"""One word for one thing: catalogues, window and command line say the glossary's terms."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import station
from station.messages.glossary import page, terms, wrong_words
from station.ui.texts import catalogue

ROOT = Path(station.__file__).parent
PAGE = ROOT.parent / "docs" / "glossary.md"


def said_in(lang: str) -> Iterator[tuple[str, str]]:
    """Every text in a language, with its place."""
    for key, text in catalogue(lang).items():
        yield f"window {key}", text
    for path in sorted(ROOT.rglob(f"*_{lang}.json")):
        yield from _strings(json.loads(path.read_text(encoding="utf-8")), path.name)
    if lang == "en":
        for path in sorted((ROOT / "cli").glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Constant)
                    and isinstance(node.value, str)
                    and " " in node.value.strip()
                ):
                    yield f"{path.name}:{node.lineno}", node.value


def _strings(value: object, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _strings(part, f"{place} {key}")
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part, place)
    elif isinstance(value, str):
        yield place, value


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_all_texts_say_the_glossary_s_terms(lang: str) -> None:
    texts = list(said_in(lang))
    assert len(texts) > 500
    wrong = [
        f"{place}: {word} → {term.zh if lang == 'zh' else term.en}: {text}"
        for place, text in texts
        for word, term in wrong_words(text, lang)
    ]
    assert wrong == []


def test_the_page_shows_the_terms_as_they_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_terms_are_whole_and_do_not_forbid_each_other() -> None:
    assert len({term.id for term in terms()}) == len(terms()) >= 40
    for term in terms():
        assert term.zh
        assert term.en
        assert list(wrong_words(term.zh, "zh")) == []
        assert list(wrong_words(term.en, "en")) == []
    assert [word for word, _ in wrong_words("测试台的继电器做容量测试", "zh")] == ["测试"]
    assert [word for word, _ in wrong_words("set cutoff.coil; the cutoff", "en")] == ["cutoff"]
