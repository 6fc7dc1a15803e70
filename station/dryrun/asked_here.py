"""Questions of the engine that are answered before it goes on: time in memory would run away meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from station.engine.base.live import LiveWriter


class AskedHere(LiveWriter):
    """``told`` answers the engine's questions at once, in the thread that asks; all else is written."""

    def __init__(self, told: Callable[[dict[str, Any]], None], descriptor: int) -> None:
        super().__init__(descriptor)
        self._told = told

    def send(self, message: dict[str, Any], *, droppable: bool = False) -> None:
        """Never both: an answer that comes twice would belong to another round."""
        if message.get("type") in ("ask_next", "ask_operator"):
            self._told(message)
        else:
            super().send(message, droppable=droppable)
