"""Requests and replies as frames of bytes, over a serial port or a serial device server (TCP).

Such protocols number nothing: a late reply looks like the answer to the next question. So what arrived
unasked is thrown away before each request, and after a failed exchange the line must have been quiet for
``quiet_s`` before it is used again; a TCP link is opened anew instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from drivers import progress
from drivers.errors import TransportError
from drivers.transports.address import SerialAddress, parse_address
from drivers.transports.line import ByteLog, link_lost, timed_out
from drivers.transports.open_raw import open_raw
from drivers.transports.raw import RawLink

Cut = Callable[[bytes], bytes | None]
"""Finds the reply at the start of what has arrived; None while more is needed. Raises GarbledReply."""

_HOLD_OFF_S = 0.2
_QUIET_MAX_S = 1.0
_LONGEST_REPLY = 4096
_SPEAKS = "this instrument speaks frames of bytes: use serial:DEVICE?baudrate=… or tcp://HOST:PORT"


class GarbledReply(TransportError):
    """What came back is no reply of this protocol: checksum, length, address or function is wrong."""


@dataclass(frozen=True)
class FrameOptions:
    """``timeout_s``: until the whole reply. ``pause_s``: between a reply and the next request.

    ``quiet_s``: how long a line must be silent after a failed exchange. Times in s.
    """

    timeout_s: float = 0.5
    pause_s: float = 0.0
    quiet_s: float = 0.1


class FrameLink:
    """One link. Opens at once; raises TransportError. Every failure marks it out of step."""

    def __init__(self, address: str, options: FrameOptions | None = None, log: ByteLog | None = None) -> None:
        self._options = options or FrameOptions()
        self._log = log
        self._address = address
        self._serial = isinstance(parse_address(address), SerialAddress)
        self._free_at = 0.0
        self._out_of_step = False
        self._closed = False
        self._hold_off: tuple[float, TransportError] | None = None
        self.reopened = 0
        self._link: RawLink | None = open_raw(address, _SPEAKS)

    @property
    def address(self) -> str:
        """Get the address as written in the bench file."""
        return self._address

    def ask(self, request: bytes, cut: Cut, timeout_s: float | None = None) -> bytes:
        """Send ``request``; return the reply that ``cut`` finds. Raises TransportError, GarbledReply."""
        link, what = self._in_step(request), request.hex(" ")
        limit_s = self._options.timeout_s if timeout_s is None else timeout_s
        if (wait_s := self._free_at - time.monotonic()) > 0:
            time.sleep(wait_s)
        self._out_of_step = True  # whatever ends this before the reply is whole
        self._throw_away(link)
        self._tell("tx", request)
        self._guarded(link, lambda: link.send(request))
        deadline, data, late = time.monotonic() + limit_s, b"", False
        while not late and len(data) < _LONGEST_REPLY:
            left_s = deadline - time.monotonic()
            late = left_s <= 0  # one last look: this program may have had no turn for that long
            more = self._guarded(link, lambda wait_s=left_s: link.receive(max(wait_s, 0.0)))  # type: ignore[misc]
            data += more
            if more and (reply := cut(data)) is not None:
                self._tell("rx", reply)
                # More than a reply: the pairing may have slipped, so the line has to come to rest first.
                self._out_of_step = len(data) > len(reply)
                if self._out_of_step:
                    self._tell("spare", data[len(reply) :])
                self._free_at = time.monotonic() + self._options.pause_s
                progress.exchanged()
                return reply
        raise timed_out(self._address, what, limit_s, data)

    def close(self) -> None:
        """Close. Idempotent; never raises."""
        self._closed = True
        self._drop()

    # ------------------------------------------------------------------ parts

    def _in_step(self, request: bytes) -> RawLink:
        if self._closed:
            raise link_lost(self._address, request.hex(" "), "the link was closed by the station")
        if self._out_of_step and self._link is not None:
            if self._serial:
                self._come_to_rest(self._link)
            else:
                self._drop()
        if self._link is None:
            self._link = self._reopen()
            self.reopened += 1
        return self._link

    def _reopen(self) -> RawLink:
        if self._hold_off is not None and time.monotonic() < self._hold_off[0]:
            raise self._hold_off[1]  # a shutdown of many parts must not wait for a dead host once per part
        try:
            return open_raw(self._address, _SPEAKS)
        except TransportError as error:
            self._hold_off = (time.monotonic() + _HOLD_OFF_S, error)
            raise

    def _come_to_rest(self, link: RawLink) -> None:
        end = time.monotonic() + _QUIET_MAX_S
        while time.monotonic() < end:
            spare = self._guarded(link, lambda: link.receive(self._options.quiet_s))
            if not spare:
                return
            self._tell("spare", spare)
        raise link_lost(
            self._address, "an answer", "the line does not come to rest: it sends without being asked"
        )

    def _throw_away(self, link: RawLink) -> None:
        for _ in range(64):
            if not (spare := self._guarded(link, lambda: link.receive(0.0))):
                return
            self._tell("spare", spare)

    def _guarded(self, link: RawLink, action: Callable[[], bytes | None]) -> bytes:
        try:
            return action() or b""
        except TransportError:
            if self._link is link:
                self._drop()
            raise

    def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def _tell(self, direction: Literal["tx", "rx", "spare"], data: bytes) -> None:
        if self._log is not None:
            self._log(direction, data)


def garbled(address: str, data: bytes, why: str) -> GarbledReply:
    """Build the error of a reply that breaks its protocol."""
    return GarbledReply(
        f"{address}: {why}: {data[:40].hex(' ')}",
        remedy="Check baud rate, parity, wiring and that no second master uses the line.",
        address=address,
        reply=data[:200].hex(" "),
    )
