"""What a worker tells of its state, as events of the table; what the table does not hold does not happen."""

from __future__ import annotations

from typing import Any

from station.lifecycle import TRANSITIONS, Event, Machine, State
from station.lifecycle.table import WORKER

_WORKER_EVENTS = frozenset(
    {Event.PASSED, Event.ENERGISED, Event.PAUSED, Event.RESUMED, Event.END, Event.OFF_VERIFIED}
)
_ROWS = [row for row in TRANSITIONS if row.event in _WORKER_EVENTS and {row.state, row.to} <= WORKER]
STOPPABLE = frozenset(WORKER - {State.SAFE})
"""States in which a stop still means something."""


def events_to(state: State, told: Any) -> list[Event] | None:
    """The shortest way from ``state`` to the one a worker tells, in rows of the table; None: there is none.

    More than one row at a time happens: lines between were dropped because the pipe was full.
    """
    if not isinstance(told, str) or told not in WORKER:
        return None
    ways: dict[State, list[Event]] = {state: []}
    edge = [state]
    while edge and told not in ways:
        fresh = [(row, ways[here]) for here in edge for row in _ROWS if row.state is here]
        edge = []
        for row, way in fresh:
            if row.to not in ways:
                ways[row.to] = [*way, row.event]
                edge.append(row.to)
    return ways.get(State(told))


def events_of_end(state: State, *, verified: bool, fault: bool) -> list[Event]:
    """What the end of a worker's run means: on to ``analysis``, or to ``fault``.

    ``verified``: output off and zero current were read back; ``fault``: something other than the plan's end
    or a person ended it, or it is not verified.
    """
    probe = Machine(state)
    events = []
    for event in (
        Event.END,
        Event.OFF_VERIFIED if verified else Event.OFF_UNVERIFIED,
        Event.TRIPPED if fault else Event.COMPLETED,
    ):
        if probe.may(event):
            probe.fire(event)
            events.append(event)
    return events
