"""The queue of what platforms are told: items by template, files in batches, each item in one file only."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Literal

from station.errors import RecordError, UsageError
from station.exports.tables import csv_bytes, json_bytes, xlsx_bytes
from station.exports.template import due_on, fill, find_template, settings, templates
from station.identity import describe, show
from station.records import Records
from station.records.files import write_whole

FileKind = Literal["csv", "xlsx", "json"]
SOON_DAYS = 3


def add(
    records: Records,
    template: str,
    battery: str | None,
    *,
    run_id: str | None = None,
    happened_on: date | None = None,
    given: Mapping[str, str] | None = None,
    by: str,
) -> tuple[dict[str, Any], bool]:
    """Queue one message. Returns the item, and False where the same thing is queued already.

    Raises UsageError (``trace.missing``, ``trace.no_template``, ``record.no_run``), DataError, RecordError.
    """
    wanted, known = find_template(records.folder, template), settings(records.folder)
    if wanted.needs_run and run_id is None:
        raise UsageError(
            f"{template} tells of a test", remedy="give --run", code="trace.no_run", template=template
        )
    run = None if run_id is None else records.show_run(run_id)
    code = battery if battery is not None else (run or {}).get("battery")
    if code is None:
        raise UsageError(
            "it is not said which battery", remedy="give --battery or --run", code="trace.no_battery"
        )
    day = happened_on or _day(run) or datetime.now().astimezone().date()
    facts = {
        "battery": _battery(records, code),
        "site": dict(known.site),
        "station": (run or {}).get("station"),
        "run": _run(run),
        "given": dict(given or {}),
        "happened_on": day.isoformat(),
    }
    row = fill(wanted, facts)
    subject = f"{describe(code).code}|{run_id or day.isoformat()}"
    due = due_on(wanted, day, known)
    last = None if due is None else due.isoformat()
    return records.add_trace(template, subject, row, happened_on=day.isoformat(), due_on=last, by=by)


def collect(records: Records, *, by: str, template: str = "test", simulated: bool = False) -> dict[str, int]:
    """Queue every completed test that is not queued yet. Returns ``queued``, ``there``, ``incomplete``.

    Tests of simulated batteries stay out unless they are asked for: nobody must take them for real ones.
    """
    told = {"queued": 0, "there": 0, "incomplete": 0}
    for run in records.list_runs(limit=1_000_000, state="ended"):
        if run["outcome"] != "completed" or (run["simulated"] and not simulated):
            continue
        try:
            _, new = add(records, template, None, run_id=run["run_id"], by=by)
        except UsageError as error:
            if error.code != "trace.missing":
                raise
            told["incomplete"] += 1
        else:
            told["queued" if new else "there"] += 1
    return told


def queue(records: Records, today: date, *, all_states: bool = False) -> list[dict[str, Any]]:
    """What is not confirmed yet, the most urgent first, each with ``days_left`` and ``urgency``."""
    rows = records.trace_items(states=None if all_states else ("waiting", "exporting", "exported"))
    for row in rows:
        left = None if row["due_on"] is None else (date.fromisoformat(row["due_on"]) - today).days
        row["days_left"] = left
        row["urgency"] = (
            "none"
            if left is None or row["state"] == "confirmed"
            else "overdue"
            if left < 0
            else "soon"
            if left <= SOON_DAYS
            else "in_time"
        )
    return rows


def export(
    records: Records, template: str, folder: Path, kind: FileKind, *, by: str
) -> dict[str, Any] | None:
    """Write all that waits for ``template`` into one file. None when nothing waits.

    A batch that was cut off in the middle is written again under its own name: no item is lost, and none is
    in two
    files. Raises UsageError, DataError, RecordError (``record.unavailable``: the batch is tried again next
    time).
    """
    wanted = find_template(records.folder, template)
    name = f"{template}-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    batch, items = records.begin_batch(template, name, by=by)
    if not items:
        return None
    columns = [column.name for column in wanted.columns]
    rows = [[item["fields"].get(column) for column in columns] for item in items]
    if kind == "csv":
        content = csv_bytes(columns, rows)
    elif kind == "xlsx":
        content = xlsx_bytes({template: (columns, rows)})
    else:
        content = json_bytes(
            {
                "template": template,
                "batch": batch,
                "evidence": wanted.evidence,
                "items": [dict(zip(columns, row, strict=True)) for row in rows],
            }
        )
    path = folder / f"{batch}.{kind}"
    write_whole(path, content)
    digest = hashlib.sha256(content).hexdigest()
    records.end_batch(batch, file=str(path), sha256=digest, by=by)
    return {"batch": batch, "file": str(path), "sha256": digest, "count": len(items)}


def batch_file(records: Records, batch: str) -> tuple[str, bytes]:
    """Name and content of the file that a batch was written to.

    Raises UsageError (``trace.no_batch``), RecordError (``trace.file_lost``: gone, or not as it was written).
    """
    item = next((row for row in records.trace_items(batch=batch) if row["file"]), None)
    if item is None:
        raise UsageError(
            f"no exported batch {batch!r}",
            remedy="see: station trace list",
            code="trace.no_batch",
            batch=batch,
        )
    path = Path(item["file"])
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _lost(path, error.strerror or str(error)) from error
    if hashlib.sha256(content).hexdigest() != item["sha256"]:
        raise _lost(path, "its checksum is another one")
    return path.name, content


def _lost(path: Path, reason: str) -> RecordError:
    return RecordError(
        f"{path}: is not there as it was written: {reason}",
        remedy="take the copy that was handed over, or the backup",
        code="trace.file_lost",
        file=str(path),
        reason=reason,
    )


def template_rows(data: Path) -> list[dict[str, Any]]:
    """Name, titles, columns, deadline and evidence of every template."""
    return [template.model_dump(mode="json", by_alias=True) for template in templates(data).values()]


def _battery(records: Records, code: str) -> dict[str, Any]:
    told = show(records, code)
    said = {key: value for key, value in told["decoded"].items() if not isinstance(value, dict)}
    earlier = told["codes"][: told["codes"].index(told["code"])]
    vehicle = next((row["code"] for row in told["holders"] if row["level"] == "vehicle"), None)
    return {
        **(told["battery"] or {}),
        "code": told["code"],
        "kind": told["kind"],
        "level": told["level"],
        "type_letter": said.get("type_letter"),
        "old_code": earlier[-1] if earlier else None,
        "has_old_code": "Y" if earlier else "N",
        "vin": vehicle,
        "holder": told["holders"][0]["code"] if told["holders"] else None,
    }


def _run(run: Mapping[str, Any] | None) -> dict[str, Any]:
    if run is None:
        return {}
    result = run["result"] or {}
    budget = (result.get("uncertainty") or {}).get("quantities") or {}
    hashes = {file["kind"]: file["sha256"] for file in run["files"]}
    soh, nominal = run["soh"], run["nominal_capacity_Ah"]
    rules = ((result.get("decision") or {}).get("rules")) or {}
    return {
        **{key: value for key, value in run.items() if key not in ("result", "events", "files")},
        "remaining_Ah": None if soh is None else soh * nominal,
        "soh_method": result.get("soh_method"),
        "resistance_ohm": (budget.get("resistance") or {}).get("value"),
        "soh_expanded": (budget.get("soh") or {}).get("expanded"),
        "raw_sha256": hashes.get("run"),
        "signed_sha256": hashes.get("signed"),
        "rules": rules.get("name") and f"{rules['name']} {rules['version']}",
    }


def _day(run: Mapping[str, Any] | None) -> date | None:
    return (
        None
        if run is None
        else datetime.fromisoformat(run["ended_utc"] or run["started_utc"]).astimezone().date()
    )
