"""The bench's safety chain: coils that drive contactors, and the inputs that report on it.

Emergency stop and interlock are hard-wired: opening either drops every contactor at once,
whatever its coil says, and a dropped contactor closes again only after its coil was released
and energised anew. Inputs are fail-safe: closed (1) means healthy. Timers of coils count real time,
because the host that renews them lives in it.
"""

from __future__ import annotations

import time
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

    def __init__(
        self,
        *,
        coil_count: int,
        input_count: int,
        hardwired: bool = True,
        real_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.faults = FaultSet("the relay module", RELAY_FAULTS)
        self._coils = [False] * coil_count
        self._inputs: list[Callable[[], bool]] = [_open] * input_count
        self._contactors: dict[int, list[ContactorCoil]] = {}
        self._hardwired = hardwired
        self._real_s = real_s
        self._timers: dict[int, tuple[float, bool]] = {}
        self._powered = True
        self._frozen = False
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
        self.expire()
        return self._coils[address : address + count]

    def read_inputs(self, address: int, count: int) -> list[bool]:
        """States of inputs now."""
        self.expire()
        return [report() for report in self._inputs[address : address + count]]

    def write_coils(self, address: int, values: list[bool]) -> None:
        """Energise or release coils; a timer that runs on one of them is forgotten."""
        self.expire()
        for offset, value in enumerate(values):
            self._timers.pop(address + offset, None)
            self._write(address + offset, value)

    def write_timed(self, address: int, closed: bool, duration_s: float) -> None:
        """Energise or release a coil for ``duration_s`` real seconds; writing it again starts anew."""
        self.expire()
        self._timers[address] = (self._real_s() + duration_s, not closed)
        self._write(address, closed)

    def expire(self) -> None:
        """Turn back the coils whose time is over."""
        if not self._timers or self._frozen:
            return
        now_s = self._real_s()
        for address, (due_s, after) in tuple(self._timers.items()):
            if due_s <= now_s:
                del self._timers[address]
                self._write(address, after)

    def set_power(self, on: bool) -> None:
        """The board's supply: without it every coil is open, and all are open when it returns."""
        self._powered = on
        self._timers.clear()
        for address in range(len(self._coils)):
            self._write(address, False)

    @property
    def answers(self) -> bool:
        """Whether anything comes back over the link."""
        return self._powered and "link_silent" not in self.faults.active

    def _write(self, address: int, value: bool) -> None:
        self._coils[address] = value
        if not self._frozen or not self._powered:
            self._drive(address)

    def _drive(self, address: int) -> None:
        value = self._coils[address]
        for coil in self._contactors.get(address, ()):
            coil.energised = value
            if not value:
                coil.dropped = False
            elif self._hardwired and not self.healthy:
                coil.dropped = True
            coil.command(coil.energised and not coil.dropped)

    def _fault_changed(self, name: str) -> None:
        if name == "relay_power_lost":
            self.set_power(name not in self.faults.active)
        elif name == "relay_frozen":
            self._frozen = name in self.faults.active
            if not self._frozen:
                for address in self._contactors:
                    self._drive(address)
                self.expire()
        elif self._hardwired and not self.healthy:
            for coils in self._contactors.values():
                for coil in coils:
                    coil.dropped = coil.dropped or coil.energised
                    coil.command(False)


def _open() -> bool:
    return False
