"""The API of the bench's set-up: what is wired and who answers, discovery, the bench file, calibration."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from drivers.errors import DriverError
from station.bench import calibrations_of, check_bench_text
from station.bench.discover import as_bench_entries, discover
from station.service.bench_check import ask_all, check_report
from station.service.bench_files import BenchFiles, as_bench_error
from station.service.ending import in_thread
from station.service.in_use import addresses_in_use, addresses_of_channels
from station.service.persons import Engineer

if TYPE_CHECKING:
    from station.service.core import Station

TEXT_MAX = 500_000


class BenchText(BaseModel):
    """``POST /api/setup/check``."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=TEXT_MAX)


class WriteBench(BenchText):
    """``POST /api/setup/file``."""

    why: str = Field(max_length=400)


class Look(BaseModel):
    """``POST /api/setup/discover``: hosts or addresses to ask on the LAN, and what else to list."""

    model_config = ConfigDict(extra="forbid")

    lan: list[str] = Field(default=[], max_length=64)
    kinds: list[Literal["visa", "serial", "can"]] = ["visa", "serial", "can"]


class Calibrate(BaseModel):
    """``POST /api/calibration``: the data of one certificate for the instrument at ``address``."""

    model_config = ConfigDict(extra="forbid")

    address: str
    calibration: dict[str, Any]
    why: str = Field(max_length=400)


def add_setup(app: FastAPI, station: Station, guarded: Sequence[Any]) -> None:
    """Add the routes."""
    files, bench = BenchFiles(station.config), station.bench

    @app.get("/api/setup", dependencies=guarded)
    async def setup() -> dict[str, Any]:
        return await in_thread(_setup, station, files)

    @app.get("/api/setup/in-use", dependencies=guarded)
    async def in_use() -> dict[str, Any]:
        return {"addresses": addresses_of_channels(bench, station.busy_channels())}

    @app.post("/api/setup/ask", dependencies=guarded)
    async def ask(person: Engineer) -> dict[str, Any]:
        with station.idle_channels_held():
            leave = await _left_alone(station)
            rows = await in_thread(ask_all, bench, leave)
        station.keeper.event("setup.asked", {"who": person.name, "instruments": len(rows)})
        return {"instruments": rows}

    @app.post("/api/setup/discover", dependencies=guarded)
    async def look(request: Look, person: Engineer) -> dict[str, Any]:
        with station.idle_channels_held():
            leave = await _left_alone(station)
            try:
                found = await in_thread(discover, request.lan, kinds=request.kinds, leave=leave)
            except DriverError as error:
                raise as_bench_error(error) from error
        station.keeper.event("setup.discovered", {"who": person.name, "found": len(found)})
        return {"found": [one.as_dict() for one in found], "entries": as_bench_entries(found)}

    @app.post("/api/setup/check", dependencies=guarded)
    async def check(request: BenchText) -> dict[str, Any]:
        return await in_thread(files.check, request.text)

    @app.post("/api/setup/file", status_code=201, dependencies=guarded)
    async def write(request: WriteBench, person: Engineer) -> dict[str, Any]:
        version = await in_thread(files.write, request.text, person.name, request.why)
        return _written(station, files, version.number, person.name)

    @app.get("/api/calibration", dependencies=guarded)
    async def calibration() -> dict[str, Any]:
        return await in_thread(_calibrations, station, files)

    @app.post("/api/calibration", status_code=201, dependencies=guarded)
    async def calibrate(request: Calibrate, person: Engineer) -> dict[str, Any]:
        version = await in_thread(
            files.calibrate, request.address, request.calibration, person.name, request.why
        )
        station.keeper.event(
            "calibration.entered",
            {
                "who": person.name,
                "address": request.address,
                "due": str(request.calibration.get("due")),
                "certificate": str(request.calibration.get("certificate", "")),
            },
        )
        return _written(station, files, version.number, person.name)


async def _left_alone(station: Station) -> list[str]:
    """Addresses that nobody asks now: a test runs there, the guard holds them, or another bench has them."""
    own = addresses_of_channels(station.bench, station.busy_channels())
    return own + await in_thread(addresses_in_use, station.config.data, station.bench.name)


def _written(station: Station, files: BenchFiles, number: int, who: str) -> dict[str, Any]:
    station.keeper.event("setup.written", {"who": who, "file": files.path.name, "version": number})
    return {"version": number, "path": str(files.path), "at_next_start": True}


def _setup(station: Station, files: BenchFiles) -> dict[str, Any]:
    bench = station.bench
    try:
        report = check_report(bench)
    except DriverError as error:
        raise as_bench_error(error) from error
    shown = files.show() if station.config.bench_file is not None else None
    return {
        **report,
        "limits": {channel.id: channel.limits.model_dump(exclude_none=True) for channel in bench.channels},
        "names": {channel.id: channel.name.model_dump() for channel in bench.channels},
        "levels": {channel.id: [channel.level, channel.series_cells] for channel in bench.channels},
        "guard": None if bench.guard is None else bench.guard.model_dump(mode="json", exclude={"relay"}),
        "busy": sorted(station.busy_channels()),
        "file": shown,
    }


def _calibrations(station: Station, files: BenchFiles) -> dict[str, Any]:
    """As the file says now; ``pending``: the service still runs with what it said when it was started."""
    today = datetime.datetime.now().astimezone().date()
    shown = files.show() if station.config.bench_file is not None else None
    bench = station.bench
    if shown is not None:
        bench = check_bench_text(shown["text"], shown["path"])[0] or bench
    return {
        "policy": bench.calibration,
        "instruments": calibrations_of(bench, today),
        "pending": bool(shown and shown["pending"]),
        "path": shown and shown["path"],
    }
