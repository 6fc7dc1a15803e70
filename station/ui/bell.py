"""Wakes the window's loop from any thread by a byte in a socket: only its own thread calls Qt."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QSocketNotifier


class Bell:
    """``ring`` as often as you like and from where you like: ``answer`` is called in the next turn, once."""

    def __init__(self, parent: QObject, answer: Callable[[], None]) -> None:
        self._answer = answer
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)
        self._rung = threading.Event()
        self._notifier = QSocketNotifier(self._near.fileno(), QSocketNotifier.Type.Read, parent)
        self._notifier.activated.connect(self._heard)

    def ring(self) -> None:
        """Something has come. Never waits."""
        if not self._rung.is_set():
            self._rung.set()
            with contextlib.suppress(OSError):  # closed: nobody listens any more
                self._far.send(b"!")

    def _heard(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._near.recv(64)
        self._rung.clear()  # before the answer: what comes during it rings again
        self._answer()

    def close(self) -> None:
        """Listen no longer."""
        self._notifier.setEnabled(False)
        self._near.close()
        self._far.close()
