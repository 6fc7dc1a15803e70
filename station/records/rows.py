"""Table rows as plain data, as the API and the command line give them."""

from __future__ import annotations

import json
from typing import Any

from station.records.models import Battery, Event, PersonRecord, RawFile, Run

_INTERNAL = {"worker_pid", "worker_started", "error_message", "error_remedy", "error_params"}


def run_row(run: Run) -> dict[str, Any]:
    """A run; ``error`` holds code, message, remedy and params, or is None."""
    row = {c.key: getattr(run, c.key) for c in Run.__table__.columns if c.key not in _INTERNAL}
    row["error"] = (
        None
        if run.error_code is None
        else {
            "code": run.error_code,
            "message": run.error_message or "",
            "remedy": run.error_remedy or "",
            "params": json.loads(run.error_params or "{}"),
        }
    )
    return row


def battery_row(battery: Battery) -> dict[str, Any]:
    """A battery."""
    return {column.key: getattr(battery, column.key) for column in Battery.__table__.columns}


def event_row(event: Event) -> dict[str, Any]:
    """An event with its params as data."""
    return {**event_content(event), "id": event.id, "previous_hash": event.previous_hash, "hash": event.hash}


def event_content(event: Event) -> dict[str, Any]:
    """What the event's hash covers, beside the hash before it."""
    return {
        "run_id": event.run_id,
        "t_utc": event.t_utc,
        "t_s": event.t_s,
        "source": event.source,
        "code": event.code,
        "level": event.level,
        "params": json.loads(event.params),
    }


def file_row(file: RawFile) -> dict[str, Any]:
    """A raw file; ``removed_utc`` only where it was taken away."""
    row = {"path": file.path, "kind": file.kind, "sha256": file.sha256, "bytes": file.bytes}
    return row if file.removed_utc is None else {**row, "removed_utc": file.removed_utc}


def person_row(person: PersonRecord) -> dict[str, Any]:
    """A person; of badge and PIN only whether there is one."""
    hidden = {"badge_hash", "pin_hash"}
    row = {c.key: getattr(person, c.key) for c in PersonRecord.__table__.columns if c.key not in hidden}
    return {**row, "badge": person.badge_hash is not None, "pin": person.pin_hash is not None}
