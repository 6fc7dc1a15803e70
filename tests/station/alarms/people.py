"""Somebody who may shelve alarms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from station.records import open_records
from station.service.client import ServiceClient
from station.service.persons import add_person

PIN = "271828"


@contextmanager
def engineer(client: ServiceClient, data: Path, name: str) -> Iterator[ServiceClient]:
    """A client of the same service with an engineer logged in."""
    with open_records(data) as records:
        add_person(records, "test", name, "engineer", PIN, None)
    with ServiceClient(client.address) as boss:
        boss.login(name=name, pin=PIN)
        yield boss
