"""Faults that begin at a named moment of a channel's life, at that simulated instant, and a record of when
current last flowed.

A watcher stands in the circuit as one more participant: it sees each new operating point at the exact
simulated time at which it begins, and is due when an armed fault is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulators.clock import SimClock
from simulators.wiring import NEVER_S, Circuit

MOMENTS = ("now", "output_on", "output_off", "rise", "fall", "cutoff_closed", "cutoff_open")
FLOWS_A = 0.01
"""Beyond this, current flows; the smallest test current is far larger, offsets are far smaller."""


class TriggerError(ValueError):
    """An arming that makes no sense; its text tells the client why."""


@dataclass
class Armed:
    """One fault that waits for its moment. Times: ``after_s``, ``for_s`` and ``at_sim_s`` simulated."""

    label: str
    moment: str
    count: int
    after_s: float
    fault: Mapping[str, Any] | None
    for_s: float | None
    due_s: float = NEVER_S
    at_sim_s: float | None = None
    at_monotonic_s: float | None = None


def armed_from(request: Mapping[str, Any]) -> Armed:
    """Check a request. Raises TriggerError, KeyError."""
    when = request["when"]
    if not isinstance(when, Mapping) or when.get("moment") not in MOMENTS:
        raise TriggerError(f"when.moment must be one of {', '.join(MOMENTS)}")
    count, after_s = int(when.get("count", 1)), float(when.get("after_s", 0.0))
    if count < 1 or after_s < 0:
        raise TriggerError("when.count is at least 1, when.after_s at least 0")
    for_s = request.get("for_s")
    fault = request.get("fault")
    if fault is not None and not (isinstance(fault, Mapping) and "name" in fault):
        raise TriggerError('a fault is an object with "name"')
    return Armed(
        str(request["label"]),
        str(when["moment"]),
        count,
        after_s,
        fault,
        None if for_s is None else float(for_s),
    )


class Watcher:
    """Watches one circuit. ``apply`` begins a fault, or ends it (value False), somewhere on the bench."""

    def __init__(
        self,
        circuit: Circuit,
        clock: SimClock,
        *,
        outputs: Callable[[], list[bool]],
        apply: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self._circuit, self._clock = circuit, clock
        self._outputs, self._apply = outputs, apply
        self._armed: dict[str, Armed] = {}
        self._ends: list[tuple[float, Mapping[str, Any]]] = []
        self._next_s = NEVER_S
        self._flows = False
        self._output_on = False
        self._closed = circuit.contactor_closed
        self._zero_since_s: float | None = circuit.time_s
        self._last_flow_s: float | None = None
        circuit.watch = self.see
        circuit.add_participant(self)

    # ---- what the circuit calls -----------------------------------------------------------

    def see(self, time_s: float, current_A: float) -> None:
        """A new operating point begins at ``time_s``."""
        flows = abs(current_A) > FLOWS_A
        if flows != self._flows:
            self._flows = flows
            self._zero_since_s = None if flows else time_s
            self._last_flow_s = time_s
            self._happened("rise" if flows else "fall", time_s)
        output_on = any(self._outputs())
        if output_on != self._output_on:
            self._output_on = output_on
            self._happened("output_on" if output_on else "output_off", time_s)
        closed = self._circuit.contactor_closed
        if closed != self._closed:
            self._closed = closed
            self._happened("cutoff_closed" if closed else "cutoff_open", time_s)

    def next_event_s(self) -> float:
        """When the next armed fault is due, or the end of one."""
        return self._next_s

    def run_event(self, time_s: float) -> None:
        """Begin or end what is due."""
        self._circuit.integrate_to(time_s)
        at_s = max(time_s, self._circuit.time_s)
        due = [armed for armed in self._armed.values() if armed.at_sim_s is None and armed.due_s <= time_s]
        over = [fault for end_s, fault in self._ends if end_s <= time_s]
        self._ends = [(end_s, fault) for end_s, fault in self._ends if end_s > time_s]
        for armed in due:
            armed.at_sim_s, armed.at_monotonic_s = at_s, self._clock.real_at_sim_s(at_s)
            if armed.fault is not None and armed.for_s is not None:
                self._ends.append((at_s + armed.for_s, {**armed.fault, "value": False}))
        self._plan()  # before the faults act: they bring the circuit to now, which asks what is due
        for fault in [*over, *(armed.fault for armed in due if armed.fault is not None)]:
            self._apply(fault)

    # ---- what the control port calls ------------------------------------------------------

    def arm(self, armed: Armed) -> None:
        """Wait for its moment; the same label again replaces it."""
        self._circuit.advance()
        self._armed[armed.label] = armed
        if armed.moment == "now":
            armed.due_s = self._circuit.time_s + armed.after_s
        self._plan()
        self._circuit.advance()

    def armed(self, label: str) -> dict[str, Any]:
        """Whether it has fired and when. Raises TriggerError."""
        self._circuit.advance()
        armed = self._armed.get(label)
        if armed is None:
            raise TriggerError(f"nothing is armed as {label!r}")
        return {
            "fired": armed.at_sim_s is not None,
            "at_sim_s": armed.at_sim_s,
            "at_monotonic_s": armed.at_monotonic_s,
        }

    def disarm(self) -> None:
        """Forget everything that waits, the ends of running faults too."""
        self._armed.clear()
        self._ends.clear()
        self._next_s = NEVER_S

    def flow(self) -> dict[str, Any]:
        """What flows, and in real (monotonic) seconds since when nothing does."""
        self._circuit.advance()
        current_A = self._circuit.current_A
        if self._flows:
            self._last_flow_s = self._circuit.time_s
        return {
            "current_A": current_A,
            "output_on": self._outputs(),
            "cutoff_closed": self._circuit.contactor_closed,
            "zero_since_monotonic_s": self._real(self._zero_since_s),
            "last_flow_monotonic_s": self._real(self._last_flow_s),
        }

    # ---- inside ---------------------------------------------------------------------------

    def _happened(self, moment: str, time_s: float) -> None:
        hit = False
        for armed in self._armed.values():
            if armed.moment == moment and armed.due_s == NEVER_S and armed.at_sim_s is None:
                armed.count -= 1
                if armed.count == 0:
                    armed.due_s = time_s + armed.after_s
                    hit = True
        if hit:
            self._plan()

    def _plan(self) -> None:
        waiting = [armed.due_s for armed in self._armed.values() if armed.at_sim_s is None]
        self._next_s = min([*waiting, *(end_s for end_s, _ in self._ends)], default=NEVER_S)

    def _real(self, sim_s: float | None) -> float | None:
        return None if sim_s is None else self._clock.real_at_sim_s(sim_s)
