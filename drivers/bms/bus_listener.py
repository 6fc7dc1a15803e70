"""Takes the frames of a bus from python-can's own thread."""

from __future__ import annotations

from collections.abc import Callable

import can


class BusListener(can.Listener):
    """Hands frames on; ``error`` is what ended the bus, until a frame comes again."""

    def __init__(self, hear: Callable[[can.Message], None]) -> None:
        self._hear = hear
        self.error: Exception | None = None

    def on_message_received(self, msg: can.Message) -> None:
        """A frame."""
        self.error = None
        self._hear(msg)

    def on_error(self, exc: Exception) -> None:
        """The bus is gone."""
        self.error = exc
