"""The same texts in both languages, all used, none missing."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import station.ui
from station.ui.glyphs import OF_STATE
from station.ui.style import PAIRS, contrast
from station.ui.texts import LANGUAGES, Texts, catalogue, say_code

SOURCES = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted(Path(station.ui.__file__).parent.glob("*.py"))
)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_and_parameters() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    assert zh.keys() == en.keys()
    assert [key for key in zh if fields(zh[key]) != fields(en[key])] == []
    assert [key for key in zh if not zh[key].strip() or not en[key].strip()] == []


def test_every_key_in_the_code_exists() -> None:
    named = set(re.findall(r'texts?\(\s*"([a-z_.0-9]+)"', SOURCES))
    named |= set(re.findall(r'(?:_refuse|_tell)\(\s*"([a-z_.]+)"', SOURCES))
    named |= set(re.findall(r'"((?:refuse|prompt|missing|lost|tell)\.[a-z_]+)"', SOURCES))
    assert len(named) > 50
    assert sorted(named - catalogue("zh").keys()) == []


def test_every_state_and_verdict_has_word_and_sign() -> None:
    for state in OF_STATE:
        prefix = "verdict" if state in ("pass", "fail", "quarantine", "no_verdict") else "state"
        assert f"{prefix}.{state}" in catalogue("zh")


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("verdict.pass", "合格"), ("verdict.fail", "不合格"), ("verdict.quarantine", "隔离"),
        ("verdict.no_verdict", "重测"), ("state.fault", "故障"), ("button.stop_all", "停止全部"),
        ("top.channel", "通道"),
    ],
)  # fmt: skip
def test_shop_floor_words(key: str, word: str) -> None:
    assert catalogue("zh")[key] == word


def test_no_stop_is_called_an_emergency_stop() -> None:
    for lang, words in (("zh", ("急停", "紧急")), ("en", ("emergency", "E-stop"))):
        for key, text in catalogue(lang).items():
            if key.startswith(("button.", "tell.")):
                assert not any(word in text for word in words), key


def test_switching_and_unknown_keys() -> None:
    texts = Texts("zh")
    assert texts("verdict.pass") == "合格"
    texts.switch()
    assert texts.lang == "en"
    assert texts("verdict.pass") == "PASS"
    with pytest.raises(KeyError):
        texts("no.such.key")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_code_nobody_knows_keeps_its_own_words(lang: str) -> None:
    said = say_code("odd.code", {}, lang, message="the words", remedy="the remedy")
    assert said.text == "the words"
    assert said.remedy == "the remedy"


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_contrast(one: str, other: str) -> None:
    assert contrast(one, other) >= 4.5
    assert contrast("#ffffff", "#000000") == pytest.approx(21.0)
