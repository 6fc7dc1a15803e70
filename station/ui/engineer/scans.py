"""Scans and the shell's keys on the engineer pages, where typing belongs to the fields.

Unlike on the operator's page nothing typed is taken away from a field; only a burst that ends with Enter is a
scan, and the field it ran through gets its old text back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from station.ui.scanner import BURST_LEAST, BURST_MS, END_MS

_ENTERS: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PageScans(QObject):
    """Installed on the application while the engineer pages are in front."""

    def __init__(self, parent: QObject, submit: Callable[[str], None]) -> None:
        super().__init__(parent)
        self._submit = submit
        self.commands: dict[int, Callable[[], None]] = {}
        """Keys that act whatever has the focus."""
        self.on_input: Callable[[], None] = lambda: None
        self._run = ""
        self._before: tuple[QLineEdit, str] | None = None
        self._last_ms = -1e9
        self._seen: tuple[int, str, int] | None = None

    def install(self) -> None:
        """Begin to listen to the whole application."""
        QCoreApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def remove(self) -> None:
        """Stop listening."""
        application = QCoreApplication.instance()
        if application is not None:
            application.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See each key once, at the window, before any widget."""
        if event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.Wheel, QEvent.Type.TouchBegin):
            self.on_input()
            return False
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if not isinstance(watched, QWindow | QWidget):
            return False
        mark = (event.key(), event.text(), event.timestamp())
        if isinstance(watched, QWindow):
            self._seen = mark
        elif self._seen == mark:
            return False  # the same key on its way from the window to the widget
        self.on_input()
        return self._key(event)

    def _key(self, event: QKeyEvent) -> bool:
        if event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
            return False
        command = self.commands.get(event.key())
        if command is not None:
            if not event.isAutoRepeat():
                command()
            return True
        now = float(event.timestamp()) or time.monotonic() * 1000
        if event.key() in _ENTERS or event.key() == Qt.Key.Key_Tab or event.text() in ("\r", "\n"):
            return self._end(now)
        if event.text().isprintable() and event.text():
            self._character(event.text(), now)
        return False

    def _character(self, text: str, now: float) -> None:
        if now - self._last_ms > BURST_MS:
            focus = QApplication.focusWidget()
            field = focus if isinstance(focus, QLineEdit) and not focus.isReadOnly() else None
            self._run, self._before = "", (field, field.text()) if field is not None else None
        self._run += text
        self._last_ms = now

    def _end(self, now: float) -> bool:
        run, before, self._run, self._before = self._run, self._before, "", None
        if len(run) < BURST_LEAST or now - self._last_ms > END_MS:
            return False
        if before is not None:
            before[0].setText(before[1])
        self._submit(run)
        return True
