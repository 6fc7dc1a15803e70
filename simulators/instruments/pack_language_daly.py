"""What a simulated Daly board on CAN says: nothing by itself, the payloads of its serial line when asked.

Built from the protocol facts: a request 18cc0140 is answered by 18cc4001, three cells in a frame.
"""

from __future__ import annotations

from typing import ClassVar

from simulators.instruments.pack_languages import PackView
from simulators.instruments.serial_languages import DalyLanguage
from simulators.instruments.socketcand import Frame

_ASKED, _ANSWERED = 0x18000140, 0x18004001
_COMMANDS = range(0x90, 0x99)


class DalyCanLanguage:
    """Answers 90 to 98; a request must have eight bytes."""

    cycles: ClassVar[dict[str, float]] = {}
    request_id, reply_id = 0, 0
    fd: ClassVar[bool] = False

    def frames(self, cycle: str, view: PackView, count: int) -> list[Frame]:  # noqa: ARG002
        return []

    def reply(self, request: bytes, view: PackView) -> bytes | None:  # noqa: ARG002
        return None

    def heard(self, frame: Frame, view: PackView) -> list[Frame]:
        """The answer to a frame of the tester; none to anything else."""
        command = frame.can_id >> 16 & 0xFF
        if frame.can_id & 0xFF00FFFF != _ASKED or command not in _COMMANDS or len(frame.data) != 8:
            return []
        return [Frame(_ANSWERED | command << 16, body) for body in DalyLanguage.bodies(command, view)]
