"""Routes of identity, proof and exports."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import FastAPI, Query
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from station import identity
from station.errors import UsageError
from station.evidence import SIGNED_NAME, station_key
from station.evidence.records_check import check_records
from station.exports.run import export_run
from station.service.api_history import Word
from station.service.ending import in_thread
from station.service.persons import AnyPerson, Engineer

if TYPE_CHECKING:
    from station.service.core import Station

CODES_MOST = 200
Level = Literal["vehicle", "pack", "module", "cell"]
_MEDIA = {
    "bdf-csv": "text/csv", "bdf-parquet": "application/vnd.apache.parquet", "json": "application/json",
    "passport": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


class NewIdentity(BaseModel):
    """``POST /api/identities``."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(max_length=128)
    level: Level | None = None


class LinkRequest(BaseModel):
    """``POST /api/identities/link``."""

    model_config = ConfigDict(extra="forbid")

    holder: str = Field(max_length=128)
    part: str = Field(max_length=128)
    holder_level: Level | None = None
    part_level: Level | None = None
    move: bool = False
    why: str = Field(max_length=400)


class UnlinkRequest(BaseModel):
    """``POST /api/identities/unlink``."""

    model_config = ConfigDict(extra="forbid")

    part: str = Field(max_length=128)
    why: str = Field(max_length=400)


class RecodeRequest(BaseModel):
    """``POST /api/identities/recode``."""

    model_config = ConfigDict(extra="forbid")

    old: str = Field(max_length=128)
    new: str = Field(max_length=128)
    why: str = Field(max_length=400)


class CorrectRequest(BaseModel):
    """``POST /api/changes``."""

    model_config = ConfigDict(extra="forbid")

    record: Literal["battery", "run", "identity"]
    key: str = Field(max_length=64)
    field: str = Field(max_length=40)
    value: str | float | None
    why: str = Field(max_length=400)


def add_records(app: FastAPI, station: Station, guarded: list[Any]) -> None:
    """Add the routes."""

    @app.get("/api/identities/conflicts", dependencies=guarded)
    async def conflicts() -> dict[str, Any]:
        """Codes that cannot all be true, and codes that are probably one and the same."""

        def find() -> list[dict[str, Any]]:
            records = station.records
            found = identity.find_conflicts(
                records.identities(), records.links(), records.batteries(),
                records.list_runs(limit=1_000_000), datetime.now(UTC).date(),
            )  # fmt: skip
            return [dataclasses.asdict(one) for one in found]

        return {"conflicts": await in_thread(find)}

    @app.get("/api/identities", dependencies=guarded)
    async def codes(_person: Engineer, text: Word = None) -> dict[str, Any]:
        """The codes on record that hold this text, in the order of the alphabet."""
        found = await in_thread(station.records.find_codes, text or "", limit=CODES_MOST)
        return {"codes": found[:CODES_MOST], "more": len(found) > CODES_MOST}

    @app.get("/api/identities/{code:path}", dependencies=guarded)
    async def show(code: str) -> dict[str, Any]:
        """What a code says, its other codes, what holds it and what it holds, its tests and corrections."""
        return await in_thread(identity.show, station.records, code)

    @app.post("/api/identities", status_code=201, dependencies=guarded)
    async def add(request: NewIdentity, person: AnyPerson) -> dict[str, Any]:
        return await in_thread(
            identity.add, station.records, request.code, level=request.level, who=person.name
        )

    @app.post("/api/identities/link", status_code=201, dependencies=guarded)
    async def link(request: LinkRequest, person: AnyPerson) -> dict[str, Any]:
        return await in_thread(
            identity.link, station.records, request.holder, request.part, who=person.name, why=request.why,
            move=request.move, parent_level=request.holder_level, child_level=request.part_level,
        )  # fmt: skip

    @app.post("/api/identities/unlink", dependencies=guarded)
    async def unlink(request: UnlinkRequest, person: AnyPerson) -> dict[str, Any]:
        """A part has been taken out; that it was there stays on record."""
        return await in_thread(
            identity.unlink, station.records, request.part, who=person.name, why=request.why
        )

    @app.post("/api/identities/recode", status_code=201, dependencies=guarded)
    async def recode(request: RecodeRequest, person: Engineer) -> dict[str, Any]:
        return await in_thread(
            identity.recode, station.records, request.old, request.new, who=person.name, why=request.why
        )

    @app.post("/api/changes", status_code=201, dependencies=guarded)
    async def correct(request: CorrectRequest, person: Engineer) -> dict[str, Any]:
        """Correct a field; the old value stays with who, when and why."""
        return await in_thread(
            station.records.correct, request.record, request.key, request.field, request.value,
            who=person.name, why=request.why,
        )  # fmt: skip

    @app.get("/api/changes", dependencies=guarded)
    async def changes(key: Annotated[str | None, Query(max_length=64)] = None) -> dict[str, Any]:
        return {"changes": await in_thread(station.records.changes, key=key)}

    @app.get("/api/runs/{run_id}/export", dependencies=guarded)
    async def export(
        run_id: str,
        form: Annotated[
            Literal["bdf-csv", "bdf-parquet", "xlsx", "json", "passport"], Query(alias="format")
        ] = "bdf-csv",
    ) -> Response:
        name, content = await in_thread(export_run, station.records, run_id, form)
        ascii_name = name.encode("ascii", "replace").decode().replace("?", "_")
        header = {"Content-Disposition": f'attachment; filename="{ascii_name}"'}
        return Response(content, media_type=_MEDIA[form], headers=header)

    @app.get("/api/runs/{run_id}/signed", dependencies=guarded)
    async def signed(run_id: str) -> Response:
        """The signed result; ``station verify`` checks it anywhere."""
        await in_thread(station.records.find_run, run_id)
        path = station.config.data / "runs" / run_id / SIGNED_NAME
        if not path.is_file():
            raise UsageError(
                f"run {run_id} has no signed result",
                remedy="sign it: station sign",
                code="evidence.no_result",
                run_id=run_id,
            )
        return FileResponse(path, media_type="application/json")

    @app.get("/api/records/key", dependencies=guarded)
    async def key() -> dict[str, str]:
        """The station's public key."""
        own = await in_thread(station_key, station.config.data)
        return {"key_id": own.key_id, "public_pem": own.public_pem.decode()}

    @app.get("/api/records/verify", dependencies=guarded)
    async def verify(_person: Engineer) -> dict[str, Any]:
        """Chain, checksums, and signed results against both."""
        return await in_thread(check_records, station.records)
