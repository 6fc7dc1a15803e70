"""The table as a page: a Mermaid drawing and every row in words."""

from __future__ import annotations

from collections.abc import Iterator

from station.lifecycle.table import TRANSITIONS, State


def page() -> str:
    """The whole Markdown page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# States of a channel"
    yield ""
    yield "Drawn by `python -m station.lifecycle` from the table in `station/lifecycle/table.py`."
    yield "A verdict is reached only through `safe`: output off and zero current, read back. A fault stays"
    yield "until a person acknowledges it, also over a restart."
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield f"    [*] --> {State.IDLE}"
    for row in TRANSITIONS:
        yield f"    {row.state} --> {row.to} : {row.event}"
    yield "```"
    yield ""
    yield "| state | event | next | when |"
    yield "|---|---|---|---|"
    for row in TRANSITIONS:
        yield f"| {row.state} | {row.event} | {row.to} | {row.text} |"
