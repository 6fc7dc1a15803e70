"""One channel's circuit: battery, leads, contactor, and the power instruments in parallel.

The battery's state moves in steps that end exactly on the edges of sequencers and watchdogs.
It is advanced lazily whenever somebody looks or changes something, and by the bench's own tick.
"""

from __future__ import annotations

from typing import Protocol

from simulators.battery.base import Battery
from simulators.clock import SimClock
from simulators.faults import WIRING_FAULTS, FaultSet
from simulators.network import Drive, Solution, solve_closed, solve_open

LONGEST_STEP_S = 0.020
LONGEST_REST_STEP_S = 0.100
FIRST_STEP_S = 0.001
NEVER_S = float("inf")


class Participant(Protocol):
    """An instrument that acts on time."""

    def next_event_s(self) -> float:
        """Simulated time of the next thing it does by itself; ``inf`` if none."""
        ...

    def run_event(self, time_s: float) -> None:
        """Do it. Must move ``next_event_s`` on."""
        ...


class PowerElement(Participant, Protocol):
    """An instrument that can move energy."""

    def drive(self, voltage_V: float) -> Drive | None:
        """What it does at a terminal voltage near ``voltage_V``; None with the output off."""
        ...

    def after_step(self, time_s: float, duration_s: float, voltage_V: float, current_A: float) -> None:
        """Take note of a finished step, e.g. for integrators and protections."""
        ...


