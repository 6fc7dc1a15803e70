"""The translation is whole and as Qt's tools make it; both languages have the same places to fill."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialogButtonBox

from station.ui import words
from station.ui.app import application
from station.ui.texts import Texts, catalogue
from station.ui.words.__main__ import HERE, QM, TS, collect, release


def test_lupdate_finds_no_difference_and_lrelease_gives_what_ships(tmp_path: Path) -> None:
    shutil.copy(HERE / TS, tmp_path)
    collect(tmp_path)
    assert (tmp_path / TS).read_bytes() == (HERE / TS).read_bytes()
    said = release(tmp_path)
    assert "0 unfinished" in said
    assert "Ignored" not in said
    assert (tmp_path / QM).read_bytes() == (HERE / QM).read_bytes()


def test_every_word_is_declared_once_and_found_by_its_context() -> None:
    declared = [key for module in words.MODULES for key in module.WORDS]
    assert len(declared) == len(set(declared)) == len(words.WORDS)
    listed = {module.__name__.rpartition(".")[2] for module in words.MODULES}
    assert {path.stem for path in HERE.glob("[a-z]*.py")} == listed
    contexts = {(words.context_of(key), text) for key, text in words.WORDS.items()}
    told = (HERE / TS).read_text(encoding="utf-8").count("<message>")
    assert told == len(contexts), "a word is declared under another context than the one it is looked up by"


@pytest.fixture
def _application() -> Iterator[None]:
    application([])
    yield
    Texts("en")


@pytest.mark.usefixtures("_application")
def test_qt_speaks_the_language_of_the_page() -> None:
    def cancel() -> str:
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        return box.button(QDialogButtonBox.StandardButton.Cancel).text()

    texts = Texts("zh")
    assert cancel() == "取消"
    texts.switch()
    assert cancel() == "Cancel"
    assert catalogue("en")["verdict.pass"] == "PASS"
