"""Live messages to many clients; a slow one loses samples, never holds up anybody."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable
from typing import Any

from station.service.buffer import CAPACITY, LiveBuffer

Messages = Callable[[], Iterable[dict[str, Any]]]

log = logging.getLogger(__name__)


class Subscriber:
    """One client's line of messages, as JSON text.

    ``whole`` gives the curves as they are: a client that has missed samples gets them once it has read
    everything else.
    """

    def __init__(self, capacity: int, whole: Messages) -> None:
        self._buffer = LiveBuffer[str](capacity)
        self._whole = whole
        self._mended = 0
        self._news = asyncio.Event()
        self.behind = asyncio.Event()
        self.closed = False

    @property
    def dropped(self) -> int:
        """Samples this client has not got."""
        return self._buffer.dropped

    def put(self, text: str, *, is_sample: bool) -> None:
        """Append a message; ``behind`` is set when the client has missed more than samples."""
        self._buffer.put(text, is_sample=is_sample)
        if self._buffer.overflowed:
            self.behind.set()
        self._news.set()

    def put_whole(self) -> None:
        """Append all curves as they are now."""
        for message in self._whole():
            self.put(_text(message), is_sample=False)

    def close(self) -> None:
        """No more messages will come."""
        self.closed = True
        self._news.set()

    async def next(self) -> str | None:
        """The next message; None when the service ends."""
        while True:
            text = self._buffer.take()
            if text is not None:
                return text
            if self.closed:
                return None
            if self._mended != self.dropped:
                self._mended = self.dropped
                self.put_whole()
                continue
            self._news.clear()
            await self._news.wait()


class Hub:
    """Publishes to every subscriber. Lives on the service's event loop. ``whole`` gives all curves so far."""

    def __init__(self, capacity: int = CAPACITY, whole: Messages = lambda: ()) -> None:
        self._capacity = capacity
        self._whole = whole
        self._subscribers: set[Subscriber] = set()
        self._closed = False
        self._ears: list[Callable[[dict[str, Any]], None]] = []

    def hear(self, ear: Callable[[dict[str, Any]], None]) -> None:
        """Call ``ear`` with every message, also while no client listens."""
        self._ears.append(ear)

    def __len__(self) -> int:
        return len(self._subscribers)

    def join(self, snapshot: Callable[[], dict[str, Any]]) -> Subscriber:
        """A new subscriber: first ``snapshot()``, then the curves so far; nothing after that is missed."""
        subscriber = Subscriber(self._capacity, self._whole)
        subscriber.put(_text({"type": "state", **snapshot()}), is_sample=False)
        subscriber.put_whole()
        self._subscribers.add(subscriber)
        if self._closed:
            subscriber.close()
        return subscriber

    def leave(self, subscriber: Subscriber) -> None:
        """Forget a subscriber."""
        self._subscribers.discard(subscriber)

    def publish(self, message: dict[str, Any]) -> None:
        """Give ``message`` to every subscriber; never waits."""
        for ear in self._ears:
            try:
                ear(message)
            except Exception:  # whoever listens must never hold up what it listens to
                log.exception("a listener failed at %.200r", message)
        if not self._subscribers:
            return
        text, is_sample = _text(message), message["type"] == "samples"
        for subscriber in self._subscribers:
            subscriber.put(text, is_sample=is_sample)

    def close(self) -> None:
        """End every subscription after what is already in its line."""
        self._closed = True
        for subscriber in self._subscribers:
            subscriber.close()


def _text(message: dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False, allow_nan=False)
