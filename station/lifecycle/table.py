"""One explicit table: what may follow what. Everything that knows of states reads it here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a channel is."""

    IDLE = "idle"
    CHECKS = "checks"
    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    SAFE = "safe"
    ANALYSIS = "analysis"
    VERDICT = "verdict"
    FAULT = "fault"


class Event(StrEnum):
    """What makes it go on."""

    START = "start"
    PASSED = "passed"
    ENERGISED = "energised"
    PAUSED = "paused"
    RESUMED = "resumed"
    END = "end"
    OFF_VERIFIED = "off_verified"
    OFF_UNVERIFIED = "off_unverified"
    COMPLETED = "completed"
    TRIPPED = "tripped"
    JUDGED = "judged"
    FAILED = "failed"
    WORKER_LOST = "worker_lost"
    LATCHED = "latched"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True)
class Transition:
    """From one state by one event to the next, and in words."""

    state: State
    event: Event
    to: State
    text: str


_S, _E = State, Event

TRANSITIONS: tuple[Transition, ...] = (
    Transition(_S.IDLE, _E.START, _S.CHECKS, "a person or a program starts a test"),
    Transition(_S.VERDICT, _E.START, _S.CHECKS, "the next battery: a verdict clears itself"),
    Transition(_S.CHECKS, _E.PASSED, _S.READY, "every check before energy has passed; nothing is on yet"),
    Transition(_S.READY, _E.ENERGISED, _S.RUNNING, "watchdog armed, output on at zero current"),
    Transition(_S.RUNNING, _E.PAUSED, _S.PAUSED, "current zero, output off, read back"),
    Transition(_S.PAUSED, _E.RESUMED, _S.RUNNING, "the checks have passed again"),
    Transition(_S.CHECKS, _E.END, _S.STOPPING, "a check failed, or a stop"),
    Transition(_S.READY, _E.END, _S.STOPPING, "anything that ends a test before its first current"),
    Transition(_S.RUNNING, _E.END, _S.STOPPING, "end of plan, stop, limit, fault of an instrument"),
    Transition(_S.PAUSED, _E.END, _S.STOPPING, "a stop or a limit while paused"),
    Transition(_S.STOPPING, _E.OFF_VERIFIED, _S.SAFE, "output off and zero current by read-back"),
    Transition(_S.STOPPING, _E.OFF_UNVERIFIED, _S.FAULT, "it could not be verified that nothing is on"),
    Transition(_S.SAFE, _E.COMPLETED, _S.ANALYSIS, "the plan ran to its end, or a person stopped it"),
    Transition(_S.SAFE, _E.TRIPPED, _S.FAULT, "a check, a limit, an instrument or supervision ended it"),
    Transition(_S.ANALYSIS, _E.JUDGED, _S.VERDICT, "result and records are written"),
    Transition(_S.ANALYSIS, _E.FAILED, _S.FAULT, "the records could not be written"),
    *(
        Transition(state, _E.WORKER_LOST, _S.FAULT, "the channel's process is gone or silent")
        for state in (_S.CHECKS, _S.READY, _S.RUNNING, _S.PAUSED, _S.STOPPING, _S.SAFE)
    ),
    Transition(_S.IDLE, _E.LATCHED, _S.FAULT, "found at the start of the service: latched or interrupted"),
    Transition(_S.VERDICT, _E.ACKNOWLEDGED, _S.IDLE, "a person has seen the verdict"),
    Transition(_S.FAULT, _E.ACKNOWLEDGED, _S.IDLE, "a person has seen the fault and removed its cause"),
    Transition(_S.FAULT, _E.RESUMED, _S.CHECKS, "a person lets an interrupted test go on; all checks anew"),
)

WORKER: frozenset[State] = frozenset({_S.CHECKS, _S.READY, _S.RUNNING, _S.PAUSED, _S.STOPPING, _S.SAFE})
"""States in which a worker lives, and which it tells itself."""

ACTIVE: frozenset[State] = WORKER | {_S.ANALYSIS}
"""From the accepted start to the end of the analysis."""

ENERGY: frozenset[State] = frozenset({_S.RUNNING, _S.STOPPING})
"""The only states in which an output may be on."""
