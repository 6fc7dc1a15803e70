"""Who answers on a bus: one reading request is sent, and its answers are counted."""

from __future__ import annotations

from collections.abc import Callable

from drivers.bms.conversation import Conversation
from drivers.bms.family import Reply
from drivers.bms.isotp_listen import begins_with

ANSWERS_S = 0.2
"""How long answers to one request may keep coming."""


class AnswerCount:
    """``hear`` is called with every frame of the reply identifier."""

    def __init__(self) -> None:
        self._start, self._count = b"", 0

    def hear(self, data: bytes) -> None:
        """Count it if it is an answer to what was asked, or the first part of one."""
        self._count += begins_with(data, self._start)

    def ask(self, speaking: Conversation, reply: Reply, wait: Callable[[float], object]) -> int:
        """Ask once; how many answered beyond what was asked, plus one. Raises TransportError.

        A slow pack answers a repeated request twice, and polling may ask for the same meanwhile.
        """
        before, self._start, self._count = speaking.sent[reply.request], reply.reply, 0
        speaking.ask(reply)
        wait(ANSWERS_S)
        asked = max(1, speaking.sent[reply.request] - before)
        self._start = b""
        return self._count if self._count > asked else 1
