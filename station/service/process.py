"""A process of the station's own (worker, guard) that speaks JSON lines on its pipes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from station.child_environment import child_environment
from station.service.json_lines import LINE_MAX_BYTES, decode, encode
from station.service.own_group import own_group


class LineProcess:
    """Started in a process group of its own: a Ctrl-C at the terminal reaches the service alone,
    which then ends its children in order."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        assert process.stdin is not None
        assert process.stdout is not None
        self._stdin, self._stdout = process.stdin, process.stdout

    @classmethod
    async def start(
        cls, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> LineProcess:
        """Start ``command``; what it says on stderr is appended to ``log``. Raises OSError."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as stderr:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
                limit=LINE_MAX_BYTES,
                env=child_environment(environment),
                **own_group(),
            )
        return cls(process)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        """None while it runs."""
        return self._process.returncode

    async def send(self, message: dict[str, Any]) -> bool:
        """Write one line; False when the process no longer listens."""
        if self._stdin.is_closing():
            return False
        try:
            self._stdin.write(encode(message))
            await self._stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    async def read(self, timeout_s: float) -> dict[str, Any] | None:
        """The next message; None at the end of its output; ``{}`` for a line that is no message.

        Raises TimeoutError after ``timeout_s`` without a line.
        """
        try:
            line = await asyncio.wait_for(self._stdout.readline(), timeout_s)
        except ValueError:  # longer than LINE_MAX_BYTES; the reader has thrown it away
            return {}
        if not line:
            return None
        return decode(line) or {}

    def close_stdin(self) -> None:
        """Tell it that nobody asks any more."""
        self._stdin.close()

    async def wait(self, timeout_s: float) -> int | None:
        """Its exit status, or None when it still runs after ``timeout_s``."""
        try:
            return await asyncio.wait_for(self._process.wait(), timeout_s)
        except TimeoutError:
            return None

    async def end(self, grace_s: float) -> int:
        """Close its stdin, give it ``grace_s`` to leave by itself, then kill it. Returns the exit status."""
        self.close_stdin()
        status = await self.wait(grace_s)
        if status is None:
            with contextlib.suppress(ProcessLookupError):  # it left in this very moment
                self._process.kill()
            status = await self._process.wait()
        return status
