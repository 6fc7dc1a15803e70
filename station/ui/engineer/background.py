"""Work beside the window: calls that may block run in a thread, their answers come back to the GUI thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from station.errors import StationError

Job = Callable[[], Any]
Done = Callable[[Any], None]
Failed = Callable[[StationError], None]


class Background(QObject):
    """One thread; jobs run one after the other. Of the jobs waiting under a ``key`` only the newest."""

    _answered = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: queue.SimpleQueue[tuple[str, int, Job, Done, Failed] | None] = queue.SimpleQueue()
        self._newest: dict[str, int] = {}
        self._count = 0
        self._waiting = 0
        self._answered.connect(self._hand_over)
        self._thread = threading.Thread(target=self._work, name="engineer", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """True while an answer is still to come."""
        return self._waiting > 0

    def run(self, job: Job, done: Done, failed: Failed, key: str = "") -> None:
        """Do ``job`` in the thread, then ``done`` or ``failed`` here."""
        self._count += 1
        self._waiting += 1
        if key:
            self._newest[key] = self._count
        self._jobs.put((key, self._count, job, done, failed))

    def close(self) -> None:
        """Nothing more is started; what runs is not waited for."""
        self._jobs.put(None)

    def _work(self) -> None:
        while (item := self._jobs.get()) is not None:
            key, number, job, done, failed = item
            answer: Any = _OVERTAKEN
            if not key or self._newest[key] == number:
                try:
                    answer = job()
                except StationError as error:
                    answer = error
                except Exception as error:  # noqa: BLE001 - whatever failed is told, the window stays
                    answer = StationError(f"{type(error).__name__}: {error}", code="ui.request_failed")
            try:
                self._answered.emit(answer, done, failed)
            except RuntimeError:  # the window is gone
                return

    def _hand_over(self, answer: Any, done: Done, failed: Failed) -> None:
        self._waiting -= 1
        if answer is _OVERTAKEN:
            return
        if isinstance(answer, StationError):
            failed(answer)
        else:
            done(answer)


_OVERTAKEN = object()
