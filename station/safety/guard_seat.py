"""One connected client of the guard: its line, and for a worker when it was last heard."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

LINE_MAX_BYTES = 65_536
OUTBOX_MAX_BYTES = 262_144
"""A client that does not read for this long is not worth more memory; its messages are dropped."""


@dataclass(eq=False)
class Seat:
    """``channel`` is '' for a service. ``asked``: its cut-off was, or may have been, closed for it."""

    writer: asyncio.StreamWriter
    channel: str = ""
    pid: int = 0
    last_beat: float = 0.0
    asked: bool = False
    granted: bool = False
    tripped: bool = False
    tripped_at: float = 0.0
    ended: bool = False
    said_bye: bool = False
    beats: int = 0

    def send(self, message: dict[str, Any]) -> None:
        """Send one line without ever waiting for the client."""
        transport = self.writer.transport
        if not transport.is_closing() and transport.get_write_buffer_size() < OUTBOX_MAX_BYTES:
            self.writer.write(json.dumps(message, ensure_ascii=False).encode() + b"\n")


async def read_message(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """The next JSON object; None at the end of the stream or when the client talks nonsense."""
    try:
        line = await reader.readline()
        message = json.loads(line) if line.endswith(b"\n") else None
    except (OSError, ValueError):
        return None
    return message if isinstance(message, dict) else None
