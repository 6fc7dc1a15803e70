"""What a simulated KEL103 is doing by name, and up to which level: its menu and its programs both need it."""

from __future__ import annotations

from simulators.instruments.sink import Mode, Sink
from simulators.scpi.settings import Settings


class KoradLoad(Sink):
    """``function``: a mode or the name of a program, as ``FUNC?`` tells it."""

    function: str = "CC"
    settings: Settings | None = None

    def highest(self, mode: Mode) -> float:
        """The upper limit of a mode's level, in A, V, ohm or W."""
        assert self.settings is not None
        return self.settings[{"CC": "CURR", "CV": "VOLT", "CR": "RES", "CP": "POW"}[mode] + ":UPP"]
