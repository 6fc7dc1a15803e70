"""Scans by key events inside Qt: what a burst is and what hands do."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from station.ui.app import OperatorWindow
from tests.ui.conftest import Opener
from tests.ui.scripted import MISSING, ScriptedBackend, running

CODE = "04QCB76G88201JD1A0000099"


class Typist:
    """Sends keys with time stamps of its own, so that a test says how fast they come."""

    def __init__(self) -> None:
        self.now_ms = 1_000_000

    def keys(self, text: str, gap_ms: int, to: QWidget | None = None) -> None:
        for character in text:
            self.now_ms += gap_ms
            key = (
                Qt.Key.Key_Return
                if character == "\r"
                else Qt.Key.Key_Space
                if character == " "
                else Qt.Key(0)
            )
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, character)
                event.setTimestamp(self.now_ms)
                target = to or QApplication.focusWidget()
                assert target is not None
                QApplication.sendEvent(target, event)


@pytest.fixture
def typist() -> Typist:
    return Typist()


@pytest.fixture
def window(open_window: Opener, qtbot: Any) -> OperatorWindow:
    opened = open_window({"1": running("1", 5.0)})
    opened.activateWindow()
    qtbot.waitActive(opened)
    return opened


def test_a_scan_arrives_whatever_has_the_focus(window: OperatorWindow, typist: Typist) -> None:
    page = window.page
    for widget in (
        page.tiles["2"],
        page.buttons.start,
        page.buttons.stop_all,
        page.alarms.table,
        page.top.field,
    ):
        page.desk.clear()
        widget.setFocus()
        typist.keys(CODE + "\r", 4)
        assert page.desk.code == CODE
        assert page.top.field.text() == ""
        typist.now_ms += 2000


def test_slow_typing_shows_in_the_code_field(window: OperatorWindow, typist: Typist) -> None:
    page = window.page
    page.tiles["2"].setFocus()
    typist.keys("own-7", 400)
    assert page.top.field.text() == "own-7"
    assert page.desk.code is None
    typist.keys("\r", 400)
    assert page.desk.code == "OWN-7"
    assert page.top.field.text() == ""


def test_typing_in_the_field_itself(window: OperatorWindow, typist: Typist) -> None:
    page = window.page
    page.top.field.setFocus()
    typist.keys("own-8", 300)
    assert page.top.field.text() == "own-8"
    typist.keys("\r", 300)
    assert page.desk.code == "OWN-8"


def test_an_empty_line_is_refused(window: OperatorWindow, typist: Typist) -> None:
    window.page.top.field.setFocus()
    typist.keys("\r", 300)
    assert window.page.desk.prompt().key == "refuse.empty_code"


def test_a_scan_ends_a_half_typed_code(window: OperatorWindow, typist: Typist) -> None:
    page = window.page
    page.tiles["2"].setFocus()
    typist.keys("XY", 300)
    typist.now_ms += 1000
    typist.keys(CODE + "\r", 4)
    assert page.desk.code == CODE


def test_a_space_in_a_scan_never_presses_a_button(
    window: OperatorWindow, backend: ScriptedBackend, typist: Typist
) -> None:
    page = window.page
    page.desk.scan(CODE)
    page.desk.select("2")
    page.buttons.start.setFocus()
    typist.now_ms += 5000
    typist.keys(" !! 12345\r", 4)
    QTest.qWait(150)
    assert page.desk.prompt().key == "refuse.malformed_code"
    assert not [asked for asked in backend.asked if asked[0] == "start"]


def test_a_lone_space_still_presses_the_button_in_focus(
    window: OperatorWindow, backend: ScriptedBackend, typist: Typist, qtbot: Any
) -> None:
    window.page.buttons.stop_all.setFocus()
    typist.keys(" ", 500)
    qtbot.waitUntil(lambda: ("stop_all",) in backend.asked)


def test_a_scan_into_the_number_pad_leaves_the_number_alone(
    window: OperatorWindow, backend: ScriptedBackend, typist: Typist, qtbot: Any
) -> None:
    page = window.page
    backend.answers["start"] = MISSING
    page.desk.scan(CODE)
    page.desk.select("2")
    page.desk.start()
    qtbot.waitUntil(page.panel.isVisible)
    page.panel.field.setFocus()
    typist.keys("35", 300)
    typist.now_ms += 1000
    typist.keys("#CMD#STOPALL#\r", 4)
    assert page.panel.field.text() == "35"
    qtbot.waitUntil(lambda: ("stop_all",) in backend.asked)


def test_a_burst_ended_by_tab_is_a_scan(window: OperatorWindow, typist: Typist) -> None:
    page = window.page
    page.tiles["2"].setFocus()
    typist.keys(CODE, 4)
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier, "\t")
    event.setTimestamp(typist.now_ms + 5)
    QApplication.sendEvent(page.tiles["2"], event)
    assert page.desk.code == CODE
    assert page.tiles["2"].hasFocus()
