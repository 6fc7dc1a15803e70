"""What the BMS complains of, and what its own sensors say about the limits."""

from __future__ import annotations

from drivers.contracts.bms import BmsSnapshot
from station.errors import LimitTripped
from station.safety.envelope import Envelope
from station.safety.running.dead_cells import DeadCells
from station.safety.running.rule import RuleInfo
from station.safety.sample import Sample

FAULT_LOOKS = 3
"""A fault seen in so many looks in a row is one; a single look may fall between two frames."""


class BmsHealth:
    """A BMS that reports a fault is believed; its temperature and cells keep the limits too."""

    def __init__(self, envelope: Envelope, dead: DeadCells) -> None:
        self._envelope, self._dead = envelope, dead
        self._faulty = 0
        self.info = RuleInfo("bms_fault", None, "", "battery", "read out the BMS")

    def check_bms(self, snapshot: BmsSnapshot, sample: Sample) -> LimitTripped | None:
        """Judge one look."""
        self._faulty = self._faulty + 1 if snapshot.faults else 0
        if self._faulty >= FAULT_LOOKS:
            return self.info.trip(
                f"the BMS reports {', '.join(snapshot.faults)}", sample, faults=list(snapshot.faults)
            )
        temperature = snapshot.signals.get("temperature_degC")
        if temperature is not None and temperature.value is not None:
            tripped = self._envelope.check_temperature(temperature.value, sample)
            if tripped is not None:
                return tripped
        cells_V = snapshot.cell_voltages_V
        return self._dead.check_cells(cells_V, sample) or self._envelope.check_cells(
            self._dead.living(cells_V)
        )
