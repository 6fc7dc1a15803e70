"""The queue of what must be told to a traceability platform: kept, exported in batches, confirmed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from station.errors import UsageError
from station.records.chain import canonical_json
from station.records.event_log import EventLog
from station.records.models import TraceItem, utc_now

OPEN = ("waiting", "exporting", "exported")
"""Whatever is not confirmed still has its deadline."""


class TraceStore(EventLog):
    """An item is named by template and subject: the same thing is never told twice."""

    def add_trace(
        self,
        template: str,
        subject: str,
        fields: dict[str, Any],
        *,
        happened_on: str,
        due_on: str | None,
        by: str,
    ) -> tuple[dict[str, Any], bool]:
        """Put it in the queue. Returns the item, and False where it was there already (as it is)."""
        with self._writing() as session:
            query = select(TraceItem).where(TraceItem.template == template, TraceItem.subject == subject)
            there = session.scalars(query).first()
            if there is not None:
                return _row(there), False
            now = utc_now()
            item = TraceItem(
                template=template, subject=subject, fields=canonical_json(fields), state="waiting",
                happened_on=happened_on, due_on=due_on, made_utc=now, made_by=by,
                changed_utc=now, changed_by=by,
            )  # fmt: skip
            session.add(item)
            session.flush()
            return _row(item), True

    def trace_items(
        self, *, states: Sequence[str] | None = None, template: str | None = None, batch: str | None = None
    ) -> list[dict[str, Any]]:
        """The items, the most urgent first."""
        query = select(TraceItem).order_by(TraceItem.due_on.is_(None), TraceItem.due_on, TraceItem.id)
        if states is not None:
            query = query.where(TraceItem.state.in_(states))
        if template is not None:
            query = query.where(TraceItem.template == template)
        if batch is not None:
            query = query.where(TraceItem.batch == batch)
        with self._reading() as session:
            return [_row(item) for item in session.scalars(query)]

    def begin_batch(self, template: str, batch: str, *, by: str) -> tuple[str, list[dict[str, Any]]]:
        """The items to write now: those of a batch that was cut off, under its name, else all that wait.

        Returns the batch's name and its items, in the order in which they came; none: nothing waits.
        """
        with self._writing() as session:
            mine = select(TraceItem).where(TraceItem.template == template).order_by(TraceItem.id)
            items = list(session.scalars(mine.where(TraceItem.state == "exporting")))
            if items:
                batch = items[0].batch or batch
                items = [item for item in items if item.batch == batch]
            else:
                items = list(session.scalars(mine.where(TraceItem.state == "waiting")))
                for item in items:
                    item.state, item.batch = "exporting", batch
                    item.changed_utc, item.changed_by = utc_now(), by
            return batch, [_row(item) for item in items]

    def end_batch(self, batch: str, *, file: str, sha256: str, by: str) -> int:
        """Its file is written. Returns how many items it holds."""
        with self._writing() as session:
            items = self._of_batch(session, batch, ("exporting",))
            for item in items:
                item.state, item.file, item.sha256 = "exported", file, sha256
                item.changed_utc, item.changed_by = utc_now(), by
            params = {"batch": batch, "count": len(items), "file": file, "sha256": sha256, "who": by}
            self._append(session, "trace.exported", params)
            return len(items)

    def answer_batch(self, batch: str, *, taken: bool, receipt: str, by: str) -> int:
        """What the platform said. Refused items wait again for the next batch. Returns how many.

        Raises UsageError (``trace.no_batch``).
        """
        with self._writing() as session:
            items = self._of_batch(session, batch, ("exported",))
            if not items:
                raise UsageError(
                    f"no exported batch {batch!r}",
                    remedy="see: station trace list",
                    code="trace.no_batch",
                    batch=batch,
                )
            for item in items:
                item.state, item.receipt = ("confirmed" if taken else "waiting"), receipt
                item.changed_utc, item.changed_by = utc_now(), by
                if not taken:
                    item.batch = None
            code = "trace.confirmed" if taken else "trace.refused"
            self._append(session, code, {"batch": batch, "count": len(items), "receipt": receipt, "who": by})
            return len(items)

    @staticmethod
    def _of_batch(session: Session, batch: str, states: Sequence[str]) -> list[TraceItem]:
        query = select(TraceItem).where(TraceItem.batch == batch, TraceItem.state.in_(states))
        return list(session.scalars(query.order_by(TraceItem.id)))


def _row(item: TraceItem) -> dict[str, Any]:
    row = {column.key: getattr(item, column.key) for column in TraceItem.__table__.columns}
    return {**row, "fields": json.loads(item.fields)}
