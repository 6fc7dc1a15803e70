"""Each reply of an instrument is a sign of life of the thread that asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from drivers import progress
from drivers.errors import TransportError
from drivers.transports.line import LineOptions
from drivers.transports.open import open_line
from tests.drivers.line_server import LineServer


@pytest.fixture
def replies() -> Iterator[list[int]]:
    """How many replies this thread has heard of."""
    seen: list[int] = []
    progress.listen(lambda: seen.append(1))
    yield seen
    progress.listen(None)


@pytest.mark.parametrize("way", ["address", "resource"])
def test_replies_count_and_silence_does_not(replies: list[int], way: str) -> None:
    with LineServer({"A?": "1", "B?": None}) as server:
        link = open_line(getattr(server, way), LineOptions(timeout_s=0.1))
        link.write("SET 1")
        assert not replies
        link.query("A?")
        link.query("A?")
        assert len(replies) == 2
        with pytest.raises(TransportError):
            link.query("B?")
        assert len(replies) == 2
        link.close()


def test_other_threads_are_not_this_one(replies: list[int]) -> None:
    with LineServer({"A?": "1"}) as server:
        link = open_line(server.address, LineOptions())
        thread = threading.Thread(target=link.query, args=("A?",))
        thread.start()
        thread.join(30)
        assert not replies
        link.close()