class Circuit:
    """Physics of one channel. All times are simulated seconds, all currents positive when charging."""

    def __init__(
        self,
        clock: SimClock,
        battery: Battery,
        *,
        lead_resistance_ohm: float = 0.002,
        polarity_reversed: bool = False,
        contactor_delay_s: float = 0.012,
        has_contactor: bool = False,
    ) -> None:
        self.clock = clock
        self.faults = FaultSet("the wiring", WIRING_FAULTS)
        self._battery = battery
        self._lead_ohm = lead_resistance_ohm
        self._wired_reversed = polarity_reversed
        self._contactor_delay_s = contactor_delay_s
        self._elements: list[PowerElement] = []
        self._participants: list[Participant] = []
        self._time_s = clock.now_s()
        self._step_s = FIRST_STEP_S
        self._closed = not has_contactor
        self._closed_wanted = self._closed
        self._contact_due_s = NEVER_S
        self._solution: Solution | None = None
        self._terminal_V = 0.0
        self._charge_As = 0.0
        self._fuse_blown = False
        self.faults.on_change(self._fault_changed)

    # ---- building -------------------------------------------------------------------------

    def add_power(self, element: PowerElement) -> None:
        """Connect a power instrument in parallel."""
        self._elements.append(element)
        self._participants.append(element)

    def add_participant(self, participant: Participant) -> None:
        """Add something that acts on time but moves no energy, such as a scanner."""
        self._participants.append(participant)

    def connect(self, battery: Battery) -> None:
        """Swap the battery; a blown fuse is replaced and the charge counter starts again."""
        self.advance()
        self._battery = battery
        self._charge_As = 0.0
        self._fuse_blown = False
        self.changed()

    # ---- time -----------------------------------------------------------------------------

    @property
    def time_s(self) -> float:
        """Simulated time up to which the battery has been advanced."""
        return self._time_s

    def advance(self) -> None:
        """Bring everything to the present simulated time, events at their exact times."""
        now_s = self.clock.now_s()
        self._run_events(now_s)
        self.integrate_to(now_s)

    def refresh(self) -> None:
        """Like ``advance``, but leaves the last millisecond for later: cheap before a reading."""
        now_s = self.clock.now_s()
        self._run_events(now_s)
        if now_s - self._time_s >= FIRST_STEP_S:
            self.integrate_to(now_s)

    def integrate_to(self, target_s: float) -> None:
        """Advance the battery to ``target_s`` with what the instruments drive at present."""
        while self._time_s < target_s:
            solution = self._operating()
            current_A = solution.current_A
            longest_s = LONGEST_REST_STEP_S if current_A == 0.0 else LONGEST_STEP_S
            duration_s = min(target_s - self._time_s, self._step_s)
            self._step_s = min(longest_s, self._step_s * 2.0)
            voltage_V = self._terminal_V
            self._battery.advance(current_A, duration_s)
            self._time_s = min(target_s, self._time_s + duration_s)
            if target_s - self._time_s < 1e-9:
                self._time_s = target_s
            self._charge_As += current_A * duration_s
            for element, share_A in zip(self._elements, solution.shares_A, strict=True):
                element.after_step(self._time_s, duration_s, voltage_V, share_A)
            self._solution = None

    def changed(self) -> None:
        """Forget the operating point: a setting, the contactor or a fault changed just now."""
        self._solution = None
        self._step_s = FIRST_STEP_S

    @property
    def active(self) -> bool:
        """Whether current may flow, so that time has to be followed closely."""
        return any(element.drive(0.0) is not None for element in self._elements)

    # ---- contactor ------------------------------------------------------------------------

    def command_contactor(self, closed: bool) -> None:
        """Energise or release the contactor's coil; the contact follows after its delay."""
        self.advance()
        if closed == self._closed_wanted:
            return
        self._closed_wanted = closed
        self._contact_due_s = self._time_s + self._contactor_delay_s
        if self._contactor_delay_s == 0.0:
            self._move_contact()

    @property
    def contactor_closed(self) -> bool:
        """Whether the power contact is really closed (auxiliary contact)."""
        return self._closed or "contactor_welded" in self.faults.active

    @property
    def fuse_blown(self) -> bool:
        """Whether a battery connected in reverse blew the fuse through the instruments' diodes."""
        return self._fuse_blown

    # ---- what can be seen -----------------------------------------------------------------

    @property
    def battery(self) -> Battery:
        """The battery connected now."""
        return self._battery

    @property
    def current_A(self) -> float:
        """Current really flowing through the battery."""
        return self._operating().current_A

    @property
    def charge_Ah(self) -> float:
        """Net charge moved since the battery was connected."""
        return self._charge_As / 3600.0

    @property
    def reversed(self) -> bool:
        """Whether the battery's posts are swapped."""
        return self._wired_reversed != ("polarity_reversed" in self.faults.active)

    def posts_V(self) -> float:
        """Voltage at the battery posts in the instruments' polarity."""
        voltage_V = self._battery.voltage_V(self._operating().current_A)
        return -voltage_V if self.reversed else voltage_V

    def terminals_V(self) -> float:
        """Voltage at the instruments' own output terminals, lead drop included."""
        self._operating()
        return self._terminal_V

    def share_A(self, element: PowerElement) -> float:
        """Current of one power instrument."""
        solution = self._operating()
        return solution.shares_A[self._elements.index(element)]

    def sensed_V(self, *, remote: bool) -> float:
        """Voltage a power instrument measures, with or without its sense leads."""
        return self.posts_V() if remote and self.sense_connected else self.terminals_V()

    @property
    def sense_connected(self) -> bool:
        """Whether the channel's sense leads are on."""
        return "sense_open" not in self.faults.active

    # ---- inside ---------------------------------------------------------------------------

    @property
    def _line_ohm(self) -> float:
        return self._lead_ohm + self.faults.number("contact_resistance")

    def _operating(self) -> Solution:
        solution = self._solution
        if solution is None:
            solution = self._solution = self._solve()
        return solution

    def _solve(self) -> Solution:
        if self.contactor_closed and self.reversed and self._elements:
            # Output stages conduct backwards through their diodes; the fuse ends that at once.
            self._fuse_blown = True
        if not self.contactor_closed or self._fuse_blown:
            positions, drives = self._drives(self._terminal_V)
            self._terminal_V, shares = solve_open(drives)
            return Solution(0.0, self._spread(positions, shares))
        seen_V = self._terminal_V
        if seen_V <= 0.0:
            seen_V = self._battery.voltage_V(0.0)
        for _ in range(4):
            # Constant-power drives depend on the voltage they see: repeat until it settles.
            positions, drives = self._drives(seen_V)
            solution = solve_closed(drives, self._battery, self._line_ohm)
            current_A = solution.current_A
            voltage_V = self._battery.voltage_V(current_A) + current_A * self._line_ohm
            if abs(voltage_V - seen_V) <= 0.002 * abs(voltage_V):
                break
            seen_V = voltage_V
        self._terminal_V = voltage_V
        return Solution(current_A, self._spread(positions, solution.shares_A))

    def _drives(self, voltage_V: float) -> tuple[list[int], list[Drive]]:
        positions: list[int] = []
        drives: list[Drive] = []
        for position, element in enumerate(self._elements):
            drive = element.drive(voltage_V)
            if drive is not None:
                drives.append(drive)
                positions.append(position)
        return positions, drives

    def _spread(self, positions: list[int], shares: tuple[float, ...]) -> tuple[float, ...]:
        spread = [0.0] * len(self._elements)
        for position, share_A in zip(positions, shares, strict=True):
            spread[position] = share_A
        return tuple(spread)

    def _run_events(self, now_s: float) -> None:
        while True:
            due_s = self._contact_due_s
            chosen: Participant | None = None
            for participant in self._participants:
                event_s = participant.next_event_s()
                if event_s < due_s:
                    due_s = event_s
                    chosen = participant
            if due_s > now_s:
                return
            if chosen is None:
                self.integrate_to(due_s)
                self._move_contact()
            else:
                chosen.run_event(due_s)

    def _move_contact(self) -> None:
        self._contact_due_s = NEVER_S
        if self._closed != self._closed_wanted:
            self._closed = self._closed_wanted
            self.changed()

    def _fault_changed(self, name: str) -> None:
        if name == "polarity_reversed" and not self.reversed:
            self._fuse_blown = False
        self.changed()
