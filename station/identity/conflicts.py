"""Codes that cannot all be true, and codes that are probably one and the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from station.errors import StationError
from station.identity.kinds import describe

_LOOK_ALIKE = str.maketrans({"O": "0", "Q": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "B": "8"})
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Conflict:
    """``code`` is an event code; ``batteries`` are the codes it is about."""

    code: str
    batteries: tuple[str, ...]
    params: dict[str, Any]


def find_conflicts(
    identities: Sequence[Row],
    links: Sequence[Row],
    batteries: Sequence[Row],
    runs: Sequence[Row],
    today: date,
) -> list[Conflict]:
    """All there are in the records: rows of identities, links, batteries and runs. Nothing is decided
    here."""
    codes = sorted({row["code"] for row in identities} | {row["code"] for row in batteries})
    return [
        *_duplicates(codes),
        *_labels(identities, batteries, today),
        *_parents(links),
        *_after_recoding(links, runs),
    ]


def _duplicates(codes: Sequence[str]) -> Iterator[Conflict]:
    """The same code with a maker's extra characters, and free texts that differ by what people mix up."""
    by_core: defaultdict[str, list[str]] = defaultdict(list)
    by_look: defaultdict[str, list[str]] = defaultdict(list)
    for text in codes:
        told = _told(text)
        if told is not None and told.decoded.get("serial"):
            by_core[text[: len(text) - len(told.decoded["extra"])]].append(text)
        else:
            by_look["".join(c for c in text if c.isalnum()).translate(_LOOK_ALIKE)].append(text)
    for group in by_core.values():
        if len(group) > 1:
            yield Conflict("identity.duplicate", tuple(group), {"codes": ", ".join(group)})
    for look, group in by_look.items():
        if look and len(group) > 1:
            yield Conflict("identity.look_alike", tuple(group), {"codes": ", ".join(group)})


def _labels(identities: Sequence[Row], batteries: Sequence[Row], today: date) -> Iterator[Conflict]:
    """What a label says against what is on record."""
    for row in [*identities, *batteries]:
        told = _told(row["code"])
        if told is None:
            continue
        if told.level and row.get("level") and told.level != row["level"]:
            params = {"label": told.level, "channel": row["level"]}
            yield Conflict("battery.level_differs", (row["code"],), params)
        hint, given = told.decoded.get("chemistry_hint"), row.get("chemistry")
        if hint and given and hint != given:
            yield Conflict("battery.chemistry_differs", (row["code"],), {"label": hint, "given": given})
        made_on = told.decoded.get("made_on")
        if made_on and made_on > today.isoformat()[: len(made_on)]:
            params = {"code": row["code"], "made_on": made_on}
            yield Conflict("identity.date_future", (row["code"],), params)


def _parents(links: Sequence[Row]) -> Iterator[Conflict]:
    """Two programs, or two sites, may each have linked a part: here it is found."""
    above: defaultdict[str, list[str]] = defaultdict(list)
    for link in links:
        if link["kind"] == "part" and link["until_utc"] is None:
            above[link["child"]].append(link["parent"])
    for child, parents in above.items():
        if len(parents) > 1:
            yield Conflict(
                "identity.two_parents", (child, *parents), {"child": child, "parents": ", ".join(parents)}
            )


def _after_recoding(links: Sequence[Row], runs: Sequence[Row]) -> Iterator[Conflict]:
    """A test under a code that the battery had no more."""
    new_code = {link["parent"]: link for link in links if link["kind"] == "recoded"}
    for run in runs:
        link = new_code.get(run["battery"])
        if link is not None and run["started_utc"] > link["from_utc"]:
            yield Conflict(
                "identity.old_code_used",
                (run["battery"], link["child"]),
                {"old": run["battery"], "new": link["child"], "run_id": run["run_id"]},
            )


def _told(text: str) -> Any:
    try:
        return describe(text)
    except StationError:
        return None
