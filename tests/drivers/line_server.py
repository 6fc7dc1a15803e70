"""A scripted instrument on a loopback socket: records every byte, answers as the test says."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

Answer = str | bytes | None | Callable[["Peer"], None]
"""Text (LF is added), raw bytes, None for silence, or a function that plays with the link."""


class Peer:
    """One connection as the server sees it."""

    def __init__(self, link: socket.socket) -> None:
        self.link = link

    def send(self, data: bytes) -> None:
        self.link.sendall(data)

    def close(self) -> None:
        self.link.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """End the connection with RST instead of FIN."""
        self.link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.link.close()


class LineServer:
    """Serves ``answer(command)`` to any number of clients; ``lines`` holds every command received."""

    def __init__(
        self, answer: Callable[[str], Answer] | dict[str, Answer], terminator: bytes = b"\n"
    ) -> None:
        self._answer = answer.get if isinstance(answer, dict) else answer
        self._terminator = terminator
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.lines: list[str] = []
        self.raw = bytearray()
        self.packets: list[bytes] = []
        self.clients = 0
        self._links: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._changed = threading.Condition()
        self._start(self._accept)

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    @property
    def resource(self) -> str:
        return f"TCPIP0::127.0.0.1::{self.port}::SOCKET"

    def wait_for(self, *commands: str, timeout_s: float = 5.0) -> list[str]:
        """Wait until the last of ``commands`` has arrived, and return all lines so far."""
        with self._changed:
            done = self._changed.wait_for(lambda: all(c in self.lines for c in commands), timeout_s)
        assert done, f"waited for {commands}, got {self.lines}"
        return list(self.lines)

    def wait_for_count(self, count: int, timeout_s: float = 5.0) -> list[str]:
        """Wait until ``count`` commands have arrived, and return them."""
        with self._changed:
            done = self._changed.wait_for(lambda: len(self.lines) >= count, timeout_s)
        assert done, f"waited for {count} commands, got {self.lines}"
        return list(self.lines)

    def clear(self) -> None:
        with self._changed:
            self.lines.clear()
            self.raw.clear()
            self.packets.clear()

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.clients += 1
            self._links.append(link)
            self._start(self._serve, link)

    def _serve(self, link: socket.socket) -> None:
        buffer = b""
        peer = Peer(link)
        try:
            while chunk := link.recv(65536):
                with self._changed:
                    self.packets.append(chunk)
                    self.raw += chunk
                buffer += chunk
                while b"\n" in buffer:
                    line, buffer = buffer.split(b"\n", 1)
                    self._handle(peer, line.decode("ascii").rstrip("\r"))
        except OSError:
            return

    def _handle(self, peer: Peer, command: str) -> None:
        with self._changed:
            self.lines.append(command)
            self._changed.notify_all()
        answer = self._answer(command)
        if answer is None:
            return
        if isinstance(answer, str):
            peer.send(answer.encode("ascii") + self._terminator)
        elif isinstance(answer, bytes):
            peer.send(answer)
        else:
            answer(peer)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept() on Linux; elsewhere close() does
        self._listener.close()
        self._threads[0].join(30)  # no new client may appear while the others are closed
        for link in self._links:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
            link.close()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
