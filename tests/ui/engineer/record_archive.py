"""``python -m tests.ui.engineer.record_archive``: answers about an archive whose truth is known, as a file.

Statistics, identities and the traceability queue of ``tests.station.archive.planted``.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from urllib.parse import quote

from station.records import open_records
from station.service.client import ServiceClient
from station.service.stats_work import failed
from tests.station.archive.planted import CELLS, NEW_CODE, VIN, planted
from tests.station.service import fakes
from tests.station.service.recorded import ADMIN, people
from tests.station.service.running import running_service
from tests.ui.engineer.answering import ARCHIVE_ANSWERS
from tests.ui.engineer.record import Recorder


def ask(client: ServiceClient, recorder: Recorder) -> None:
    """What the three pages ask."""
    client.get("/api/stats", timeout_s=600.0)
    recorder.variant = "#empty"
    client.get("/api/stats", until="2001-01-01", timeout_s=600.0)
    recorder.variant = ""
    recorder.answers["GET /api/stats#failed"] = {"error": failed("OSError: disk I/O error").as_dict()}
    client.get("/api/identities")
    client.get("/api/identities/conflicts")
    client.get("/api/changes")
    for code in (*CELLS, NEW_CODE, VIN):
        client.get(f"/api/identities/{quote(code, safe='')}")
    client.get("/api/trace", all=False)


def main() -> None:
    """Write the file anew."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with open_records(data) as records:
            people(records)
            planted(records)
        with running_service(fakes.config(data)) as client:
            client.login(name=ADMIN[0], pin=ADMIN[1])
            recorder = Recorder(client)
            ask(client, recorder)
    text = json.dumps(recorder.answers, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    ARCHIVE_ANSWERS.write_text(text.replace(folder, "/station"), encoding="utf-8")


if __name__ == "__main__":
    main()
