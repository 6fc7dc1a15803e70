"""Pause, go on, skip, stop and close: on the tile, by key and by command code."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from station.errors import StationError
from station.ui.desk import Desk, Request
from station.ui.mirror import Mirror
from station.ui.page import OperatorPage
from station.ui.views import BenchInfo
from tests.ui.conftest import Opener
from tests.ui.scripted import (
    GOOD_GUARD,
    ScriptedBackend,
    bench,
    fault,
    idle,
    interrupted,
    may,
    paused,
    running,
)


def a_desk(channels: dict[str, Any]) -> tuple[Desk, list[Request]]:
    asked: list[Request] = []
    mirror = Mirror(lambda: 0.0, lambda: 0.0)
    mirror.bench_seen(BenchInfo.read(bench()))
    states = {number: channels.get(number, idle()) for number in "1234"}
    mirror.apply({"type": "state", "channels": states, "guard": GOOD_GUARD})
    return Desk(mirror, asked.append, lambda: 0.0), asked


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("#CMD#PAUSE,1#", Request("pause", "1")),
        ("#cmd#resume,2#", Request("resume", "2")),
        ("#CMD#RESUME,3#", Request("resume", "3")),
        ("#CMD#SKIP,1#", Request("skip", "1")),
        ("#CMD#CLOSE,3#", Request("acknowledge", "3")),
    ],
)
def test_command_codes(code: str, wanted: Request) -> None:
    desk, asked = a_desk({"1": running("1", 3), "2": paused("2", 3), "3": interrupted("3")})
    desk.scan(code)
    assert asked == [wanted]


@pytest.mark.parametrize(
    "code",
    [
        "#CMD#PAUSE,2#",
        "#CMD#PAUSE,3#",
        "#CMD#RESUME,1#",
        "#CMD#SKIP,2#",
        "#CMD#SKIP,3#",
        "#CMD#CLOSE,1#",
        "#CMD#CLOSE,4#",
    ],
)
def test_what_cannot_be_done_now_is_refused_and_not_asked(code: str) -> None:
    channels = {"1": running("1", 3), "2": paused("2", 3), "3": interrupted("3"), "4": fault("4")}
    desk, asked = a_desk(channels)
    desk.scan(code)
    assert (asked, desk.prompt().key, desk.prompt().level) == ([], "refuse.not_now", "refusal")


def test_without_a_channel_or_the_service_nothing_is_asked() -> None:
    desk, asked = a_desk({"1": running("1", 3)})
    desk.hold()
    assert (asked, desk.prompt().key) == ([], "refuse.no_channel")
    desk.mirror.connection_lost("gone")
    desk.scan("#CMD#PAUSE,1#")
    assert (asked, desk.prompt().key) == ([], "refuse.service_lost")


def test_a_new_battery_on_an_interrupted_channel_is_told_both_ways_out() -> None:
    desk, asked = a_desk({"3": interrupted("3")})
    desk.select("3")
    desk.scan("04QCB76G88201JD1A0000099")
    assert (asked, desk.prompt().key) == ([], "refuse.interrupted")


def test_a_refusal_of_the_service_is_shown() -> None:
    desk, asked = a_desk({"3": interrupted("3")})
    desk.select("3")
    desk.hold()
    desk.answered(asked[0], StationError("moved", code="run.battery_moved"))
    error = desk.prompt().error
    assert error is not None
    assert error.code == "run.battery_moved"


def shown(page: OperatorPage, channel: str) -> list[str]:
    """The words on the tile's buttons, first lines."""
    tile = page.tiles[channel]
    return [b.text().split("\n")[0] for b in tile.findChildren(QPushButton) if b.isVisible()]


def press(page: OperatorPage, channel: str, name: str) -> None:
    button = page.tiles[channel].findChild(QPushButton, name)
    assert isinstance(button, QPushButton)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_tile_offers_what_can_be_done(open_window: Opener, backend: ScriptedBackend, qtbot: Any) -> None:
    page = open_window({"1": running("1", 20.0), "2": paused("2", 60.0), "3": interrupted("3")}).page
    assert shown(page, "1") == ["暂停", "跳过", "停止"]
    assert shown(page, "2") == ["继续", "停止"]
    assert shown(page, "3") == ["继续检测", "关闭检测"]
    assert shown(page, "4") == []
    assert page.tiles["2"].band.accessibleName() == "已暂停"
    assert page.tiles["3"].band.accessibleName() == "检测中断 F7 继续 · F6 关闭"
    for channel, name, wanted in (
        ("1", "tile_pause", ("pause", "1")), ("1", "tile_skip", ("skip", "1")),
        ("2", "tile_stop", ("stop", "2")), ("3", "tile_go_on", ("resume", "3")),
        ("3", "tile_close", ("acknowledge", "3")),
    ):  # fmt: skip
        press(page, channel, name)
        qtbot.waitUntil(lambda wanted=wanted: wanted in backend.asked)
        assert page.desk.selected == channel
    state = running("1", 21.0, may=may("stop"))
    backend.say({"type": "channel", "channel": "1", "state": state})
    qtbot.waitUntil(lambda: shown(page, "1") == ["停止"])
    backend.say({"type": "channel", "channel": "1", "state": {**state, "state": "ready"}})
    qtbot.waitUntil(lambda: page.tiles["1"].band.accessibleName() == "检查通过")


def test_keys_mean_the_chosen_channel(open_window: Opener, backend: ScriptedBackend, qtbot: Any) -> None:
    page = open_window({"1": running("1", 20.0), "2": paused("2", 60.0), "3": interrupted("3")}).page
    for channel, key, wanted in (
        ("1", Qt.Key.Key_F7, ("pause", "1")), ("2", Qt.Key.Key_F7, ("resume", "2")),
        ("3", Qt.Key.Key_F7, ("resume", "3")), ("1", Qt.Key.Key_F9, ("skip", "1")),
        ("3", Qt.Key.Key_F6, ("acknowledge", "3")),
    ):  # fmt: skip
        page.desk.select(channel)
        page.refresh()
        QTest.keyClick(page, key)
        qtbot.waitUntil(lambda wanted=wanted: wanted in backend.asked)


def test_in_two_rows_only_the_chosen_tile_has_its_buttons_and_the_stops_stay(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any
) -> None:
    backend.bench_answer = bench(8)
    page = open_window({"1": running("1", 20.0), "2": paused("2", 60.0)}).page
    page.desk.select("1")
    page.refresh()
    assert shown(page, "1") == ["暂停", "跳过", "停止"]
    assert shown(page, "2") == []
    assert page.buttons.stop.isVisible()
    QTest.mouseClick(page.buttons.stop_all, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ("stop_all",) in backend.asked)
