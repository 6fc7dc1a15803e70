"""Threads between the window and the service, so that the GUI thread never waits.

One thread follows the live stream and reconnects; five carry requests: one for stops only, so that a stop
never queues behind anything else, one for what is forced after a stop in vain, one for signs of life, one for
errands that are no test's, one for
the rest. All of them put what they have
into one inbox that the window empties.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from station.errors import StationError
from station.ui.asking import Request
from station.ui.backend import Backend, Message
from station.ui.errand import ERRAND, Errand
from station.ui.urgency import Urgency
from station.ui.views import BenchInfo

SAMPLES_MAX: Final = 2000
OTHERS_MAX: Final = 10_000
_LANES: Final = {
    "stop": "stops", "stop_all": "stops", "force": "force", "state": "watch", "bench": "watch",
    ERRAND: "errands",
}  # fmt: skip
QUIET: Final = ("state", "bench")
"""Answers that only say that all goes on."""
_RETRY_S: Final = (0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True)
class Connected:
    """The service answered; this is its bench."""

    bench: BenchInfo


@dataclass(frozen=True)
class Lost:
    """The service does not answer; the link tries again by itself."""

    reason: str
    error: StationError | None = None
    """Why, in the station's own terms, where it has them: to be told in the operator's language."""


@dataclass(frozen=True)
class Live:
    """One message of the live stream."""

    message: Message


@dataclass(frozen=True)
class Answer:
    """What came of a request: a value or a StationError."""

    request: Request | Errand
    value: Any


Item = Connected | Lost | Live | Answer


class Link:
    """The way to the service. ``connect`` finds or starts it and may block."""

    def __init__(self, connect: Callable[[], Backend]) -> None:
        self._connect = connect
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._inbox: deque[Item] = deque()
        self._samples_waiting = 0
        self._urgency = Urgency()
        self.on_news: Callable[[], None] | None = None
        """Called from a thread of the link when something has come that should be shown at once."""
        self.dropped = 0
        self._backend: Backend | None = None
        self._lanes: dict[str, queue.SimpleQueue[Request | Errand | None]] = {
            name: queue.SimpleQueue() for name in ("stops", "force", "requests", "watch", "errands")
        }
        self._threads = [
            threading.Thread(target=self._follow, name="live", daemon=True),
            *(
                threading.Thread(target=self._serve, args=(q,), name=n, daemon=True)
                for n, q in self._lanes.items()
            ),
        ]

    def open(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def close(self, wait_s: float = 3.0) -> None:
        """End the threads; tests running in the service go on."""
        self._stop.set()
        self._wake.set()
        for lane in self._lanes.values():
            lane.put(None)
        with self._lock:
            backend = self._backend
        if backend is not None:
            backend.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(wait_s)

    def poll(self, most: int = 500) -> list[Item]:
        """What has come since; never waits. At most ``most`` items, the rest next time."""
        items: list[Item] = []
        with self._lock:
            while self._inbox and len(items) < most:
                item = self._inbox.popleft()
                if _is_samples(item):
                    self._samples_waiting -= 1
                items.append(item)
        return items

    def ask(self, request: Request | Errand) -> None:
        """Send ``request``; its answer comes by ``poll``."""
        self._lanes[_LANES.get(request.kind, "requests")].put(request)

    # -- threads -------------------------------------------------------------------------------

    def _put(self, item: Item) -> None:
        self._take_in(item)
        if not isinstance(item, Live) or self._urgency.urgent(item.message):
            self._tell()

    def _tell(self) -> None:
        if self.on_news is not None and not self._stop.is_set():
            self.on_news()

    def _take_in(self, item: Item) -> None:
        with self._lock:
            if _is_samples(item):
                if self._samples_waiting >= SAMPLES_MAX:
                    self.dropped += 1  # shown on the page; the journal has every sample
                    return
                self._samples_waiting += 1
            elif len(self._inbox) >= OTHERS_MAX + SAMPLES_MAX:
                raise StationError("the window has fallen too far behind", code="ui.behind")
            self._inbox.append(item)

    def _follow(self) -> None:
        attempt = 0
        while not self._stop.is_set():
            try:
                backend = self._connect()
                with self._lock:
                    self._backend = backend
                self._urgency.forget()
                self._put(Connected(BenchInfo.read(backend.bench())))
                attempt = 0
                for message in backend.live(self._stop):
                    if message is not None:
                        if message.get("type") in ("samples", "curve"):
                            import_module("station.curves")  # here, not while the page is being painted
                        self._put(Live(message))
                    if self._stop.is_set():
                        break
                reason, cause = "the live connection ended", None
            except Exception as error:  # noqa: BLE001 - whatever went wrong, the window stays and tries again
                reason, cause = _words(error), error if isinstance(error, StationError) else None
            with self._lock:
                backend_or_none, self._backend = self._backend, None
            if backend_or_none is not None and not self._stop.is_set():
                backend_or_none.close()
            if not self._stop.is_set():
                with self._lock:
                    self._inbox.append(Lost(reason, cause))
                self._tell()
                self._wake.wait(_RETRY_S[min(attempt, len(_RETRY_S) - 1)])
                attempt += 1

    def _serve(self, lane: queue.SimpleQueue[Request | Errand | None]) -> None:
        while True:
            request = lane.get()
            if request is None:
                return
            with self._lock:
                backend = self._backend
            value: Any
            try:
                value = _call(backend, request)
            except StationError as error:
                value = error
            except Exception as error:  # noqa: BLE001 - a request that failed is told, whatever the reason
                value = StationError(_words(error), code="ui.request_failed")
            with self._lock:
                self._inbox.append(Answer(request, value))
            if request.kind not in QUIET or isinstance(value, Exception):
                self._tell()


def _is_samples(item: Item) -> bool:
    return isinstance(item, Live) and item.message.get("type") == "samples"


def _words(error: Exception) -> str:
    if isinstance(error, StationError):
        return f"{error.message} – {error.remedy}" if error.remedy else error.message
    return f"{type(error).__name__}: {error}"


def _call(backend: Backend | None, request: Request | Errand) -> Any:
    if backend is None:
        raise StationError("the service does not answer", code="ui.service_lost")
    if isinstance(request, Errand):
        return request.call(backend)
    channel = request.channel or ""
    if request.kind == "start":
        return backend.start(
            channel,
            request.profile or "",
            request.battery or "",
            request.nominal_capacity_Ah,
            request.chemistry,
        )
    if request.kind == "stop":
        return backend.stop(channel)
    if request.kind == "stop_all":
        return backend.stop_all()
    if request.kind == "force":
        return backend.force(channel)
    if request.kind == "pause":
        return backend.pause(channel)
    if request.kind == "resume":
        return backend.resume(channel)
    if request.kind == "skip":
        return backend.skip(channel)
    if request.kind == "acknowledge":
        return backend.acknowledge(channel)
    if request.kind == "state":
        return backend.state()
    if request.kind == "bench":
        return BenchInfo.read(backend.bench())
    if request.kind == "battery":
        return backend.battery(request.battery or "")
    if request.kind == "own_id":
        return backend.own_id()
    if request.kind == "print_label":
        return backend.print_label(request.run_id or "")
    return backend.run(request.run_id or "")
