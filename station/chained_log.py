"""A log of lines that are only ever appended: each carries the hash of the line before it.

One JSON object a line, one kind of dataclass a log; its field ``previous_hash`` is the chain.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from station.errors import DataError


class _Chained(Protocol):
    @property
    def previous_hash(self) -> str:
        """SHA-256 (hex) of the line before; empty in the first."""


Line = TypeVar("Line", bound=_Chained)


class ChainedLog(Generic[Line]):
    """The log at ``path``, of lines of ``kind``; ``damaged`` is the error's code when one was changed."""

    def __init__(self, path: Path, kind: type[Line], damaged: str) -> None:
        self.path = path
        made: Any = kind  # a dataclass, which no type variable can be bound to
        self._make: Callable[..., Line] = made
        self._names = [field.name for field in fields(made)]
        self._damaged = damaged

    def lines(self) -> list[Line]:
        """All lines, oldest first. Raises DataError when the log is not as it was written."""
        return [line for line, _ in self._read()]

    def append(self, **facts: Any) -> Line:
        """Add one line with these fields, on the disk when this returns. Raises DataError."""
        before = self._read()
        line = self._make(**facts, previous_hash=before[-1][1] if before else "")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(_text(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return line

    def _read(self) -> list[tuple[Line, str]]:
        """The lines, each with its own hash."""
        if not self.path.is_file():
            return []
        found: list[tuple[Line, str]] = []
        for number, text in enumerate(self.path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                data = json.loads(text)
                line = self._make(**{name: data[name] for name in self._names})
                whole = line.previous_hash == (found[-1][1] if found else "") and text == _text(line)
            except (ValueError, KeyError, TypeError):
                whole = False
            if not whole:
                raise DataError(
                    f"{self.path}:{number}: not as it was written",
                    remedy="restore the log from a copy; it is only ever appended to",
                    code=self._damaged,
                    file=str(self.path),
                    line=number,
                )
            found.append((line, hashlib.sha256(text.encode()).hexdigest()))
        return found


def utc_now() -> str:
    """The time as the lines have it: UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def signed(who: str, why: str, unsigned: Callable[[], Exception]) -> tuple[str, str]:
    """Who and why without spaces around; raises what ``unsigned`` gives when one is not said."""
    if not who.strip() or not why.strip():
        raise unsigned()
    return who.strip(), why.strip()


def _text(line: Any) -> str:
    return json.dumps(asdict(line), ensure_ascii=False, sort_keys=True)
