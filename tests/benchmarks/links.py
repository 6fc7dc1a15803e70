"""Query and set-then-query through the drivers' transports against a raw socket, in turn."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable

from drivers.transports.open import open_line
from tests.benchmarks.table import Row, median

ROUNDS, QUERIES = 7, 1500


class RawSocket:
    """The baseline: a blocking socket with TCP_NODELAY and nothing else."""

    def __init__(self, port: int) -> None:
        self._link = socket.create_connection(("127.0.0.1", port))
        self._link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def write(self, command: str) -> None:
        """Send one line."""
        self._link.sendall(command.encode() + b"\n")

    def query(self, command: str) -> str:
        """Send one line, wait for one line."""
        self._link.sendall(command.encode() + b"\n")
        data = self._link.recv(4096)
        while not data.endswith(b"\n"):
            data += self._link.recv(4096)
        return data.decode().rstrip()

    def close(self) -> None:
        """Close the link."""
        self._link.close()


def timed(action: Callable[[], object]) -> float:
    """Median time of one call, in µs."""
    times = []
    for _ in range(QUERIES):
        started = time.perf_counter()
        action()
        times.append((time.perf_counter() - started) * 1e6)
    return median(times)


def rows() -> list[Row]:
    """Both patterns over both transports; the median of the rounds, each round in turn with the baseline."""
    command = [sys.executable, "-m", "tests.benchmarks.scpi_server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        links = {
            "raw": RawSocket(port),
            "tcp": open_line(f"tcp://127.0.0.1:{port}"),
            "visa": open_line(f"TCPIP0::127.0.0.1::{port}::SOCKET"),
        }
        query: dict[str, list[float]] = {name: [] for name in links}
        pair: dict[str, list[float]] = {name: [] for name in links}
        for _ in range(ROUNDS):
            for name, link in links.items():
                query[name].append(timed(lambda link=link: link.query("MEAS:VOLT?")))
            for name, link in links.items():
                pair[name].append(timed(lambda link=link: (link.write("CURR 10"), link.query("MEAS:VOLT?"))))
        for link in links.values():
            link.close()
        assert server.stdin is not None
        server.stdin.close()
    result = []
    for title, times, target in (("query", query, 1.7), ("set then query", pair, 2.0)):
        for name, said in (("tcp", "own TCP line"), ("visa", "VISA socket")):
            ratios = [a / b for a, b in zip(times[name], times["raw"], strict=True)]
            base = median(times["raw"])
            result.append(
                Row(f"{title}, {said}", median(ratios) * base, "µs", target, base, "raw NODELAY socket", True)
            )
    return result
