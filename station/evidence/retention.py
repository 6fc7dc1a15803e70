"""How long raw files are kept: old ones go when a checked backup has them. Records and signed results never
go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from station.errors import UsageError
from station.evidence.backup import checksums
from station.records import Records

KINDS = ("journal", "run", "photo")
"""What may go; results and signed documents stay."""


def due(records: Records, older_than_days: float, now: datetime | None = None) -> list[dict[str, Any]]:
    """The raw files of runs that ended longer ago."""
    before = (now or datetime.now(UTC)) - timedelta(days=older_than_days)
    return records.old_files(before.isoformat(timespec="microseconds").replace("+00:00", "Z"), KINDS)


def apply(
    records: Records, older_than_days: float, backup: Path, *, who: str, why: str, now: datetime | None = None
) -> dict[str, Any]:
    """Remove them, each only where ``backup`` holds it as recorded. Returns ``removed``, ``bytes``, ``kept``.

    Raises UsageError (``record.unsigned``), DataError (the backup is not whole, or not this station's).
    """
    if not who.strip() or not why.strip():
        raise UsageError(
            "who takes files away, and why, must be said",
            remedy="give --who and --why",
            code="record.unsigned",
        )
    known = checksums(backup, records.folder)
    removed = size = kept = 0
    for file in due(records, older_than_days, now):
        if known.get(file["path"]) != file["sha256"]:
            kept += 1
            continue
        records.remove_file(file["run_id"], file["path"], who=who, why=why)
        removed, size = removed + 1, size + file["bytes"]
    return {"removed": removed, "bytes": size, "kept": kept}
