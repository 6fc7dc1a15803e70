"""Simulated Delta Elektronika SM15K: bidirectional supply, SCPI over TCP port 8462.

Facts: the vendor's Ethernet and sequencer programming manual. Setpoints count only while the
loop (CV, CC, CP) listens to their source; ``SYSTem:COMmunicate:WATchdog`` turns the output off
when no valid command arrives in time; the sequencer plays pulse trains by itself. Not stated in
the facts and chosen here: error numbers (SCPI's), the power-on source (``power_on_source``), the
literal answer of ``SYSTem:REMote:CV?`` (as it was written), that literal square brackets in
headers are ignored (two public clients write them), and that every abbreviation between a
header's short and long form is understood (public clients write both VOL and VOLT).
Alarms of register A (DC failure, temperature, mains, interlock) are faults that hold the output
off. Left out, as the facts do not give their words or behaviour: other line ends, functions other
than DIRECT, overload and open-end bits of register B.
"""

from __future__ import annotations

from simulators.instruments.delta_system import register_system
from simulators.instruments.delta_unit import DeltaOptions, DeltaUnit
from simulators.wiring import Circuit

__all__ = ["DeltaOptions", "DeltaSM15K"]


class DeltaSM15K(DeltaUnit):
    """One SM15K in a channel's circuit."""

    def __init__(self, options: DeltaOptions, circuit: Circuit, *, seed: int = 0) -> None:
        super().__init__(options, circuit, seed=seed)
        register_system(self)
