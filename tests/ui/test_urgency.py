"""What is news is shown in the next turn of the window's loop, not at its next look."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from station.ui.link import Live
from station.ui.urgency import Urgency
from tests.ui.conftest import Opener
from tests.ui.scripted import GOOD_GUARD, ScriptedBackend, fault, idle, may, paused, running, verdict

HOUR_MS = 3_600_000


def state(channel: str, said: dict[str, Any]) -> dict[str, Any]:
    return {"type": "channel", "channel": channel, "state": said}


def test_figures_that_move_on_can_wait_and_all_else_cannot() -> None:
    urgency = Urgency()
    assert urgency.urgent(state("1", running("1", 1.0)))
    assert not urgency.urgent(state("1", running("1", 2.0, voltage_V=3.3, surface_degC=25.0)))
    assert urgency.urgent(state("2", running("2", 2.0)))
    for changed in (
        paused("1", 2.0), running("1", 2.0, may=may("stop")), fault("1"),
        {**fault("1"), "acknowledged": True}, verdict("1", "pass"), idle(),
        running("1", 0.0, run_id="another"),
    ):  # fmt: skip
        assert urgency.urgent(state("1", changed)), changed
        assert not urgency.urgent(state("1", changed))
    assert not urgency.urgent({"type": "samples", "channel": "1"})
    for kind in ("state", "event", "result", "something new"):
        assert urgency.urgent({"type": kind})
        assert urgency.urgent({"type": kind})
    assert urgency.urgent({"type": "guard", "guard": GOOD_GUARD})
    assert not urgency.urgent({"type": "guard", "guard": dict(GOOD_GUARD)})
    assert urgency.urgent({"type": "guard", "guard": {**GOOD_GUARD, "estop_ok": False}})
    urgency.forget()
    assert urgency.urgent({"type": "guard", "guard": {**GOOD_GUARD, "estop_ok": False}})


def test_news_does_not_wait_for_the_timer(open_window: Opener, backend: ScriptedBackend, qtbot: Any) -> None:
    page = open_window({"1": running("1", 20.0), "2": running("2", 20.0)}).page
    page._timer.setInterval(HOUR_MS)
    backend.say(state("1", {**running("1", 21.0), "state": "stopping"}))
    qtbot.waitUntil(lambda: page.tiles["1"].band.accessibleName() == "停止中")
    backend.say(state("1", fault("1")))
    qtbot.waitUntil(lambda: page.tiles["1"].band.accessibleName().startswith("故障"))
    qtbot.waitUntil(lambda: page.alarms.table.rowCount() == 1)  # said by a message of its own
    backend.say({"type": "guard", "guard": {**GOOD_GUARD, "estop_ok": False}})
    qtbot.waitUntil(lambda: page.top.pills["estop"].accessibleName() == "急停 已按下")
    backend.say({"type": "event", "channel": "2", "code": "odd.one", "level": "alarm", "message": "odd"})
    qtbot.waitUntil(lambda: page.alarms.table.rowCount() == 3)
    page.desk.select("1")
    QTest.keyClick(page, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: ("acknowledge", "1") in backend.asked)
    qtbot.waitUntil(lambda: not page.desk.pending)
    page.link._connect = _nobody
    backend.say(ConnectionResetError("killed"))
    qtbot.waitUntil(lambda: page.tiles["2"].band.accessibleName() == "状态未知")


def _nobody() -> ScriptedBackend:
    raise ConnectionRefusedError("nobody there")


def test_a_burst_of_news_is_one_look(
    open_window: Opener, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_window({"1": running("1", 20.0)}).page
    page._timer.setInterval(HOUR_MS)
    looks: list[int] = []
    refresh = page.refresh

    def count() -> None:
        looks.append(1)
        refresh()

    monkeypatch.setattr(page, "refresh", count)
    told = {"number": 1, "channel": "1", "code": "odd.one", "state": "unacknowledged", "raised_s": 1.0}
    for number in range(300):  # as the link's thread does while this one is busy
        page.link._put(Live({"type": "alarm", "alarm": {**told, "count": number + 1}}))
    qtbot.waitUntil(lambda: [alarm.count for alarm in page.mirror.alarms] == [300])
    assert len(looks) <= 3
