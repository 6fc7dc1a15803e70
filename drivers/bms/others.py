"""Who is on a bus: nobody of this family, one pack, or more. One reading request's answers are counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from drivers.bms.conversation import Conversation
from drivers.bms.errors import SilentPack, TwoPacks
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


def two_packs(address: str, answers: int) -> TwoPacks:
    """More than one answers."""
    return TwoPacks(
        f"{address}: {answers} controllers answer one request",
        remedy="Leave one pack on this bus.",
        address=address,
        answers=answers,
    )


def silent_pack(address: str, title: str, waited_s: float, frames: Mapping[str, int]) -> SilentPack:
    """Nobody of the family ``title`` was heard; ``frames`` are the decoder's counts of what was."""
    if frames["checksum_wrong"]:
        what = f"{frames['checksum_wrong']} frames have a wrong checksum"
    elif frames["station"] and frames["station"] == frames["received"]:
        what = "only frames of a station were received"
    elif frames["received"]:
        what = f"{frames['received']} frames were received, none of this family"
    else:
        what = "no frame was received"
    return SilentPack(
        f"{address}: no {title} pack is heard within {waited_s:g} s: {what}",
        remedy="Check 12 V supply, CAN wiring, termination, bit rate, and the family.",
        address=address,
        heard=frames["received"],
    )
