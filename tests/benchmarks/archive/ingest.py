"""How fast a site takes results in, beside plain inserts of the same rows and PostgreSQL's COPY."""

from __future__ import annotations

import io
import json
import time
from typing import Any

from sqlalchemy import insert

from station.records.chain import canonical_json
from station.records.models import SiteRun, utc_now
from station.sites.document import FORMAT, RunDocument
from station.sites.forward import BATCH
from station.sites.store import SiteStore
from tests.benchmarks.table import Row

COUNT = 5000


def ingest_rows(url: str) -> list[Row]:
    """Results a second."""
    with SiteStore.open(url) as site:
        taken = _rate(lambda part: site.take(part), _documents("taken"))
        plain = _rate(lambda part: _insert(site, part), _documents("plain"))
        copied = _rate(lambda part: _copy(site, part), _documents("copied"))
    what = "seconds for 1,000 results taken in by a site, checked and once only"
    return [
        Row(what, 1000 / taken, "s", 10.0, 1000 / plain, "plain SQLAlchemy inserts"),
        Row(what, 1000 / taken, "s", 10.0, 1000 / copied, "COPY"),
    ]


def _documents(station: str) -> list[RunDocument]:
    import hashlib

    found = []
    for number in range(COUNT):
        run = {
            "run_id": f"r{number}", "battery": f"B{number}", "bench": "b", "channel": "1", "profile": "rapid",
            "started_utc": utc_now(), "ended_utc": utc_now(), "state": "ended", "outcome": "completed",
            "verdict": "pass", "grade": "A", "soh": 0.9,
        }  # fmt: skip
        result = {"blocks": [{"resistance_ohm": 0.001 + n / 1e6, "ocv_V": 3.3} for n in range(60)]}
        content = {
            "format": FORMAT, "station": station, "revision": 1,
            "run": run, "result": result, "events": [], "files": [],
        }  # fmt: skip
        content_text = canonical_json(content)
        digest = hashlib.sha256(content_text.encode()).hexdigest()
        found.append(RunDocument(station, f"r{number}", 1, content_text, digest))
    return found


def _rate(send: Any, documents: list[RunDocument]) -> float:
    begun = time.perf_counter()
    for first in range(0, len(documents), BATCH):
        send(documents[first : first + BATCH])
    return len(documents) / (time.perf_counter() - begun)


def _row(document: RunDocument) -> dict[str, Any]:
    return {
        "station": document.station, "run_id": document.run_id, "revision": 1, "newest": True,
        "document": document.text, "sha256": document.sha256, "received_utc": utc_now(), **document.columns(),
    }  # fmt: skip


def _insert(site: SiteStore, documents: list[RunDocument]) -> None:
    with site._writer.begin() as connection:
        connection.execute(insert(SiteRun.__table__), [_row(document) for document in documents])


def _copy(site: SiteStore, documents: list[RunDocument]) -> None:
    rows = [_row(document) for document in documents]
    lines = io.StringIO()
    for row in rows:
        values = (json.dumps(v) if isinstance(v, bool) else str(v) for v in row.values())
        lines.write("\t".join(value.replace("\\", "\\\\").replace("\t", "\\t") for value in values) + "\n")
    with site._writer.begin() as connection:
        cursor: Any = connection.connection.cursor()
        with cursor.copy(f"COPY site_runs ({', '.join(rows[0])}) FROM STDIN") as target:
            target.write(lines.getvalue())
