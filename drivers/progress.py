"""Lets a supervisor know that the calling thread has just finished an exchange with an instrument.

One call of a driver may be a dozen exchanges, each of them milliseconds or, on a slow link or a busy
machine, tens of milliseconds: long, but not hanging. Transports call ``exchanged``; whoever supervises a
thread listens in that very thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class _Listener(threading.local):
    call: Callable[[], None] | None = None


_listener = _Listener()


def listen(call: Callable[[], None] | None) -> None:
    """From now on ``call`` is called after each exchange in the calling thread; None ends it."""
    _listener.call = call


@contextmanager
def also(call: Callable[[], None]) -> Iterator[None]:
    """While the block runs, ``call`` is called as well, after the other listener.

    It may talk to the instrument itself, since an exchange is complete, and may raise: then the driver's
    call ends there.
    """
    before = _listener.call

    def both() -> None:
        if before is not None:
            before()
        call()

    _listener.call = both
    try:
        yield
    finally:
        _listener.call = before


def exchanged() -> None:
    """A complete reply has arrived."""
    call = _listener.call
    if call is not None:
        call()
