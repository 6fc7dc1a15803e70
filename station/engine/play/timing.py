"""Picks who makes the edges of each group of segments, and refuses what the hardware cannot do."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from drivers.capabilities import Capabilities, TimingClass
from profiles.plan import Plan, Segment, SegmentRole
from station.errors import UsageError

HOST_EDGE_S = 0.02
"""Real time within which this program places an edge; a commanded pulse is at least as long."""


def groups(plan: Plan) -> list[tuple[Segment, ...]]:
    """The plan's segments by group, in order."""
    return [tuple(members) for _, members in groupby(plan.segments, key=lambda segment: segment.group)]


def is_energised(group: Sequence[Segment]) -> bool:
    """True when any segment of the group drives a current."""
    return any(segment.current_A != 0 for segment in group)


def is_check(group: Sequence[Segment]) -> bool:
    """True when a judgement depends on the group: it is never left out."""
    return any(segment.role in (SegmentRole.CONTACT_PULSE, SegmentRole.OCV_CHECK) for segment in group)


def choose_timing(
    group: Sequence[Segment], wanted: str, capabilities: Capabilities, speed: float
) -> TimingClass | None:
    """The timing class for one group; None for a group that only rests. Raises UsageError when none fits."""
    if not is_energised(group):
        return None
    if TimingClass.HANDED_OVER in capabilities.timing and wanted in ("sequenced", "best"):
        problem = _unsayable(group) or _program_problem(group, min(s.duration_s for s in group), capabilities)
        if not problem:
            return TimingClass.HANDED_OVER
        raise _impossible(wanted, min(s.duration_s for s in group), problem)
    if any(segment.open_ended for segment in group):
        wanted = "commanded"  # no instrument's program knows when it is over
    shortest_s = min(segment.duration_s for segment in group)
    problems: list[str] = []
    if wanted in ("sequenced", "best"):
        problem = _sequenced_problem(group, shortest_s, capabilities)
        if not problem:
            return TimingClass.SEQUENCED
        problems.append(problem)
    if wanted in ("commanded", "best"):
        problem = _commanded_problem(shortest_s, capabilities, speed)
        if not problem:
            return TimingClass.COMMANDED
        problems.append(problem)
    raise _impossible(wanted, shortest_s, "; ".join(problems))


def _impossible(wanted: str, shortest_s: float, why: str) -> UsageError:
    return UsageError(
        f"pulses of {shortest_s:g} s with timing {wanted!r} cannot be made here: {why}",
        remedy="use a channel with a faster instrument, a profile with longer pulses, or timing: best",
        code="engine.timing",
        timing=wanted,
        shortest_s=shortest_s,
    )


def _sequenced_problem(group: Sequence[Segment], shortest_s: float, capabilities: Capabilities) -> str:
    if TimingClass.SEQUENCED not in capabilities.timing:
        return "the instrument plays no sequences"
    return _program_problem(group, shortest_s, capabilities)


def _program_problem(group: Sequence[Segment], shortest_s: float, capabilities: Capabilities) -> str:
    if len(group) > capabilities.sequence_steps_max:
        return f"its sequencer takes {capabilities.sequence_steps_max} steps, {len(group)} are needed"
    if shortest_s < capabilities.pulse_min_s:
        return f"its shortest step is {capabilities.pulse_min_s:g} s"
    return ""


def _unsayable(group: Sequence[Segment]) -> str:
    """What of ``group`` a cycler's schedule cannot be told."""
    for segment in group:
        if segment.control is not None:
            return f"instrument not able: {segment.role.value} is held by the station, not by a schedule"
        if segment.until is not None and segment.until.conditions:
            return f"instrument not able: a schedule does not end by {segment.until.conditions[0]!r}"
        if segment.until is not None:
            return "instrument not able: a schedule does not end by the charge moved"
    return ""


def _commanded_problem(shortest_s: float, capabilities: Capabilities, speed: float) -> str:
    if TimingClass.COMMANDED not in capabilities.timing:
        return "the instrument takes no commanded edges"
    least_s = max(capabilities.pulse_min_s, HOST_EDGE_S * speed)
    if shortest_s < least_s:
        return f"commanded pulses last at least {least_s:g} s here"
    return ""
