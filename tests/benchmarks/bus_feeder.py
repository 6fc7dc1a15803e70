"""``python -m tests.benchmarks.bus_feeder BUSES SECONDS``: fully loaded buses on loopback TCP, as socketcand
tells them.

Prints the ports, waits until every bus has a listener in raw mode, sends 4505 frames a second on each, then
prints
how many were sent and how far behind its time the last one was.
"""

from __future__ import annotations

import socket
import sys
import time

from tests.drivers.leaf_pack import frame_1db, frame_55b

FULL_BUS_FPS = 4505
CHUNK_S = 0.01


def chunks(seconds: float) -> list[tuple[bytes, int]]:
    """What to send every 10 ms, and how many frames it is. Leaf frames with checksums and counters that
    count on."""
    found, sent = [], 0
    for number in range(round(seconds / CHUNK_S)):
        until = round((number + 1) * CHUNK_S * FULL_BUS_FPS)
        lines = []
        while sent < until:
            turn = sent // 2
            data = (
                frame_1db(turn % 1000 - 500, 700 + turn % 100, turn)
                if sent % 2 == 0
                else frame_55b(turn % 1000, turn)
            )
            at_s = sent / FULL_BUS_FPS
            lines.append(
                f"< frame {(0x1DB, 0x55B)[sent % 2]:X} {int(at_s)}.{int(at_s % 1 * 1e6):06d} {data.hex()} >"
            )
            sent += 1
        found.append(("".join(lines).encode(), len(lines)))
    return found


def greet(server: socket.socket) -> socket.socket:
    """Accept one client and bring it into raw mode."""
    client, _ = server.accept()
    client.sendall(b"< hi >")
    for _ in range(2):
        client.recv(100)
        client.sendall(b"< ok >")
    return client


def main() -> None:
    """See the module."""
    buses, seconds = int(sys.argv[1]), float(sys.argv[2])
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(buses)]
    prepared = chunks(seconds)
    sys.stdout.write(" ".join(str(server.getsockname()[1]) for server in servers) + "\n")
    sys.stdout.flush()
    clients = [greet(server) for server in servers]
    time.sleep(0.1)
    began, cpu, latest_s = time.monotonic(), time.process_time(), 0.0
    for number, (chunk, _) in enumerate(prepared):
        due = began + number * CHUNK_S
        wait_s = due - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)
        latest_s = max(latest_s, time.monotonic() - due)
        for client in clients:
            client.sendall(chunk)
    sent = sum(count for _, count in prepared)
    took_s = time.monotonic() - began
    sys.stdout.write(f"{sent} {took_s:.3f} {latest_s:.3f} {time.process_time() - cpu:.3f}\n")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    main()
