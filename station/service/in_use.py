"""Which instruments are in use now, on this computer: those must not be touched by anybody else."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from station.bench import Bench
from station.errors import StationError
from station.service.client import ServiceClient
from station.service.paths import read_address


def addresses_of_channels(bench: Bench, busy: Collection[str]) -> list[str]:
    """Addresses behind the channels ``busy``, and the guard's own board, which is in use at all times."""
    found = {bench.guard.relay.address} if bench.guard is not None else set()
    for channel in bench.channels:
        if channel.id in busy:
            found |= {ref.address for ref in channel.instruments().values()}
    return sorted(address for address in found if address)


def addresses_in_use(data: Path, but: str = "") -> list[str]:
    """What the running services of a data folder say is in use; ``but`` is a bench that is not asked."""
    found: list[str] = []
    for file in sorted((data / "benches").glob("*/service.json")):
        address = read_address(file)
        if address is None or file.parent.name == but:
            continue
        try:
            with ServiceClient(address, timeout_s=3.0) as client:
                found += client.get("/api/setup/in-use")["addresses"]
        except (StationError, KeyError):  # a stale file: nobody runs a test from there
            continue
    return found
