"""Simulated Rigol DL3021 electronic load: SCPI over TCP port 5555, no host watchdog.

Facts: command dictionary with power-on answers of a DL3021A, and two open drivers validated on
hardware. Not stated there and chosen here: ``CURRent:VON`` latches (sinking starts once and goes
on until the input is switched off); exceeding 105 % of the rated power or a VLIMt/ILIMt switches
the input off; LIST steps may be numbered from 0 or 1; widths and periods are seconds; a LIST or
transient starts by ``TRIGger`` (which also switches the input on), or by ``TRANsient ON`` while
the trigger source is not BUS; the short that ``SYSTem:KEY 33`` toggles, once ``DEBug:KEY 1`` lets keys in, is
20 milliohm. Measured load current is positive on the wire.
"""

from __future__ import annotations

from simulators.instruments.rigol_settings import register_settings
from simulators.instruments.rigol_unit import RigolOptions, RigolUnit
from simulators.wiring import Circuit

__all__ = ["RigolDL3021", "RigolOptions"]


class RigolDL3021(RigolUnit):
    """One load in a channel's circuit. In the circuit its current is negative: it discharges."""

    def __init__(self, options: RigolOptions, circuit: Circuit, *, seed: int = 0) -> None:
        super().__init__(options, circuit, seed=seed)
        register_settings(self)
