"""The two sides of the window: the operator's page, and the engineer's in its place when asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedWidget

from station.service.client import ServiceClient

if TYPE_CHECKING:
    from station.ui.engineer.shell import EngineerShell
    from station.ui.page import OperatorPage


class Sides(QStackedWidget):
    """Scans and keys belong to the side in front; tests and the stop to both."""

    def __init__(self, page: OperatorPage, connect: Callable[[], ServiceClient] | None) -> None:
        super().__init__()
        self._page, self._connect = page, connect
        self.shell: EngineerShell | None = None
        self._shown_lang = page.texts.lang
        self.addWidget(page)
        page.engineer_wanted.connect(self.enter)

    def enter(self, badge: str = "") -> None:
        """The engineer's side comes to the front; nothing happens in a window that has none."""
        if self._connect is None:
            return
        if self.shell is None:
            self.shell = self._make(self._connect)
            self.addWidget(self.shell)
        self._page.scanner.remove()
        self._page.scans_go = self.shell.scan
        if self.shell.texts.lang != self._shown_lang:
            self._shown_lang = self.shell.texts.lang
            self.shell.set_texts()
        self.setCurrentWidget(self.shell)
        self.shell.enter(badge or None)

    def leave(self) -> None:
        """The operator's page comes back."""
        self.setCurrentWidget(self._page)
        self._page.scans_go = None
        self._page.scanner.install()
        self._page.refresh()

    def shut(self) -> None:
        """The window closes."""
        if self.shell is not None:
            self.shell.shut()

    def _make(self, connect: Callable[[], ServiceClient]) -> EngineerShell:
        """Built when it is asked for first: the operator's page is there sooner."""
        from station.ui.engineer.shell import EngineerShell

        page = self._page
        shell = EngineerShell(connect, page.texts, page.mirror, time.monotonic)
        self._shown_lang = page.texts.lang
        shell.left.connect(self.leave)
        shell.stop_all.connect(page.desk.stop_all)
        shell.command.connect(page.desk.scan)
        return shell
