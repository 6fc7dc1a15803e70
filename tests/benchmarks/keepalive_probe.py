"""The receiving end of a keep-alive: a daemon of one client that stamps frames as they arrive.

Prints its port; once stdin closes, the monotonic times of the frames 1D4 as a JSON list.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from contextlib import suppress

WANTED = b"send 1D4 "


def main() -> None:
    """Serve one client until stdin closes."""
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(20))
    times: list[float] = []
    server = socket.create_server(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    threading.Thread(target=receive, args=(server, times), daemon=True).start()
    sys.stdin.read()
    print(json.dumps(times), flush=True)


def receive(server: socket.socket, times: list[float]) -> None:
    """Greet like a daemon in raw mode, then stamp."""
    client, _ = server.accept()
    client.sendall(b"< hi >")
    for _ in range(2):
        client.recv(4096)
        client.sendall(b"< ok >")
    while True:
        chunk = client.recv(65536)
        now_s = time.monotonic()
        if not chunk:
            return
        times += [now_s] * chunk.count(WANTED)


if __name__ == "__main__":
    main()
