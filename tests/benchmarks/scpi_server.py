"""A bare line server for timing links: answers every query at once, ignores the rest.

Run as ``python -m tests.benchmarks.scpi_server``; prints its port; ends when stdin closes.
"""

from __future__ import annotations

import os
import socket
import sys
import threading


def serve(server: socket.socket) -> None:
    """One client after the other."""
    while True:
        link, _ = server.accept()
        threading.Thread(target=answer, args=(link,), daemon=True).start()


def answer(link: socket.socket) -> None:
    """Answer each line that ends with a question mark."""
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with link:
        rest = b""
        while data := link.recv(4096):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if line.endswith(b"?"):
                    link.sendall(b"3.7000\n")


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    sys.stdin.read()
    os._exit(0)
