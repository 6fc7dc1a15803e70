"""Follows one channel through the table; what the table does not hold does not happen."""

from __future__ import annotations

from collections.abc import Mapping

from station.lifecycle.table import TRANSITIONS, Event, State

_NEXT: Mapping[tuple[State, Event], State] = {(t.state, t.event): t.to for t in TRANSITIONS}


class Forbidden(RuntimeError):
    """An event that the present state does not know: a defect, never a way of working."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(f"{event} is not possible in state {state}")
        self.state, self.event = state, event


class Machine:
    """The state of one channel."""

    def __init__(self, state: State = State.IDLE) -> None:
        self._state = state

    @property
    def state(self) -> State:
        """Where it is."""
        return self._state

    def may(self, event: Event) -> bool:
        """True when the table knows ``event`` in this state."""
        return (self._state, event) in _NEXT

    def fire(self, event: Event) -> State:
        """Go on; returns the new state. Raises Forbidden, and stays where it is."""
        to = _NEXT.get((self._state, event))
        if to is None:
            raise Forbidden(self._state, event)
        self._state = to
        return to
