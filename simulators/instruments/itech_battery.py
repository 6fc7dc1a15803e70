"""The battery test of the simulated IT-M3900: ``BATTery:...`` while ``FUNCtion:MODE`` is BATTery.

Facts: the names of its commands only, from a driver that quotes the vendor's guide. Chosen here: charging
goes at ``CHARge:CURRent`` up to ``CHARge:VOLTage``, discharging at ``DISCharge:CURRent`` down to
``DISCharge:VOLTage``; the output goes off as soon as one of the ends ``SHUT:...`` is reached, of which 0
means none: the voltage, a current below ``SHUT:CURRent``, the capacity in Ah and the time in s since it
went on.
"""

from __future__ import annotations


class BatteryTest:
    """What it is told, in V, A, Ah and s, and what it has moved since the output went on."""

    def __init__(self, voltage_max_V: float, current_max_A: float) -> None:
        self.charging = True
        self.numbers = {
            "CHAR:VOLT": voltage_max_V, "CHAR:CURR": 0.0, "DISC:VOLT": 0.0, "DISC:CURR": 0.0,
            "SHUT:VOLT": 0.0, "SHUT:CURR": 0.0, "SHUT:CAP": 0.0, "SHUT:TIME": 0.0,
        }  # fmt: skip
        self._current_max_A = current_max_A
        self._moved_Ah = self._time_s = 0.0

    def begin(self) -> None:
        """The output goes on."""
        self._moved_Ah = self._time_s = 0.0

    def wanted(self) -> tuple[float, float, float]:
        """Highest and lowest current in A, and the voltage in V that is held in between."""
        if self.charging:
            return min(self.numbers["CHAR:CURR"], self._current_max_A), 0.0, self.numbers["CHAR:VOLT"]
        return 0.0, -min(self.numbers["DISC:CURR"], self._current_max_A), self.numbers["DISC:VOLT"]

    def over(self, duration_s: float, voltage_V: float, current_A: float) -> bool:
        """Let ``duration_s`` pass; True when an end is reached."""
        self._time_s += duration_s
        self._moved_Ah += abs(current_A) * duration_s / 3600.0
        end = {name.removeprefix("SHUT:"): value for name, value in self.numbers.items() if "SHUT" in name}
        beyond = voltage_V >= end["VOLT"] if self.charging else voltage_V <= end["VOLT"]
        return bool(
            (end["VOLT"] and beyond)
            or (end["CURR"] and abs(current_A) < end["CURR"])
            or (end["CAP"] and self._moved_Ah >= end["CAP"])
            or (end["TIME"] and self._time_s >= end["TIME"])
        )
