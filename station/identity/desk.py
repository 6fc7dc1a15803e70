"""Identities on the records, as the command line and the API ask for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from station.identity.kinds import describe
from station.records import Records

DEPTH_MOST = 8


def add(records: Records, scanned: str, *, level: str | None, who: str) -> dict[str, Any]:
    """Put a code on record as it was scanned. Returns what it says. Raises UsageError, RecordError."""
    told = describe(scanned, level=level, today=datetime.now(UTC).date())
    row = records.add_identity(told.code, kind=told.kind, level=told.level, raw=scanned.strip(), by=who)
    return {**told.as_dict(), "level": row["level"], "raw": row["raw"]}


def link(
    records: Records,
    parent: str,
    child: str,
    *,
    who: str,
    why: str,
    move: bool = False,
    parent_level: str | None = None,
    child_level: str | None = None,
) -> dict[str, Any]:
    """``child`` sits in ``parent``; codes that are new are put on record. Raises UsageError, RecordError."""
    above = add(records, parent, level=parent_level, who=who)
    below = add(records, child, level=child_level, who=who)
    return records.link_part(above["code"], below["code"], who=who, why=why, move=move)


def unlink(records: Records, child: str, *, who: str, why: str) -> dict[str, Any]:
    """``child`` has been taken out of what held it. Raises UsageError, RecordError."""
    return records.unlink_part(describe(child).code, who=who, why=why)


def recode(records: Records, old: str, new: str, *, who: str, why: str) -> dict[str, Any]:
    """A new code for a second life; the old one is kept and found by either. Raises UsageError,
    RecordError."""
    before = add(records, old, level=None, who=who)
    after = add(records, new, level=before["level"], who=who)
    return records.recode(before["code"], after["code"], who=who, why=why)


def correct_code(records: Records, run_id: str, battery: str, *, who: str, why: str) -> dict[str, Any]:
    """A run was recorded under a wrong code. Raises UsageError, RecordError."""
    return records.correct("run", run_id, "battery", describe(battery).code, who=who, why=why)


def show(records: Records, scanned: str) -> dict[str, Any]:
    """Everything known of one battery: what its code says, codes before and after, what holds it and what
    it holds.

    ``tests`` are the runs under any of its codes, newest first. Raises UsageError, RecordError.
    """
    today = datetime.now(UTC).date()
    told = describe(scanned, today=today)
    row = records.identity(told.code)
    if row is not None and row["level"] == "vehicle":
        told = describe(scanned, level="vehicle", today=today)
    battery = records.battery(told.code)
    known = None if battery is None else {key: value for key, value in battery.items() if key != "runs"}
    codes = _all_codes(records, told.code)
    tests = [run for code in codes for run in (records.battery(code) or {"runs": []})["runs"]]
    tests.sort(key=lambda run: run["number"], reverse=True)
    return {
        **told.as_dict(),
        "level": (row or {}).get("level") or told.level or (known or {}).get("level"),
        "on_record": known is not None or row is not None,
        "battery": known,
        "codes": codes,
        "holders": _holders(records, codes),
        "parts": _parts(records, codes, 0),
        "links": [link for code in codes for link in records.links(code)],
        "changes": _changes(records, codes, {run["run_id"] for run in tests}),
        "tests": [
            {
                key: run[key]
                for key in ("run_id", "battery", "started_utc", "profile", "verdict", "grade", "soh")
            }
            for run in tests
        ],
    }


def _changes(records: Records, codes: list[str], tests: set[str]) -> list[dict[str, Any]]:
    """Corrections of it, of its tests, and of tests that were its own by mistake; oldest first."""
    own = {change["id"]: change for code in codes for change in records.changes(key=code)}
    for change in records.changes("run"):
        told = (change["old"], change["new"]) if change["field"] == "battery" else ()
        if change["key"] in tests or set(told) & set(codes):
            own[change["id"]] = change
    return [own[number] for number in sorted(own)]


def _all_codes(records: Records, code: str) -> list[str]:
    """The codes that one battery has had, the first one first."""
    chain = [code]
    while (before := _recoded(records, chain[0], "child")) is not None and before not in chain:
        chain.insert(0, before)
    while (after := _recoded(records, chain[-1], "parent")) is not None and after not in chain:
        chain.append(after)
    return chain


def _recoded(records: Records, code: str, end: str) -> str | None:
    """What stands at the other end of the code's link of recoding."""
    other = "parent" if end == "child" else "child"
    found = (row[other] for row in records.links(code) if row["kind"] == "recoded" and row[end] == code)
    return next(found, None)


def _holders(records: Records, codes: list[str]) -> list[dict[str, Any]]:
    """From the nearest to the vehicle."""
    found: list[dict[str, Any]] = []
    while len(found) < DEPTH_MOST:
        above = [
            link["parent"]
            for code in codes
            for link in records.links(code)
            if link["kind"] == "part" and link["child"] == code and link["until_utc"] is None
        ]
        if not above:
            break
        row = records.identity(above[0]) or {}
        found.append({"code": above[0], "level": row.get("level"), "kind": row.get("kind")})
        codes = [above[0]]
    return found


def _parts(records: Records, codes: list[str], depth: int) -> list[dict[str, Any]]:
    if depth >= DEPTH_MOST:
        return []
    return [
        {
            "code": link["child"],
            "level": (records.identity(link["child"]) or {}).get("level"),
            "parts": _parts(records, [link["child"]], depth + 1),
        }
        for code in codes
        for link in records.links(code)
        if link["kind"] == "part" and link["parent"] == code and link["until_utc"] is None
    ]
