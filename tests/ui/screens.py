"""Every known screen, in both languages and one that is 40 % longer, at the smallest and a usual size.

A part of the window is added to ``screens_operator`` or ``screens_engineer``; an engineer page that registers
itself is there by itself. One maker gives one window, which is taken through its situations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Final
from unittest.mock import patch

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QApplication, QWidget

from station.messages import Message, say
from station.ui.app import application
from station.ui.texts import Texts, catalogue
from tests.deep import usual_or_deep

SIZES: Final = ((1366, 768), (1920, 1080))
LANGUAGES: Final = ("zh", "en", "longer")
SIZES_OF: Final = {language: usual_or_deep(SIZES[:1], SIZES) for language in LANGUAGES} | {"longer": SIZES}
"""The smallest has the least room. In the larger one, where letters grow with it, the longest texts are tried
always, and the others when asked for."""


def longer(text: str) -> str:
    """Every word 40 % longer, figures and units as they are."""

    def grown(found: re.Match[str]) -> str:
        word = found[0]
        return word if word[0] == "{" else word + word[: max(1, round(0.4 * len(word)))].lower()

    return re.sub(r"\{[^}]*\}|[A-Za-z]{3,}", grown, text)


class LongerTexts(Texts):
    """English with longer words: what a third language would ask for."""

    def __init__(self) -> None:
        super().__init__("en")

    def __call__(self, key: str, **params: Any) -> str:
        """The English text, longer."""
        text = longer(catalogue("en")[key])
        return text.format(**params) if params else text


def in_longer(told: Any) -> Any:
    """What comes in both languages from elsewhere, with its English longer."""
    if isinstance(told, list | tuple):
        return [in_longer(part) for part in told]
    if isinstance(told, dict):
        return {
            key: longer(part) if key == "en" and isinstance(part, str) else in_longer(part)
            for key, part in told.items()
        }
    return told


def _say_longer(*args: Any, **kwargs: Any) -> Message:
    said = say(*args, **kwargs)
    return Message(longer(said.text), longer(said.remedy))


@contextmanager
def speaking(language: str) -> Iterator[Texts]:
    """The texts of one language, those of the station's messages as well."""
    if language != "longer":
        yield Texts(language)
        return
    with patch("station.ui.texts.say", _say_longer):
        yield LongerTexts()


@dataclass(frozen=True)
class Screen:
    """A shown window in one situation."""

    situation: str
    language: str
    size: tuple[int, int]
    window: QWidget

    @property
    def name(self) -> str:
        """What is told where something is wrong."""
        return f"{self.situation}, {self.language}, {self.size[0]} × {self.size[1]}"


Situation = tuple[str, Callable[[], None]]
Maker = Callable[[Texts], AbstractContextManager[tuple[QWidget, list[Situation]]]]
"""Gives a window that is not yet shown, and how it comes into each of its situations."""


def settle() -> None:
    """Let layouts and paint events run to their end: nothing moves for three rounds, however busy."""
    before: list[QRect] = []
    alike = 0
    for _ in range(200):
        QApplication.sendPostedEvents()
        QApplication.processEvents()
        now = [
            widget.geometry()
            for window in QApplication.topLevelWidgets()
            if window.isVisible()
            for widget in window.findChildren(QWidget)
            if widget.isVisible()
        ]
        alike, before = (alike + 1 if now == before else 0), now
        if alike == 3:
            return


def every_screen(
    languages: tuple[str, ...] = LANGUAGES,
    sizes_of: Mapping[str, tuple[tuple[int, int], ...]] = SIZES_OF,
    wanted: Callable[[str], bool] = lambda _: True,
) -> Iterator[Screen]:
    """Makes each window once for a language and takes it through its sizes and situations that are wanted."""
    from tests.ui.screens_engineer import engineer_side
    from tests.ui.screens_operator import eight_channels, operator_page, training_course

    application([])
    makers: tuple[Maker, ...] = (operator_page, eight_channels, training_course, engineer_side)
    for language in languages:
        for make in makers:
            with speaking(language) as texts, make(texts) as (window, situations):
                for size in sizes_of[language]:
                    window.setProperty("asked", QSize(*size))
                    window.resize(*size)
                    window.show()
                    window.activateWindow()
                    settle()
                    for name, enter in situations:
                        if not wanted(name):
                            continue
                        enter()
                        settle()
                        yield Screen(name, language, size, window)
