"""A CAN bus behind a socketcand daemon, for python-can.

python-can's own client retries a refused connection for ten seconds without a
pause, spins on a closed link without reporting it, and dies on a frame line it
cannot parse. A battery test must learn at once that its BMS is gone, so this
small client does those three things properly. Raw mode; CAN FD by ``fdsend`` and
``fdframe``, which older daemons refuse.
"""

from __future__ import annotations

import re
import select
import socket
import threading
from collections import deque
from typing import Any

import can

_FRAME = re.compile(
    r"^\s*(?:frame\s+([0-9A-Fa-f]+)|fdframe\s+([0-9A-Fa-f]+)\s+([0-9A-Fa-f]{1,2}))"
    r"\s+(\d+\.\d+)((?:\s+[0-9A-Fa-f]*)*)\s*$"
)
"""``< frame ID SEC.USEC DATA >``, and of newer daemons ``< fdframe ID FLAGS SEC.USEC DATA >``."""
_BIT_RATE_SWITCH, _ERROR_STATE = 0x01, 0x02
_CLASSIC_BYTES, _FD_BYTES = 8, 64
_BUFFER_MAX = 4096


class SocketcandBus(can.BusABC):
    """Speaks ``< open CHANNEL >``, ``< rawmode >``, ``< send … >`` and reads ``< frame … >``."""

    def __init__(
        self, channel: str, host: str, port: int, open_timeout_s: float = 1.0, **options: Any
    ) -> None:
        self._channel = channel
        self.channel_info = f"socketcand {channel} at {host}:{port}"
        self.unparsed = 0
        self._lost = threading.Event()
        self._text = ""
        self._frames: deque[can.Message] = deque()
        self._sending = threading.Lock()
        try:
            self._socket = socket.create_connection((host, port), timeout=open_timeout_s)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._expect("hi")
            self._command(f"< open {channel} >")
            self._expect("ok")
            self._command("< rawmode >")
            self._expect("ok")
        except OSError as error:
            if hasattr(self, "_socket"):
                self._socket.close()
            self._is_shutdown = True
            raise can.CanInitializationError(f"{self.channel_info}: {error}") from error
        super().__init__(channel=channel, **options)

    def _command(self, text: str) -> None:
        self._socket.sendall(text.encode("ascii"))

    def _expect(self, word: str) -> None:
        while True:
            answer = self._next_element()
            if answer is None:
                chunk = self._socket.recv(4096)
                if not chunk:
                    raise ConnectionResetError("the daemon closed the connection")
                self._text += chunk.decode("ascii", errors="replace")
            elif answer.strip() == word:
                return
            elif not answer.strip().startswith("frame"):
                raise ConnectionRefusedError(f"the daemon answered {answer.strip()!r} instead of {word!r}")

    def _next_element(self) -> str | None:
        """Take one ``< … >`` off the text received so far."""
        start = self._text.find("<")
        end = self._text.find(">", start + 1)
        if start < 0 or end < 0:
            if len(self._text) > _BUFFER_MAX:
                self._text = ""
                self.unparsed += 1
            return None
        element, self._text = self._text[start + 1 : end], self._text[end + 1 :]
        return element

    def _recv_internal(self, timeout: float | None) -> tuple[can.Message | None, bool]:
        if not self._frames:
            self._receive(timeout)
        return (self._frames.popleft() if self._frames else None), False

    def _receive(self, timeout: float | None) -> None:
        if self._lost.is_set():
            # Readers call again at once after an error; the pause keeps them from spinning.
            threading.Event().wait(0.2 if timeout is None else min(timeout, 0.2))
            raise can.CanOperationError(f"{self.channel_info}: link lost")
        try:
            if not select.select((self._socket,), (), (), timeout)[0]:
                return
            chunk = self._socket.recv(65536)
            if not chunk:
                raise ConnectionResetError("the daemon closed the connection")
        except (OSError, ValueError) as error:  # ValueError: closed by shutdown() meanwhile
            self._lost.set()
            raise can.CanOperationError(f"{self.channel_info}: link lost: {error}") from error
        self._text += chunk.decode("ascii", errors="replace")
        while (element := self._next_element()) is not None:
            message = self._parse(element)
            if message is not None:
                self._frames.append(message)

    def _parse(self, element: str) -> can.Message | None:
        match = _FRAME.match(element)
        data = b""
        if match is not None:
            try:
                data = bytes.fromhex("".join(match[5].split()))
            except ValueError:
                match = None
        if match is None or len(data) > (_CLASSIC_BYTES if match[3] is None else _FD_BYTES):
            if element.strip() != "ok":
                self.unparsed += 1
            return None
        name, flags = match[1] or match[2], 0 if match[3] is None else int(match[3], 16)
        return can.Message(
            timestamp=float(match[4]),
            arbitration_id=int(name, 16),
            is_extended_id=len(name) > 3,
            is_fd=match[3] is not None,
            bitrate_switch=bool(flags & _BIT_RATE_SWITCH),
            error_state_indicator=bool(flags & _ERROR_STATE),
            data=data,
            dlc=len(data),
            channel=self._channel,  # one word: it stands in recordings
        )

    def send(self, msg: can.Message, timeout: float | None = None) -> None:  # noqa: ARG002 - python-can's
        name = f"{msg.arbitration_id:08X}" if msg.is_extended_id else f"{msg.arbitration_id:03X}"
        data = "".join(f"{byte:02X} " for byte in msg.data)
        command = f"send {name} {msg.dlc}"
        if msg.is_fd:
            flags = _BIT_RATE_SWITCH * msg.bitrate_switch | _ERROR_STATE * msg.error_state_indicator
            command = f"fdsend {name} {flags:02X} {msg.dlc}"
        line = f"< {command} {data}>".encode("ascii")
        try:
            with self._sending:
                self._socket.sendall(line)
        except OSError as error:
            self._lost.set()
            raise can.CanOperationError(f"{self.channel_info}: link lost: {error}") from error

    def discard(self) -> None:
        """Throw away what has arrived, unread: for one that only sends. Raises CanOperationError."""
        try:
            while select.select((self._socket,), (), (), 0)[0]:
                if not self._socket.recv(65536):
                    raise ConnectionResetError("the daemon closed the connection")
        except (OSError, ValueError) as error:
            self._lost.set()
            raise can.CanOperationError(f"{self.channel_info}: link lost: {error}") from error

    def shutdown(self) -> None:
        super().shutdown()
        self._lost.set()
        self._socket.close()
