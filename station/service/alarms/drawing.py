"""The table of states as a part of a page: a Mermaid drawing and every row in words."""

from __future__ import annotations

from collections.abc import Iterator

from station.service.alarms.table import TRANSITIONS, AlarmState


def table() -> str:
    """The part of docs/alarms.md between its marks."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {AlarmState.NORMAL}"
    for row in TRANSITIONS:
        yield f"    {row.state} --> {row.to} : {row.event}"
    yield "```"
    yield ""
    yield "| state | event | next | when |"
    yield "|---|---|---|---|"
    for row in TRANSITIONS:
        yield f"| {row.state} | {row.event} | {row.to} | {row.text} |"
