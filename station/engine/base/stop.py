"""What is asked from outside the measuring loop, as flags it looks at on every turn."""

from __future__ import annotations

import signal
import threading
from collections import deque
from typing import Any

from station.engine.base.outcome import StopRequested
from station.errors import SupervisionLost

OPERATIONS = ("pause", "resume", "skip")
ANSWERS = ("next", "enough", "answer")
WAITING_MAX = 16
"""Commands kept until the loop looks; nobody presses more buttons than this between two turns."""


class Interruption(Exception):
    """Ends what is being played; the player catches it and goes on otherwise."""


class PauseRequested(Interruption):
    """Zero at once, wait, then go on."""


class SkipRequested(Interruption):
    """Zero at once, then the next profile step."""


class StopFlags:
    """Set from reader threads and signal handlers; reasons to end are raised in the main loop.

    Operations (pause, resume, skip) wait in order until the main loop takes them.
    """

    def __init__(self) -> None:
        self._requested_by = ""
        self._service_gone = False
        self._asked: deque[str] = deque(maxlen=WAITING_MAX)
        self._answers: deque[dict[str, Any]] = deque(maxlen=WAITING_MAX)
        self.event = threading.Event()

    def request(self, by: str) -> None:
        """Ask for the ordered end; the first reason stays."""
        self._requested_by = self._requested_by or by
        self.event.set()

    @property
    def asked(self) -> bool:
        """True while an operation waits."""
        return bool(self._asked)

    def operate(self, operation: str) -> None:
        """Ask for one of ``OPERATIONS``. Anything else commands nothing."""
        if operation in OPERATIONS:
            self._asked.append(operation)

    def take_operation(self) -> str | None:
        """The oldest operation that nobody has taken yet."""
        return self._asked.popleft() if self._asked else None

    def answer(self, message: dict[str, Any]) -> None:
        """Somebody answers a question of this worker."""
        self._answers.append(message)

    def take_answer(self) -> dict[str, Any] | None:
        """The oldest answer that nobody has taken yet."""
        return self._answers.popleft() if self._answers else None

    def service_gone(self) -> None:
        """Standard input has closed: nobody is listening any more."""
        self._service_gone = True
        self.event.set()

    def check(self) -> None:
        """Raise StopRequested or SupervisionLost when there is a reason."""
        if not self.event.is_set():
            return
        if self._requested_by:
            raise StopRequested(self._requested_by)
        if self._service_gone:
            raise SupervisionLost(
                "the service is gone",
                remedy="start the service again and look at the last run",
                code="safety.service_gone",
            )

    def on_signals(self) -> None:
        """SIGTERM, SIGINT (and SIGBREAK on Windows) ask for the ordered end instead of killing."""
        for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
            number = getattr(signal, name, None)
            if number is not None:
                signal.signal(number, lambda *_: self.request("signal"))
