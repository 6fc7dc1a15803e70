"""From what is still missing to actions a station can run: currents, durations, times."""

from __future__ import annotations

from collections.abc import Sequence

from station.diagnosis.adaptive.advice import Action, ActionKind, Limits
from station.diagnosis.adaptive.gains import Assumed
from station.diagnosis.adaptive.kinds import AMPLITUDES_C, History, Kind, history_time_s

REST_FACTOR = 15.0
"""Rest after a pulse over its width (protocol of the learned records)."""

SHIFT_C, SHIFT_REST_S = 1.0, 600.0
"""A step of the learned SOC ladder: charged at 1 C, then ten minutes of rest."""

PAUSE_S = 1200.0
"""Rest between the charge and the discharge of the learned capacity tests."""

TAPER = 1.2
"""A charge to full takes this many times as long as its constant current alone would (assumed)."""

ORDER = ("pair", "low", "half", "third", "first", "all")
"""Parts of one width in the order they are run: what tells most by itself first."""

PARTIAL_S, PARTIAL_C = 600.0, 1.0


def missing(target: History, measured: History) -> list[Kind]:
    """What a target still needs, in the order it is run: narrow pulses first, as in the learned records.

    A part that another missing part of the same width holds is not run by itself.
    """
    new = target - measured
    run = [kind for kind in new if not any(kind.inside(other) for other in new)]
    return sorted(run, key=lambda kind: (kind.width_s, ORDER.index(kind.part)))


def missing_time_s(target: History, measured: History) -> float:
    """How long the missing parts take."""
    return history_time_s(target - measured)


def kind_of_action(action: Action, third_C: float) -> Kind | None:
    """The kind that pulses measure; None for other actions."""
    for part, currents in AMPLITUDES_C.items():
        if tuple(third_C if current == 1.5 else current for current in currents) == action.currents_C:
            pulsed = action.kind in (ActionKind.PULSE_PAIR, ActionKind.PULSE_BLOCK)
            return Kind(action.duration_s, part) if pulsed else None
    return None


def pulses(kind: Kind, limits: Limits, third_C: float, half_width: float | None) -> Action | None:
    """The action that measures a kind; None where the limits do not allow it."""
    currents = tuple(third_C if current == 1.5 else current for current in AMPLITUDES_C[kind.part])
    what = ActionKind.PULSE_PAIR if len(currents) == 1 else ActionKind.PULSE_BLOCK
    if what not in limits.kinds or max(currents) > limits.pulse_max_C:
        return None
    whole = 2 * len(currents) * (1.0 + REST_FACTOR) * kind.width_s
    return Action(what, currents, kind.width_s, REST_FACTOR * kind.width_s, whole, half_width)


def shift(step: float, shifted: float, limits: Limits, half_width: float | None) -> Action | None:
    """A charge by ``step`` of the nominal capacity; None where the limits do not allow it."""
    rate = min(SHIFT_C, limits.charge_max_C)
    if ActionKind.SHIFT_SOC not in limits.kinds or rate <= 0.0:
        return None
    if shifted + step > limits.soc_shift_max + 1e-9:
        return None
    duration = 3600.0 * step / rate
    time = duration + SHIFT_REST_S
    return Action(ActionKind.SHIFT_SOC, (rate,), duration, SHIFT_REST_S, time, half_width)


def assumed_actions(assumed: Sequence[Assumed], limits: Limits) -> list[Action]:
    """What no record can judge, with what is assumed of it."""
    charge = min(1.0, limits.charge_max_C)
    discharge = min(1.0, limits.discharge_max_C)
    found = []
    for one in assumed:
        if one.kind not in limits.kinds or charge <= 0.0 or discharge <= 0.0:
            continue
        if one.kind is ActionKind.CAPACITY_TEST:
            duration = TAPER * 3600.0 / charge + 3600.0 / discharge
            time, current, rest = duration + PAUSE_S, -discharge, PAUSE_S
        else:
            duration, rest = PARTIAL_S / charge, SHIFT_REST_S
            time, current = duration + rest, min(PARTIAL_C, charge)
        found.append(Action(one.kind, (current,), duration, rest, time, one.half_width, one.source))
    return found
