"""Corrections of records: the old value, the new one, who, when and why, in a table and in the chain of
events."""

from __future__ import annotations

import json
import re
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from station.errors import UsageError
from station.records.chain import canonical_json
from station.records.event_log import EventLog
from station.records.models import Base, Battery, Change, Identity, Run, utc_now

CORRECTABLE: dict[str, tuple[type[Base], tuple[str, ...]]] = {
    "battery": (Battery, ("level", "chemistry", "nominal_capacity_Ah", "maker", "made_on")),
    "run": (Run, ("battery", "nominal_capacity_Ah", "chemistry")),
    "identity": (Identity, ("level",)),
}
"""What a person may correct. Measured data, results and verdicts are not among it: those are made anew."""
CAPACITY_MOST_AH = 10_000.0
_FORMS = {
    "level": re.compile("vehicle|pack|module|cell"),
    "made_on": re.compile(r"\d{4}-\d{2}(-\d{2})?"),
    "chemistry": re.compile(r".{1,10}"),
    "maker": re.compile(r".{1,10}"),
}


class ChangeStore(EventLog):
    """Changes a field and keeps what it was."""

    def correct(self, record: str, key: str, field: str, new: Any, *, who: str, why: str) -> dict[str, Any]:
        """Set one field of one record. Returns the change.

        Raises UsageError: ``record.unsigned`` (who or why is not said), ``record.not_correctable``,
        ``record.bad_value``, ``record.no_record``, ``record.same_value``.
        """
        who, why = who.strip(), why.strip()
        if not who or not why:
            raise UsageError(
                "who corrects a record, and why, must be said",
                remedy="give --who and --why",
                code="record.unsigned",
            )
        table, fields = CORRECTABLE.get(record, (None, ()))
        if table is None or field not in fields:
            raise UsageError(
                f"{record}.{field} is not corrected by hand",
                remedy="what can be: "
                + "; ".join(f"{k}: {', '.join(f)}" for k, (_, f) in CORRECTABLE.items()),
                code="record.not_correctable",
                record=record,
                field=field,
            )
        new = _checked(field, new)
        with self._writing() as session:
            row = session.get(table, key)
            if row is None:
                raise UsageError(
                    f"there is no {record} {key!r} on record",
                    remedy="check the code",
                    code="record.no_record",
                    record=record,
                    key=key,
                )
            old = getattr(row, field)
            if old == new:
                raise UsageError(
                    f"{record} {key}: {field} is {new!r} already",
                    remedy="nothing to do",
                    code="record.same_value",
                    record=record,
                    key=key,
                    field=field,
                )
            if record == "run" and field == "battery" and session.get(Battery, new) is None:
                now = utc_now()
                session.add(Battery(code=new, first_seen_utc=now, last_seen_utc=now))
                session.flush()
            setattr(row, field, new)
            return self._note_change(session, record, key, field, old, new, who, why)

    def changes(self, record: str | None = None, key: str | None = None) -> list[dict[str, Any]]:
        """What was changed, oldest first."""
        query = select(Change).order_by(Change.id)
        if record is not None:
            query = query.where(Change.record == record)
        if key is not None:
            query = query.where(Change.key == key)
        with self._reading() as session:
            return [_row(change) for change in session.scalars(query)]

    def _note_change(
        self, session: Session, record: str, key: str, field: str, old: Any, new: Any, who: str, why: str
    ) -> dict[str, Any]:
        """In the same transaction as the change itself: neither stands without the other."""
        params = {
            "record": record,
            "key": key,
            "field": field,
            "old": old,
            "new": new,
            "who": who,
            "why": why,
        }
        event = self._append(session, "record.changed", params, run_id=key if record == "run" else None)
        change = Change(
            record=record, key=key, field=field, old=canonical_json(old), new=canonical_json(new),
            who=who, why=why, t_utc=event.t_utc, event_hash=event.hash,
        )  # fmt: skip
        session.add(change)
        session.flush()
        return _row(change)


def _checked(field: str, new: Any) -> Any:
    """The value as it is kept; nothing goes into a column that is none of its kind."""
    if field == "nominal_capacity_Ah":
        try:
            value = float(new)
        except (TypeError, ValueError):
            value = 0.0
        if 0 < value < CAPACITY_MOST_AH:
            return value
    elif isinstance(new, str) and new.strip():
        new, pattern = new.strip(), _FORMS.get(field)
        if pattern is None or pattern.fullmatch(new):
            return new
    raise UsageError(
        f"{new!r} is no value for {field}",
        remedy="see what the field holds: docs/records.md",
        code="record.bad_value",
        field=field,
        value=str(new),
    )


def _row(change: Change) -> dict[str, Any]:
    row = {column.key: getattr(change, column.key) for column in Change.__table__.columns}
    return {**row, "old": json.loads(change.old), "new": json.loads(change.new)}
