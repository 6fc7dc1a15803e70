"""Simulated Keysight 34970A scanner: SCPI over a raw TCP socket.

Facts: the vendor's command reference. ``CONFigure`` redefines the scan list and resets the
FORMat options; ``ROUTe:SCAN`` sorts; each channel takes its own time within a sweep, and a
reading is the value at that time; overload and open thermocouples answer 9.9E+37.
Options map channels to points of the circuit. ``accept_scan_add`` understands the 34980A's
``ROUTe:SCAN:ADD``, which a 34970A does not have.
"""

from __future__ import annotations

from simulators.instruments.keysight_commands import register
from simulators.instruments.keysight_mainframe import Mainframe
from simulators.instruments.keysight_monitor import Monitor
from simulators.instruments.keysight_unit import KeysightOptions, KeysightUnit
from simulators.wiring import Circuit

__all__ = ["Keysight34970A", "KeysightOptions"]


class Keysight34970A(KeysightUnit):
    """One scanner in a channel's circuit."""

    def __init__(self, options: KeysightOptions, circuit: Circuit, *, seed: int = 0) -> None:
        super().__init__(options, circuit, seed=seed)
        register(self)
        Monitor(self)
        Mainframe(self)
