"""Sessions on the records database, for the parts that know one kind of record each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from station.records.database import explained


class Store:
    """Reading and writing transactions; database errors become RecordError."""

    def __init__(self, folder: Path, engine: Engine, writer: Engine) -> None:
        self.folder = folder
        self._engine = engine
        self._writer = writer
        database = engine.url.database
        self._name = database if engine.dialect.name == "sqlite" and database else str(engine.url)

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with explained(self._name), Session(self._engine) as session:
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with explained(self._name), Session(self._writer) as session, session.begin():
            yield session
