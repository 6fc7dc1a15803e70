"""A tap on the wire: forwards TCP between workers and instruments and stamps it, in a process of its own.

Run as ``python -m tests.benchmarks.tap``; each line on stdin is a request, each on stdout the answer:
``{"wire": NAME, "to": PORT}`` → ``{"port": …}``; ``{"cross": NAME, "query": TEXT, "reply": TEXT}`` gives the
next reply to that query this text instead of its own → ``{}``; ``{"seen": NAME}`` → ``{"seen": [[stamp_s,
"tx"|"rx", text], …]}`` and forgets them. Stamps are CLOCK_MONOTONIC: of the first byte of a command when it
has arrived here, of a reply just before it is passed on.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from simulators.scheduling import answer_early

KEEP = 200_000


@dataclass
class Wire:
    """One instrument's wire: what passed, and the reply to replace."""

    port: int
    seen: deque[tuple[float, str, str]] = field(default_factory=lambda: deque(maxlen=KEEP))
    asked: deque[str] = field(default_factory=deque)
    cross: tuple[str, str] | None = None


class Switch:
    """All wires on one selector."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.wires: dict[str, Wire] = {}

    def add(self, name: str, to: int) -> int:
        """Listen for one more instrument."""
        wire = self.wires[name] = Wire(to)
        server = socket.create_server(("127.0.0.1", 0))
        self.selector.register(server, selectors.EVENT_READ, lambda: self._accept(server, wire))
        return int(server.getsockname()[1])

    def turn(self) -> None:
        """Wait for something and pass it on."""
        for key, _ in self.selector.select():
            key.data()

    def _accept(self, server: socket.socket, wire: Wire) -> None:
        near, _ = server.accept()
        far = socket.create_connection(("127.0.0.1", wire.port))
        wire.asked.clear()
        for link in (near, far):
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.selector.register(near, selectors.EVENT_READ, lambda: self._out(wire, near, far))
        self.selector.register(far, selectors.EVENT_READ, lambda: self._back(wire, near, far))

    def _out(self, wire: Wire, near: socket.socket, far: socket.socket) -> None:
        data = self._receive(near)
        stamp = time.monotonic()
        if not data:
            self._hang_up(near, far)
            return
        far.sendall(data)
        for line in data.decode("ascii", "replace").splitlines():
            wire.seen.append((stamp, "tx", line))
            if line.endswith("?"):
                wire.asked.append(line)

    def _back(self, wire: Wire, near: socket.socket, far: socket.socket) -> None:
        data = self._receive(far)
        if not data:
            self._hang_up(near, far)
            return
        lines = data.decode("ascii", "replace").splitlines()
        for number, _ in enumerate(lines):
            asked = wire.asked.popleft() if wire.asked else ""
            if wire.cross is not None and wire.cross[0] == asked:
                lines[number] = wire.cross[1]
                wire.cross = None
                wire.seen.append((time.monotonic(), "rx", f"crossed {asked}"))
        stamp = time.monotonic()
        try:
            near.sendall(("\n".join(lines) + "\n").encode())
        except OSError:
            self._hang_up(near, far)
            return
        wire.seen.extend((stamp, "rx", line) for line in lines)

    def _receive(self, link: socket.socket) -> bytes:
        try:
            return link.recv(65536)
        except OSError:
            return b""

    def _hang_up(self, *links: socket.socket) -> None:
        for link in links:
            if link.fileno() >= 0:
                self.selector.unregister(link)
                link.close()


def answer(switch: Switch, request: dict[str, Any]) -> dict[str, Any]:
    """Do one request."""
    if "wire" in request:
        return {"port": switch.add(str(request["wire"]), int(request["to"]))}
    if "cross" in request:
        switch.wires[str(request["cross"])].cross = (str(request["query"]), str(request["reply"]))
        return {}
    wire = switch.wires[str(request["seen"])]
    seen = list(wire.seen)
    wire.seen.clear()
    return {"seen": seen}


def main() -> None:
    """Serve until stdin closes."""
    answer_early(hurried=False)
    switch = Switch()
    rest = b""

    def command() -> None:
        nonlocal rest
        data = os.read(0, 65536)
        if not data:
            os._exit(0)
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            print(json.dumps(answer(switch, json.loads(line))), flush=True)

    switch.selector.register(0, selectors.EVENT_READ, command)
    while True:
        switch.turn()


class Tap:
    """The tap's process as its owner sees it."""

    def __enter__(self) -> Tap:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.tap"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def ask(self, **request: Any) -> dict[str, Any]:
        """One request, one answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return dict(json.loads(self._process.stdout.readline()))

    def wire(self, name: str, to: int) -> int:
        """Tap one more instrument; returns the port to connect to."""
        return int(self.ask(wire=name, to=to)["port"])

    def cross(self, name: str, query: str, reply: str) -> None:
        """The next reply to ``query`` shall be ``reply``."""
        self.ask(cross=name, query=query, reply=reply)

    def seen(self, name: str) -> list[tuple[float, str, str]]:
        """What passed since the last look: stamp in s, ``tx`` or ``rx``, text."""
        return [(float(at), str(way), str(text)) for at, way, text in self.ask(seen=name)["seen"]]


if __name__ == "__main__":
    main()
