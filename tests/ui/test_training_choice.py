"""The course from the operator's menu: no role is asked for, a scan says who is trained."""

from __future__ import annotations

from typing import Any

from station.errors import StationError
from station.training import load_missions
from station.ui.app import OperatorWindow
from tests.ui.conftest import Opener
from tests.ui.test_training_card import Said, at


class Course(Said):
    """All missions, one of them done; ``busy`` refuses the next start."""

    busy = False

    def missions(self) -> list[dict[str, Any]]:
        return [{"name": one.name, "title": one.title.model_dump()} for one in load_missions().values()]

    def sheet(self, trainee: str, lang: str) -> dict[str, Any]:
        self.asked.append(("sheet", trainee, lang))
        return {"page": {"rows": [{"mission": "normal", "outcome": "passed"}]}}

    def start(self, trainee: str, mission: str) -> dict[str, Any]:
        self.asked.append(("start", trainee, mission))
        if self.busy:
            raise StationError("a test runs", code="training.busy")
        self.now = at(load_missions()[mission], 0)
        return self.now


def opened(window: OperatorWindow, course: Course, qtbot: Any) -> Any:
    window._add_training(lambda: course)
    page = window.page
    page.host.menu.button("training").click()
    panel = page.host.panels["course"]
    qtbot.waitUntil(lambda: panel.isVisible() and len(panel._buttons) == len(load_missions()))  # type: ignore[attr-defined]
    return panel


def test_an_operator_says_a_name_and_begins_a_mission(open_window: Opener, qtbot: Any) -> None:
    window, course = open_window(), Course({"mission": None})
    panel = opened(window, course, qtbot)
    button = panel.button("weak-cell")
    assert not button.isEnabled()
    window.page._take("李雷")
    assert button.isEnabled()
    assert "李雷" in panel.title.text()
    assert window.page.desk.code is None
    qtbot.waitUntil(lambda: panel.button("normal").text().endswith("通过"))
    button.click()
    qtbot.waitUntil(lambda: not panel.isVisible())
    assert ("start", "李雷", "weak-cell") in course.asked
    window.page._take("04QCB76G88201JD1A0000017")
    assert window.page.desk.code is not None


def test_a_start_that_is_refused_is_told_in_the_panel(open_window: Opener, qtbot: Any) -> None:
    window, course = open_window(), Course({"mission": None})
    course.busy = True
    panel = opened(window, course, qtbot)
    window.page._take("HAN MEIMEI")
    before = panel.title.text()
    panel.button("normal").click()
    qtbot.waitUntil(lambda: panel.title.text() != before)
    assert panel.isVisible()
    window.page._take("#CMD#NO#")
    assert not panel.isVisible() or panel.trainee == "HAN MEIMEI"
