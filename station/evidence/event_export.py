"""The event log as a file that can be checked alone: JSON lines, each event with its hash, signed at the
end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from station.errors import RecordError
from station.evidence.canonical import changed
from station.evidence.document import Signed, make_document, read_document
from station.evidence.keys import StationKey
from station.records.chain import GENESIS, canonical_json, event_hash
from station.records.files import write_whole

KIND = "events"
_CONTENT = ("run_id", "t_utc", "t_s", "source", "code", "level", "params")


def export_events(path: Path, events: Iterable[Mapping[str, Any]], key: StationKey) -> dict[str, Any]:
    """Write all ``events`` (rows with their hashes, oldest first). Returns the signed body. Raises
    RecordError."""
    lines = [canonical_json(dict(event)) + "\n" for event in events]
    text = "".join(lines).encode()
    newest = json.loads(lines[-1]) if lines else None
    body = {
        "station": key.key_id,
        "count": len(lines),
        "sha256": hashlib.sha256(text).hexdigest(),
        "newest_hash": newest["hash"] if newest else GENESIS,
    }
    write_whole(path, text + make_document(KIND, body, key) + b"\n")
    return body


def check_events(content: bytes, name: str, trusted: Mapping[str, bytes]) -> tuple[Signed, int]:
    """The signature at the end, every link, and that none is missing. Raises DataError."""
    if not content.endswith(b"\n"):
        raise changed(name, "its end is cut off")
    *lines, last = content[:-1].split(b"\n")
    signed = read_document(last, name, trusted)
    if signed.kind != KIND:
        raise changed(name, f"it is a document of another kind: {signed.kind}")
    previous = GENESIS
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            content_of = {field: row[field] for field in _CONTENT}
            good = (
                row["hash"] == event_hash(content_of, row["previous_hash"])
                and canonical_json(row) == line.decode()
            )
        except (ValueError, KeyError, TypeError):
            good, row = False, {}
        if not good:
            raise changed(name, f"the event in line {number} is not as it was written")
        if row["previous_hash"] != previous:
            raise changed(name, f"an event before line {number} is missing")
        previous = row["hash"]
    text = content[: len(content) - 1 - len(last)]
    body = signed.body
    if (body["count"], body["newest_hash"], body["sha256"]) != (
        len(lines),
        previous,
        hashlib.sha256(text).hexdigest(),
    ):
        raise changed(name, "events are missing or added at its end")
    return signed, len(lines)


def read_file(path: Path) -> bytes:
    """Raises RecordError (``record.file_missing``)."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise RecordError(
            f"{path}: cannot be read: {error.strerror or error}",
            remedy="check the name and the rights of the file",
            code="record.file_missing",
            file=str(path),
        ) from error
