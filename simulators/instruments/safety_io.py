"""The bench's safety chain: coils that drive contactors, and the inputs that report on it.

Emergency stop and interlock are hard-wired: opening either drops every contactor at once,
whatever its coil says, and a dropped contactor closes again only after its coil was released
and energised anew. Inputs are fail-safe: closed (1) means healthy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulators.faults import RELAY_FAULTS, FaultSet


@dataclass
class ContactorCoil:
    """One coil with the contactor it drives."""

    command: Callable[[bool], None]
    energised: bool = False
    dropped: bool = False


class SafetyIO:
    """State behind the Modbus relay module."""

    def __init__(self, *, coil_count: int, input_count: int, hardwired: bool = True) -> None:
        self.faults = FaultSet("the relay module", RELAY_FAULTS)
        self._coils = [False] * coil_count
        self._inputs: list[Callable[[], bool]] = [_open] * input_count
        self._contactors: dict[int, list[ContactorCoil]] = {}
        self._hardwired = hardwired
        self.faults.on_change(self._fault_changed)

    @property
    def coil_count(self) -> int:
        """Number of coils."""
        return len(self._coils)

    @property
    def input_count(self) -> int:
        """Number of discrete inputs."""
        return len(self._inputs)

    @property
    def healthy(self) -> bool:
        """Whether emergency stop and interlock are both closed."""
        return not ({"estop", "interlock"} & self.faults.active.keys())

    def wire_contactor(self, address: int, command: Callable[[bool], None]) -> None:
        """Let a coil drive a contactor."""
        self._contactors.setdefault(address, []).append(ContactorCoil(command))

    def wire_inputs(self, inputs: Mapping[int, Callable[[], bool]]) -> None:
        """Connect inputs to what they report."""
        for address, report in inputs.items():
            self._inputs[address] = report

    def estop_healthy(self) -> bool:
        """Emergency-stop input: closed while not pressed."""
        return "estop" not in self.faults.active

    def interlock_healthy(self) -> bool:
        """Interlock input: closed while the circuit is closed."""
        return "interlock" not in self.faults.active

    def read_coils(self, address: int, count: int) -> list[bool]:
        """States of coils as written."""
        return self._coils[address : address + count]

    def read_inputs(self, address: int, count: int) -> list[bool]:
        """States of inputs now."""
        return [report() for report in self._inputs[address : address + count]]

    def write_coils(self, address: int, values: list[bool]) -> None:
        """Energise or release coils."""
        for offset, value in enumerate(values):
            self._coils[address + offset] = value
            for coil in self._contactors.get(address + offset, ()):
                coil.energised = value
                if not value:
                    coil.dropped = False
                elif self._hardwired and not self.healthy:
                    coil.dropped = True
                coil.command(coil.energised and not coil.dropped)

    def _fault_changed(self, _: str) -> None:
        if self._hardwired and not self.healthy:
            for coils in self._contactors.values():
                for coil in coils:
                    coil.dropped = coil.dropped or coil.energised
                    coil.command(False)


def _open() -> bool:
    return False
