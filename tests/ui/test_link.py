"""Threads between window and service."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from station.errors import StationError
from station.ui.desk import Request
from station.ui.link import SAMPLES_MAX, Answer, Connected, Item, Link, Live, Lost
from tests.ui.scripted import ScriptedBackend, samples

WAIT_S = 40.0


class Opened:
    """A link and what came out of it."""

    def __init__(self, link: Link) -> None:
        self.link, self.items = link, []  # type: Link, list[Item]

    def until(self, found: Callable[[list[Item]], bool]) -> list[Item]:
        deadline = time.monotonic() + WAIT_S
        while not found(self.items):
            assert time.monotonic() < deadline, self.items[-5:]
            self.items += self.link.poll()
            threading.Event().wait(0.002)
        return self.items


@pytest.fixture
def backend() -> ScriptedBackend:
    return ScriptedBackend()


@pytest.fixture
def opened(backend: ScriptedBackend) -> Iterator[Opened]:
    link = Link(lambda: backend)
    link.open()
    made = Opened(link)
    made.until(lambda items: any(isinstance(item, Connected) for item in items))
    yield made
    link.close()


def answers(items: list[Item]) -> list[Answer]:
    return [item for item in items if isinstance(item, Answer)]


def test_live_messages_come_in_order(backend: ScriptedBackend, opened: Opened) -> None:
    backend.say(*({"type": "event", "n": n} for n in range(50)))
    items = opened.until(lambda items: sum(isinstance(i, Live) for i in items) == 50)
    assert [i.message["n"] for i in items if isinstance(i, Live)] == list(range(50))


def test_a_lost_line_is_told_and_made_anew(backend: ScriptedBackend, opened: Opened) -> None:
    backend.say(ConnectionResetError("the service died"))
    items = opened.until(lambda items: sum(isinstance(i, Connected) for i in items) == 2)
    lost = [item for item in items if isinstance(item, Lost)]
    assert "the service died" in lost[0].reason


def test_asking_never_waits_and_a_stop_passes_a_slow_start(backend: ScriptedBackend, opened: Opened) -> None:
    backend.gate.clear()
    begin_s = time.thread_time()
    opened.link.ask(Request("start", "1", "rapid", "AAA-1"))
    opened.link.ask(Request("stop_all"))
    assert time.thread_time() - begin_s < 0.1, "work of its own; for the answer it would wait a minute"
    deadline = time.monotonic() + WAIT_S
    while ("stop_all",) not in backend.asked:
        assert time.monotonic() < deadline
        threading.Event().wait(0.002)
    assert answers(opened.link.poll()) == []
    backend.gate.set()
    done = answers(opened.until(lambda items: len(answers(items)) == 2))
    assert {answer.request.kind: answer.value for answer in done} == {"start": "run-1", "stop_all": None}


def test_a_failed_request_is_an_answer(backend: ScriptedBackend, opened: Opened) -> None:
    backend.answers["acknowledge"] = StationError("no", code="station.busy")
    backend.answers["stop"] = ZeroDivisionError("odd")
    opened.link.ask(Request("acknowledge", "1"))
    opened.link.ask(Request("stop", "1"))
    done = answers(opened.until(lambda items: len(answers(items)) == 2))
    assert {answer.value.code for answer in done} == {"station.busy", "ui.request_failed"}


def test_without_a_service_requests_are_answered_at_once() -> None:
    def nobody() -> ScriptedBackend:
        raise StationError("cannot start", remedy="look into the log")

    link = Link(nobody)
    link.open()
    opened = Opened(link)
    link.ask(Request("stop_all"))
    items = opened.until(lambda items: bool(answers(items)) and any(isinstance(i, Lost) for i in items))
    assert answers(items)[0].value.code == "ui.service_lost"
    assert next(i.reason for i in items if isinstance(i, Lost)) == "cannot start – look into the log"
    link.close()


def test_a_window_that_sleeps_loses_samples_by_count_and_no_state(
    backend: ScriptedBackend, opened: Opened
) -> None:
    curve = {"t": [1.0], "voltage_V": [3.3], "current_A": [0.0]}
    backend.say(*(samples("1", curve) for _ in range(SAMPLES_MAX + 300)), {"type": "event", "last": True})
    deadline = time.monotonic() + WAIT_S
    while opened.link.dropped < 300:
        assert time.monotonic() < deadline
        threading.Event().wait(0.005)
    items = opened.until(lambda items: any(isinstance(i, Live) and "last" in i.message for i in items))
    assert sum(isinstance(i, Live) for i in items) == SAMPLES_MAX + 1
    assert opened.link.dropped == 300


def test_closing_ends_the_threads(backend: ScriptedBackend) -> None:
    before = threading.active_count()
    link = Link(lambda: backend)
    link.open()
    assert threading.active_count() == before + 6
    link.close()
    assert threading.active_count() == before
