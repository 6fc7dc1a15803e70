"""A stop in vain: the channel that is not safe after 2 s can be cut by force."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from station.ui.desk import Desk, Request
from station.ui.mirror import FORCE_AFTER_S, Mirror
from station.ui.page import OperatorPage
from station.ui.texts import Texts
from station.ui.tileview import tile_view
from station.ui.views import BenchInfo
from tests.ui.conftest import Opener
from tests.ui.scripted import GOOD_GUARD, ScriptedBackend, bench, fault, idle, may, running


class Floor:
    """A desk with channel 1 under test, its clock and its requests."""

    def __init__(self) -> None:
        self.now = 100.0
        self.asked: list[Request] = []
        self.mirror = Mirror(lambda: self.now, lambda: self.now)
        self.mirror.bench_seen(BenchInfo.read(bench()))
        channels = {number: idle() for number in "1234"} | {"1": running("1", 3.0)}
        self.mirror.apply({"type": "state", "channels": channels, "guard": GOOD_GUARD})
        self.desk = Desk(self.mirror, self.asked.append, lambda: self.now)

    def says(self, state: dict[str, Any]) -> None:
        self.mirror.apply({"type": "channel", "channel": "1", "state": state})

    def after(self, seconds: float) -> tuple[str, ...]:
        self.now += seconds
        return tile_view(self.mirror.slots["1"], self.desk, Texts("zh")).actions


def stopping(**fields: Any) -> dict[str, Any]:
    return running("1", 4.0, **{"state": "stopping", "may": may("stop"), **fields})


@pytest.mark.parametrize("how", ["channel", "all", "somebody else"])
def test_it_is_offered_two_seconds_after_any_stop(how: str) -> None:
    floor = Floor()
    if how == "channel":
        floor.desk.stop("1")
    elif how == "all":
        floor.desk.stop_all()
    else:
        floor.mirror.apply({"type": "event", "channel": "1", "code": "operator.stop", "level": "info"})
    floor.says(stopping())
    assert floor.after(FORCE_AFTER_S - 0.1) == ("stop",)
    floor.says(stopping(may=may()))
    assert floor.after(0.2) == ("force",)
    floor.says(running("1", 5.0))  # a worker that does not even hear
    assert floor.after(0.0) == ("stop", "force")
    floor.desk.act("1", "force")
    assert floor.asked[-1] == Request("force", "1")
    assert floor.desk.prompt().key == "tell.forcing"


def test_pressing_stop_again_does_not_begin_the_wait_again() -> None:
    floor = Floor()
    floor.desk.stop("1")
    floor.after(1.5)
    floor.desk.stop("1")
    assert floor.after(0.6) == ("stop", "force")


@pytest.mark.parametrize(
    "end", [{"state": "safe"}, {"state": "analysis"}, fault("1"), idle(), {"run_id": "next"}]
)
def test_a_safe_channel_or_another_run_needs_none(end: dict[str, Any]) -> None:
    floor = Floor()
    floor.desk.stop("1")
    floor.says({**stopping(), **end})
    assert "force" not in floor.after(60.0)
    floor.desk.force("1")
    assert floor.asked == [Request("stop", "1")]
    assert floor.desk.prompt().key == "refuse.force_not_due"


def test_without_a_stop_it_is_refused() -> None:
    floor = Floor()
    assert "force" not in floor.after(60.0)
    floor.desk.scan("#CMD#FORCE,1#")
    assert (floor.asked, floor.desk.prompt().key) == ([], "refuse.force_not_due")
    floor.desk.scan("#CMD#FORCE#")
    assert floor.desk.prompt().key == "refuse.unknown_command"
    floor.desk.scan("#CMD#STOP,1#")
    floor.now += 2.0
    floor.desk.scan("#CMD#FORCE,1#")
    assert floor.asked == [Request("stop", "1"), Request("force", "1")]


def test_not_while_the_service_is_gone() -> None:
    floor = Floor()
    floor.desk.stop("1")
    floor.mirror.connection_lost("gone")
    assert floor.after(60.0) == ()
    floor.desk.force("1")
    assert floor.asked == [Request("stop", "1")]


def button(page: OperatorPage, channel: str) -> QPushButton:
    found = page.tiles[channel].findChild(QPushButton, "tile_force")
    assert isinstance(found, QPushButton)
    return found


@pytest.mark.parametrize(("lang", "word"), [("zh", "强制切断"), ("en", "Force off")])
@pytest.mark.parametrize("channels", [4, 8])
def test_the_button_comes_by_itself_and_passes_a_stop_that_hangs(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any, lang: str, word: str, channels: int
) -> None:
    backend.bench_answer = bench(channels)
    page = open_window({"1": running("1", 20.0), "2": running("2", 20.0)}, lang=lang).page
    page.desk.select("2")
    backend.gate.clear()
    QTest.mouseClick(page.buttons.stop_all, Qt.MouseButton.LeftButton)
    assert not button(page, "1").isVisible()
    qtbot.waitUntil(button(page, "1").isVisible)
    page.refresh()
    shown = button(page, "1")
    assert shown.text().split("\n")[0] == word
    assert shown.fontMetrics().horizontalAdvance(word) <= shown.width()
    tile = page.tiles["1"]
    qtbot.waitUntil(lambda: tile.rect().contains(shown.geometry().translated(tile.action_row.pos())))
    stop = tile.findChild(QPushButton, "tile_stop")
    assert isinstance(stop, QPushButton)
    assert not stop.geometry().intersects(shown.geometry())
    QTest.mouseClick(shown, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ("force", "1") in backend.asked)
    QTest.keyClick(page, Qt.Key.Key_F10)
    page.desk.select("2")
    QTest.keyClick(page, Qt.Key.Key_F10)
    backend.gate.set()
    qtbot.waitUntil(lambda: ("force", "2") in backend.asked)
    assert [asked for asked in backend.asked if asked[0] == "force"].count(("force", "1")) == 1
    backend.say({"type": "channel", "channel": "1", "state": fault("1", "run.forced")})
    qtbot.waitUntil(lambda: not shown.isVisible())
