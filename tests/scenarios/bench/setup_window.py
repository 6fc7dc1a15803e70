"""The engineer's side of the window on a real service: log in, open a page, type, look."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from station.ui.app import application
from station.ui.engineer.pages import PAGES
from station.ui.engineer.shell import EngineerShell
from station.ui.engineer.work_page import WorkPage
from station.ui.mirror import Mirror
from station.ui.texts import Texts
from station.ui.views import BenchInfo
from tests.scenarios.bench.stand import Stand

KEYS = ("profiles", "setup", "calibration", "rules", "models")


class EngineerWindow:
    """The shell by itself; ``stand`` has the service."""

    def __init__(self, stand: Stand) -> None:
        application([])
        mirror = Mirror(lambda: 0.0, lambda: 0.0)
        client = stand.client()
        mirror.bench_seen(BenchInfo.read(client.bench()))
        mirror.apply({"type": "state", **client.state()})
        pages = [info for info in PAGES if info.key in KEYS]
        self.shell = EngineerShell(stand.client, Texts("zh"), mirror, lambda: 0.0, pages)
        self.shell.resize(QSize(1366, 768))
        self.shell.show()
        self.shell.enter()
        self.until(lambda: self.shell.gate.name.count() > 0)
        self.shell.gate.name.setCurrentText("Erika")
        self.shell.gate.pin.setText("471108")
        self.shell.gate.submit()
        self.until(lambda: self.shell.person is not None)

    @staticmethod
    def until(condition: Callable[[], bool], timeout_ms: int = 40_000) -> None:
        """Let the window work until this is true."""
        deadline = time.monotonic() + timeout_ms / 1000
        while not condition():
            assert time.monotonic() < deadline, f"not within {timeout_ms} ms"
            QTest.qWait(20)

    def page(self, key: str) -> Any:
        """Open a page and wait until it has read what it shows."""
        assert self.shell.show_page(key)
        page = self.shell.pages[key]
        self.settle(page)
        return page

    def settle(self, page: WorkPage) -> None:
        """Wait until nothing is asked any more, a pause in typing included."""
        text = getattr(page, "text", None)
        self.until(lambda: not page.busy and (text is None or not text.pause.isActive()))
        QTest.qWait(30)
        self.until(lambda: not page.busy)

    def press(self, page: WorkPage, name: str) -> None:
        """Press a button by its word's name, and wait for what comes of it."""
        button = page.findChild(QPushButton, f"edit_{name}")
        assert button is not None
        assert button.isEnabled(), name
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.settle(page)

    def whole(self, name: str) -> None:
        """The window in both languages: nothing is cut."""
        for lang in ("en", "zh"):
            self.shell.texts.switch()
            assert self.shell.texts.lang == lang
            self.shell.set_texts()
            self.shell.look()
            self.settle(self.shell.pages[self.shell.current or ""])
            QTest.qWait(60)
            assert (name, lang, self.cut()) == (name, lang, [])

    def cut(self) -> list[str]:
        """Texts of visible buttons and single-line words that have less room than they need."""
        found = []
        for part in self.shell.findChildren(QPushButton) + self.shell.findChildren(QLabel):
            if not part.isVisible() or not part.text():
                continue
            if isinstance(part, QLabel) and part.wordWrap():
                if part.heightForWidth(part.width()) > part.height() + 2:
                    found.append(part.text())
                continue
            if part.sizeHint().width() > part.width() + 1:
                found.append(part.text())
        return found

    def close(self) -> None:
        """End its threads."""
        self.shell.shut()
        self.shell.close()
