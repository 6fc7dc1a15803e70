"""A thread between the window and the course, so that the GUI thread never waits."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from PySide6.QtCore import QObject, Signal

from station.errors import StationError
from station.service.launcher import ensure_service
from station.service.training_client import TrainingClient

PERIOD_S: Final = 0.5
"""How often the present step is asked for; an answer or a deed is shown at once."""


class Course(Protocol):
    """What the window asks of the service; ``TrainingClient`` is one."""

    def missions(self) -> list[dict[str, Any]]: ...
    def status(self) -> dict[str, Any]: ...
    def start(self, trainee: str, mission: str) -> dict[str, Any]: ...
    def say(self, kind: str, value: str = "") -> dict[str, Any]: ...
    def end(self) -> dict[str, Any]: ...
    def trainees(self) -> list[str]: ...
    def sheet(self, trainee: str, lang: str) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Refused:
    """What was asked last did not work: a code with its facts, in the station's words."""

    code: str
    message: str
    remedy: str
    params: dict[str, Any]


def course_of(bench: str, data: Path) -> Callable[[], Course]:
    """Finds the bench's service. Blocks; raises StationError."""
    return lambda: TrainingClient(ensure_service(bench, data))


class TrainingLink(QObject):
    """``status_came`` with each status; ``answered`` with the word asked and its answer, or Refused."""

    status_came = Signal(object)
    answered = Signal(str, object)

    def __init__(self, connect: Callable[[], Course]) -> None:
        super().__init__()
        self._connect = connect
        self._queue: queue.SimpleQueue[tuple[str, tuple[Any, ...]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="training", daemon=True)

    def open(self) -> None:
        """Begin to follow; once."""
        if not self._thread.is_alive():
            self._thread.start()

    def close(self) -> None:
        """End the thread; the mission goes on in the service."""
        self._queue.put(None)

    def ask(self, word: str, *given: Any) -> None:
        """Call ``word`` of the course; its answer comes by signal."""
        self._queue.put((word, given))

    def _work(self) -> None:
        course: Course | None = None
        while True:
            try:
                wanted = self._queue.get(timeout=PERIOD_S)
            except queue.Empty:
                wanted = ("status", ())
            if wanted is None:
                return
            word, given = wanted
            try:
                course = course or self._connect()
                answer: Any = getattr(course, word)(*given)
            except StationError as error:
                answer = Refused(error.code, error.message, error.remedy, error.params)
                if error.code == "service.unreachable":
                    course = None
            except Exception as error:  # noqa: BLE001 - the window stays, whatever the reason
                course, answer = None, Refused("ui.request_failed", repr(error), "", {})
            try:
                self._tell(word, answer)
            except RuntimeError:
                return  # the window is gone

    def _tell(self, word: str, answer: Any) -> None:
        if word in ("status", "start", "say", "end") and isinstance(answer, dict):
            self.status_came.emit(answer)
        if word != "status":
            self.answered.emit(word, answer)
