"""Runs something slow in a thread of its own while the main loop goes on showing that it lives."""

from __future__ import annotations

import threading
from collections.abc import Callable

TURN_S = 0.02


def beside(work: Callable[[], None], on_step: Callable[[], None]) -> None:
    """Run ``work`` to its end, calling ``on_step`` meanwhile; raises what either of them raised."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - carried to the caller below
            errors.append(error)

    thread = threading.Thread(target=run, name="beside", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            on_step()
            thread.join(TURN_S)
    finally:
        thread.join()
    if errors:
        raise errors[0]
