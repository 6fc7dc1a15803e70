"""Photos of a battery: found in the watched folder or given as a file, checked, kept with a checksum."""

from __future__ import annotations

import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from station.errors import RecordError, UsageError
from station.records import Records
from station.records.files import checksum

BYTES_MAX: Final = 30_000_000
FRESH_S: Final = 900.0
"""A photo older than this is not of the battery in hand."""
OFFERED: Final = 4
SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})


@dataclass(frozen=True)
class Photo:
    """One photo; ``path`` is relative to the data folder."""

    name: str
    path: str
    sha256: str
    bytes: int

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def newest(folder: Path | None, now_s: float | None = None) -> list[dict[str, Any]]:
    """The newest photos in the watched folder, newest first; none without a folder, or when it is away."""
    now_s = time.time() if now_s is None else now_s
    found: list[tuple[float, Path, int]] = []
    try:
        for path in folder.iterdir() if folder is not None else ():
            if path.suffix.lower() in SUFFIXES and path.is_file():
                facts = path.stat()
                if now_s - facts.st_mtime <= FRESH_S:
                    found.append((facts.st_mtime, path, facts.st_size))
    except OSError:
        return []  # a memory card that was pulled out
    found.sort(key=lambda each: each[0], reverse=True)
    return [
        {"name": path.name, "path": str(path), "taken_s": at_s, "bytes": size}
        for at_s, path, size in found[:OFFERED]
    ]


def take(source: Path, folder: Path, data: Path) -> Photo:
    """Copy ``source`` into ``folder`` inside the data folder. Raises UsageError when it is no photo."""
    try:
        size = source.stat().st_size
        with source.open("rb") as stream:
            head = stream.read(16)
    except OSError as error:
        raise _refused(source, str(error.strerror or error)) from error
    suffix = _kind(head)
    if suffix is None:
        raise _refused(source, "it is no JPEG, PNG, WebP or BMP picture")
    if size > BYTES_MAX:
        raise _refused(source, f"it is larger than {BYTES_MAX / 1e6:.0f} MB")
    digest, size = checksum(source)
    copy = folder / f"{digest[:16]}{suffix}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    except OSError as error:
        raise RecordError(
            f"{copy}: cannot be written: {error.strerror or error}",
            remedy="check that the data folder can be written and has free space",
            code="record.unavailable",
            file=str(copy),
            reason=str(error.strerror or error),
        ) from error
    return Photo(source.name[:120], copy.relative_to(data).as_posix(), digest, size)


def keep_with_run(records: Records, data: Path, photo: Photo, run_id: str, run_dir: Path) -> None:
    """Copy beside the run's files and put it on record with its checksum. Raises RecordError."""
    source = data / photo.path
    target = run_dir / "photos" / source.name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            shutil.copyfile(source, target)
    except OSError as error:
        raise RecordError(
            f"{target}: cannot be written: {error.strerror or error}",
            remedy="check that the data folder can be written and has free space",
            code="record.unavailable",
            file=str(target),
            reason=str(error.strerror or error),
        ) from error
    row = records.add_file(run_id, target, "photo")
    if row["sha256"] != photo.sha256:
        raise RecordError(
            f"{target}: is not the photo that was attached",
            remedy="attach it again",
            code="record.file_changed",
            file=row["path"],
        )


def _kind(head: bytes) -> str | None:
    """By what the file says of itself, whatever its name."""
    if head.startswith(b"\xff\xd8\xff"):
        return ".jpg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ".webp"
    return ".bmp" if head.startswith(b"BM") else None


def _refused(source: Path, why: str) -> UsageError:
    return UsageError(
        f"{source.name} cannot be attached: {why}",
        remedy="give a photo of the battery",
        code="connection.no_photo",
        file=source.name,
        reason=why,
    )
