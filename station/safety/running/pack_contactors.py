"""A pack that opens its own contactors in the middle of a test ends it, by its own word."""

from __future__ import annotations

from drivers.contracts.bms import BmsSnapshot
from station.errors import LimitTripped
from station.safety.running.rule import RuleInfo
from station.safety.sample import Sample


class PackContactorsOpen:
    """Only where the station has closed them: ``contactors_closed`` is told from then on."""

    def __init__(self) -> None:
        self.info = RuleInfo(
            "pack_contactors_open",
            1.0,
            "",
            "battery",
            "read the pack's trouble codes; check that the frames that keep it awake reach it",
        )

    def check_bms(self, snapshot: BmsSnapshot, sample: Sample) -> LimitTripped | None:
        """Judge one look."""
        told = snapshot.signals.get("contactors_closed")
        if told is None or told.value is None or told.value > 0:
            return None
        reasons = ", ".join(snapshot.faults)
        return self.info.trip(
            f"the pack has opened its contactors{': ' if reasons else ''}{reasons}",
            sample,
            value=told.value,
            faults=list(snapshot.faults),
        )
