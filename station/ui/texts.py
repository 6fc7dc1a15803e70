"""The window's words in Chinese and English, and messages of the station by their code.

The words are declared in English in ``station.ui.words`` and translated by Qt Linguist.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files
from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QTranslator

from station.messages import Message, say
from station.ui.words import WORDS, context_of

LANGUAGES: Final = ("zh", "en")
_QT: Final = {"zh": "qtbase_zh_CN"}
"""Qt's own words (of its dialogs and menus), where they are not English."""


@cache
def catalogue(lang: str) -> Mapping[str, str]:
    """All texts of one language, by key. Raises OSError when a language's file cannot be read."""
    if lang == "en":
        return WORDS
    translator = QTranslator()
    with as_file(files("station.ui.words").joinpath("station_zh_CN.qm")) as path:
        if not translator.load(str(path)):
            raise OSError(f"{path}: no translation can be read")
        return {key: translator.translate(context_of(key), text) or text for key, text in WORDS.items()}


class Texts:
    """The current language."""

    def __init__(self, lang: str = "zh") -> None:
        self.lang = lang if lang in LANGUAGES else "zh"
        _speak(self.lang)

    def switch(self) -> None:
        """Go on to the other language."""
        self.lang = "en" if self.lang == "zh" else "zh"
        _speak(self.lang)

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


_installed: list[QTranslator] = []


def _speak(lang: str) -> None:
    """Let Qt's own texts be in ``lang`` as well."""
    app = QCoreApplication.instance()
    if app is None:
        return
    while _installed:
        app.removeTranslator(_installed.pop())
    translator = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if lang in _QT and translator.load(_QT[lang], folder):
        app.installTranslator(translator)
        _installed.append(translator)
