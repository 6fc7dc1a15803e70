"""One channel's circuit: battery, leads, contactors, and the power instruments in parallel.

The battery's state moves in steps that end exactly on the edges of sequencers and watchdogs.
It is advanced lazily whenever somebody looks or changes something, and by the bench's own tick.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from simulators.battery.base import Battery, Innards
from simulators.battery.short import ShortedBattery
from simulators.clock import SimClock
from simulators.contactor import NEVER_S, Contactor, Contactors
from simulators.faults import WIRING_FAULTS, FaultSet
from simulators.insulation import InsulationNetwork
from simulators.network import Solution
from simulators.participants import Participant, PowerElement
from simulators.power_path import PackPath, PowerPath

__all__ = ["NEVER_S", "Circuit", "PackPath", "Participant", "PowerElement"]

LONGEST_STEP_S = 0.020
LONGEST_REST_STEP_S = 0.100
FIRST_STEP_S = 0.001


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
        sense_at: Literal["posts", "terminals"] = "posts",
        pack: PackPath | None = None,
        short_cell: int = 1,
    ) -> None:
        self.clock = clock
        self.faults = FaultSet("the wiring", WIRING_FAULTS)
        self.insulation: InsulationNetwork | None = None
        self._connected = battery
        self._sense_at_posts = sense_at == "posts"
        self._short_cell = short_cell
        self._participants: list[Participant] = []
        self._time_s = clock.now_s()
        self._step_s = FIRST_STEP_S
        self._contactors = Contactors(delay_s=contactor_delay_s, has_main=has_contactor)
        self._path = PowerPath(
            battery,
            self.faults,
            self._contactors,
            lambda: self._time_s,
            lead_resistance_ohm=lead_resistance_ohm,
            polarity_reversed=polarity_reversed,
            pack=pack,
        )
        self._solution: Solution | None = None
        self._charge_As = 0.0
        self.watch: Callable[[float, float], None] | None = None
        """Called with time and battery current at each new operating point, at the instant it begins."""
        self.faults.on_change(self._fault_changed)

    # ---- building -------------------------------------------------------------------------

    def add_power(self, element: PowerElement) -> None:
        """Connect a power instrument in parallel."""
        self._path.elements.append(element)
        self._participants.append(element)

    def add_participant(self, participant: Participant) -> None:
        """Add something that acts on time but moves no energy, such as a scanner."""
        self._participants.append(participant)

    def connect(self, battery: Battery) -> None:
        """Swap the battery; a blown fuse is replaced and the charge counter starts again."""
        self.advance()
        self._connected = battery
        self._charge_As = 0.0
        self._path.connect(battery)
        self._apply_short()
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
            voltage_V = self._path.terminal_V
            if self._path.floating:
                current_A = self._path.charge_stage(duration_s)
            if self._path.pending_As:
                current_A += self._path.pending_As / duration_s
                self._path.pending_As = 0.0
            if "temperature_ramp" in self.faults.active and isinstance(self._path.battery, Innards):
                self._path.battery.warm(self.faults.number("temperature_ramp") * duration_s)
            self._path.battery.advance(current_A, duration_s)
            self._time_s = min(target_s, self._time_s + duration_s)
            if target_s - self._time_s < 1e-9:
                self._time_s = target_s
            self._charge_As += current_A * duration_s
            for element, share_A in zip(self._path.elements, solution.shares_A, strict=True):
                element.after_step(self._time_s, duration_s, voltage_V, share_A)
            self._solution = None

    def changed(self) -> None:
        """Forget the operating point: a setting, a contactor or a fault changed just now."""
        if self.insulation is not None:
            test_closed = self._contactors.insulation_test.closed
            self.insulation.change(self.posts_V(), self._time_s, test_closed=test_closed)
        self._solution = None
        self._step_s = FIRST_STEP_S
        self._path.changed()

    @property
    def active(self) -> bool:
        """Whether current may flow, so that time has to be followed closely."""
        return any(element.drive(0.0) is not None for element in self._path.elements)

    # ---- contactors -----------------------------------------------------------------------

    def command_contactor(self, closed: bool) -> None:
        """Energise or release the contactor's coil; the contact follows after its delay."""
        self._command(self._contactors.main, closed)

    def command_precharge(self, closed: bool) -> None:
        """The same for the contactor in series with the pre-charge resistor."""
        self._command(self._contactors.precharge, closed)

    def command_pack(self, closed: bool) -> None:
        """Open or close the pack's own contactors, inside its posts."""
        self.advance()
        if self._path.pack_closed != closed:
            self._path.pack_closed = closed
            self.changed()

    @property
    def pack_closed(self) -> bool:
        """Whether the pack's own contactors are really closed."""
        return not self._path.pack_open

    def outside_V(self) -> float:
        """What the pack measures outside its own contactors, in its own polarity."""
        volts = self.posts_V()
        return -volts if self.reversed else volts

    def command_insulation_test(self, closed: bool) -> None:
        """The same for the relay that puts the test resistor between a pole and chassis."""
        self._command(self._contactors.insulation_test, closed)

    @property
    def contactor_closed(self) -> bool:
        """Whether the power contact is really closed (auxiliary contact)."""
        return self._path.main_closed

    @property
    def precharge_closed(self) -> bool:
        """Whether the pre-charge contact is really closed."""
        return self._path.precharge_closed

    @property
    def fuse_blown(self) -> bool:
        """Whether a reversed battery, through the instruments' diodes, or an inrush blew the fuse."""
        return self._path.fuse_blown

    @property
    def inrush_peak_A(self) -> float:
        """Highest current into an uncharged output capacitor since the battery was connected."""
        return self._path.inrush_peak_A

    # ---- what can be seen -----------------------------------------------------------------

    @property
    def battery(self) -> Battery:
        """The battery connected now."""
        return self._path.battery

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
        return self._path.reversed

    def posts_V(self) -> float:
        """Voltage at the battery posts in the instruments' polarity."""
        return self._path.posts_V(self._operating().current_A)

    def terminals_V(self) -> float:
        """Voltage at the instruments' own output terminals, lead drop included."""
        self._operating()
        return self._path.terminal_V

    def share_A(self, element: PowerElement) -> float:
        """Current of one power instrument."""
        solution = self._operating()
        return solution.shares_A[self._path.elements.index(element)]

    def sensed_V(self, *, remote: bool) -> float:
        """Voltage a power instrument measures, with or without its sense leads."""
        return self.posts_V() if remote and self.sense_connected else self.terminals_V()

    def chassis_V(self) -> tuple[float, float]:
        """From minus to chassis and from chassis to plus; raises ValueError without an insulation network."""
        if self.insulation is None:
            raise ValueError("this channel's insulation is not simulated")
        return self.insulation.voltages_V(self.posts_V(), self._time_s)

    @property
    def sense_connected(self) -> bool:
        """Whether sense leads are on and stand at the posts."""
        return self._sense_at_posts and "sense_open" not in self.faults.active

    # ---- inside ---------------------------------------------------------------------------

    def _operating(self) -> Solution:
        solution = self._solution
        if solution is None:
            solution = self._solution = self._path.solve()
            if self.watch is not None:
                self.watch(self._time_s, solution.current_A)
        return solution

    def _run_events(self, now_s: float) -> None:
        while True:
            due_s = self._contactors.due_s
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
                self._move_contacts()
            else:
                chosen.run_event(due_s)

    def _command(self, contactor: Contactor, closed: bool) -> None:
        self.advance()
        if self._contactors.command(contactor, closed, self._time_s):
            self._move_contacts()

    def _move_contacts(self) -> None:
        if self._contactors.move(self._time_s):
            self.changed()

    def _apply_short(self) -> None:
        self._path.battery = self._connected
        if "internal_short" in self.faults.active:
            cell = min(self._short_cell, self._connected.series_cells)
            ohm = self.faults.number("internal_short")
            self._path.battery = ShortedBattery(self._connected, cell=cell, short_ohm=ohm)

    def _fault_changed(self, name: str) -> None:
        if name == "internal_short":
            self._apply_short()
        self._path.fault_changed(name)
        self.changed()
