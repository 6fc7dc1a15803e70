"""Lets a supervisor know that the calling thread has just finished an exchange with an instrument.

One call of a driver may be a dozen exchanges, each of them milliseconds or, on a slow link or a busy
machine, tens of milliseconds: long, but not hanging. Transports call ``exchanged``; whoever supervises a
thread listens in that very thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


class _Listener(threading.local):
    call: Callable[[], None] | None = None


_listener = _Listener()


def listen(call: Callable[[], None] | None) -> None:
    """From now on ``call`` is called after each exchange in the calling thread; None ends it."""
    _listener.call = call


def exchanged() -> None:
    """A complete reply has arrived."""
    call = _listener.call
    if call is not None:
        call()
