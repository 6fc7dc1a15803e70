"""All questions of ``station stats`` at once, over one reading of the records: for the page."""

from __future__ import annotations

import math
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from station.archive.channels import compare_channels
from station.archive.courses import courses
from station.archive.facts import facts_table
from station.archive.questions import BY, repeatability, spreads, yields
from station.records import Records

GROUPED: Final = {"yield": yields, "spread": spreads, "repeat": repeatability}
QUESTIONS: Final = (*GROUPED, "channels")


def answers(records: Records, *, since: str | None = None, until: str | None = None) -> dict[str, Any]:
    """What the judged tests begun in the span say (ISO 8601 UTC, end exclusive). Raises RecordError.

    ``tests`` and ``batteries`` are how many; ``yield``, ``spread`` and ``repeat`` have their rows by each of
    ``BY``; ``channels`` and ``courses`` compare the channels. Figures that are not finite are None.
    """
    return answers_of(facts_table(records, since=since, until=until))


def answers_of(table: pa.Table) -> dict[str, Any]:
    """The same over a table of ``facts``."""
    told: dict[str, Any] = {
        "tests": table.num_rows,
        "batteries": pc.count_distinct(table["battery"]).as_py(),
        **{name: {by: question(table, by) for by in BY} for name, question in GROUPED.items()},
        "channels": compare_channels(table),
        "courses": courses(table),
    }
    clean: dict[str, Any] = _finite(told)
    return clean


def rows_of(told: dict[str, Any], question: str, by: str) -> list[dict[str, Any]]:
    """The rows of one question out of all the answers."""
    rows: list[dict[str, Any]] = told["channels"] if question == "channels" else told[question][by]
    return rows


def _finite(told: Any) -> Any:
    """JSON has no word for what is not finite."""
    if isinstance(told, dict):
        return {key: _finite(value) for key, value in told.items()}
    if isinstance(told, list):
        return [_finite(value) for value in told]
    return None if isinstance(told, float) and not math.isfinite(told) else told
