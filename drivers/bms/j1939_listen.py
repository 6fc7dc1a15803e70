"""Puts J1939 transport messages (J1939-21) together by listening only: RTS/CTS and BAM sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Trouble = Literal["tp_truncated", "tp_aborted", "tp_malformed"]
TIMEOUT_S = 1.25
"""T2: the longest a receiver waits for data; a session older than this is over."""
EVERYBODY = 0xFF
"""The destination of what is told to all."""
_MANAGEMENT, _DATA = 0xEC, 0xEB
_RTS, _CTS, _END, _BAM, _ABORT = 16, 17, 19, 32, 255


@dataclass(frozen=True)
class TpTold:
    """A whole message with its parameter group and addresses, or trouble."""

    pgn: int
    source: int
    destination: int
    payload: bytes | None = None
    trouble: Trouble | None = None

    @property
    def frame_id(self) -> int:
        """The identifier of a short message of this group (priority 0)."""
        pf = self.pgn >> 8 & 0xFF
        return pf << 16 | (self.destination if pf < 240 else self.pgn & 0xFF) << 8 | self.source


@dataclass
class _Session:
    pgn: int
    length: int
    packets: int
    last_s: float
    parts: dict[int, bytes]


class TpListener:
    """Follows all sessions of one bus, told apart by source and destination."""

    def __init__(self) -> None:
        self._open: dict[tuple[int, int], _Session] = {}

    @staticmethod
    def is_transport(frame_id: int) -> bool:
        """Whether an extended identifier belongs to the transport protocol."""
        return frame_id >> 16 & 0xFF in (_MANAGEMENT, _DATA)

    def take(self, t_s: float, frame_id: int, data: bytes) -> list[TpTold]:
        """Take one transport frame. Never raises for what it contains."""
        destination, source = frame_id >> 8 & 0xFF, frame_id & 0xFF
        told = self._late(t_s)
        if len(data) < 8:
            return [*told, TpTold(0, source, destination, trouble="tp_malformed")]
        if frame_id >> 16 & 0xFF == _DATA:
            return told + self._data(t_s, source, destination, data)
        pgn = int.from_bytes(data[5:8], "little")
        if data[0] in (_RTS, _BAM):
            return told + self._begin(t_s, source, destination, pgn, data)
        if data[0] == _ABORT:
            for pair in ((source, destination), (destination, source)):
                if pair in self._open and self._open[pair].pgn == pgn:
                    del self._open[pair]
                    return [*told, TpTold(pgn, *pair, trouble="tp_aborted")]
        elif data[0] not in (_CTS, _END):
            told.append(TpTold(pgn, source, destination, trouble="tp_malformed"))
        return told

    def end(self) -> list[TpTold]:
        """The recording or the link has ended."""
        told = [TpTold(s.pgn, *pair, trouble="tp_truncated") for pair, s in self._open.items()]
        self._open.clear()
        return told

    def _late(self, t_s: float) -> list[TpTold]:
        late = [pair for pair, session in self._open.items() if t_s - session.last_s > TIMEOUT_S]
        return [TpTold(self._open.pop(pair).pgn, *pair, trouble="tp_truncated") for pair in late]

    def _begin(self, t_s: float, source: int, destination: int, pgn: int, data: bytes) -> list[TpTold]:
        length, packets = int.from_bytes(data[1:3], "little"), data[3]
        told = []
        before = self._open.pop((source, destination), None)
        if before is not None and before.parts and before.pgn != pgn:
            told.append(TpTold(before.pgn, source, destination, trouble="tp_truncated"))
        if not 9 <= length <= 1785 or packets != (length + 6) // 7:
            return [*told, TpTold(pgn, source, destination, trouble="tp_malformed")]
        self._open[source, destination] = _Session(pgn, length, packets, t_s, {})
        return told

    def _data(self, t_s: float, source: int, destination: int, data: bytes) -> list[TpTold]:
        session = self._open.get((source, destination))
        if session is None:
            return []  # the beginning was not heard
        if not 1 <= data[0] <= session.packets:
            del self._open[source, destination]
            return [TpTold(session.pgn, source, destination, trouble="tp_malformed")]
        session.parts[data[0]] = bytes(data[1:8])  # a packet that is sent again replaces itself
        session.last_s = t_s
        if len(session.parts) < session.packets:
            return []
        del self._open[source, destination]
        whole = b"".join(session.parts[number] for number in range(1, session.packets + 1))
        return [TpTold(session.pgn, source, destination, whole[: session.length])]
