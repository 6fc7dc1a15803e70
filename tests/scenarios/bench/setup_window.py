"""The engineer's side of the window on a real service: log in, open a page, type, look, draw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from station.ui.app import application
from station.ui.engineer.shell import EngineerShell
from station.ui.engineer.work_page import WorkPage
from station.ui.mirror import Mirror
from station.ui.texts import Texts
from tests.scenarios.bench.stand import Stand

SCREENS = Path(__file__).parents[3] / "docs" / "screens"


class EngineerWindow:
    """The shell by itself; ``stand`` has the service."""

    def __init__(self, stand: Stand, qtbot: Any, lang: str) -> None:
        application([])
        self.qtbot = qtbot
        self.shell = EngineerShell(stand.client, Texts(lang), Mirror(lambda: 0.0, lambda: 0.0), lambda: 0.0)
        self.shell.resize(QSize(1366, 768))
        self.shell.show()
        self.shell.enter()
        qtbot.waitUntil(lambda: self.shell.gate.name.count() > 0, timeout=15_000)
        self.shell.gate.name.setCurrentText("Erika")
        self.shell.gate.pin.setText("471108")
        self.shell.gate.submit()
        qtbot.waitUntil(lambda: self.shell.person is not None, timeout=15_000)

    def page(self, key: str) -> Any:
        """Open a page and wait until it has read what it shows."""
        assert self.shell.show_page(key)
        page = self.shell.pages[key]
        self.settle(page)
        return page

    def settle(self, page: WorkPage) -> None:
        """Wait until nothing is asked any more, a pause in typing included."""
        text = getattr(page, "text", None)
        self.qtbot.waitUntil(
            lambda: not page.busy and (text is None or not text.pause.isActive()), timeout=30_000
        )
        QTest.qWait(30)
        self.qtbot.waitUntil(lambda: not page.busy, timeout=30_000)

    def press(self, page: WorkPage, name: str) -> None:
        """Press a button by its word's name, and wait for what comes of it."""
        button = page.findChild(QPushButton, f"edit_{name}")
        assert button is not None
        assert button.isEnabled(), name
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.settle(page)

    def draw(self, name: str) -> None:
        """Save the window as a picture and check that something is on it and no button is cut."""
        QTest.qWait(60)
        picture = QImage(self.shell.size(), QImage.Format.Format_RGB32)
        self.shell.render(picture)
        SCREENS.mkdir(parents=True, exist_ok=True)
        assert picture.save(str(SCREENS / name))
        assert self.cut() == []

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
