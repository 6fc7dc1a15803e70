"""Listens to the live messages in a thread of its own and reconnects by itself."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from station.service.buffer import LiveBuffer
from station.service.paths import ServiceAddress

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

log = logging.getLogger(__name__)

Connection = Literal["connecting", "connected", "lost", "closed"]
RETRY_S = 0.5
MESSAGE_MAX_BYTES = 16_000_000


class LiveClient:
    """A bounded queue of live messages. Each (re)connection begins with a ``state`` message.

    ``connection`` tells where the line stands; ``dropped`` counts samples that were not fetched in
    time. A reader that is too slow for the states as well is reconnected and gets a fresh one.
    """

    def __init__(self, locate: Callable[[], ServiceAddress | None], *, capacity: int = 5_000) -> None:
        self._locate = locate
        self._capacity = capacity
        self._buffer = LiveBuffer[dict[str, Any]](capacity)
        self._news = threading.Condition()
        self._closing = threading.Event()
        self._dropped_before = 0
        self._line: ClientConnection | None = None
        self.connection: Connection = "connecting"
        self._thread = threading.Thread(target=self._run, name="live-client", daemon=True)

    def __enter__(self) -> LiveClient:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def dropped(self) -> int:
        """Sample messages lost because nobody fetched them."""
        return self._dropped_before + self._buffer.dropped

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._thread.start()

    def close(self, timeout_s: float = 5.0) -> None:
        """End the thread and the connection. Idempotent."""
        self._closing.set()
        line = self._line
        if line is not None:
            line.close()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        self._set("closed")

    def messages(self) -> list[dict[str, Any]]:
        """All messages since the last call, without waiting."""
        with self._news:
            return self._buffer.take_all()

    def wait(self, timeout_s: float) -> list[dict[str, Any]]:
        """All messages since the last call; waits up to ``timeout_s`` for one or for a changed connection."""
        with self._news:
            if not len(self._buffer):
                self._news.wait(timeout_s)
            return self._buffer.take_all()

    def _set(self, connection: Connection) -> None:
        with self._news:
            self.connection = connection
            self._news.notify_all()

    def _run(self) -> None:
        from websockets.exceptions import WebSocketException

        while not self._closing.is_set():
            try:
                self._listen()
            except (OSError, TimeoutError, WebSocketException) as error:
                log.debug("live: %s", error)
            if not self._closing.is_set():
                self._set("lost")
                self._closing.wait(RETRY_S)

    def _listen(self) -> None:
        """One connection, until it ends, the reader falls behind, or ``close``."""
        from websockets.sync.client import connect

        address = self._locate()
        if address is None:
            return
        url = f"ws://{address.host}:{address.port}/api/live?token={address.token}"
        with connect(
            url, proxy=None, compression=None, open_timeout=5, close_timeout=1, max_size=MESSAGE_MAX_BYTES
        ) as line:
            with self._news:
                self._dropped_before += self._buffer.dropped
                self._buffer = LiveBuffer(self._capacity)
            self._line = line
            self._set("connected")
            while not self._closing.is_set():
                try:
                    text = line.recv(timeout=RETRY_S)  # also notices a close() that came before _line was set
                except TimeoutError:
                    continue
                message = json.loads(text)
                with self._news:
                    self._buffer.put(message, is_sample=message.get("type") == "samples")
                    self._news.notify_all()
                    if self._buffer.overflowed:
                        log.warning("live: the reader is too slow; connecting anew")
                        return
