"""What a test asks the operator: the panel beside the asking tile, by keys, by glove and by keyboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from station.errors import BusyError
from station.ui.app import OperatorWindow
from tests.ui.conftest import Opener
from tests.ui.scripted import ScriptedBackend, running
from tests.ui.test_guided import cut

pytestmark = pytest.mark.window
WORDS = {
    "zh": "请用力矩扳手拧紧两端子，并输入力矩（N·m）。",
    "en": "Tighten both terminals and enter the torque in N·m.",
}


def asking(channel: str, **more: Any) -> dict[str, Any]:
    question = {"prompt": 1, "name": "torque", "text": WORDS, "picture": None, "answer": "number", "low": 4.0,
                "high": 9.0, "timeout_s": 600.0, **more}  # fmt: skip
    return running(channel, 20.0, question=question)


def show(window: OperatorWindow, backend: ScriptedBackend, qtbot: Any, state: dict[str, Any]) -> None:
    backend.say({"type": "channel", "channel": "1", "state": state})
    wanted = state.get("question")
    told = window.page.mirror.slots["1"]
    qtbot.waitUntil(lambda: (told.state.question is None) == (wanted is None))
    window.page.tick()
    QApplication.processEvents()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_number_within_its_limits(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any, lang: str, tmp_path: Path
) -> None:
    picture = QPixmap(320, 200)
    picture.fill(Qt.GlobalColor.darkGray)
    assert picture.save(str(tmp_path / "torque.png"))
    window = open_window({"1": running("1", 20.0)}, lang=lang)
    page, panel = window.page, window.page.question_control.panel
    show(window, backend, qtbot, asking("1", picture=str(tmp_path / "torque.png")))
    qtbot.waitUntil(panel.isVisible)
    assert panel._text.text() == WORDS[lang]
    assert not panel._picture.pixmap().isNull()
    assert cut(window, panel) == []
    tile = page.tiles["1"]
    assert not panel.geometry().intersects(QRect(tile.mapTo(page, tile.rect().topLeft()), tile.size()))
    assert not panel.geometry().intersects(page.buttons.geometry())
    assert window.grab().save(str(tmp_path / f"question-{lang}.png"))
    QTest.keyClicks(panel.field, "12")
    QTest.keyClick(panel.field, Qt.Key.Key_Return)
    assert panel._problem.text(), "outside its limits"
    panel.keys["back"].click()
    panel.keys["back"].click()
    for key in ("5", ".", "5"):
        panel.keys[key].click()
    assert not [call for call in backend.asked if call[0] == "answer"]
    panel.confirm.click()
    qtbot.waitUntil(lambda: ("answer", "1", 1, 5.5) in backend.asked)
    page.tick()
    assert not panel.isVisible()
    show(window, backend, qtbot, running("1", 21.0))
    assert not panel.isVisible()


def test_to_confirm_put_off_and_refused(open_window: Opener, backend: ScriptedBackend, qtbot: Any) -> None:
    window = open_window({"1": running("1", 20.0)})
    page, panel = window.page, window.page.question_control.panel
    show(window, backend, qtbot, asking("1", answer="confirm", name=None, low=None, high=None))
    qtbot.waitUntil(panel.isVisible)
    assert cut(window, panel) == []
    QTest.keyClick(window, Qt.Key.Key_F5)
    QTest.keyClick(panel.cancel, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not panel.isVisible())  # put off
    page.tick()
    assert not [call for call in backend.asked if call[0] == "answer"], "F5 and Space confirm nothing"
    page._chosen("1")
    assert panel.isVisible()
    backend.answers["answer"] = BusyError("not asked now", remedy="look", code="prompt.none", channel="1")
    QTest.keyClick(panel.cancel, Qt.Key.Key_Tab)
    assert panel.confirm.hasFocus(), "the other button is one Tab away"
    QTest.keyClick(panel.confirm, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: ("answer", "1", 1, None) in backend.asked)
    qtbot.waitUntil(lambda: page.desk.prompt().level == "refusal")
    page.refresh()
    assert panel.isVisible(), "what was refused is asked again"
