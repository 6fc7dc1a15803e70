"""Takes in what has come from the service: each item goes to whoever it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from station.ui.desk import Desk
from station.ui.errand import Errand
from station.ui.link import Answer, Connected, Live, Lost
from station.ui.serialscanner import SerialScanner
from station.ui.upkeep import Upkeep


class Intake:
    """``heard`` is told every live message after the mirror has it."""

    def __init__(
        self, desk: Desk, upkeep: Upkeep, serial: SerialScanner, heard: Callable[[dict[str, Any]], None]
    ) -> None:
        self._desk, self._upkeep, self._serial, self._heard = desk, upkeep, serial, heard

    def take(self, items: Iterable[Any]) -> None:
        """All of them, in order."""
        for item in items:
            if isinstance(item, Live):
                self._desk.mirror.apply(item.message)
                self._heard(item.message)
            elif isinstance(item, Answer):
                self._answer(item)
            elif isinstance(item, Connected):
                self._desk.mirror.bench_seen(item.bench)
                self._serial.use(item.bench.barcode_scanner)
                self._desk.choose_defaults()
            elif isinstance(item, Lost):
                self._desk.mirror.connection_lost(item.reason, item.error)

    def _answer(self, item: Answer) -> None:
        if isinstance(item.request, Errand):
            item.request.done(item.value)
            return
        self._upkeep.answered(item.request)
        self._desk.answered(item.request, item.value)
