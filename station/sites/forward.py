"""From the outbox of a station to the site, for as long as there is something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from station.errors import DataError, RecordError, StationError, UsageError
from station.records import Records
from station.sites.document import RunDocument, run_document
from station.sites.raw_files import RawFileStore
from station.sites.settings import SiteSettings
from station.sites.store import SiteStore

BATCH = 50
"""Runs in one transaction of the site."""


@dataclass
class Forwarded:
    """What one round did; ``error`` is what stopped it, None when nothing waits any more."""

    sent: int = 0
    new: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    error: StationError | None = None


class Forwarder:
    """Exactly once: the site keeps a revision under its identity before the station marks it as sent.

    A crash or a cut link between the two sends it again, and the site knows it already.
    """

    def __init__(
        self,
        records: Records,
        station: str,
        open_site: Callable[[], SiteStore],
        files: Callable[[], RawFileStore] | None = None,
    ) -> None:
        """``files`` opens the store of raw files, which go there before the site is told; None: they stay."""
        self._records = records
        self._station = station
        self._open_site = open_site
        self._files = files

    def forward(self, *, stop: Callable[[], bool] = lambda: False) -> Forwarded:
        """Send all that waits. A StationError ends up in the answer; what waits goes on waiting."""
        done = Forwarded()
        try:
            if not self._records.waiting(limit=1):
                return done
            with self._open_site() as site:
                while not stop():
                    waiting = self._records.waiting(limit=BATCH)
                    if not waiting:
                        break
                    self._send(site, self._documents(waiting, done), done)
        except StationError as error:
            done.error = error
        return done

    def _documents(self, waiting: list[tuple[str, int]], done: Forwarded) -> list[RunDocument]:
        found = []
        store = self._files() if self._files is not None else None
        for run_id, revision in waiting:
            try:
                if store is not None:
                    shown = self._records.show_run(run_id)["files"]
                    files = [
                        file for file in shown if file["check"] != "removed"
                    ]  # the rule of retention took it
                    store.put(self._records.folder, self._station, files)
                found.append(run_document(self._records, self._station, run_id, revision))
            except (UsageError, DataError, ValueError) as error:  # this run alone cannot be told
                self._refuse(run_id, error, done)
        return found

    def _send(self, site: SiteStore, documents: list[RunDocument], done: Forwarded) -> None:
        try:
            done.new += site.take(documents)
        except RecordError as error:
            if error.code != "record.refused" or len(documents) == 1:
                if error.code == "record.refused":
                    self._refuse(documents[0].run_id, error, done)
                    return
                raise
            for document in documents:  # one of them is at fault: it must not hold up the others
                self._send(site, [document], done)
            return
        self._records.mark_all_sent((document.run_id, document.revision) for document in documents)
        done.sent += len(documents)

    def _refuse(self, run_id: str, error: Exception, done: Forwarded) -> None:
        self._records.mark_refused(run_id, str(error))
        done.refused[run_id] = str(error)


def forwarder_for(records: Records, station: str, settings: SiteSettings) -> Forwarder:
    """The one that ``settings`` ask for."""
    files = None if settings.files is None else partial(RawFileStore, settings.files, settings.options)
    return Forwarder(records, station, partial(SiteStore.open, settings.url), files)
