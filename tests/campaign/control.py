"""The control port of one simulated bench, over one connection that stays."""

from __future__ import annotations

import json
import socket
from typing import Any


class Control:
    """Asks one thing after the other; every answer must be ``ok``."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._link = socket.create_connection((host, int(port)), timeout=20)
        self._link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._lines = self._link.makefile("rb")

    def ask(self, op: str, **request: Any) -> dict[str, Any]:
        """One operation; raises ValueError with the bench's own words."""
        self._link.sendall(json.dumps({"op": op, **request}).encode() + b"\n")
        line = self._lines.readline()
        if not line:
            raise ConnectionError("the simulated bench hung up")
        answer: dict[str, Any] = json.loads(line)
        if not answer.get("ok"):
            raise ValueError(f"{op} {request}: {answer.get('error')}")
        return answer

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self._link.close()
