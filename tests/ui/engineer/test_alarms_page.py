"""An engineer acknowledges and shelves in the window, by name, over a real service."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from station.records import open_records
from station.service.client import ServiceClient
from station.service.run import run_to_end
from tests.station.service.recorded import BADGE, ENGINEER
from tests.station.service.running import request
from tests.ui.checks import cut_texts, unnamed
from tests.ui.engineer.conftest import Opener, shell_of

pytestmark = pytest.mark.window


def test_the_list_on_the_engineers_side(open_sides: Opener, service: ServiceClient, qtbot: Any) -> None:
    run_to_end(service, request("CONTACT-1", "3"))
    window = open_sides("en", real=True)
    page = window.page
    qtbot.waitUntil(lambda: page.mirror.alarms.open == 1)
    QTest.keyClick(page, Qt.Key.Key_F11)
    page.tick()
    assert page.alarm_control.panel.isVisible()
    assert not any(card.shelve.isVisible() for card in page.alarm_control.panel._cards)

    page._scanned(BADGE)
    shell = shell_of(window)
    qtbot.waitUntil(lambda: shell.person is not None)
    QTest.keyClick(window, Qt.Key.Key_F11)
    assert shell.current == "alarms"
    alarms: Any = shell.pages["alarms"]
    (card,) = [card for card in alarms.panel._cards if card.isVisible()]
    QTest.qWait(50)
    assert cut_texts(shell) == []
    assert unnamed(shell) == []
    card.shelve.click()
    alarms.panel.minutes[15].click()
    alarms.panel.reasons["waiting_part"].click()

    def alarm() -> Any:
        return next(iter(page.mirror.alarms))

    def words() -> str:
        shell.look()
        return " ".join(label.text() for label in card.findChildren(QLabel))

    qtbot.waitUntil(lambda: alarm().shelved)
    assert alarm().shelved_by == ENGINEER[0]
    assert f"by {ENGINEER[0]}: Waiting for a part" in " ".join(words().split())
    card.shelve.click()
    qtbot.waitUntil(lambda: alarm().open)
    words()
    card.acknowledge.click()
    qtbot.waitUntil(lambda: not alarm().open)
    assert alarm().acknowledged_by == ENGINEER[0]
    assert f"by {ENGINEER[0]}" in words()
    assert service._data is not None
    with open_records(service._data) as records:

        def told() -> list[Any]:
            return [event for event in records.events() if event["code"].startswith("alarm.")]

        qtbot.waitUntil(lambda: told()[-1:] != [] and told()[-1]["code"] == "alarm.acknowledge")
        newest = told()[-3:]
    assert [(event["code"], event["params"]["who"]) for event in newest] == [
        (f"alarm.{word}", ENGINEER[0]) for word in ("shelve", "unshelve", "acknowledge")
    ]
    QTest.keyClick(window, Qt.Key.Key_F2)
    service.acknowledge("3")
    qtbot.waitUntil(lambda: page.mirror.alarms.open == 0 and len(page.mirror.alarms) == 0)
