"""Comparing models takes minutes of arithmetic: it runs in a process of its own."""

from __future__ import annotations

import asyncio
import multiprocessing
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from pathlib import Path
from typing import Any

from station.errors import DataError, StationError

PATIENCE_S = 600.0


async def compare_apart(candidate: Path, running: Path, cells: Path, labels: Path | None) -> dict[str, Any]:
    """``station learn compare`` as plain data. Raises StationError."""
    pool = ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn"))
    try:
        future = pool.submit(_compare, candidate, running, cells, labels)
        answer = await asyncio.wait_for(asyncio.wrap_future(future), PATIENCE_S)
    except (TimeoutError, BrokenExecutor) as error:
        raise StationError(
            f"the comparison did not end: {error}",
            remedy="compare fewer cells, or on the command line: station learn compare",
            code="compare.failed",
            reason=str(error),
        ) from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    if "error" in answer:
        told = answer["error"]
        raise DataError(told["message"], remedy=told["remedy"], code=told["code"], **told["params"])
    return answer


def _compare(candidate: Path, running: Path, cells: Path, labels: Path | None) -> dict[str, Any]:
    """In the process; errors come back as data, because they do not survive the way."""
    from station.models.compare import compare
    from station.models.labels import join, read_labels
    from station.models.store import load_models
    from station.models.training.table import read_labelled, read_pulses

    try:
        rows = read_labelled(cells) if labels is None else join(read_pulses(cells), read_labels(labels))
        rows = rows.where(rows.width_s == rows.width_s.max())
        return compare(load_models(candidate), load_models(running), rows).as_dict()
    except StationError as known:
        return {"error": known.as_dict()}
    except Exception as error:  # noqa: BLE001 - a table of any kind was given: it is told, whatever it is
        told = DataError(
            f"{cells.name}: {error!r}",
            remedy="give a labelled pulse table (docs/learning-on-site.md)",
            code="compare.table",
            file=str(cells),
            reason=str(error),
        )
        return {"error": told.as_dict()}
