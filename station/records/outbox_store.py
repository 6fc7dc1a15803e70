"""The outbox: which runs the site does not know as they are now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from station.records.models import OutboxRow, Result, Run, utc_now
from station.records.store import Store


class OutboxStore(Store):
    """Filled by every transaction that ends a run or changes an ended one, in that transaction."""

    def waiting(self, *, limit: int) -> list[tuple[str, int]]:
        """Run ids with their revision that the site has not confirmed, the oldest change first."""
        query = (
            select(OutboxRow.run_id, OutboxRow.revision)
            .where(OutboxRow.sent < OutboxRow.revision, OutboxRow.refused.is_(None))
            .order_by(OutboxRow.changed_utc, OutboxRow.run_id)
            .limit(limit)
        )
        with self._reading() as session:
            return [(row.run_id, row.revision) for row in session.execute(query)]

    def mark_sent(self, run_id: str, revision: int) -> None:
        """The site has ``revision`` for good. A later change of the run stays waiting."""
        self.mark_all_sent([(run_id, revision)])

    def mark_all_sent(self, runs: Iterable[tuple[str, int]]) -> None:
        """The same for several, in one transaction: each costs a write to the disk."""
        with self._writing() as session:
            for run_id, revision in runs:
                row = session.get(OutboxRow, run_id)
                if row is not None and row.sent < revision:
                    row.sent, row.sent_utc = revision, utc_now()

    def unreported(self, *, limit: int) -> list[tuple[str, int]]:
        """Run ids with their revision that the MES has not taken, the oldest change first."""
        query = (
            select(OutboxRow.run_id, OutboxRow.revision)
            .where(OutboxRow.reported < OutboxRow.revision)
            .order_by(OutboxRow.changed_utc, OutboxRow.run_id)
            .limit(limit)
        )
        with self._reading() as session:
            return [(row.run_id, row.revision) for row in session.execute(query)]

    def mark_reported(self, run_id: str, revision: int) -> None:
        """The MES has taken ``revision``, or will never take it."""
        with self._writing() as session:
            row = session.get(OutboxRow, run_id)
            if row is not None and row.reported < revision:
                row.reported = revision

    def mark_refused(self, run_id: str, reason: str) -> None:
        """The site will never take it as it is: no longer tried until it changes or a person asks."""
        with self._writing() as session:
            row = session.get(OutboxRow, run_id)
            if row is not None:
                row.refused = reason

    def send_again(self) -> int:
        """Try refused ones once more. Returns how many there are."""
        with self._writing() as session:
            rows = list(session.scalars(select(OutboxRow).where(OutboxRow.refused.is_not(None))))
            for row in rows:
                row.refused = None
            return len(rows)

    def outbox(self) -> dict[str, Any]:
        """How many are ``waiting`` and ``sent``, ``oldest_utc`` of what waits, and the ``refused`` ones."""
        open_ones = (OutboxRow.sent < OutboxRow.revision, OutboxRow.refused.is_(None))
        with self._reading() as session:
            waiting, oldest = session.execute(
                select(func.count(), func.min(OutboxRow.changed_utc)).where(*open_ones)
            ).one()
            sent = session.scalar(
                select(func.count()).select_from(OutboxRow).where(OutboxRow.sent == OutboxRow.revision)
            )
            refused = list(session.scalars(select(OutboxRow).where(OutboxRow.refused.is_not(None))))
        return {
            "waiting": waiting,
            "sent": sent or 0,
            "oldest_utc": oldest,
            "refused": [{"run_id": row.run_id, "reason": row.refused} for row in refused],
        }


@event.listens_for(Session, "before_flush")
def _note_changes(session: Session, _context: Any, _instances: Any) -> None:
    """Whoever changes an ended run or its result notes it in the same transaction, and cannot forget to."""
    touched: dict[str, Run] = {}
    for row in [*session.new, *session.dirty]:
        if isinstance(row, Run) and session.is_modified(row):
            touched[row.run_id] = row
        elif isinstance(row, Result) and session.is_modified(row):
            run = session.get(Run, row.run_id)
            if run is not None:
                touched[row.run_id] = run
    for run_id, run in touched.items():
        if run.state != "ended":
            continue
        kept = session.get(OutboxRow, run_id)
        if kept is None:
            session.add(OutboxRow(run_id=run_id, revision=1, sent=0, reported=0, changed_utc=utc_now()))
        else:
            kept.revision, kept.changed_utc, kept.refused = kept.revision + 1, utc_now(), None
