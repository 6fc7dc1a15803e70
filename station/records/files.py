"""Files beside the database: written whole or not at all, and their checksums."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Any

from station.errors import RecordError


def checksum(path: Path) -> tuple[str, int]:
    """SHA-256 (hex) and size in bytes. Raises RecordError when the file cannot be read."""
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return digest, path.stat().st_size
    except OSError as error:
        raise RecordError(
            f"{path}: cannot be read: {error.strerror or error}",
            remedy="put the file back from a backup",
            code="record.file_missing",
            file=str(path),
        ) from error


def unwritable(path: Path, error: OSError) -> RecordError:
    """What to raise where ``path`` cannot be written."""
    reason = str(error.strerror or error)
    return RecordError(
        f"{path}: cannot be written: {reason}",
        remedy="check that the folder can be written and has free space",
        code="record.unavailable",
        file=str(path),
        reason=reason,
    )


def write_whole(path: Path, content: bytes) -> None:
    """The file appears whole or not at all. Raises RecordError (``record.unavailable``)."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise unwritable(path, error) from error


def check_file(folder: Path, row: dict[str, Any]) -> str:
    """``ok``, ``changed``, ``missing``, or ``removed`` where the rule of retention took it away."""
    path = folder / row["path"]
    if not path.is_file():
        return "removed" if row.get("removed_utc") else "missing"
    return "ok" if checksum(path) == (row["sha256"], row["bytes"]) else "changed"
