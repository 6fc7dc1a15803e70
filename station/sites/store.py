"""The site's side: takes runs of many stations, keeps every revision once, and finds them again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from station.errors import RecordError
from station.records.database import open_database
from station.records.models import SiteRun, utc_now
from station.records.store import Store
from station.sites.document import RunDocument, check

_KINDS = ("postgresql", "sqlite")


class SiteStore(Store):
    """The database of a site or a region; the same schema and migrations as a station's own."""

    @classmethod
    def open(cls, url: str) -> SiteStore:
        """Open and migrate. Raises RecordError when it is out of reach, damaged or of something else."""
        engine, writer = open_database(url)
        if engine.dialect.name not in _KINDS:
            engine.dispose()
            raise RecordError(
                f"a site's database is PostgreSQL or SQLite, not {engine.dialect.name}",
                remedy="give a URL such as postgresql+psycopg://user@host/name",
                code="record.url",
                file=engine.dialect.name,
            )
        return cls(Path(), engine, writer)

    def __enter__(self) -> SiteStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def take(self, documents: Iterable[RunDocument]) -> int:
        """Keep what is new, in one transaction. Returns how many were new; what is there already stays.

        Raises DataError (``site.document``), RecordError; then nothing of them was kept.
        """
        given = list(documents)
        for document in given:
            check(document)
        with self._writing() as session:
            return _take(session, given) if given else 0

    def known(self, station: str) -> dict[str, int]:
        """The newest revision that the site has of every run of ``station``."""
        query = select(SiteRun.run_id, SiteRun.revision).where(SiteRun.station == station, SiteRun.newest)
        with self._reading() as session:
            return {row.run_id: row.revision for row in session.execute(query)}

    def search(self, *, limit: int = 50, **conditions: str | None) -> list[dict[str, Any]]:
        """Newest runs first, of all stations; ``station``, ``battery``, ``verdict``, ``grade``, ``profile``,
        ``since`` and ``until`` leave only those that match."""
        wanted: list[ColumnElement[bool]] = [SiteRun.newest.is_(True)]
        for name, value in conditions.items():
            if not value:
                continue
            if name == "since":
                wanted.append(SiteRun.started_utc >= value)
            elif name == "until":
                wanted.append(SiteRun.started_utc < value)
            elif name in ("station", "battery", "verdict", "grade", "profile"):
                wanted.append(getattr(SiteRun, name) == value)
            else:
                raise TypeError(f"runs of a site are not searched by {name!r}")
        shown = [c for c in SiteRun.__table__.columns if c.key not in ("document", "newest")]
        query = select(*shown).where(*wanted).order_by(SiteRun.started_utc.desc()).limit(limit)
        with self._reading() as session:
            return [dict(row) for row in session.execute(query).mappings()]

    def document(self, station: str, run_id: str) -> str | None:
        """The newest document of a run, or None."""
        query = select(SiteRun.document).where(
            SiteRun.station == station, SiteRun.run_id == run_id, SiteRun.newest
        )
        with self._reading() as session:
            return session.scalar(query)

    def counts(self) -> dict[str, int]:
        """Runs by station."""
        query = select(SiteRun.station, func.count()).where(SiteRun.newest).group_by(SiteRun.station)
        with self._reading() as session:
            return {row[0]: row[1] for row in session.execute(query)}

    def verify(self) -> int:
        """Check every document against its checksum and identity. Returns how many. Raises DataError."""
        count = 0
        with self._reading() as session:
            for row in session.scalars(select(SiteRun).execution_options(yield_per=500)):
                check(RunDocument(row.station, row.run_id, row.revision, row.document, row.sha256))
                count += 1
        return count


def _take(session: Session, given: list[RunDocument]) -> int:
    """Two statements for all of them, and one more for each run that the site knew in an older revision."""
    identity = (SiteRun.station, SiteRun.run_id)
    runs = {(document.station, document.run_id) for document in given}
    query = (
        select(*identity, func.max(SiteRun.revision)).where(tuple_(*identity).in_(runs)).group_by(*identity)
    )
    there = {(station, run_id): revision for station, run_id, revision in session.execute(query)}
    newest = dict(there)
    for document in given:
        run = (document.station, document.run_id)
        newest[run] = max(newest.get(run, 0), document.revision)
    rows = [
        {
            "station": document.station,
            "run_id": document.run_id,
            "revision": document.revision,
            "newest": newest[document.station, document.run_id] == document.revision,
            "document": document.text,
            "sha256": document.sha256,
            "received_utc": utc_now(),
            **document.columns(),
        }
        for document in given
    ]
    table = SiteRun.__table__
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).on_conflict_do_nothing().returning(table.c.revision)  # type: ignore[arg-type]
    new = len(session.connection().execute(statement, rows).all())
    for (station, run_id), revision in newest.items():
        if there.get((station, run_id), revision) < revision:
            session.execute(
                update(SiteRun)
                .where(SiteRun.station == station, SiteRun.run_id == run_id)
                .where(SiteRun.revision < revision, SiteRun.newest)
                .values(newest=False)
            )
    return new
