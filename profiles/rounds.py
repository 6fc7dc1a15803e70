"""What somebody answers to an open step, checked against what that step allows before any of it flows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from profiles.open_step import OpenStep
from profiles.plan import Segment, SegmentRole

SEGMENTS_MAX = 200
PULSE_MAX_S = 120.0
"""As long as the pulse of any profile."""
ROUNDING = 1 + 1e-6

_PULSES = frozenset({SegmentRole.CHARGE_PULSE, SegmentRole.DISCHARGE_PULSE})
_SIGNS = {SegmentRole.CHARGE_PULSE: 1, SegmentRole.DISCHARGE_PULSE: -1, SegmentRole.PARTIAL_CHARGE: 1}
_KINDS: dict[SegmentRole, frozenset[str]] = {
    SegmentRole.CHARGE_PULSE: frozenset({"pulse_pair", "pulse_block"}),
    SegmentRole.DISCHARGE_PULSE: frozenset({"pulse_pair", "pulse_block"}),
    SegmentRole.SOC_SHIFT: frozenset({"shift_soc"}),
    SegmentRole.PARTIAL_CHARGE: frozenset({"partial_charge"}),
}
"""What else than a rest an answer may hold, and the kinds of which one must be allowed for it."""


class RoundRefused(Exception):
    """The answer is not played; the text says why."""


@dataclass(frozen=True)
class Moved:
    """What an open step has used by now: bench s, and Ah since it began (``net_Ah`` positive: charged)."""

    spent_s: float = 0.0
    charge_Ah: float = 0.0
    discharge_Ah: float = 0.0

    @property
    def net_Ah(self) -> float:
        """How far from where it began."""
        return self.charge_Ah - self.discharge_Ah


def read_round(parts: object, step: OpenStep, first_index: int, group: int) -> tuple[Segment, ...]:
    """The segments of an answer, ``[{"role", "current_A", "duration_s"}, …]``. Raises RoundRefused."""
    if not isinstance(parts, list) or not 0 < len(parts) <= SEGMENTS_MAX:
        raise RoundRefused(f"an answer holds 1 to {SEGMENTS_MAX} segments")
    return tuple(_segment(part, first_index + number, step.step, group) for number, part in enumerate(parts))


def check_round(segments: Sequence[Segment], step: OpenStep, moved: Moved) -> None:
    """Is it inside what the step allows? Raises RoundRefused."""
    if segments[-1].current_A != 0.0:
        raise RoundRefused("it does not end at zero current")
    for number, segment in enumerate(segments):
        _check_segment(segment, step)
        if segment.current_A:
            _check_rest(segments, number, step)
    duration_s = sum(segment.duration_s for segment in segments)
    if moved.spent_s + duration_s > step.budget_s * ROUNDING:
        raise RoundRefused(f"{duration_s:.4g} s are more than the step has left")
    _check_charge(segments, step, moved)


def _segment(part: object, index: int, step: int, group: int) -> Segment:
    if not isinstance(part, dict):
        raise RoundRefused(f"segment {index} is no segment")
    try:
        role = SegmentRole(part.get("role"))
    except ValueError:
        raise RoundRefused(f"segment {index} has the unknown role {str(part.get('role'))[:40]!r}") from None
    return Segment(index, step, group, role, _number(part, "current_A"), _number(part, "duration_s"))


def _number(part: dict[str, Any], name: str) -> float:
    value = part.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise RoundRefused(f"{name} is no number")
    return float(value)


def _check_segment(segment: Segment, step: OpenStep) -> None:
    role, current_A = segment.role, segment.current_A
    if not segment.duration_s > 0:
        raise RoundRefused("a segment lasts no time")
    if role is SegmentRole.REST:
        if current_A != 0.0:
            raise RoundRefused("a rest has a current")
        return
    if not _KINDS.get(role, frozenset()) & set(step.kinds):
        raise RoundRefused(f"{role.value} is not allowed in this step")
    if current_A * _SIGNS.get(role, current_A) <= 0:
        raise RoundRefused(f"{current_A:.4g} A is no {role.value}")
    if role in _PULSES and segment.duration_s > PULSE_MAX_S:
        raise RoundRefused(f"a pulse of {segment.duration_s:.4g} s")
    allowed_A = step.charge_max_A if current_A > 0 else step.discharge_max_A
    if abs(current_A) > allowed_A * ROUNDING:
        raise RoundRefused(f"{current_A:.4g} A is beyond the {allowed_A:.4g} A of this step")


def _check_rest(segments: Sequence[Segment], number: int, step: OpenStep) -> None:
    """The rest rule: behind every current a rest that is long enough for it."""
    segment, behind = segments[number], segments[number + 1]
    least_s = step.shift_rest_s
    if segment.role in _PULSES:
        least_s = step.rest_factor * segment.duration_s
    if behind.current_A != 0.0 or behind.duration_s * ROUNDING < least_s:
        raise RoundRefused(f"{segment.role.value} without a rest of {least_s:.4g} s behind it")


def _check_charge(segments: Sequence[Segment], step: OpenStep, moved: Moved) -> None:
    flows_Ah = [segment.current_A * segment.duration_s / 3600 for segment in segments]
    charge_Ah = moved.charge_Ah + sum(flow for flow in flows_Ah if flow > 0)
    discharge_Ah = moved.discharge_Ah - sum(flow for flow in flows_Ah if flow < 0)
    if max(charge_Ah, discharge_Ah) > step.throughput_max_Ah * ROUNDING:
        raise RoundRefused(
            f"{max(charge_Ah, discharge_Ah):.4g} Ah one way, the step allows {step.throughput_max_Ah:.4g} Ah"
        )
    # A pulse on its way may lie outside by its own charge; pulses that all go one way may not.
    pulse_Ah = max(
        (abs(flow) for flow, s in zip(flows_Ah, segments, strict=True) if s.role in _PULSES), default=0.0
    )
    net_Ah = moved.net_Ah
    for flow_Ah in flows_Ah:
        before_Ah, net_Ah = net_Ah, net_Ah + flow_Ah
        outside = abs(net_Ah) > step.soc_shift_max_Ah * ROUNDING + pulse_Ah
        # What a reading's offset has added up to never forbids the way back.
        if outside and abs(net_Ah) > abs(before_Ah):
            raise RoundRefused(
                f"{net_Ah:.4g} Ah from where the step began, it allows {step.soc_shift_max_Ah:.4g} Ah"
            )
