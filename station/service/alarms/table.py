"""What an alarm may be and how it changes: the states of ISA-18.2 as one explicit table.

Left out of the standard's states: suppressed by design and out of service, which this station does not do.
A shelved alarm remembers whether its cause is still there, so ``shelved`` is two states here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class AlarmState(StrEnum):
    """Where an alarm is."""

    NORMAL = "normal"
    UNACKNOWLEDGED = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned_unacknowledged"
    SHELVED = "shelved"
    SHELVED_RETURNED = "shelved_returned"


class AlarmEvent(StrEnum):
    """What makes it change: the world (raised, cleared) or a person, and the end of a shelving."""

    RAISED = "raised"
    CLEARED = "cleared"
    ACKNOWLEDGED = "acknowledged"
    SHELVED = "shelved"
    UNSHELVED = "unshelved"


@dataclass(frozen=True)
class Transition:
    """From one state by one event to the next, and in words."""

    state: AlarmState
    event: AlarmEvent
    to: AlarmState
    text: str


_S, _E = AlarmState, AlarmEvent

TRANSITIONS: tuple[Transition, ...] = (
    Transition(_S.NORMAL, _E.RAISED, _S.UNACKNOWLEDGED, "its cause appears"),
    Transition(_S.UNACKNOWLEDGED, _E.RAISED, _S.UNACKNOWLEDGED, "once more: counted, not listed again"),
    Transition(
        _S.UNACKNOWLEDGED, _E.ACKNOWLEDGED, _S.ACKNOWLEDGED, "a person has seen it, its cause is there"
    ),
    Transition(_S.UNACKNOWLEDGED, _E.CLEARED, _S.RETURNED, "its cause is gone before anybody has seen it"),
    Transition(_S.UNACKNOWLEDGED, _E.SHELVED, _S.SHELVED, "an engineer puts it aside for a time"),
    Transition(_S.ACKNOWLEDGED, _E.RAISED, _S.UNACKNOWLEDGED, "it happens again"),
    Transition(_S.ACKNOWLEDGED, _E.CLEARED, _S.NORMAL, "its cause is gone"),
    Transition(_S.ACKNOWLEDGED, _E.SHELVED, _S.SHELVED, "an engineer puts it aside for a time"),
    Transition(_S.RETURNED, _E.ACKNOWLEDGED, _S.NORMAL, "a person has seen that it was there"),
    Transition(_S.RETURNED, _E.RAISED, _S.UNACKNOWLEDGED, "its cause is back"),
    Transition(_S.SHELVED, _E.RAISED, _S.SHELVED, "once more: counted, still aside"),
    Transition(_S.SHELVED, _E.CLEARED, _S.SHELVED_RETURNED, "its cause is gone while it is aside"),
    Transition(_S.SHELVED, _E.UNSHELVED, _S.UNACKNOWLEDGED, "the time is over, or an engineer ends it"),
    Transition(_S.SHELVED_RETURNED, _E.RAISED, _S.SHELVED, "its cause is back while it is aside"),
    Transition(_S.SHELVED_RETURNED, _E.UNSHELVED, _S.NORMAL, "the time is over, or an engineer ends it"),
)

NEXT: Mapping[tuple[AlarmState, AlarmEvent], AlarmState] = {(t.state, t.event): t.to for t in TRANSITIONS}

ACTIVE: frozenset[AlarmState] = frozenset({_S.UNACKNOWLEDGED, _S.ACKNOWLEDGED, _S.SHELVED})
"""Its cause is there."""
UNSEEN: frozenset[AlarmState] = frozenset({_S.UNACKNOWLEDGED, _S.RETURNED})
"""Waits for a person."""
ASIDE: frozenset[AlarmState] = frozenset({_S.SHELVED, _S.SHELVED_RETURNED})
"""Put aside by an engineer; comes back by itself."""
