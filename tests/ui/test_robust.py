"""One window a bench, faults that are kept, another locale, another screen, another clock."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QLocale, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QLabel

from station.ui.app import application
from station.ui.crash import Reporter, install, keep_log
from station.ui.single import OneWindow, window_key
from tests.ui.conftest import Opener
from tests.ui.scripted import ScriptedBackend, pulse_curve, running, samples

HOLDER = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from station.ui.single import OneWindow
app = QCoreApplication([])
one = OneWindow(sys.argv[1], Path(sys.argv[2]))
sys.stdout.write(f"{one.claim()}\\n")
sys.stdout.flush()
one.on_knock = lambda: (sys.stdout.write("knocked\\n"), sys.stdout.flush())
app.exec()
"""


@pytest.mark.usefixtures("qapp")
def test_the_second_window_shows_the_first_and_a_killed_one_blocks_nobody(tmp_path: Path) -> None:
    key = window_key("demo", tmp_path)
    first = subprocess.Popen(
        [sys.executable, "-c", HOLDER, key, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert first.stdout is not None
    try:
        assert first.stdout.readline() == "True\n"
        second = OneWindow(key, tmp_path)
        assert not second.claim()
        assert second.knock()
        assert first.stdout.readline() == "knocked\n"
        other = OneWindow(window_key("another", tmp_path), tmp_path)
        assert other.claim(), "another bench has a window of its own"
        other.release()
    finally:
        first.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        first.wait(10)
        first.stdout.close()
    # Its lock file and its socket are left behind.
    third = OneWindow(key, tmp_path)
    assert third.claim()
    third.release()


@pytest.mark.usefixtures("qapp")
def test_a_folder_that_cannot_be_written_stops_no_window(tmp_path: Path) -> None:
    (tmp_path / "windows").write_text("in the way")
    assert OneWindow("key", tmp_path).claim()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Path]:
    """The window's log; everything is put back afterwards."""
    hook, path = sys.excepthook, tmp_path / "windows" / "w.log"
    end = keep_log(path)
    yield path
    sys.excepthook = hook
    end()


def test_a_fault_is_written_once_and_counted(kept: Path) -> None:
    now = [0.0]
    reporter = Reporter(lambda: now[0])
    for _ in range(50):
        try:
            raise ValueError("not a number")
        except ValueError as error:
            reporter.report(error, "the window")
        now[0] += 0.1
    now[0] += 60.0
    try:
        int("x")
    except ValueError as error:
        reporter.report(error, "the window")
    text = kept.read_text("utf-8")
    assert text.count("ERROR") == 2
    assert text.count("ValueError: not a number") == 1
    assert "Traceback" in text


@pytest.mark.parametrize("locale", ["de_DE", "zh_CN", "ar_EG", "C"])
def test_figures_are_the_same_in_every_locale(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any, locale: str
) -> None:
    before = QLocale()
    QLocale.setDefault(QLocale(locale))
    try:
        application([])  # what the program does first
        box = QDoubleSpinBox()
        box.setMaximum(1e6)
        box.setValue(1234.5)
        assert box.text() == "1234.50"
        window = open_window({"1": running("1", 30.0, voltage_V=3.312, current_A=-87.5)}, lang="en")
        QApplication.sendEvent(window, QEvent(QEvent.Type.LocaleChange))
        backend.say(samples("1", pulse_curve(30.0)))
        tile = window.page.tiles["1"]

        def shown() -> str:
            return " ".join(label.text() for label in tile.findChildren(QLabel))

        qtbot.waitUntil(lambda: re.search(r"\d\.\d", shown()))
        assert not re.search(r"\d,\d|[٠-٩]", shown())
    finally:
        QLocale.setDefault(before)


def test_another_screen_and_another_size(open_window: Opener, qtbot: Any) -> None:
    """A dropped screen reaches a window as a move to another one, and as another size."""
    window = open_window(size=(1920, 1080))
    screen = QGuiApplication.primaryScreen()
    scale = window.page.sizes.scale
    handle = window.windowHandle()
    handle.screenChanged.emit(None)
    handle.screenChanged.emit(screen)
    screen.physicalDotsPerInchChanged.emit(96.0)
    screen.geometryChanged.emit(screen.geometry())
    window.resize(QSize(1366, 768))
    qtbot.waitUntil(lambda: window.page.sizes.scale < scale)
    window.page.tick()
    bottom = window.page.buttons.stop_all
    assert bottom.isVisible()
    assert window.rect().contains(bottom.mapTo(window, bottom.rect().bottomRight()))


@pytest.mark.parametrize("full_screen", [False, True])
def test_a_window_on_a_dropped_screen_comes_back(open_window: Opener, qtbot: Any, full_screen: bool) -> None:
    """What is left of a screen that is gone is a window where no screen is."""
    window, app = open_window(), QGuiApplication.instance()
    assert isinstance(app, QGuiApplication)
    if full_screen:
        window.showFullScreen()
    screen = QGuiApplication.primaryScreen()
    here = window.geometry().topLeft()
    app.screenAdded.emit(screen)
    qtbot.wait(20)
    assert window.geometry().topLeft() == here, "a window that is seen stays where it is"
    far = screen.geometry().translated(20_000, 9_000)
    # By the handle, as a system moves it: a window that covers the screen goes on doing so.
    window.windowHandle().setGeometry(far)
    qtbot.waitUntil(lambda: window.geometry().left() > 10_000)
    app.screenRemoved.emit(screen)
    qtbot.waitUntil(lambda: screen.geometry().contains(window.geometry().center()))
    assert window.isFullScreen() == full_screen
    assert window.isVisible()


def test_the_wall_clock_may_jump(qtbot: Any) -> None:
    """A clock that is set back by a year neither silences nor loses a service; only the steady one counts."""
    from station.ui.link import Link
    from station.ui.page import OperatorPage
    from station.ui.texts import Texts

    wall, steady, backend = [2e9], [100.0], ScriptedBackend()
    page = OperatorPage(
        Link(lambda: backend), Texts("en"), now=lambda: wall[0], tick=lambda: steady[0], period_ms=20
    )
    qtbot.addWidget(page)
    page.open()
    try:
        backend.greet()
        qtbot.waitUntil(lambda: page.mirror.connected)
        for jump in (-3.2e7, 6.4e7):
            wall[0] += jump
            steady[0] += 0.1
            page.tick()
            assert page.mirror.connected
            assert not page.mirror.silent
    finally:
        page.shut()


@pytest.mark.usefixtures("qapp")
def test_install_reports_slots_and_threads(kept: Path) -> None:
    import threading

    hook = threading.excepthook
    install(Reporter())
    try:
        sys.excepthook(ValueError, ValueError("from a slot"), None)
        thread = threading.Thread(target=lambda: int("from a thread"))
        thread.start()
        thread.join()
    finally:
        threading.excepthook = hook
        from PySide6.QtCore import qInstallMessageHandler

        qInstallMessageHandler(None)
    text = kept.read_text("utf-8")
    assert "from a slot" in text
    assert "from a thread" in text
