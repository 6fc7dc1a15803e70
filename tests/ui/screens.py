"""Every known screen, in both languages and one that is 40 % longer, at the smallest and a usual size.

A page that is added is added to ``MAKERS`` (or is an engineer page, which registers itself): one maker gives
one window, which is shown once and then changed through its situations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import product
from typing import Any, Final
from unittest.mock import patch

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from station.errors import StationError
from station.messages import Message, say
from station.ui.app import OperatorWindow, application
from station.ui.texts import Texts
from tests.ui.scripted import (
    ADAPTIVE,
    GOOD_GUARD,
    MISSING,
    ScriptedBackend,
    bench,
    fault,
    idle,
    interrupted,
    paused,
    pulse_curve,
    running,
    samples,
    verdict,
)

SIZES: Final = ((1366, 768), (1920, 1080))
LANGUAGES: Final = ("zh", "en", "longer")


def longer(text: str) -> str:
    """Every word 40 % longer, figures and units as they are."""
    return re.sub(
        r"[A-Za-z]{3,}", lambda word: word[0] + word[0][: max(1, round(0.4 * len(word[0])))].lower(), text
    )


class LongerTexts(Texts):
    """English with longer words: what a third language would ask for."""

    def __init__(self) -> None:
        super().__init__("en")

    def __call__(self, key: str, **params: Any) -> str:
        """The English text, longer."""
        return longer(super().__call__(key, **params))


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

    name: str
    window: QWidget


Situation = tuple[str, Callable[[], None]]
Maker = Callable[[Texts], tuple[QWidget, list[Situation]]]


def every_screen() -> Iterator[Screen]:
    """Makes each window once for a language and a size and takes it through its situations."""
    application([])
    for language in LANGUAGES:
        with speaking(language) as texts:
            for make, size in product((*MAKERS, *engineer_pages()), SIZES):
                window, situations = make(texts)
                try:
                    window.resize(*size)
                    window.show()
                    window.activateWindow()
                    QTest.qWaitForWindowActive(window, 2000)
                    for name, enter in situations:
                        enter()
                        for _ in range(3):
                            QApplication.sendPostedEvents()
                            QApplication.processEvents()
                        yield Screen(f"{name}, {language}, {size[0]} × {size[1]}", window)
                finally:
                    window.close()
                    window.deleteLater()
                    QApplication.processEvents()


# -- the operator page -----------------------------------------------------------------------------

TESTING: Final = {"1": running("1", 47.0), "2": verdict("2", "pass"), "3": fault("3")}
SITUATIONS: Final[dict[str, dict[str, Any]]] = {
    "idle": {},
    "testing": TESTING,
    "verdicts": {
        "1": verdict("1", "fail", 0.47, 0.05, grade="R"),
        "2": verdict("2", "quarantine", None),
        "3": verdict("3", "no_verdict", None),
        "4": verdict("4", "pass", 0.66, 0.05, grade="C"),
    },
    "held": {
        "1": running("1", 47.0, adaptive=ADAPTIVE),
        "2": paused("2", 60.0),
        "3": interrupted("3"),
        "4": running("4", 0.2, state="ready"),
    },
}


def operator_page(texts: Texts) -> tuple[QWidget, list[Situation]]:
    """The window of every day: each state of its tiles, the panel, and no service."""
    backend = ScriptedBackend(bench(4))
    backend.answers["start"] = MISSING
    window = OperatorWindow(lambda: backend, texts)
    page = window.page
    page.open()

    def wait(done: Callable[[], bool]) -> None:
        for _ in range(1000):
            page.tick()
            if done():
                return
            QTest.qWait(5)
        raise TimeoutError("the page does not come into this state")

    def tell(states: dict[str, Any], guard: dict[str, Any] = GOOD_GUARD) -> None:
        backend.greet(states, guard)
        wanted = {key: states.get(key, idle())["state"] for key in "1234"}
        wait(lambda: {key: slot.state.state for key, slot in page.mirror.slots.items()} == wanted)
        wait(lambda: page.mirror.guard.estop_ok is guard["estop_ok"])
        if states:
            backend.say(samples("1", pulse_curve(47.0)))
            wait(lambda: page.mirror.slots["1"].voltage.last_s == 47.0)

    def missing() -> None:
        page.desk.scan("NEW-1")
        page.desk.select("4")
        page.desk.start()
        wait(page.panel.isVisible)

    def lost() -> None:
        page.desk.clear()
        page.link._connect = _nobody
        backend.say(ConnectionResetError())
        wait(lambda: not page.mirror.connected)

    pressed = {**GOOD_GUARD, "estop_ok": False, "interlock_ok": False}
    said: list[Situation] = [
        (f"operator {name}", lambda s=states: tell(s)) for name, states in SITUATIONS.items()
    ]
    said += [
        ("operator stopped by hand", lambda: tell(TESTING, pressed)),
        ("operator asked for data", lambda: (tell(TESTING), missing())[0]),
        ("operator without service", lost),
    ]
    return window, said


def _nobody() -> ScriptedBackend:
    raise ConnectionRefusedError


# -- the engineer's pages --------------------------------------------------------------------------


class Silent:
    """A client whose service does not answer: pages show what they are without data."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def refused(*_args: Any, **_kwargs: Any) -> Any:
            raise StationError("the service does not answer", code="service.unreachable", reason=name)

        return refused


def engineer_pages() -> list[Maker]:
    """Those that are registered in ``station.ui.engineer.pages``; none where there is no such thing."""
    if find_spec("station.ui.engineer") is None or find_spec("station.ui.engineer.pages") is None:
        return []
    from importlib import import_module

    infos = import_module("station.ui.engineer.pages").PAGES

    def maker(info: Any) -> Maker:
        def make(texts: Texts) -> tuple[QWidget, list[Situation]]:
            page = info.factory(Silent(), texts)
            page.set_texts()
            return page, [(f"engineer {info.key}", page.shown)]

        return make

    return [maker(info) for info in infos]


MAKERS: Final[tuple[Maker, ...]] = (operator_page,)
