"""How the window begins: which scanner it listens to, and whether it covers the screen."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import serial
from PySide6.QtWidgets import QApplication

from station.cli.main import invoke
from station.errors import StationError
from station.ui.app import OperatorWindow, application, open_window
from station.ui.headstart import HeadStart
from station.ui.texts import Texts
from tests.ui.flowing import Pistol
from tests.ui.scripted import CODES, ScriptedBackend, bench

Starter = Callable[..., OperatorWindow]


@pytest.fixture
def start(qtbot: Any) -> Iterator[Starter]:
    """``start(bench facts, options)``: a window that has heard of its bench."""
    opened: list[OperatorWindow] = []
    application([])

    def make(facts: dict[str, Any], **options: Any) -> OperatorWindow:
        backend = ScriptedBackend({**bench(), **facts})
        window = OperatorWindow(lambda: backend, Texts("en"), **options)
        opened.append(window)
        window.show()
        window.page.open()
        backend.greet()
        qtbot.waitUntil(lambda: window.page.mirror.connected)
        return window

    yield make
    for window in opened:
        window.close()
        window.deleteLater()
    QApplication.processEvents()


@pytest.mark.parametrize("named", ["bench", "command line"])
def test_the_scanner_that_is_named(start: Starter, qtbot: Any, named: str) -> None:
    """By the bench file; by the command line, which goes before the bench file."""
    pistol = Pistol()
    if named == "bench":
        window = start({"barcode_scanner": pistol.port})
    else:
        window = start({"barcode_scanner": "/dev/no-such-port"}, scanner=pistol.port)
    qtbot.waitUntil(lambda: window.page.serial.connected)
    pistol.scan(CODES["1"])
    qtbot.waitUntil(lambda: window.page.desk.code == CODES["1"])


def test_a_scanner_that_cannot_be_opened_is_told_with_the_reason(start: Starter, qtbot: Any) -> None:
    window = start({}, scanner="/dev/no-such-port@115200")
    said = window.page.top._more
    qtbot.waitUntil(lambda: said.text() == "Scanner not connected: /dev/no-such-port (the keyboard works)")
    pistol = Pistol()
    with serial.Serial(pistol.port, exclusive=True):
        other = start({"barcode_scanner": pistol.port})
        qtbot.waitUntil(lambda: "another program holds" in other.page.top._more.text())
    qtbot.waitUntil(lambda: other.page.serial.connected)
    qtbot.waitUntil(lambda: "Scanner" not in other.page.top._more.text())


def test_a_real_bench_covers_the_screen_and_a_simulated_one_does_not(start: Starter, qtbot: Any) -> None:
    by_itself = start({"simulated": False}, full_screen=None)
    qtbot.waitUntil(by_itself.isFullScreen)
    assert not start({"simulated": True}, full_screen=None).isFullScreen()
    assert not start({"simulated": False}, full_screen=False).isFullScreen()


def test_the_command_line_hands_it_all_to_the_window(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    given: list[list[str]] = []
    monkeypatch.setattr("station.ui.app.main", lambda arguments: given.append(arguments) or 0)
    command = ["ui", "--bench", "demo", "--data", str(tmp_path), "--lang", "zh"]
    assert invoke([*command, "--windowed", "--scanner", "/dev/ttyACM0@115200"]) == 0
    assert given[0][-3:] == ["--windowed", "--scanner", "/dev/ttyACM0@115200"]
    assert invoke(command) == 0
    assert given[1] == ["--bench", "demo", "--data", str(tmp_path), "--lang", "zh"]
    assert invoke([*command, "--scanner", "/dev/ttyACM0@fast"]) == 2
    assert len(given) == 2
    assert "/dev/ttyACM0@115200" in capsys.readouterr().err


def test_the_service_is_asked_before_the_window_asks(qtbot: Any) -> None:
    """Asked at once; the window gets that answer, and asks anew when it has lost it."""
    asked: list[ScriptedBackend] = []

    def connect() -> ScriptedBackend:
        asked.append(ScriptedBackend(bench()))
        return asked[-1]

    begun = HeadStart(connect)
    qtbot.waitUntil(lambda: len(asked) == 1)
    assert begun() is asked[0]
    assert begun() is asked[1]


def test_a_service_that_cannot_be_found_at_once_is_tried_again() -> None:
    answers: list[Exception | None] = [StationError("no service", code="service.unreachable"), None]
    found = ScriptedBackend(bench())

    def connect() -> ScriptedBackend:
        error = answers.pop(0)
        if error is not None:
            raise error
        return found

    begun = HeadStart(connect)
    with pytest.raises(StationError, match="no service"):
        begun()
    assert begun() is found


def test_a_window_is_opened_once_and_the_second_start_leaves(
    tmp_path: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    backend = ScriptedBackend(bench())
    monkeypatch.setattr("station.ui.app.connector", lambda *_: lambda: backend)
    monkeypatch.setattr("station.ui.app.keep_log", lambda _: None)
    monkeypatch.setattr("station.ui.app.install", lambda _: None)
    app = application([])
    opened = open_window(app, "demo", tmp_path, lang="en", full_screen=False)
    assert opened is not None
    try:
        backend.greet()
        qtbot.waitUntil(lambda: opened.window.page.mirror.connected and opened.window.isVisible())
        assert open_window(app, "demo", tmp_path, lang="en") is None
        assert "already running" in capsys.readouterr().err
    finally:
        opened.window.close()
        opened.window.deleteLater()
        opened.only.release()


def test_the_window_imports_as_python_does() -> None:
    """PySide6 would read the source of every module that is imported after it, at every start."""
    asked = (
        "import builtins; own = builtins.__import__; import station.ui.app; print(builtins.__import__ is own)"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
