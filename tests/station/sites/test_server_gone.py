"""A station whose records lie on a server that goes away: they wait in order and are written later."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from station.errors import RecordError
from station.records import open_records
from station.service.keeper import Keeper
from tests.station.sites.cut_link import CutLink


def end_connections(url: str) -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()


def test_records_wait_for_their_server(postgres_url: str, tmp_path: Path) -> None:
    told: list[str] = []
    target = make_url(postgres_url)

    def tell(code: str, _level: str, _params: dict[str, Any]) -> None:
        told.append(code)

    async def work(link: CutLink) -> list[str]:
        through = target.set(port=link.port).render_as_string()
        with open_records(tmp_path, url=through) as records:
            records.add_event("before")
            keeper = Keeper(records, tell, retry_s=0.01)
            link.after = 0
            end_connections(postgres_url)
            with pytest.raises(RecordError) as gone:
                records.add_event("refused")
            assert gone.value.code == "record.unavailable"
            for number in range(3):
                keeper.event(f"meanwhile.{number}", {})
            while not told:
                await asyncio.sleep(0.005)
            link.after = None
            assert await keeper.close(20.0) == 0
            assert records.verify_chain() == 4
            return [event["code"] for event in records.events()]

    with closing(CutLink(target.port or 0)) as link:
        codes = asyncio.run(work(link))
    assert codes == ["before", "meanwhile.0", "meanwhile.1", "meanwhile.2"]
    assert told == ["record.waiting", "record.written"]
