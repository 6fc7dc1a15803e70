"""Where a decision or the result to decide on comes from: a run on record, or a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from station.errors import DataError

DECISION_FORMAT = "pulse-station/decision/1"


def read_result(source: str, data: Path) -> dict[str, Any]:
    """The result of a run on record, or of a file that ``station diagnose --json`` or a run has written.

    Raises UsageError (no such run), RecordError or DataError.
    """
    path = Path(source)
    if path.is_file():
        return _json_file(path)
    from station.records import open_records

    with open_records(data) as records:
        result = records.show_run(source)["result"]
    if not isinstance(result, dict):
        raise DataError(
            f"run {source} has no result yet",
            remedy="wait until the run has ended",
            code="data.result",
            file=source,
        )
    return result


def read_decision(source: str, data: Path) -> dict[str, Any]:
    """The decision of a run (the newest one saved with it, else the run's own) or of a file.

    Raises DataError (``decision.none``) when there is none.
    """
    saved = newest_saved(source, data)
    found = _json_file(saved) if saved is not None else read_result(source, data)
    decision = found if found.get("format") == DECISION_FORMAT else found.get("decision")
    if not isinstance(decision, dict):
        raise DataError(
            f"{source}: the result holds no decision",
            remedy="decide again: station decide",
            code="decision.none",
            source=source,
        )
    return decision


def saved_files(run_dir: Path) -> list[Path]:
    """Decisions saved with a run, oldest first."""
    return sorted(run_dir.glob("decision-[0-9][0-9][0-9][0-9].json"))


def newest_saved(source: str, data: Path) -> Path | None:
    """The newest decision saved with a run; None where there is none."""
    if Path(source).is_file() or not _is_name(source):
        return None
    return next(iter(saved_files(data / "runs" / source)[::-1]), None)


def _is_name(source: str) -> bool:
    return source not in ("", ".", "..") and "/" not in source and "\\" not in source


def _json_file(path: Path) -> dict[str, Any]:
    problem: Mapping[str, str] = {"file": str(path)}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"{path} is not a readable result: {error}",
            remedy="give a file that station diagnose --json or a run has written",
            code="data.result",
            **problem,
        ) from error
    if not isinstance(found, dict):
        raise DataError(
            f"{path} holds no single result",
            remedy="give the result of one record",
            code="data.result",
            **problem,
        )
    return found
