"""What a relay-board snapshot means for the channels: pure decisions, no I/O."""

from __future__ import annotations

from dataclasses import dataclass

from station.safety.relay_state import RelaySnapshot


@dataclass(frozen=True)
class Refusal:
    """A stable code and words for it."""

    code: str
    message: str
    remedy: str


RELAY_LOST = Refusal(
    "guard.relay_lost",
    "the guard cannot reach its relay board",
    "check the board's power and network; no test starts without it",
)
RELAY_FROZEN = Refusal(
    "guard.relay_frozen",
    "the relay board answers, but its coil does not follow the command",
    "check the board and look for another master that holds its coils; no test starts until it obeys",
)
ESTOP = Refusal(
    "guard.estop_open", "the emergency stop is pressed", "remove the danger, release the emergency stop"
)
INTERLOCK = Refusal("guard.interlock_open", "an interlock is open", "close doors and covers")
STUCK = Refusal(
    "guard.cutoff_stuck",
    "the cut-off of this channel does not open: its contactor may be welded",
    "take the battery off by the service disconnect and replace the contactor",
)
DROPPED = Refusal(
    "guard.cutoff_dropped",
    "the cut-off opened although it was commanded closed",
    "check the contactor's coil supply and the relay board",
)
LATE = Refusal(
    "guard.worker_late", "the channel's process fell silent", "acknowledge, look at the log, then start again"
)
GONE = Refusal("guard.worker_gone", "the channel's process ended without making safe", LATE.remedy)
TRIPPED = Refusal(
    "guard.tripped",
    "the guard has already cut this channel for this run",
    "acknowledge, then start a new run",
)
NOT_CLOSING = Refusal(
    "guard.cutoff_not_closing",
    "the cut-off does not close",
    "check the emergency stop circuit, the contactor's coil supply and its feedback contact",
)
FORCED = Refusal(
    "guard.forced", "the channel was cut by an operator", "acknowledge, look at the channel, then start again"
)
NO_AUX = Refusal(
    "guard.no_aux",
    "this channel has no relay of that name",
    "name its coil in the bench file: cutoff.precharge.coil or insulation.coil",
)
NO_CUTOFF = Refusal("guard.no_cutoff", "this channel has no cut-off", "name one in the bench file")
SUPERSEDED = Refusal("guard.superseded", "the cut-off was opened meanwhile", "start again")

BY_CODE = {
    refusal.code: refusal
    for refusal in (
        RELAY_LOST, RELAY_FROZEN, ESTOP, INTERLOCK, STUCK, DROPPED, LATE, GONE, TRIPPED, FORCED, NOT_CLOSING,
        NO_AUX, NO_CUTOFF, SUPERSEDED,
    )
}  # fmt: skip


def bench_trip(snapshot: RelaySnapshot) -> Refusal | None:
    """What stops every channel, if anything."""
    if not snapshot.ok:
        return RELAY_LOST
    if snapshot.frozen:
        return RELAY_FROZEN
    if snapshot.estop_ok is False:
        return ESTOP
    if snapshot.interlock_ok is False:
        return INTERLOCK
    return None


def closing_refusal(snapshot: RelaySnapshot, channel: str, *, tripped: bool) -> Refusal | None:
    """Why the cut-off of ``channel`` may not be closed now, if there is a reason."""
    if tripped:
        return TRIPPED
    if any(key.partition(":")[0] == channel for key in snapshot.stuck):
        return STUCK
    return bench_trip(snapshot)
