"""Scans and typing reach the page whatever has the focus.

A keyboard-wedge scanner types its code within milliseconds and ends with Enter (some with Tab). An
application event filter tells such a burst from hands by the keys' own time stamps, so that a busy moment of
the window cannot tear a scan apart. Slow typing with no field in focus goes into the visible code field.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

BURST_MS: Final = 50.0
"""Keys closer together than this come from a scanner."""
END_MS: Final = 150.0
"""The Enter of a scanner may come a little later than its characters."""
BURST_LEAST: Final = 6
STALE_MS: Final = 10_000.0
_ENTERS: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ScanFilter(QObject):
    """Installed on the application by ``install``; gives whole lines to ``submit``."""

    def __init__(self, field: QLineEdit, submit: Callable[[str], None]) -> None:
        super().__init__(field)
        self._field = field
        self._submit = submit
        self.commands: dict[int, Callable[[], None]] = {}
        """Keys that act whatever has the focus. Shortcuts do the same, but only in an active window, and on
        a screen without a window manager no window ever is."""
        self._run = ""
        self._before: tuple[QLineEdit, str] | None = None
        self._last_ms = -STALE_MS
        self._seen: tuple[int, str, int] | None = None
        self._held_space = QTimer(self)
        self._held_space.setSingleShot(True)
        self._held_space.setInterval(int(BURST_MS) + 10)
        self._held_space.timeout.connect(self._deliver_space)
        self._delivering = False

    def install(self) -> None:
        """Begin to listen to the whole application."""
        QCoreApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def remove(self) -> None:
        """Stop listening."""
        application = QCoreApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        self._held_space.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See each key once, at the window, before any widget."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent) or self._delivering:
            return False
        if not isinstance(watched, QWindow | QWidget):
            return False
        mark = (event.key(), event.text(), event.timestamp())
        if isinstance(watched, QWindow):
            self._seen = mark
        elif self._seen == mark:
            return False  # the same key on its way from the window to the widget
        return self._key(event)

    def _key(self, event: QKeyEvent) -> bool:
        now = float(event.timestamp()) or time.monotonic() * 1000
        if event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
            return False
        command = self.commands.get(event.key())
        if command is not None:
            if not event.isAutoRepeat():
                command()
            return True
        focus = QApplication.focusWidget()
        field = focus if isinstance(focus, QLineEdit) and not focus.isReadOnly() else None
        # Some scanners end with a line feed, which Qt knows by its text only.
        enter = event.key() in _ENTERS or event.text() in ("\r", "\n")
        if enter or event.key() == Qt.Key.Key_Tab:
            return event.isAutoRepeat() or self._end(enter, now, field)
        if event.key() == Qt.Key.Key_Backspace and field is None and self._field.text():
            self._field.backspace()
            return True
        text = event.text()
        if not text or not text.isprintable():
            return False
        return self._character(text, now, field, event.isAutoRepeat())

    def _character(self, text: str, now: float, field: QLineEdit | None, repeated: bool) -> bool:
        held, in_burst = self._held_space.isActive(), now - self._last_ms <= BURST_MS
        self._held_space.stop()
        if field is None and repeated:
            return True
        if text == " " and field is None and not in_burst:
            # A lone space presses the button in focus; one at the head of a scan must not. Wait and see.
            self._run, self._before, self._last_ms = " ", None, now
            self._held_space.start()
            return True
        if not in_burst:
            self._run = ""
            self._before = (field, field.text()) if field is not None else None
            if field is None and now - self._last_ms > STALE_MS:
                self._field.clear()
        self._run += text
        self._last_ms = now
        if field is not None:
            return False
        self._field.setText(self._field.text() + (" " if held else "") + text)
        return True

    def _end(self, enter: bool, now: float, field: QLineEdit | None) -> bool:
        burst = len(self._run) >= BURST_LEAST and now - self._last_ms <= END_MS
        run, before, self._run, self._before = self._run, self._before, "", None
        if burst:
            if before is not None and before[0] is not self._field:
                before[0].setText(before[1])
            self._field.clear()
            self._submit(run)
            return True
        if not enter or (field is not None and field is not self._field):
            return False
        if field is None and not self._field.text():
            return False
        line = self._field.text()
        self._field.clear()
        self._submit(line)
        return True

    def _deliver_space(self) -> None:
        target = QApplication.focusWidget()
        if target is None:
            return
        self._run = ""
        self._delivering = True
        try:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                key = QKeyEvent(kind, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ")
                QApplication.sendEvent(target, key)
        finally:
            self._delivering = False
