"""Sessions on the records database, for the parts that know one kind of record each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from station.errors import RecordError
from station.records.database import explained


class Store:
    """Reading and writing transactions; database errors become RecordError."""

    def __init__(self, folder: Path, engine: Engine, writer: Engine) -> None:
        self.folder = folder
        self._engine = engine
        self._writer = writer
        database = engine.url.database
        local = engine.dialect.name == "sqlite" and bool(database)
        self._name = database if local and database else str(engine.url)
        place = Path(database) if local and database else None
        self._file = place if place is not None and place.is_file() else None
        self._file_id = None if self._file is None else self._file.stat().st_ino

    def _there(self) -> None:
        """SQLite goes on writing into a file that somebody has moved away, and all of it would be lost.

        Raises RecordError while it is gone; one that is put back in its place is opened anew.
        """
        if self._file is None:
            return
        try:
            found = self._file.stat().st_ino
        except OSError as error:
            raise RecordError(
                f"the records database {self._name} is gone: {error.strerror or error}",
                remedy="put the file back where it was; what waits to be written is kept until then",
                code="record.unavailable",
                file=self._name,
                reason=f"the file is gone: {error.strerror or error}",
            ) from error
        if found != self._file_id:
            self._engine.dispose()
            self._file_id = found

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        self._there()
        with explained(self._name), Session(self._engine) as session:
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        self._there()
        with explained(self._name), Session(self._writer) as session, session.begin():
            yield session
