"""Scans and typing reach the page whatever has the focus.

A keyboard-wedge scanner types its code within milliseconds and ends with Enter (some with Tab, some with
nothing). An application event filter tells such a burst from hands by the keys' own time stamps, so that a
busy moment of the window cannot tear a scan apart. With a code field, slow typing with no field in focus goes
into that; without one, on pages full of fields, nothing typed is taken away from where it goes. Either way a
field that a scan ran through gets its old text back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from station.ui.burst import FAST_MS, JOIN_MS, Burst

SILENCE_MS: Final = 600
"""A scan that has not ended by then ends with nothing: the scanner sends no Enter."""
LATE_ENTER_MS: Final = 1500.0
"""An Enter that comes so soon after such a scan was its own after all, and presses nothing."""
STALE_MS: Final = 10_000.0
_ENTERS: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_KEY: Final = QEvent.Type.KeyPress
_INPUT: Final = (QEvent.Type.MouseButtonPress, QEvent.Type.Wheel, QEvent.Type.TouchBegin)


class ScanFilter(QObject):
    """Installed on the application by ``install``; gives whole lines to ``submit``.

    ``field`` is the code field; None where typing belongs to the fields of the page.
    """

    def __init__(
        self, parent: QObject, submit: Callable[[str], None], field: QLineEdit | None = None
    ) -> None:
        super().__init__(parent)
        self._field = field
        self._submit = submit
        self.commands: dict[int, Callable[[], None]] = {}
        """Keys that act whatever has the focus. Shortcuts do the same, but only in an active window, and on
        a screen without a window manager no window ever is."""
        self.on_input: Callable[[], None] = lambda: None
        """Called at each key and press: somebody is there."""
        self._burst = Burst()
        self._before: tuple[QLineEdit, str] | None = None
        self._ended_in_silence = False
        self._seen: tuple[int, str, int] | None = None
        self._held_space = _timer(self, int(FAST_MS) + 10, self._deliver_space)
        self._silence = _timer(self, SILENCE_MS, self._silent)
        self._silence_sure = _timer(self, 0, self._end_in_silence)
        self._delivering = False

    def install(self) -> None:
        """Begin to listen to the whole application."""
        QCoreApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def remove(self) -> None:
        """Stop listening."""
        application = QCoreApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        for timer in (self._held_space, self._silence, self._silence_sure):
            timer.stop()
        self._burst.forget()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See each key once, at the window, before any widget."""
        kind = event.type()  # asked once: every event of the application comes through here
        if kind is not _KEY:
            if kind in _INPUT:
                self.on_input()
            return False
        if self._delivering or not isinstance(event, QKeyEvent):
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
            if event.isAutoRepeat() and self._field is not None:
                return True
            return self._end(enter, now, field)
        code = self._field
        if event.key() == Qt.Key.Key_Backspace and field is None and code is not None and code.text():
            code.backspace()
            return True
        text = event.text()
        if not text or not text.isprintable():
            return False
        return self._character(text, now, field, event.isAutoRepeat())

    def _character(self, text: str, now: float, field: QLineEdit | None, repeated: bool) -> bool:
        code, held, fast = self._field, self._held_space.isActive(), self._burst.fast(now)
        self._held_space.stop()
        self._silence_sure.stop()
        if (field is None or field is code) and self._burst.since_ms(now) > JOIN_MS:
            self._end_in_silence()  # what came before was a scan of its own, or the first part of a torn one
        self._ended_in_silence = False
        if repeated:  # a key that is held down is no scanner, however fast it repeats
            self._burst.forget()
            return field is None and code is not None
        stale = self._burst.since_ms(now) > STALE_MS
        inside = fast or (self._burst.scanned and self._burst.since_ms(now) <= JOIN_MS)
        if text == " " and field is None and code is not None and not inside:
            # A lone space presses the button in focus; one at the head of a scan must not. Wait and see.
            self._burst.forget()
            self._burst.add(" ", now)
            self._before = None
            self._held_space.start()
            return True
        if self._burst.add(text, now):
            self._before = (field, field.text()) if field is not None else None
            if field is None and code is not None and stale:
                code.clear()
        if field is None or field is code:
            self._silence.start()
        if code is None or field is not None:
            return False
        code.setText(code.text() + (" " if held else "") + text)
        return True

    def _end(self, enter: bool, now: float, field: QLineEdit | None) -> bool:
        self._silence.stop()
        self._silence_sure.stop()
        if self._ended_in_silence and self._burst.since_ms(now) <= LATE_ENTER_MS:
            self._ended_in_silence = False
            return True
        run = self._burst.take(now)
        if run is not None:
            self._give_back()
            self._submit(run)
            return True
        code = self._field
        if not enter or code is None or (field is not None and field is not code):
            return False
        if field is None and not code.text():
            return False
        line = code.text()
        code.clear()
        self._submit(line)
        return True

    def _give_back(self) -> None:
        """The field that the scan ran through has its old text again, the code field none."""
        before, self._before = self._before, None
        if before is not None and before[0] is not self._field:
            before[0].setText(before[1])
        if self._field is not None:
            self._field.clear()

    def _silent(self) -> None:
        """Keys that waited for a busy window are seen first: this comes once more, after them."""
        if self._burst.scanned:
            self._silence_sure.start()

    def _end_in_silence(self) -> None:
        self._silence.stop()
        if not self._burst.scanned:
            return
        run = self._burst.text
        self._ended_in_silence = True
        self._burst.forget()
        self._give_back()
        self._submit(run)

    def _deliver_space(self) -> None:
        target = QApplication.focusWidget()
        if target is None:
            return
        self._burst.forget()
        self._delivering = True
        try:
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                key = QKeyEvent(kind, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ")
                QApplication.sendEvent(target, key)
        finally:
            self._delivering = False


def _timer(parent: QObject, interval_ms: int, then: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    timer.timeout.connect(then)
    return timer
