"""The hash-chained, append-only log of events."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from station.errors import RecordError
from station.records.chain import GENESIS, canonical_json, event_hash
from station.records.models import Event, utc_now
from station.records.rows import event_content, event_row
from station.records.store import Store


class EventLog(Store):
    """Appends, lists and verifies events."""

    def add_event(
        self,
        code: str,
        params: dict[str, Any] | None = None,
        *,
        level: str = "info",
        run_id: str | None = None,
        t_s: float | None = None,
        source: str = "service",
        t_utc: str | None = None,
    ) -> dict[str, Any]:
        """Append an event to the chain; ``t_utc`` when it happened before now. Returns its row."""
        with self._writing() as session:
            return event_row(
                self._append(
                    session, code, params, level=level, run_id=run_id, t_s=t_s, source=source, t_utc=t_utc
                )
            )

    @staticmethod
    def _append(
        session: Session,
        code: str,
        params: dict[str, Any] | None = None,
        *,
        level: str = "info",
        run_id: str | None = None,
        t_s: float | None = None,
        source: str = "service",
        t_utc: str | None = None,
    ) -> Event:
        """The same inside a transaction of writing: the event stands with what else is written, or not at
        all."""
        try:
            text_of_params = canonical_json(params or {})
            text_of_params.encode()  # half a surrogate pair is text to Python and to nobody else
        except (TypeError, ValueError) as error:
            raise RecordError(
                f"event {code}: its params cannot be kept: {error}",
                remedy="this is a fault of the program: report it",
                code="record.event",
                event=code,
            ) from error
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("LOCK TABLE events IN EXCLUSIVE MODE"))
        last = session.scalars(select(Event.hash).order_by(Event.id.desc()).limit(1)).first()
        event = Event(
            run_id=run_id,
            t_utc=t_utc or utc_now(),
            t_s=None if t_s is None else float(t_s),
            source=source,
            code=code,
            level=level,
            params=text_of_params,
            previous_hash=last or GENESIS,
        )
        event.hash = event_hash(event_content(event), event.previous_hash)
        session.add(event)
        session.flush()
        return event

    def run_events(self, run_id: str) -> list[dict[str, Any]]:
        """The events of a run, oldest first."""
        with self._reading() as session:
            events = session.scalars(select(Event).where(Event.run_id == run_id).order_by(Event.id))
            return [event_row(event) for event in events]

    def events(self, *, limit: int = 1000) -> list[dict[str, Any]]:
        """The newest events, oldest of them first."""
        with self._reading() as session:
            rows = [
                event_row(e) for e in session.scalars(select(Event).order_by(Event.id.desc()).limit(limit))
            ]
        return rows[::-1]

    def newest_event(self) -> dict[str, Any] | None:
        """The last link of the chain."""
        with self._reading() as session:
            event = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).first()
            return None if event is None else event_row(event)

    def all_events(self) -> list[dict[str, Any]]:
        """The whole log, oldest first."""
        with self._reading() as session:
            found = session.scalars(select(Event).order_by(Event.id).execution_options(yield_per=1000))
            return [event_row(event) for event in found]

    def event_hash_at(self, event_id: int) -> str | None:
        """The hash of one event."""
        with self._reading() as session:
            return session.scalar(select(Event.hash).where(Event.id == event_id))

    def verify_chain(self) -> int:
        """Check every link of the chain. Returns the number of events.

        Raises RecordError (``record.chain_broken``) naming the first event that was changed,
        or before which one is missing.
        """
        count, previous = 0, GENESIS
        with self._reading() as session:
            for event in session.scalars(select(Event).order_by(Event.id).execution_options(yield_per=1000)):
                try:
                    good = event.hash == event_hash(event_content(event), event.previous_hash)
                except ValueError:  # params are no JSON any more
                    good = False
                if not good or event.previous_hash != previous:
                    raise RecordError(
                        f"{self._name}: the chain of events is broken at event {event.id} ({event.code}): "
                        + (
                            "an event before it is missing" if good else "it was changed after it was written"
                        ),
                        remedy="compare with a backup; what comes before this event is intact",
                        code="record.chain_broken",
                        event_id=event.id,
                    )
                count, previous = count + 1, event.hash
        return count
