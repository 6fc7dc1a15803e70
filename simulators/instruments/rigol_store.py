"""The values that a simulated DL3021 keeps: plain settings, and its LIST."""

from __future__ import annotations

from dataclasses import dataclass

from simulators.instruments.rigol_programs import LoadProgram, ProgramStep
from simulators.scpi.errors import settings_conflict

LIST_LIMIT = 512


@dataclass(frozen=True)
class Setting:
    """One number: key, header, lowest, highest, power-on value, decimals in answers."""

    key: str
    header: str
    low: float
    high: float
    default: float
    decimals: int


class SettingStore:
    """Values by key, and the LIST."""

    def __init__(self) -> None:
        self._defaults: dict[str, float] = {}
        self._values: dict[str, float] = {}
        self.transient_mode = "NONE"
        self.list_mode = "CC"
        self.list_end = "LAST"
        self.list_columns: dict[str, dict[int, float]] = {"LEV": {}, "WID": {}, "SLEW": {}}

    def __getitem__(self, key: str) -> float:
        return self._values[key]

    def __setitem__(self, key: str, value: float) -> None:
        self._values[key] = value

    def define(self, key: str, default: float) -> None:
        """Add a setting with its power-on value."""
        self._defaults[key] = self._values[key] = default

    def reset(self) -> None:
        """Back to power-on values."""
        self._values.update(self._defaults)
        self.transient_mode, self.list_mode, self.list_end = "NONE", "CC", "LAST"
        for column in self.list_columns.values():
            column.clear()

    def list_program(self, start_s: float) -> LoadProgram:
        """The LIST as a program. Raises ScpiError -221 if levels or widths are missing."""
        levels, widths = self.list_columns["LEV"], self.list_columns["WID"]
        wanted = int(self._values["LIST:STEP"])
        first = 0 if 0 in levels else 1
        numbers = range(first, first + wanted)
        if wanted < 1 or any(n not in levels or widths.get(n, 0.0) <= 0.0 for n in numbers):
            raise settings_conflict()
        steps = [ProgramStep(levels[n], widths[n]) for n in numbers]
        return LoadProgram(
            steps, start_s, count=int(self._values["LIST:COUN"]), off_at_end=self.list_end == "OFF"
        )
