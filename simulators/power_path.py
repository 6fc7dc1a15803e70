"""The power path of one channel: leads, contacts, output capacitor, and what flows at an instant.

A closed contactor ties the instruments' terminals to the battery through the leads; otherwise an
output capacitor, where there is one, floats or charges through the pre-charge resistor. Once it is tied
to the battery it follows at once, and what its bleeder takes is neglected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from simulators.battery.base import Battery
from simulators.contactor import Contactors
from simulators.faults import PRECHARGE_FAULTS, FaultSet
from simulators.network import Drive, Solution, solve_closed, solve_open, threshold_A
from simulators.output_stage import OutputStage
from simulators.participants import PowerElement


@dataclass(frozen=True)
class PackPath:
    """What a high-voltage power path adds. Above a limit, the peak of an inrush does its damage."""

    capacitance_F: float
    bleeder_ohm: float = inf
    precharge_ohm: float = inf
    fuse_inrush_A: float = inf
    weld_inrush_A: float = inf


class _Instant:
    """The battery at one instant, asked only once for the same current: a solution asks again and again."""

    __slots__ = ("_asked_A", "_battery", "_told_V")

    def __init__(self, battery: Battery) -> None:
        self.begin(battery)

    def begin(self, battery: Battery) -> None:
        """Another instant."""
        self._battery = battery
        self._asked_A: float | None = None
        self._told_V = 0.0

    def voltage_V(self, current_A: float) -> float:
        if current_A != self._asked_A:
            self._told_V = self._battery.voltage_V(current_A)
            self._asked_A = current_A
        return self._told_V

    def current_for_voltage_A(self, voltage_V: float) -> float:
        return self._battery.current_for_voltage_A(voltage_V)


class PowerPath:
    """``time_s`` tells how far the circuit has come, for what grows with time."""

    def __init__(
        self,
        battery: Battery,
        faults: FaultSet,
        contactors: Contactors,
        time_s: Callable[[], float],
        *,
        lead_resistance_ohm: float,
        polarity_reversed: bool,
        pack: PackPath | None,
    ) -> None:
        self.battery = battery
        self._instant = _Instant(battery)
        self.elements: list[PowerElement] = []
        self.terminal_V = 0.0
        self.pending_As = 0.0
        self.inrush_peak_A = 0.0
        self.fuse_blown = False
        self.floating = False
        self.pack_closed = True
        """The pack's own contactors; the posts lie outside of them."""
        self._faults = faults
        self._contactors = contactors
        self._time_s = time_s
        self._rising_since_s = time_s()
        self._lead_ohm = lead_resistance_ohm
        self._wired_reversed = polarity_reversed
        if pack is not None and pack.precharge_ohm != inf:
            faults.learn(PRECHARGE_FAULTS)
        self._pack = pack
        self._stage = None if pack is None else OutputStage(pack.capacitance_F, pack.bleeder_ohm)
        self._ohm = inf
        self._find()
        self._linked = self._ohm == 0.0

    # ---- state ----------------------------------------------------------------------------

    def connect(self, battery: Battery) -> None:
        """Another battery, a new fuse."""
        self.battery = battery
        self.pending_As = self.inrush_peak_A = 0.0
        self.fuse_blown = False

    def changed(self) -> None:
        """A contact or a fault changed: find the way the current can take now."""
        self._find()
        was, self._linked = self._linked, self._ohm == 0.0
        if self._linked and not was and self._stage is not None:
            self._inrush(self._stage)

    def fault_changed(self, name: str) -> None:
        """Take note of when a fault began and of what its end repairs."""
        if name == "polarity_reversed" and not self.reversed:
            self.fuse_blown = False
        elif name == "contact_rising":
            self._rising_since_s = self._time_s()

    @property
    def main_closed(self) -> bool:
        """Whether the power contact is really closed."""
        return self._contactors.main.closed or "contactor_welded" in self._faults.active

    @property
    def precharge_closed(self) -> bool:
        """Whether the pre-charge contact is really closed."""
        return self._contactors.precharge.closed or "precharge_welded" in self._faults.active

    @property
    def pack_open(self) -> bool:
        """Whether the pack's own contactors are open."""
        return not self.pack_closed or "bms_opens_contactors" in self._faults.active

    @property
    def reversed(self) -> bool:
        """Whether the battery's posts are swapped."""
        return self._wired_reversed != ("polarity_reversed" in self._faults.active)

    def posts_V(self, current_A: float) -> float:
        """Voltage at the posts in the instruments' polarity; the pack's own contactors lie behind.

        ``current_A`` is what ``solve`` found for this instant.
        """
        if self.pack_open:
            return self.terminal_V if self.main_closed and not self.fuse_blown else 0.0
        voltage_V = self._instant.voltage_V(current_A)
        return -voltage_V if self.reversed else voltage_V

    # ---- this instant ---------------------------------------------------------------------

    def solve(self) -> Solution:
        """The battery's current and each instrument's; sets ``terminal_V``."""
        self._instant.begin(self.battery)
        if self._ohm == 0.0 and self.reversed and self.elements:
            # Output stages conduct backwards through their diodes; the fuse ends that at once.
            self.fuse_blown = True
            self._find()
        if self.floating:
            return self._solve_floating()
        if self._ohm == inf:
            positions, drives = self._drives(self.terminal_V)
            self.terminal_V, shares = solve_open(drives)
            return Solution(0.0, self._spread(positions, shares))
        instant, line_ohm = self._instant, self._line_ohm
        seen_V = self.terminal_V
        if seen_V <= 0.0:
            seen_V = instant.voltage_V(0.0)
        for _ in range(4):
            # Constant-power drives depend on the voltage they see: repeat until it settles.
            positions, drives = self._drives(seen_V)
            solution = solve_closed(drives, instant, line_ohm)
            current_A = solution.current_A
            voltage_V = instant.voltage_V(current_A) + current_A * line_ohm
            if abs(voltage_V - seen_V) <= 0.002 * abs(voltage_V):
                break
            seen_V = voltage_V
        self.terminal_V = voltage_V
        if self._stage is not None:
            self._stage.voltage_V = max(voltage_V, 0.0)
        return Solution(current_A, self._spread(positions, solution.shares_A))

    # ---- the output capacitor -------------------------------------------------------------

    def _solve_floating(self) -> Solution:
        assert self._stage is not None
        stage = self._stage
        self.terminal_V = stage.voltage_V
        positions, drives = self._drives(stage.voltage_V)
        source_V, series_ohm = self._through_resistor()
        shares = stage.shares_A(drives, source_V, series_ohm)
        into_A = (stage.voltage_V - source_V) / series_ohm
        return Solution(-into_A if self.reversed else into_A, self._spread(positions, shares))

    def charge_stage(self, duration_s: float) -> float:
        """Let the capacitor float on for a step; returns the battery's mean current."""
        assert self._stage is not None
        source_V, series_ohm = self._through_resistor()
        _, drives = self._drives(self._stage.voltage_V)
        mean_A = self._stage.advance(drives, source_V, series_ohm, duration_s) / duration_s
        return -mean_A if self.reversed else mean_A

    def _through_resistor(self) -> tuple[float, float]:
        """The battery's voltage in the instruments' polarity, and what stands between."""
        if self._ohm == inf:
            return 0.0, inf
        assert self._stage is not None
        ohm = self._ohm + self._line_ohm
        sign = -1.0 if self.reversed else 1.0
        rough_A = sign * self._stage.voltage_V - self.battery.voltage_V(0.0)
        return sign * self.battery.voltage_V(rough_A / ohm), ohm

    def _inrush(self, stage: OutputStage) -> None:
        """A closing contact ties the capacitor to the battery: a peak, and a charge that follows."""
        if self.reversed:
            return
        step_V = stage.voltage_V - self.battery.voltage_V(0.0)
        peak_A = abs(threshold_A(Drive(stage.voltage_V, -inf, inf, False), self.battery, self._line_ohm))
        self.inrush_peak_A = max(self.inrush_peak_A, peak_A)
        assert self._pack is not None
        if peak_A > self._pack.fuse_inrush_A:
            self.fuse_blown = True
            self._find()
            return
        self.pending_As += step_V * stage.capacitance_F
        if peak_A > self._pack.weld_inrush_A and "contactor_welded" not in self._faults.active:
            self._faults.set("contactor_welded")

    # ---- parts ----------------------------------------------------------------------------

    @property
    def _line_ohm(self) -> float:
        active = self._faults.active
        if not active:
            return self._lead_ohm
        rising_ohm = self._faults.number("contact_rising") * (self._time_s() - self._rising_since_s)
        return self._lead_ohm + self._faults.number("contact_resistance") + rising_ohm

    def _find(self) -> None:
        """Resistance besides the leads between instruments and battery, and whether the capacitor floats."""
        self._ohm = inf
        if not self.fuse_blown and not self.pack_open:
            if self.main_closed:
                self._ohm = 0.0
            elif (
                self._pack is not None
                and self.precharge_closed
                and "precharge_open" not in self._faults.active
            ):
                self._ohm = self._pack.precharge_ohm
        self.floating = self._stage is not None and self._ohm != 0.0

    def _drives(self, voltage_V: float) -> tuple[list[int], list[Drive]]:
        positions: list[int] = []
        drives: list[Drive] = []
        for position, element in enumerate(self.elements):
            drive = element.drive(voltage_V)
            if drive is not None:
                drives.append(drive)
                positions.append(position)
        return positions, drives

    def _spread(self, positions: list[int], shares: tuple[float, ...]) -> tuple[float, ...]:
        spread = [0.0] * len(self.elements)
        for position, share_A in zip(positions, shares, strict=True):
            spread[position] = share_A
        return tuple(spread)
