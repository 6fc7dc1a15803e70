"""An append-only JSON-lines log whose writes never wait for the disk."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from queue import SimpleQueue
from typing import Any


class AppendLog:
    """Lines are written, flushed and synced to disk by a thread of their own."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        self._queue: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="append-log", daemon=True)
        self._thread.start()

    def write(self, event: str, **facts: Any) -> None:
        """Append one event with the time of now (Unix s). Returns at once."""
        line = json.dumps({"unix_s": round(time.time(), 4), "event": event, **facts}, ensure_ascii=False)
        self._queue.put(line.encode() + b"\n")

    def close(self) -> None:
        """Write what is queued, sync, close. Idempotent."""
        if self._file.closed:
            return
        self._queue.put(None)
        self._thread.join(timeout=2.0)
        self._file.close()

    def _run(self) -> None:
        while (line := self._queue.get()) is not None:
            self._file.write(line)
            while not self._queue.empty():
                more = self._queue.get()
                if more is None:
                    os.fsync(self._file.fileno())
                    return
                self._file.write(more)
            os.fsync(self._file.fileno())
