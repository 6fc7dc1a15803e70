"""From F2 to every page and back, on a real display with a real service."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from station.ui.app import OperatorWindow
from station.ui.burst import JOIN_MS
from station.ui.engineer.history.page import HistoryPage
from station.ui.engineer.shell import EngineerShell
from tests.station.service.recorded import ADMIN, BADGE, ENGINEER, OPERATOR
from tests.ui.engineer.conftest import Opener, shell_of

pytestmark = pytest.mark.window


def log_in(window: OperatorWindow, qtbot: Any, who: tuple[str, str]) -> EngineerShell:
    """By F2, name and PIN."""
    QTest.keyClick(window.page, Qt.Key.Key_F2)
    shell = shell_of(window)
    qtbot.waitUntil(lambda: shell.gate.name.count() == 3)
    shell.gate.name.setCurrentText(who[0])
    shell.gate.pin.setText(who[1])
    shell.gate.submit()
    waiting = ("", shell.texts("page.gate.wait"))
    qtbot.waitUntil(lambda: shell.person is not None or shell.gate.said.text() not in waiting)
    return shell


def history_of(shell: EngineerShell, qtbot: Any, runs: int = 4) -> HistoryPage:
    shell.show_page("history")
    page = shell.pages["history"]
    assert isinstance(page, HistoryPage)
    qtbot.waitUntil(lambda: len(page.runs) == runs)
    return page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page(open_sides: Opener, qtbot: Any, lang: str) -> None:
    window = open_sides(lang)
    QTest.keyClick(window.page, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: shell_of(window).gate.name.count() == 3)
    shell_of(window).leave()
    shell = log_in(window, qtbot, ADMIN)
    assert shell.person is not None
    page = history_of(shell, qtbot)

    page.filters.text.setText("voltage_max")
    page.search()
    qtbot.waitUntil(lambda: len(page.runs) == 1)
    assert ("电压过高" if lang == "zh" else "voltage too high") in page.table.texts()[0][-1]
    page.filters.empty()
    qtbot.waitUntil(lambda: len(page.runs) == 4)

    page.open_row(1)
    view = page.run_view
    qtbot.waitUntil(lambda: view.run is not None and view.isVisible())
    ohms = view.tables["resistances"].texts()
    assert [row[2] for row in ohms] == ["40.0 A", "-40.0 A"]
    # R0 2.4 mΩ and what its two time constants add within 0.1 s.
    assert float(ohms[0][4]) == pytest.approx(2.53, rel=0.05)
    assert view.tables["decision"].rowCount() > 3
    assert view.tables["files"].texts()[0][3].startswith("✓")
    view.tabs.setCurrentIndex(2)
    qtbot.waitUntil(lambda: "voltage_V" in view.overlay.series[0].curves)
    whole = len(view.overlay.series[0].curves["voltage_V"][0])
    begin, end = view.overlay.span
    view.overlay.setFocus()
    QTest.keyClick(view.overlay, Qt.Key.Key_Plus)
    assert view.overlay.span[1] - view.overlay.span[0] == pytest.approx((end - begin) / 2)
    qtbot.waitUntil(lambda: len(view.overlay.series[0].curves["voltage_V"][0]) != whole)
    QTest.keyClick(view.overlay, Qt.Key.Key_Home)
    assert view.overlay.span == (begin, end)

    page.close_run()
    page.open_row(3)
    qtbot.waitUntil(lambda: view.run is not None and view.run["run_id"].endswith("1"))
    view.tabs.setCurrentIndex(1)
    view.tabs.setCurrentIndex(2)
    qtbot.waitUntil(lambda: "voltage_V" in view.overlay.series[0].curves)
    page.close_run()
    page.table.selectAll()
    page.compare_button.click()
    compare: Any = shell.pages["compare"]
    qtbot.waitUntil(lambda: len(compare.runs) == 4)
    compare.align(True)
    zeros = {one.run_id[-1]: one.zero_s for one in compare.overlay.series}
    assert min(zeros["1"], zeros["2"]) > 1
    assert (zeros["3"], zeros["4"]) == (pytest.approx(25, abs=0.1), 0.0)  # without a pulse: as it began
    qtbot.waitUntil(lambda: sum(bool(s.curves) for s in compare.overlay.series) == 3)
    compare.tabs.setCurrentIndex(3)

    shell.show_page("events")
    events: Any = shell.pages["events"]
    qtbot.waitUntil(lambda: events.mark is not None and bool(events.events))
    assert {row[-1] for row in events.table.texts()} <= {"✓", "…"}
    events.code.setText("safety.")
    events.search()
    qtbot.waitUntil(lambda: [e["code"] for e in events.events] == ["safety.voltage_max"])
    events.code.clear()
    events.search()
    qtbot.waitUntil(lambda: len(events.events) > 5)

    shell.show_page("users")
    users: Any = shell.pages["users"]
    qtbot.waitUntil(lambda: users.table.rowCount() >= 3)
    unnamed = [
        type(part).__name__
        for part in shell.findChildren(QWidget)
        if part.isVisible()
        and part.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not part.accessibleName()
        and not getattr(part, "text", str)()
        and not part.objectName().startswith("qt_")
    ]
    assert unnamed == []
    assert set(shell._buttons) >= {"history", "compare", "events", "users"}


def test_the_door(open_sides: Opener, qtbot: Any) -> None:
    window = open_sides()
    shell = log_in(window, qtbot, OPERATOR)
    assert shell.person is None
    assert "没有工程师权限" in shell.gate.said.text()
    shell = log_in(window, qtbot, (ENGINEER[0], "000111"))
    assert shell.person is None
    assert "不正确" in shell.gate.said.text()
    assert (shell.gate.pin.text(), shell.gate.badge.text()) == ("", "")
    shell.leave()
    assert window.sides.currentWidget() is window.page

    # A badge scanned on the operator's page opens the door and shows nowhere.
    window.page._scanned(BADGE)
    qtbot.waitUntil(lambda: shell.person is not None)
    assert shell.person is not None
    assert shell.person.role == "engineer"
    assert not shell._buttons["users"].isVisible()
    assert not shell.show_page("users")
    assert window.page.desk.code is None

    # Nobody there: locked, and what was open is still there for the same person.
    page = history_of(shell, qtbot)
    page.filters.battery.setText("0018")
    shell._used_s -= shell._idle_s + 1
    shell.look()
    assert shell.person is None
    assert not page.isVisible()
    shell.scan(BADGE)
    qtbot.waitUntil(lambda: shell.person is not None)
    assert page.isVisible()
    assert page.filters.battery.text() == "0018"


def test_tests_stay_in_sight_and_can_be_stopped(open_sides: Opener, qtbot: Any) -> None:
    window = open_sides()
    backend: Any = window.backend  # type: ignore[attr-defined]
    QTest.keyClick(window.page, Qt.Key.Key_F2)
    shell = shell_of(window)
    shell.look()
    first = shell.strip._channels["1"]
    qtbot.waitUntil(first.isVisible)
    assert first.text() == "1 检测中 128 s"
    for number, act in enumerate(
        (
            lambda: QTest.keyClick(window, Qt.Key.Key_Escape),
            lambda: QTest.mouseClick(shell.strip.stop_all, Qt.MouseButton.LeftButton),
            lambda: shell.scan("#CMD#STOPALL#"),
        ),
        start=1,
    ):
        act()
        qtbot.waitUntil(lambda n=number: backend.asked.count(("stop_all",)) == n)
        request = next(iter(window.page.desk.pending), None)
        window.page.tick()
        qtbot.waitUntil(lambda: ("stop_all", None) not in window.page.desk.pending)
        del request
    QTest.keyClick(window, Qt.Key.Key_F12)
    assert window.sides.currentWidget() is shell
    QTest.keyClick(window, Qt.Key.Key_F2)
    assert window.sides.currentWidget() is window.page
    assert backend.asked.count(("stop_all",)) == 3
    assert ("own_id",) not in backend.asked


def test_typing_and_scanning_in_fields(open_sides: Opener, qtbot: Any) -> None:
    """What hands type stays in the field; what a scanner types goes to the page."""
    window = open_sides()
    shell = log_in(window, qtbot, ENGINEER)
    page = history_of(shell, qtbot)
    field = page.filters.text
    field.setFocus()
    QTest.keyClicks(field, "rapid", delay=60)
    assert field.text() == "rapid"
    QTest.qWait(int(JOIN_MS) + 50)  # from the keyboard to the scanner
    QTest.keyClicks(field, "04qcb76g88201jd1a0000018")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.filters.battery.text() == "04QCB76G88201JD1A0000018")
    assert "04qcb" not in field.text()
    field.clear()
    page.search()
    qtbot.waitUntil(lambda: [row["run_id"][-1] for row in page.runs] == ["2"])
    assert QApplication.focusWidget() is field


def test_an_administrator_puts_somebody_on_record_and_takes_it_back(open_sides: Opener, qtbot: Any) -> None:
    window = open_sides("en")
    shell = log_in(window, qtbot, ADMIN)
    shell.show_page("users")
    users: Any = shell.pages["users"]
    qtbot.waitUntil(lambda: users.table.rowCount() == 3)
    users.name.setText("Zoe")
    users.pin.setText("1")
    users._buttons["add"].click()
    qtbot.waitUntil(lambda: "PIN" in shell.said.text())
    assert users.pin.text() == ""
    users.role.setCurrentIndex(1)
    users.pin.setText("314159")
    users._buttons["add"].click()
    qtbot.waitUntil(lambda: users.table.rowCount() == 4)
    place = next(i for i, row in enumerate(users.table.texts()) if row[0] == "Zoe")
    users.table.setCurrentCell(place, 0)
    users._buttons["toggle"].click()
    qtbot.waitUntil(lambda: users.table.texts()[place][1:3] == ["Engineer", "inactive"])
    assert users._buttons["toggle"].text() == "Enable"
    users.table.setCurrentCell(0, 0)
    users._buttons["toggle"].click()
    qtbot.waitUntil(lambda: "last administrator" in shell.said.text())
