"""The signed result of a run: the whole result, the checksums of its files, and where the event log stood."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from station.errors import RecordError
from station.evidence.canonical import changed
from station.evidence.document import Signed, make_document, read_document
from station.evidence.keys import StationKey
from station.records.chain import canonical_json
from station.records.files import checksum, write_whole

SIGNED_NAME = "result.signed.json"
KIND = "result"
RAW_NAMES = ("journal.jsonl", "run.parquet", "result.json", SIGNED_NAME)
"""What of a run's folder is never written again once the run has ended."""


def run_body(
    run_dir: Path, result: Mapping[str, Any], newest_event: Mapping[str, Any] | None, station: str
) -> dict[str, Any]:
    """What is signed. ``newest_event`` is the last link of the event log, which anchors everything before
    it."""
    files = []
    for name in RAW_NAMES[:-1]:
        path = run_dir / name
        if path.is_file():
            digest, size = checksum(path)
            files.append({"name": name, "sha256": digest, "bytes": size})
    anchor = None if newest_event is None else {"id": newest_event["id"], "hash": newest_event["hash"]}
    return {
        "station": station,
        "run_id": result["run_id"],
        "battery": result["battery"],
        "result": dict(result),
        "result_sha256": hashlib.sha256(canonical_json(dict(result)).encode()).hexdigest(),
        "files": files,
        "events": anchor,
    }


def sign_run(
    run_dir: Path, result: Mapping[str, Any], newest_event: Mapping[str, Any] | None, key: StationKey
) -> Path:
    """Write the run's signed document whole, or not at all. Raises RecordError."""
    content = make_document(KIND, run_body(run_dir, result, newest_event, key.key_id), key)
    path = run_dir / SIGNED_NAME
    write_whole(path, content)
    return path


def check_run(run_dir: Path, trusted: Mapping[str, bytes]) -> tuple[Signed, int]:
    """The signed document of a run's folder, and how many files it vouches for. Raises DataError."""
    path = run_dir / SIGNED_NAME
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise changed(str(run_dir), f"there is no {SIGNED_NAME}") from error
    except OSError as error:
        raise RecordError(
            f"{path}: cannot be read: {error.strerror or error}",
            remedy="check the rights of the file and of its folder",
            code="record.file_missing",
            file=str(path),
        ) from error
    signed = read_document(content, str(path), trusted)
    if signed.kind != KIND:
        raise changed(str(path), f"it is a document of another kind: {signed.kind}")
    for file in signed.body["files"]:
        place = run_dir / file["name"]
        try:
            found = checksum(place)
        except RecordError as error:
            if place.exists():  # but may not be read: that says nothing about what is in it
                raise
            raise changed(str(place), "it is missing") from error
        if found != (file["sha256"], file["bytes"]):
            raise changed(str(place), "its checksum is not the signed one")
    return signed, len(signed.body["files"])


def make_read_only(run_dir: Path) -> None:
    """Nobody writes into an ended run's files by mistake; who may change rights can, and is found out."""
    for name in RAW_NAMES:
        with contextlib.suppress(OSError):  # a file system without rights keeps its checksums
            (run_dir / name).chmod(0o444)
