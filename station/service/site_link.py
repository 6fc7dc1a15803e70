"""Tells the site what waits in the outbox."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from station.errors import StationError, told
from station.records import Records
from station.service.outgoing import Told


class SiteLink:
    """What it meets is told when it changes, not at every round."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._trouble: str | None = None

    def round(self, records: Records, stop: Callable[[], bool] = lambda: False) -> list[Told]:
        """One look at settings and outbox. Returns what is to be told."""
        if not (self._data / "site.json").exists():  # most stations: nothing is loaded for a site
            return []
        from station.evidence import station_key
        from station.sites.forward import forwarder_for
        from station.sites.settings import read_settings

        try:
            settings = read_settings(self._data)
            if settings is None:
                return []
            station = station_key(self._data).key_id
            done = forwarder_for(records, station, settings).forward(stop=stop)
        except StationError as error:
            return self._met(error)
        told: list[Told] = [
            ("site.refused", "warning", {"run_id": run_id, "reason": reason})
            for run_id, reason in done.refused.items()
        ]
        if done.sent:
            told.append(("site.forwarded", "info", {"count": done.sent, "site": settings.told}))
        return told + self._met(done.error)

    def _met(self, error: StationError | None) -> list[Told]:
        before, self._trouble = self._trouble, None if error is None else error.code
        if error is None or self._trouble == before:
            return []
        return [("site.waiting", "warning", {"code": error.code, "reason": told(error)})]
