"""A link that is cut: passes bytes on to a server until it has passed so many, then drops both ends."""

from __future__ import annotations

import contextlib
import socket
import threading


class CutLink:
    """Listens on ``port``; every connection is cut after ``after`` bytes (None: never)."""

    def __init__(self, target_port: int) -> None:
        self.after: int | None = None
        self._target = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.after == 0:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self._target))
            budget = [self.after]
            for pair in ((near, far), (far, near)):
                threading.Thread(target=_pass, args=(*pair, budget), daemon=True).start()


def _pass(source: socket.socket, sink: socket.socket, budget: list[int | None]) -> None:
    try:
        while data := source.recv(4096):
            left = budget[0]
            if left is not None:
                data = data[: max(left, 0)]
                budget[0] = left - len(data)
            sink.sendall(data)
            if budget[0] is not None and budget[0] <= 0:
                break
    except OSError:
        pass
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
