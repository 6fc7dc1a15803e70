"""Contactors inside simulated packs: what closes them, what opens them, and what they refuse.

Written from the protocol facts, not from a driver. Times are real seconds, because the frames that keep a
pack awake are. Where the facts give no time, one is chosen here: ``PRECHARGE_S``, and five missed periods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from simulators.faults import FaultSet, FaultSpec

PRECHARGE_S = 0.3
MISSED = 5
HELD_UP_S = 0.05
OPEN, PRECHARGING, CLOSED = "open", "precharging", "closed"
CONTACTOR_FAULTS = {
    "pack_precharge_stuck": FaultSpec("the pack's own pre-charge never ends"),
    "pack_contactor_stuck": FaultSpec("the pack's main contactor does not close, and the pack says so"),
    "pack_contactor_dead": FaultSpec("the pack says that its contactors are closed, and nothing is joined"),
    "pack_contactor_welded": FaultSpec("the pack's contactors stay closed whatever it says"),
    "pack_opens": FaultSpec("the pack opens its contactors by itself"),
}


class Link(Protocol):
    """What a pack measures at its own poles."""

    def pack_V(self) -> float:
        """Inside its contactors."""
        ...

    def outside_V(self) -> float:
        """Outside of them."""
        ...


class PackContactors:
    """Base: pre-charge, main contact, trouble codes. ``move`` opens and closes the real contact.

    ``periods_s``: identifiers that must keep coming once they are needed.
    """

    periods_s: dict[int, float] = {}  # noqa: RUF012 - replaced whole by the families

    def __init__(self, faults: FaultSet, move: Callable[[bool], None], link: Link) -> None:
        self.state = OPEN
        self.codes: list[str] = []
        self.refused: list[str] = []
        self._faults, self._move, self._link = faults, move, link
        self._began_s = self._looked_s = 0.0
        self._failed = False
        """It has tried to close and could not: it tries again only when asked anew."""
        self._seen_s: dict[int, float] = {}

    # ---- what the families say -------------------------------------------------------------

    def heard(self, can_id: int, data: bytes, now_s: float) -> None:
        """A frame of the station."""

    def asked(self, request: bytes, now_s: float) -> bytes | None:  # noqa: ARG002
        """A diagnostic request that is about contactors, else None."""
        return None

    def kept(self, now_s: float) -> bool:
        """Whether what keeps the contactors closed is still there."""
        return all(
            now_s - self._seen_s.get(can_id, -1e9) <= MISSED * period_s
            for can_id, period_s in self.periods_s.items()
        )

    # ---- time ------------------------------------------------------------------------------

    def look(self, now_s: float) -> None:
        """Called every 10 ms. A host that was held up may not have taken what has arrived: it looks again."""
        held_up, self._looked_s = now_s - self._looked_s > HELD_UP_S, now_s
        if self.state == OPEN or held_up:
            return
        if "pack_opens" in self._faults.active:
            self.open("P0AA1")
        elif not self.kept(now_s):
            self.open("U1000")
        elif self.state == PRECHARGING and now_s - self._began_s >= PRECHARGE_S:
            if not {"pack_precharge_stuck", "pack_contactor_stuck"} & self._faults.active.keys():
                self.state = CLOSED
                self._move("pack_contactor_dead" not in self._faults.active)
            elif "pack_precharge_stuck" not in self._faults.active:
                self.state, self._failed = OPEN, True
                self.note("P0AA2")

    def begin(self, now_s: float) -> None:
        """Start the pre-charge."""
        if self.state == OPEN and not self._failed:
            self.state, self._began_s = PRECHARGING, now_s

    def open(self, code: str = "") -> None:
        """Open, with a trouble code where nobody had asked for it."""
        self.state = OPEN
        if code:
            self.note(code)
        self._move(False)

    def note(self, code: str) -> None:
        """Remember a trouble code."""
        if code not in self.codes:
            self.codes.append(code)

    def refuse(self, why: str) -> None:
        """A step out of order: nothing happens, and it is remembered."""
        self.refused.append(why)


def trouble_code_bytes(codes: Iterable[str]) -> bytes:
    """Four bytes each: code (ISO 15031-6, as P0AA1) and status."""
    body = b""
    for code in codes:
        high = "PCBU".index(code[0]) << 14 | int(code[1]) << 12 | int(code[2:5], 16)
        body += high.to_bytes(2, "big") + b"\x00\x09"
    return body


class BydContactors(PackContactors):
    """12D asks: close → drive ready (after 1.15 s at least) → shut down (1.5 s) → acknowledge → stand by.

    Frames with a wrong checksum, or a counter that does not go on, count as missing.
    """

    periods_s = {0x12D: 0.05, 0x441: 0.1}  # noqa: RUF012
    CLOSE = bytes.fromhex("A02802A00C71")
    READY = bytes.fromhex("A02800220C31")
    SHUT_DOWN = bytes.fromhex("A02802600431")
    ACKNOWLEDGE = bytes.fromhex("501802200431")
    STAND_BY = bytes.fromhex("501402100431")
    CLOSE_S, SHUT_DOWN_S = 1.15, 1.5

    def __init__(self, faults: FaultSet, move: Callable[[bool], None], link: Link) -> None:
        super().__init__(faults, move, link)
        self._asked = b""
        self._asked_s = 0.0
        self._counter: int | None = None
        self._shut_down = False

    def heard(self, can_id: int, data: bytes, now_s: float) -> None:
        if can_id not in self.periods_s or len(data) != 8 or (sum(data[:7]) ^ data[7]) & 0xFF != 0xFF:
            return
        if can_id == 0x12D:
            counter = data[6] >> 4
            stands, self._counter = counter == self._counter, counter
            if stands:
                return
            if data[:6] != self._asked:
                self._turn(self._asked, data[:6], now_s)
        self._seen_s[can_id] = now_s
        if can_id == 0x12D and data[:6] == self.CLOSE and self.state == OPEN and self.kept(now_s):
            self._shut_down = False
            self.begin(now_s)

    def _turn(self, before: bytes, after: bytes, now_s: float) -> None:
        held_s, self._asked, self._asked_s = now_s - self._asked_s, after, now_s
        self._failed = False
        if after == self.READY and (before != self.CLOSE or held_s < self.CLOSE_S or self.state != CLOSED):
            self.refuse("drive ready before the main contactor has closed")
            self.open("P0AA6")
        elif after == self.ACKNOWLEDGE and self.state != OPEN:
            if before != self.SHUT_DOWN or held_s < self.SHUT_DOWN_S:
                self.refuse("acknowledge without a whole shut-down")
            else:
                self.open()
        elif after == self.STAND_BY and self.state != OPEN:
            self.refuse("stand by while closed")


class KonaContactors(PackContactors):
    """InputOutputControl in an extended session: F032 (pre-charge sequence), then F033 (normal sequence).

    The session dies 5 s after the last request (S3 of ISO 14229-2), and the contactors open with it.
    """

    S3_S = 5.0

    def __init__(self, faults: FaultSet, move: Callable[[bool], None], link: Link) -> None:
        super().__init__(faults, move, link)
        self._session_s: float | None = None
        self._sequence = False

    def kept(self, now_s: float) -> bool:
        return self._session_s is not None and now_s - self._session_s <= self.S3_S

    def asked(self, request: bytes, now_s: float) -> bytes | None:
        alive = self.kept(now_s)
        if alive:
            self._session_s = now_s
        if request[:1] == b"\x10" and len(request) == 2:
            self._session_s = now_s if request[1] == 0x03 else None
            if request[1] != 0x03:
                self._sequence = False
                if self.state != OPEN:
                    self.open()
            return bytes((0x50, request[1], 0x00, 0x32, 0x01, 0xF4))
        if request[:1] != b"\x2f":
            return None
        if len(request) != 4:
            return b"\x7f\x2f\x13"
        if not alive:
            return b"\x7f\x2f\x7f"
        name, on = request[1:3], request[3] == 0x03
        if request[3] not in (0x00, 0x03) or name not in (b"\xf0\x32", b"\xf0\x33"):
            return b"\x7f\x2f\x31"
        if name == b"\xf0\x32":
            self._sequence, self._failed = on, False
            if on:
                self.begin(now_s)
            elif self.state != OPEN:
                self.open()
        elif on and (not self._sequence or self.state != CLOSED):
            self.refuse("normal sequence before the pre-charge has ended")
            return b"\x7f\x2f\x22"
        elif not on and self.state != OPEN:
            self.open()
        return b"\x6f" + request[1:4]


class MebContactors(PackContactors):
    """503 asks for a mode; the pack closes only with ignition on (3C0) and its own voltage outside.

    It believes neither a link voltage that is told (0C0) nor one that it measures alone: both must be within
    20 V of its own. Frames need their checksum and a counter that goes on.
    """

    periods_s = {0x3C0: 0.1, 0x0C0: 0.05, 0x503: 0.1}  # noqa: RUF012
    CONSTANTS = {  # noqa: RUF012
        0x3C0: bytes([0xC3] * 16),
        0x0C0: bytes.fromhex("2f4472d307f239098d6f572037f99bfa"),
        0x503: bytes.fromhex("edd69663a512d59a1e0d24cd8ca62f41"),
    }
    LINK_V = 20.0

    def __init__(self, faults: FaultSet, move: Callable[[bool], None], link: Link) -> None:
        super().__init__(faults, move, link)
        self._counters: dict[int, int] = {}
        self._told_V = 0.0
        self._ignition = False
        self._target = 0
        self.measures_link = True

    def heard(self, can_id: int, data: bytes, now_s: float) -> None:
        if can_id not in self.periods_s or len(data) < 4:
            return
        if crc8_h2f(data[1:] + self.CONSTANTS[can_id][data[1] & 15 : (data[1] & 15) + 1]) != data[0]:
            return
        counter = data[1] & 15
        if self._counters.get(can_id) == counter:
            return
        self._counters[can_id] = counter
        self._seen_s[can_id] = now_s
        if can_id == 0x3C0:
            self._ignition = bool(data[2] & 2)
        elif can_id == 0x0C0 and len(data) >= 9:
            self._told_V = int.from_bytes(data[7:9], "little") / 4
        elif can_id == 0x503:
            before, self._target = self._target, data[3] & 7
            self._failed = self._failed and before == self._target
            if self._target == 4 and self.state == OPEN:
                self._may_close(now_s, first=before != 4)
            elif self._target == 0 and self.state != OPEN:
                self.open()

    def _may_close(self, now_s: float, *, first: bool) -> None:
        seen_V = [self._told_V, *([self._link.outside_V()] if self.measures_link else [])]
        if not self._ignition or not self.kept(now_s):
            why = "no ignition or a frame is missing"
        elif any(abs(volts - self._link.pack_V()) >= self.LINK_V for volts in seen_V):
            why = "the link is not pre-charged"
        else:
            self.begin(now_s)
            return
        if first:
            self.refuse(why)


def crc8_h2f(data: bytes) -> int:
    """CRC-8H2F: polynomial 2F, start and final xor FF."""
    crc = 0xFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x2F if crc & 0x80 else crc << 1) & 0xFF
    return crc ^ 0xFF
