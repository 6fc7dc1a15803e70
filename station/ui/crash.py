"""What goes wrong in the window is kept in a file; the window goes on where it can, the tests always do."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Final

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

log = logging.getLogger("station.ui")

LOG_BYTES: Final = 1_000_000
LOGS_KEPT: Final = 3
AGAIN_S: Final = 60.0
"""The same fault at the same place is written once in so long, and counted: pages move ten times a second."""


class Reporter:
    """Writes each fault once and counts its repetitions. ``now`` gives steady seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._last_s: dict[str, float] = {}
        self._since: dict[str, int] = {}

    def report(self, error: BaseException, where: str) -> None:
        """Write it, unless the same was written a moment ago."""
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{type(error).__name__} {frames[-1].filename}:{frames[-1].lineno}" if frames else repr(error)
        now = self._now()
        if now - self._last_s.get(place, -AGAIN_S) < AGAIN_S:
            self._since[place] = self._since.get(place, 0) + 1
            return
        self._last_s[place] = now
        again = self._since.pop(place, 0)
        log.error(
            "%s: %s%s",
            where,
            "".join(traceback.format_exception(error)),
            f"(and {again} times since it was last written)" if again else "",
        )


def keep_log(path: Path) -> Callable[[], None]:
    """Warnings and faults of this process go to ``path``, 4 MB at most; also of a crash below Python.

    A folder that cannot be written leaves them on stderr. Returns what ends it again.
    """
    handler: logging.Handler
    fatal = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOGS_KEPT, encoding="utf-8")
        fatal = path.with_suffix(".fatal.log").open("a", encoding="utf-8")
        faulthandler.enable(fatal)
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.captureWarnings(True)

    def end() -> None:
        logging.captureWarnings(False)
        logging.getLogger().removeHandler(handler)
        handler.close()
        if fatal is not None:
            faulthandler.disable()
            fatal.close()

    return end


def install(reporter: Reporter) -> None:
    """Have every exception that nobody caught reported: of slots, of threads, of Qt itself.

    An exception in a slot ends that slot alone.
    """

    def of_slot(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        reporter.report(error, "the window")

    def of_thread(told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None:
            reporter.report(told.exc_value, f"thread {told.thread.name if told.thread else '?'}")

    def of_qt(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        del context
        level = logging.WARNING if kind in (QtMsgType.QtWarningMsg, QtMsgType.QtInfoMsg) else logging.ERROR
        if kind != QtMsgType.QtDebugMsg:
            log.log(level, "Qt: %s", text)

    sys.excepthook = of_slot
    threading.excepthook = of_thread
    qInstallMessageHandler(of_qt)
