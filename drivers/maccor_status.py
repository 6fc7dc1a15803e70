"""What Maccor's numbers for the state of a channel mean (vendor's help text)."""

from __future__ import annotations

from drivers.contracts.cycler import CyclerState

_STATES = {
    0: CyclerState.FREE,
    1: CyclerState.FREE,
    2: CyclerState.RUNNING,
    3: CyclerState.PAUSED,
    4: CyclerState.FINISHED,
    5: CyclerState.PROTECTED,
    7: CyclerState.RUNNING,
    8: CyclerState.RUNNING,
    9: CyclerState.PROTECTED,
    12: CyclerState.RUNNING,
    14: CyclerState.RUNNING,
    15: CyclerState.RUNNING,
}
"""Those left out (not there, no controller, shut down, blocked, maintenance) say nothing about a current."""
_WORDS = (
    "available",
    "selected",
    "active",
    "suspended",
    "completed",
    "problem",
    "n/a",
    "reset",
    "start",
    "power-fail",
    "no-controller",
    "shutdown",
    "starting",
    "blocked",
    "waiting",
    "FRA",
    "remote-maintenance",
)
_PROTECTIONS = {190, 191, 196, 197, 252, 253, 254, 255}
_REASONS = {129: "step time", 130: "test time", 192: "operator", 193: "normal end"}
_OPERATOR = 192


def state_of(stat: int, reason: int) -> CyclerState:
    """``stat`` is Stat; ``reason`` (RF2) tells how a completed test ended."""
    state = _STATES.get(stat, CyclerState.UNKNOWN)
    if state is CyclerState.FINISHED and reason in _PROTECTIONS:
        return CyclerState.PROTECTED
    if state is CyclerState.FINISHED and reason == _OPERATOR:
        return CyclerState.STOPPED
    if state is CyclerState.PAUSED and reason in _PROTECTIONS:
        return CyclerState.PROTECTED
    return state


def word_of(stat: int, reason: int) -> str:
    """In words, for people."""
    word = _WORDS[stat] if 0 <= stat < len(_WORDS) else str(stat)
    why = "protection" if reason in _PROTECTIONS else _REASONS.get(reason, str(reason))
    return f"{word} ({why})"
