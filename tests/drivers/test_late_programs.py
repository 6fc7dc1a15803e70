"""A program that had no turn for longer than a time limit: a reply that is there by then counts."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from drivers.errors import TransportError
from drivers.transports import frames, messages, tcp
from drivers.transports.address import TcpAddress
from drivers.transports.line import LineOptions
from drivers.transports.open import open_line
from tests.drivers.line_server import LineServer, Peer


def first_line(data: bytes) -> bytes | None:
    return data[: data.index(b"\n") + 1] if b"\n" in data else None


def by_line(address: str) -> Any:
    link = open_line(address, LineOptions(timeout_s=1.0))
    return link, lambda: link.query("A?")


def by_frames(address: str) -> Any:
    link = frames.FrameLink(address, frames.FrameOptions(timeout_s=1.0))
    return link, lambda: link.ask(b"A?\n", first_line).decode().strip()


def by_messages(address: str) -> Any:
    host, port = address.removeprefix("tcp://").split(":")
    split = lambda data: len(first_line(data) or b"")  # noqa: E731
    link = messages.TcpMessages(TcpAddress(address, host, int(port)), split, timeout_s=1.0)
    return link, lambda: link.ask(b"A?\n", "A?").decode().strip()


@pytest.mark.parametrize(
    ("opener", "module", "readings"),
    [(by_line, tcp, 1), (by_frames, frames, 2), (by_messages, messages, 1)],
    ids=["line", "frames", "messages"],
)
@pytest.mark.parametrize("reply", [b"3.6014\n", b"3.60"])
def test_a_whole_reply_counts_however_late_it_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
    opener: Callable[[str], Any],
    module: ModuleType,
    readings: int,
    reply: bytes,
) -> None:
    """The clock jumps by 1000 s once the request is out and answered."""
    answered = threading.Event()

    def answer(peer: Peer) -> None:
        peer.send(reply)
        answered.set()

    with LineServer({"A?": answer}) as server:
        link, ask = opener(server.address)
        left = iter([0.0] * readings)

        def monotonic() -> float:
            if (now_s := next(left, None)) is not None:
                return now_s
            assert answered.wait(30)
            return 1000.0

        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=monotonic, sleep=lambda _: None))
        with contextlib.closing(link):
            if reply.endswith(b"\n"):
                assert ask() == "3.6014"
            else:  # a part of one does not
                with pytest.raises(TransportError, match=r"3\.60"):
                    ask()
