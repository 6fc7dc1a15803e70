"""``GET /api/runs/{run_id}/curve``: a recorded run, drawn at any zoom."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import FastAPI, Query
from fastapi.responses import Response

from station.service.core import Station
from station.service.ending import in_thread
from station.service.paths import ServicePaths
from station.service.stored_curves import QUANTITIES, StoredCurves

BUCKETS_MAX = 8_000


def add_curves(app: FastAPI, station: Station, guarded: list[Any]) -> None:
    """Add the route; every request must pass ``guarded``."""
    stored = StoredCurves()

    def look(run_id: str, begin_s: float | None, end_s: float | None, buckets: int, quantities: str) -> bytes:
        row = station.records.find_run(run_id)
        folder = ServicePaths(station.config.data, row["bench"]).run(run_id)
        wanted = tuple(quantities.split(","))
        view = stored.view(folder, wanted, begin_s=begin_s, end_s=end_s, buckets=buckets)
        return json.dumps({"run_id": run_id, **view}, allow_nan=False).encode()

    @app.get("/api/runs/{run_id}/curve", dependencies=guarded)
    async def curve(
        run_id: str,
        begin_s: Annotated[float | None, Query(allow_inf_nan=False)] = None,
        end_s: Annotated[float | None, Query(allow_inf_nan=False)] = None,
        buckets: Annotated[int, Query(ge=1, le=BUCKETS_MAX)] = 1_000,
        quantities: str = ",".join(QUANTITIES),
    ) -> Response:
        # Put into words in the thread as well: thousands of figures would hold up the live line.
        body = await in_thread(look, run_id, begin_s, end_s, buckets, quantities)
        return Response(body, media_type="application/json")
