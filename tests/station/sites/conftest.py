"""A site's database of both kinds, and stations with runs that have ended."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from station.records import Records, open_records
from tests.station.sites.postgres import postgresql

_NAMES = itertools.count()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with postgresql() as url:
        yield url


@pytest.fixture
def new_postgres(server: str) -> Callable[[], str]:
    def make() -> str:
        name = f"site{next(_NAMES)}"
        engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return f"{server}/{name}"

    return make


@pytest.fixture
def postgres_url(new_postgres: Callable[[], str]) -> str:
    return new_postgres()


@pytest.fixture(params=["postgresql", "sqlite"])
def site_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{(tmp_path / 'site.sqlite').as_posix()}"


@pytest.fixture
def new_station(tmp_path: Path) -> Iterator[Callable[[str], Records]]:
    opened: list[Records] = []

    def make(name: str) -> Records:
        opened.append(open_records(tmp_path / name))
        return opened[-1]

    yield make
    for records in opened:
        records.close()
