"""``Records``: the one door to the records database."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import select

from station.errors import RecordError
from station.records.alarm_store import AlarmStore
from station.records.database import DATABASE_NAME, open_database, sqlite_url
from station.records.files import check_file
from station.records.identity_store import IdentityStore
from station.records.models import RawFile, Result
from station.records.outbox_store import OutboxStore
from station.records.person_store import PersonStore
from station.records.rows import file_row
from station.records.run_store import RunStore
from station.records.search import Search
from station.records.trace_store import TraceStore


def open_records(folder: Path, *, url: str | None = None) -> Records:
    """The records of data folder ``folder``; ``url`` (or STATION_DATABASE_URL) names another database.

    Raw files stay in ``folder`` either way. Raises RecordError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordError(
            f"the data folder {folder} cannot be made: {error.strerror or error}",
            remedy="give a folder that can be written with --data",
            code="record.unavailable",
            file=str(folder),
            reason=str(error.strerror or error),
        ) from error
    url = url or os.environ.get("STATION_DATABASE_URL") or sqlite_url(folder / DATABASE_NAME)
    engine, writer = open_database(url)
    return Records(folder, engine, writer)


class Records(RunStore, PersonStore, AlarmStore, Search, IdentityStore, TraceStore, OutboxStore):
    """Batteries, runs, results, files, events, persons, alarms. Safe for several threads and processes.

    Every method raises RecordError when the database refuses.
    """

    def __enter__(self) -> Records:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def verify(self) -> dict[str, int]:
        """Check the chain and the checksum of every file. Returns the numbers of ``events`` and ``files``.

        Raises RecordError naming the first event or file that is not as it was written.
        """
        events = self.verify_chain()
        with self._reading() as session:
            files = self._files(session)
        for file in files:
            check = check_file(self.folder, file)
            if check not in ("ok", "removed"):
                raise RecordError(
                    f"{self.folder / file['path']}: is {check} since it was put on record",
                    remedy="put the file back from a backup",
                    code=f"record.file_{check}",
                    file=file["path"],
                )
        return {"events": events, "files": len(files)}

    def signed_files(self) -> list[dict[str, Any]]:
        """The signed documents of all runs, each file's row with its ``run_id``."""
        query = select(RawFile).where(RawFile.kind == "signed").order_by(RawFile.run_id)
        with self._reading() as session:
            return [{**file_row(file), "run_id": file.run_id} for file in session.scalars(query)]

    def result_text(self, run_id: str) -> str | None:
        """The result of a run as it is kept, to the byte."""
        with self._reading() as session:
            return session.scalar(select(Result.json).where(Result.run_id == run_id))
