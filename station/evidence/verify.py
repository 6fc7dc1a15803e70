"""One question for whatever somebody holds in hand: is it as the station signed it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from station.errors import UsageError
from station.evidence.backup import check_backup
from station.evidence.document import Signed, read_document
from station.evidence.event_export import KIND as EVENTS
from station.evidence.event_export import check_events, read_file
from station.evidence.run_document import RAW_NAMES, SIGNED_NAME, check_run


@dataclass(frozen=True)
class Verified:
    """What was checked, and by which key. ``trusted`` is false where the key is not among those believed."""

    file: str
    kind: str
    key_id: str
    trusted: bool
    made_utc: str
    checked: int
    """Files of a run, or events of an export, that the signature vouches for."""
    about: str = ""
    unsigned: tuple[str, ...] = ()
    """What else lies in a run's folder: no signature vouches for it (a worker's log, a stranger's file)."""

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def verify(path: Path, trusted: Mapping[str, bytes]) -> Verified:
    """Check a signed result, a run's folder or any file in it, or an export of events.

    Needs no database and no network. Raises DataError (``evidence.changed``) where one byte is not as it
    was signed, UsageError (``evidence.unknown_kind``) for what no station signs, RecordError.
    """
    if path.is_dir():
        signed, checked = check_run(path, trusted)
        covered = {SIGNED_NAME, *(file["name"] for file in signed.body["files"])}
        others = sorted(one.name for one in path.iterdir() if one.name not in covered)
        return replace(_told(path, signed, checked), unsigned=tuple(others))
    if path.name in RAW_NAMES and path.name != SIGNED_NAME and (path.parent / SIGNED_NAME).is_file():
        return _told(path, *check_run(path.parent, trusted))
    if path.suffix == ".tar":
        return _told(path, *check_backup(path, trusted))
    content = read_file(path)
    if path.suffix == ".jsonl":
        return _told(path, *check_events(content, str(path), trusted))
    if path.suffix != ".json":
        raise UsageError(
            f"{path}: nothing that a station signs",
            remedy=f"give a {SIGNED_NAME}, a run's folder, or an export of events (.jsonl)",
            code="evidence.unknown_kind",
            file=str(path),
        )
    signed = read_document(content, str(path), trusted)
    return _told(path, signed, 0)


def _told(path: Path, signed: Signed, checked: int) -> Verified:
    about = str(signed.body.get("run_id") or "") if signed.kind != EVENTS else ""
    return Verified(str(path), signed.kind, signed.key_id, signed.trusted, signed.made_utc, checked, about)
