"""The worker's line to the guard: beats, trips, silence, refusal."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from station.engine.base import guard_link
from station.engine.base.guard_link import GuardLink
from station.errors import InterlockOpen, StationError, SupervisionLost


class FakeGuard:
    """The other end of the line, by hand."""

    def __init__(self, timeout_s: float = 0.15, welcome: dict[str, Any] | None = None) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.welcome = welcome or {"ok": True, "heartbeat_timeout_s": timeout_s}
        self.heard: list[dict[str, Any]] = []
        self.changed = threading.Condition()
        self.beating = threading.Event()
        self.beating.set()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        self.ended = threading.Event()

    def _serve(self) -> None:
        self.link, _ = self.listener.accept()
        stream = self.link.makefile("rb")
        self._take(stream.readline())
        self.say(self.welcome)
        threading.Thread(target=self._beat, daemon=True).start()
        for line in stream:
            self._take(line)
        stream.close()
        self.ended.set()

    def _beat(self) -> None:
        while not self.ended.wait(0.03):
            if self.beating.is_set():
                try:
                    self.say({"beat": 1})
                except OSError:
                    return

    def _take(self, line: bytes) -> None:
        with self.changed:
            self.heard.append(json.loads(line))
            self.changed.notify_all()

    def say(self, message: dict[str, Any]) -> None:
        self.link.sendall(json.dumps(message).encode() + b"\n")

    def close(self) -> None:
        self.ended.set()
        self.link.close()
        self.listener.close()
        self.thread.join(30)


@pytest.fixture
def fake_guard() -> Iterator[FakeGuard]:
    guard = FakeGuard()
    yield guard
    guard.close()


@pytest.fixture
def link(fake_guard: FakeGuard) -> Iterator[GuardLink]:
    link = GuardLink("127.0.0.1", fake_guard.port, "t", "1")
    yield link
    link.close()


def beats(guard: FakeGuard, seconds: float) -> int:
    before = sum("beat" in message for message in guard.heard)
    threading.Event().wait(seconds)
    return sum("beat" in message for message in guard.heard) - before


def fault_of(link: GuardLink) -> tuple[type[Exception], str]:
    """What the main loop is told within two seconds."""
    tick = threading.Event()
    for _ in range(200):
        link.stamp()
        try:
            link.check()
        except StationError as error:
            return type(error), error.code
        tick.wait(0.01)
    raise AssertionError("the main loop was told nothing")


def test_beats_stop_when_the_main_loop_hangs(fake_guard: FakeGuard, link: GuardLink) -> None:
    assert fake_guard.heard[0]["hello"] == "worker"
    assert beats(fake_guard, 0.2) >= 2  # nothing is watched yet: beats go out by themselves
    link.watch_progress()
    hanging = beats(fake_guard, 0.4)
    assert hanging <= 2
    link.stamp()
    assert beats(fake_guard, 0.1) >= 1


def test_replies_of_instruments_keep_the_beats_going_for_a_while(
    fake_guard: FakeGuard, link: GuardLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long upload is no hang; a loop that only ever exchanges and never turns is one."""
    monkeypatch.setattr(guard_link, "EXCHANGES_S", 0.4)
    link.watch_progress()
    stop, tick = threading.Event(), threading.Event()

    def exchange() -> None:
        while not stop.is_set():
            link.exchanged()
            tick.wait(0.005)

    thread = threading.Thread(target=exchange)
    thread.start()
    try:
        assert beats(fake_guard, 0.3) >= 5
        tick.wait(0.3)
        assert beats(fake_guard, 0.3) <= 1
    finally:
        stop.set()
        thread.join(30)


def test_a_guard_that_has_spoken_is_not_silent(fake_guard: FakeGuard, link: GuardLink) -> None:
    """It is this process that was held up: what the guard said lies unread."""
    link.watch_progress()
    with link._answered:  # the reader waits for this with the next answer in its hands
        fake_guard.say({"answer": "open_cutoff", "ok": True})
        threading.Event().wait(0.4)
        for _ in range(10):
            link.check()
    link.check()


def test_a_silent_guard_is_noticed(fake_guard: FakeGuard, link: GuardLink) -> None:
    link.watch_progress()
    link.check()
    fake_guard.beating.clear()
    assert fault_of(link) == (SupervisionLost, "safety.guard_silent")
    assert link.open_cutoff() is False


def test_a_lost_guard_is_noticed(fake_guard: FakeGuard, link: GuardLink) -> None:
    fake_guard.link.shutdown(socket.SHUT_RDWR)
    assert fault_of(link) == (SupervisionLost, "safety.guard_lost")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("guard.estop_open", InterlockOpen),
        ("guard.relay_lost", SupervisionLost),
        ("guard.worker_late", SupervisionLost),
    ],
)
def test_trips_are_raised_in_the_main_loop(
    fake_guard: FakeGuard, link: GuardLink, code: str, kind: type[Exception]
) -> None:
    fake_guard.say({"trip": code, "params": {"message": "m", "remedy": "r", "silent_s": 0.3}})
    assert fault_of(link) == (kind, code)


def test_the_guard_may_refuse(fake_guard: FakeGuard) -> None:
    fake_guard.welcome = {"ok": False, "code": "guard.token", "message": "unknown token", "remedy": "x"}
    with pytest.raises(InterlockOpen) as error:
        GuardLink("127.0.0.1", fake_guard.port, "t", "1")
    assert error.value.code == "guard.token"


def test_an_absent_guard_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    with pytest.raises(InterlockOpen) as error:
        GuardLink("127.0.0.1", port, "t", "1")
    assert error.value.code == "guard.absent"
