"""What the site is told of one run."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from station.errors import DataError
from station.records import Records
from station.records.chain import canonical_json

FORMAT = "pulse-station/site-run/1"
_COLUMNS = (
    "battery", "bench", "channel", "profile", "started_utc", "ended_utc", "state", "outcome", "verdict",
    "grade", "soh",
)  # fmt: skip
"""What of the run the site searches by."""


@dataclass(frozen=True)
class RunDocument:
    """One revision of a run, as text and with its SHA-256 (hex)."""

    station: str
    run_id: str
    revision: int
    text: str
    sha256: str

    def columns(self) -> dict[str, Any]:
        """The values that the site searches by."""
        run = json.loads(self.text)["run"]
        return {name: run[name] for name in _COLUMNS}


def run_document(records: Records, station: str, run_id: str, revision: int) -> RunDocument:
    """The run as it is now: its row, result, events and the checksums of its files.

    Raises RecordError, UsageError (``record.no_run``).
    """
    shown = records.show_run(run_id)
    content = {
        "format": FORMAT,
        "station": station,
        "revision": revision,
        "result": shown.pop("result"),
        "events": shown.pop("events"),
        "files": [{k: file[k] for k in ("path", "kind", "sha256", "bytes")} for file in shown.pop("files")],
        "run": shown,
    }
    text = canonical_json(content)
    return RunDocument(station, run_id, revision, text, hashlib.sha256(text.encode()).hexdigest())


def check(document: RunDocument) -> None:
    """Raise DataError (``site.document``) where text, checksum and identity do not belong together."""
    try:
        content = json.loads(document.text)
        same = (
            hashlib.sha256(document.text.encode()).hexdigest() == document.sha256
            and content["format"] == FORMAT
            and (content["station"], content["run"]["run_id"], content["revision"])
            == (document.station, document.run_id, document.revision)
        )
    except (ValueError, KeyError, TypeError):
        same = False
    if not same:
        raise DataError(
            f"run {document.run_id} of station {document.station}: what arrived is not what was sent",
            remedy="nothing was kept; the station sends it again",
            code="site.document",
            station=document.station,
            run_id=document.run_id,
        )
