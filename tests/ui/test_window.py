"""A real window in a virtual display, real keys from outside: as a scanner and a person type them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.exceptions import TimeoutError

from station.ui.app import OperatorWindow
from station.ui.page import OperatorPage
from tests.ui.conftest import Opener
from tests.ui.scripted import CODES, ScriptedBackend, fault, idle, running, verdict

pytestmark = pytest.mark.window
CODE = "04QCB76G88201JD1A0000099"


class Keyboard:
    """Types into the display by xdotool, without waiting for the window."""

    def __init__(self, window: OperatorWindow, qtbot: Any) -> None:
        self._window, self._qtbot = window, qtbot

    def _run(self, *arguments: str) -> None:
        process = subprocess.Popen(["xdotool", *arguments])
        self._qtbot.waitUntil(lambda: process.poll() is not None)
        assert process.returncode == 0

    def focus(self) -> None:
        self._run("windowfocus", "--sync", str(int(self._window.winId())))
        self._qtbot.waitUntil(self._window.isActiveWindow)

    def scan(self, text: str) -> None:
        self._run("type", "--delay", "3", text)
        self._run("key", "Return")

    def burst(self, text: str) -> None:
        """Characters and Enter in one go, as a scanner sends them."""
        self._run("type", "--delay", "3", text + "\n")

    def torn(self, first: str, pause_s: float, second: str) -> None:
        """One scan whose characters are held up for a moment in the middle."""
        slow = ("--args", "1", "--delay", "3")
        self._run("type", *slow, first, "sleep", str(pause_s), "type", *slow, second + "\n")

    def key(self, *names: str) -> None:
        self._run("key", *names)


@pytest.fixture
def keyboard(open_window: Opener, qtbot: Any) -> Any:
    if QGuiApplication.platformName() != "xcb" or shutil.which("xdotool") is None:
        pytest.skip("needs a virtual display and xdotool")

    def make(channels: dict[str, dict[str, Any]], **options: Any) -> tuple[OperatorWindow, Keyboard]:
        window = open_window(channels, **options)
        keys = Keyboard(window, qtbot)
        keys.focus()
        return window, keys

    return make


def test_from_scan_to_verdict_without_a_mouse(keyboard: Any, backend: ScriptedBackend, qtbot: Any) -> None:
    window, keys = keyboard({"1": running("1", 5.0), "3": fault("3")})
    desk = window.page.desk
    keys.burst(CODE)
    qtbot.waitUntil(lambda: desk.code == CODE)
    qtbot.waitUntil(lambda: ("battery", CODE) in backend.asked)  # another thread asks
    keys.burst("#CMD#CHANNEL,2#")
    qtbot.waitUntil(lambda: desk.selected == "2")
    assert not [asked for asked in backend.asked if asked[0] == "start"]
    keys.key("F5")
    qtbot.waitUntil(lambda: ("start", "2", "rapid", CODE, None, None) in backend.asked)
    backend.say({"type": "channel", "channel": "2", "state": {**running("2", 60.0), "battery": CODE}})
    qtbot.waitUntil(lambda: "检测中" in window.page.tiles["2"].band.accessibleName())
    backend.say({"type": "channel", "channel": "2", "state": {**verdict("2", "pass"), "battery": CODE}})
    qtbot.waitUntil(lambda: window.page.tiles["2"].band.accessibleName() == "合格")


def test_scans_reach_the_page_from_every_focus(keyboard: Any, qtbot: Any) -> None:
    window, keys = keyboard({"1": running("1", 5.0)})
    page = window.page
    for widget in (page.tiles["3"], page.buttons.start, page.top.field):
        page.desk.clear()
        widget.setFocus()
        whole(page, qtbot, lambda: keys.burst(CODE))
        page.desk.clear()
        whole(page, qtbot, lambda: keys.torn(CODE[:9], 0.12, CODE[9:]))


def whole(page: OperatorPage, qtbot: Any, type_it: Callable[[], None]) -> None:
    """Type until the code is there: a busy computer tears keys further apart than a scanner ever does."""
    for _ in range(4):
        type_it()
        with suppress(TimeoutError):
            qtbot.waitUntil(lambda: page.desk.code == CODE, timeout=3_000)
            return
        page.top.field.clear()
    type_it()
    qtbot.waitUntil(lambda: page.desk.code == CODE)


def test_keys_stop_and_acknowledge(keyboard: Any, backend: ScriptedBackend, qtbot: Any) -> None:
    window, keys = keyboard({"1": running("1", 5.0), "3": fault("3")})
    keys.burst("#cmd#stop,1#")
    qtbot.waitUntil(lambda: ("stop", "1") in backend.asked)
    keys.key("Escape")
    qtbot.waitUntil(lambda: ("stop_all",) in backend.asked)
    keys.burst("#CMD#CHANNEL,3#")
    keys.key("F6")
    qtbot.waitUntil(lambda: ("acknowledge", "3") in backend.asked)
    backend.say({"type": "channel", "channel": "3", "state": idle()})
    qtbot.waitUntil(lambda: window.page.mirror.alarms.open == 0)


def test_keys_act_in_a_window_that_no_window_manager_has_made_active(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any
) -> None:
    """A bare kiosk: keys go to the window under the pointer, and Esc must still stop everything."""
    if QGuiApplication.platformName() != "xcb" or shutil.which("xdotool") is None:
        pytest.skip("needs a virtual display and xdotool")
    window = open_window({"1": running("1", 5.0)})
    keys = Keyboard(window, qtbot)
    corner = window.mapToGlobal(window.rect().center())
    keys._run("mousemove", str(corner.x()), str(corner.y()))
    keys.burst(CODE)
    qtbot.waitUntil(lambda: window.page.desk.code == CODE)
    keys.key("Escape")
    qtbot.waitUntil(lambda: ("stop_all",) in backend.asked)
    assert backend.asked.count(("stop_all",)) == 1
    keys.burst("#CMD#CHANNEL,2#")
    keys.key("F5")
    qtbot.waitUntil(lambda: any(asked[0] == "start" for asked in backend.asked))


def test_refusals_by_scanner(keyboard: Any, backend: ScriptedBackend, qtbot: Any) -> None:
    window, keys = keyboard({"1": running("1", 5.0), "3": fault("3")})
    desk = window.page.desk
    for scanned, key in (
        (CODES["1"], "refuse.code_on_channel"),
        ("%%%%%%%", "refuse.malformed_code"),
        ("#CMD#NOPE#", "refuse.unknown_command"),
        (CODE + CODE, "refuse.long_code"),
    ):
        keys.burst(scanned)
        qtbot.waitUntil(lambda key=key: desk.prompt().key == key)
    keys.burst("#CMD#CHANNEL,3#")
    qtbot.waitUntil(lambda: desk.selected == "3")
    keys.burst(CODE)
    qtbot.waitUntil(lambda: desk.prompt().key == "refuse.unacknowledged")
    assert desk.code is None
    assert not [asked for asked in backend.asked if asked[0] == "start"]


def test_shift_tab_and_space_work_from_outside(keyboard: Any, qtbot: Any) -> None:
    window, keys = keyboard({"1": running("1", 5.0)})
    window.page.top.field.setFocus()
    keys.key("Tab")
    qtbot.waitUntil(lambda: window.page.tiles["1"].hasFocus())
    keys.key("space")
    qtbot.waitUntil(lambda: window.page.desk.selected == "1")


def test_a_scan_survives_a_busy_moment_of_the_window(keyboard: Any, qtbot: Any) -> None:
    """Keys wait in the display while the window cannot look; their own time stamps keep the scan together."""
    window, keys = keyboard({"1": running("1", 5.0)})
    process = subprocess.Popen(["xdotool", "type", "--delay", "3", CODE + "\n"])
    process.wait(20)  # nothing is handled meanwhile
    qtbot.waitUntil(lambda: window.page.desk.code == CODE)
    del keys
