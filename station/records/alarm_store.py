"""The alarm list of each bench, so that it outlives the service."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import func, select

from station.records.chain import canonical_json
from station.records.models import AlarmRow, utc_now
from station.records.store import Store


class AlarmStore(Store):
    """One row an alarm; what is over stays on record as ``normal``."""

    def save_alarm(self, bench: str, alarm: dict[str, Any]) -> None:
        """Keep an alarm as it is now; ``number`` and ``bench`` name it."""
        with self._writing() as session:
            session.merge(
                AlarmRow(
                    bench=bench,
                    number=alarm["number"],
                    channel=alarm["channel"],
                    run_id=alarm["run_id"],
                    code=alarm["code"],
                    state=alarm["state"],
                    changed_utc=utc_now(),
                    content=canonical_json(alarm),
                )
            )

    def open_alarms(self, bench: str) -> list[dict[str, Any]]:
        """Alarms of ``bench`` that are not over, oldest first."""
        query = select(AlarmRow.content).where(AlarmRow.bench == bench, AlarmRow.state != "normal")
        with self._reading() as session:
            return [json.loads(text) for text in session.scalars(query.order_by(AlarmRow.number))]

    def next_alarm_number(self, bench: str) -> int:
        """The first number that no alarm of ``bench`` has had."""
        query = select(func.max(AlarmRow.number)).where(AlarmRow.bench == bench)
        with self._reading() as session:
            return int(session.scalar(query) or 0) + 1
