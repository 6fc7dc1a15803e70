"""What the link faults do to the bytes between an instrument and its clients, whatever the protocol.

A ``Cable`` belongs to a server, a ``Link`` to one connection. Messages (a line, a frame, a Modbus telegram)
go out whole, so that a fault can hold one back, split it, lose it or put another in its place.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections import deque
from collections.abc import Callable

from simulators.faults import FaultSet

PIECE_GAP_S = 0.0005
MERGE_S = 0.010
HANGING_UP_S = 0.01
_RESET = struct.pack("ii", 1, 0)
_SHORTEST_GARBAGE = 4


class Cable:
    """What all connections of one server share: its faults, and the message that went out last.

    ``terminator`` ends a message of a protocol of lines, and is empty where frames have a length.
    ``spoil`` does to a message what only that protocol can suffer.
    """

    def __init__(
        self,
        faults: FaultSet,
        *,
        terminator: bytes = b"",
        max_clients: int | None = None,
        spoil: Callable[[bytes], bytes] | None = None,
    ) -> None:
        self.faults = faults
        self.terminator = terminator
        self.spoil = spoil
        self.last = b""
        self._max_clients = max_clients
        self._links: set[Link] = set()
        self._over = False
        faults.on_change(self._fault_changed)

    def admit(self, link: Link) -> bool:
        """Whether one more client may connect."""
        active = self.faults.active
        if self._over:
            return False
        if self._max_clients is not None and len(self._links) >= self._max_clients:
            return False
        if "link_reset" in active or ("second_client_refused" in active and self._links):
            return False
        self._links.add(link)
        if "stale_after_reconnect" in active and self.last:
            link.write(self.last)
        return True

    def leave(self, link: Link) -> None:
        """A client has gone."""
        self._links.discard(link)

    def hang_up(self) -> None:
        """End all connections, also one that was accepted and has not been told of yet."""
        # For a few turns of the loop: a server that has stopped may start again.
        self._over = True
        asyncio.get_running_loop().call_later(HANGING_UP_S, self._admits)
        for link in tuple(self._links):
            link.abort()

    def _admits(self) -> None:
        self._over = False

    def _fault_changed(self, name: str) -> None:
        if name == "link_reset" and name in self.faults.active:
            for link in tuple(self._links):
                link.reset()


class Link:
    """One connection. ``open`` is False when the client is not admitted; the server then hangs up."""

    def __init__(self, cable: Cable, transport: asyncio.Transport) -> None:
        self._cable = cable
        self._active = cable.faults.active
        self._transport: asyncio.Transport | None = transport
        self._outgoing: deque[bytes] = deque()
        self._free_at_s = 0.0
        self._messages = 0
        self._merged = b""
        self._handles: set[asyncio.TimerHandle] = set()
        handle = transport.get_extra_info("socket")
        if handle is not None:
            handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.open = cable.admit(self)
        if not self.open:
            transport.abort()

    @property
    def silent(self) -> bool:
        """Whether nothing gets through in either direction."""
        return "link_silent" in self._active

    def heard(self, data: bytes) -> bytes:
        """What the instrument hears of ``data`` from the client."""
        if not self._active:
            return data
        if self.silent:
            return b""
        if "echo" in self._active:
            self.write(data)
        return data

    def send(self, message: bytes) -> None:
        """A whole message to the client."""
        if not self._active and not self._outgoing:
            self.write(message)
            self._cable.last = message
            return
        self._send_faulty(message)

    def write(self, data: bytes) -> None:
        """Bytes to the client as they are, unless it has gone."""
        if self._transport is not None:
            self._transport.write(data)

    def abort(self) -> None:
        """Hang up at once."""
        if self._transport is not None:
            self._transport.abort()

    def reset(self) -> None:
        """Hang up with a reset instead of an orderly end."""
        if self._transport is not None:
            handle = self._transport.get_extra_info("socket")
            if handle is not None:
                handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._transport.abort()

    def lost(self) -> None:
        """The connection is over."""
        self._cable.leave(self)
        for handle in self._handles:
            handle.cancel()
        self._handles.clear()
        self._transport = None

    def later(self, delay_s: float, action: Callable[[], None]) -> None:
        """Call ``action`` after ``delay_s`` real seconds, unless the connection is over by then."""
        handle: asyncio.TimerHandle

        def run() -> None:
            self._handles.discard(handle)
            action()

        handle = asyncio.get_running_loop().call_later(max(0.0, delay_s), run)
        self._handles.add(handle)

    def _send_faulty(self, message: bytes) -> None:
        if self.silent:
            return
        faults = self._cable.faults
        self._messages += 1
        every = int(faults.number("query_silent"))
        if every and self._messages % every == 0:
            return
        message, self._cable.last = self._spoiled(message), message
        if "merge_replies" in self._active:
            if not self._merged:
                self.later(MERGE_S, self._flush_merged)
            self._merged += message
            return
        now_s = asyncio.get_running_loop().time()
        late_s = faults.number("late_reply") + faults.number("link_slow")
        start_s = max(now_s + late_s, self._free_at_s)
        split = "split_reply" in self._active
        pieces = [message[i : i + 1] for i in range(len(message))] if split else [message]
        for index, piece in enumerate(pieces):
            self._outgoing.append(piece)
            self.later(start_s + index * PIECE_GAP_S - now_s, self._flush_one)
        self._free_at_s = start_s + len(pieces) * PIECE_GAP_S
        if "hang_up_after_reply" in self._active:
            self.later(self._free_at_s - now_s, self._close)

    def _spoiled(self, message: bytes) -> bytes:
        """The message with what the active faults do to its bytes."""
        active, end = self._active, self._cable.terminator
        if "garbage" in active:
            junk = os.urandom(max(len(message) - len(end), _SHORTEST_GARBAGE))
            return junk.replace(end, b"?") + end if end else junk
        if self._cable.spoil is not None:
            message = self._cable.spoil(message)
        if "stale_frame" in active:
            self._cable.faults.set("stale_frame", None)  # once
            message = self._cable.last + message
        if "spare_line" in active:
            message += str(active["spare_line"]).encode("ascii") + end
        if "crlf" in active:
            message = message.replace(b"\n", b"\r\n")
        return message

    def _flush_merged(self) -> None:
        merged, self._merged = self._merged, b""
        if not self.silent:
            self.write(merged)

    def _flush_one(self) -> None:
        piece = self._outgoing.popleft()
        if not self.silent:
            self.write(piece)

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()
