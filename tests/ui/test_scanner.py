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

    def keys(
        self, text: str, gap_ms: int, to: QWidget | None = None, held: dict[int, int] | None = None
    ) -> None:
        """``held``: so many milliseconds more before the character of this index."""
        for index, character in enumerate(text):
            self.now_ms += gap_ms + (held or {}).get(index, 0)
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


def test_a_scan_that_is_held_up_on_its_way_stays_whole(window: OperatorWindow, typist: Typist) -> None:
    """Radio link or busy computer: single characters late, at the head, in the middle, before the Enter."""
    page = window.page
    for widget in (page.tiles["2"], page.top.field):
        for held in ({1: 120}, {19: 300}, {6: 90, 12: 150, 18: 60}, {24: 200}):
            page.desk.clear()
            widget.setFocus()
            typist.keys(CODE + "\r", 12, held=held)
            assert page.desk.code == CODE, held
            assert page.top.field.text() == ""
            typist.now_ms += 2000


def test_a_scan_that_is_held_up_for_long_arrives_in_two_parts(window: OperatorWindow, typist: Typist) -> None:
    """Nothing of it is lost: the parts are joined as those of a label in two parts are."""
    page = window.page
    page.tiles["2"].setFocus()
    typist.keys(CODE + "\r", 12, held={14: 450})
    assert page.desk.code == CODE


def test_hands_are_never_taken_for_a_scanner(
    open_window: Opener, backend: ScriptedBackend, typist: Typist, qtbot: Any
) -> None:
    """Quick hands, a pair of keys at once now and then, a key that is held down: the field keeps it all."""
    page = open_window({"1": running("1", 5.0)}).page
    backend.answers["start"] = MISSING
    page.desk.scan(CODE)
    page.desk.select("2")
    page.desk.start()
    qtbot.waitUntil(page.panel.isVisible)
    page.panel.field.setFocus()
    for held in ({}, {1: -70, 3: -70, 5: -70}, {7: 120}):
        page.panel.field.clear()
        typist.keys("12345678", 85, held=held)
        typist.now_ms += 30
        assert not page.scanner._burst.scanned
        typist.now_ms += 1000
    assert page.panel.field.text() == "12345678"
    for _ in range(20):
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_5, Qt.KeyboardModifier.NoModifier, "5", True)
        typist.now_ms += 30
        event.setTimestamp(typist.now_ms)
        QApplication.sendEvent(page.panel.field, event)
    assert not page.scanner._burst.scanned


def test_a_scanner_that_sends_no_enter(
    window: OperatorWindow, backend: ScriptedBackend, typist: Typist, qtbot: Any
) -> None:
    """Silence ends its scan; an Enter that comes very late presses nothing."""
    page = window.page
    page.tiles["2"].setFocus()
    typist.keys(CODE, 4)
    assert page.desk.code is None
    qtbot.waitUntil(lambda: page.desk.code == CODE)
    assert page.top.field.text() == ""
    typist.keys("\r", 900)
    assert page.desk.prompt().key != "refuse.empty_code"
    qtbot.waitUntil(lambda: ("battery", CODE) in backend.asked)  # another thread asks
    assert backend.asked.count(("battery", CODE)) == 1
