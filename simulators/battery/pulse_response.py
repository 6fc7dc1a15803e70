"""Voltage of a measured cell beyond its OCV: circuit, correction, and what earlier pairs left behind.

The correction belongs to a *pair*, charge then discharge. When a new pair begins, the correction
reached and the circuit's small rest are turned into an offset, so the new pair starts from the
rest voltage the terminals show and repeats the recorded differences exactly, whatever came before.
"""

from __future__ import annotations

from typing import Any, Generic

import numpy as np

from simulators.battery.pulse_kernel import CHARGE, DISCHARGE, Number, PulseKernel, RestProfile
from simulators.battery.pulse_phase import RESTS, TRAIN_SHARE, Phase, PulseClock

#: Largest offset that stays: the largest one in the table's trains is about 20 mV.
FROZEN_MAX_V = 0.020
#: Largest unfinished relaxation that a new pair may turn into an offset.
ABSORB_MAX_V = 0.006


class PulseResponse(Generic[Number]):
    """State of one cell (float) or of all cells of a string (array)."""

    __slots__ = (
        "_carry",
        "_carry_C",
        "_circuit_V",
        "_circuit_of",
        "_rest",
        "frozen_V",
        "kernel",
        "ohmic_ohm",
        "rc_ohm",
        "relaxing_V",
        "zero",
    )

    def __init__(
        self, kernel: PulseKernel[Number], ohmic_ohm: Number, rc_ohm: list[Number], zero: Number
    ) -> None:
        self.kernel: PulseKernel[Number] = kernel
        self.ohmic_ohm: Number = ohmic_ohm
        self.rc_ohm: list[Number] = rc_ohm
        self.zero: Number = zero
        self.frozen_V: Number = zero
        self.relaxing_V: Number = zero
        self._carry: Number = zero
        self._carry_C = 1.0
        self._rest: RestProfile[Number] | None = None
        self._circuit_of: tuple[object, object] = (None, None)
        self._circuit_V: Number = zero

    def circuit_V(self, clock: PulseClock) -> Number:
        """Voltage of the RC elements."""
        x, r = clock.filtered_A, self.rc_ohm
        # Both are replaced, never changed in place; one reading asks several times.
        if self._circuit_of[0] is not x or self._circuit_of[1] is not r:
            self._circuit_V = r[0] * x[0] + r[1] * x[1] + r[2] * x[2] + r[3] * x[3]
            self._circuit_of = (x, r)
        return self._circuit_V

    def standing_V(self, clock: PulseClock) -> Number:
        """Everything but OCV and the part of this instant's current."""
        value: Number = (
            self.circuit_V(clock) + self.frozen_V * clock.frozen_left + self.relaxing_V * clock.relaxing_left
        )
        return value

    def instant_V(self, clock: PulseClock, current_A: float) -> Number:
        """The part that depends on the current of this instant."""
        value: Number = self.ohmic_ohm * current_A + self.correction_V(clock, current_A)
        return value

    def correction_V(self, clock: PulseClock, current_A: float) -> Number:
        """The correction at this instant if ``current_A`` flowed. Changes nothing."""
        phase = clock.phase_for(current_A)
        if phase in RESTS:
            return self._rest_V(clock, phase)
        c_rate = abs(current_A) / clock.nominal_Ah
        sign = CHARGE if phase is Phase.CHARGE else DISCHARGE
        same = phase is clock.phase
        before = self._before_V(clock, phase, c_rate)
        pulse: Number = self.kernel.pulse(sign, clock.hint, c_rate, clock.t_s if same else 0.0)
        return before + pulse

    def nodes_V(self, clock: PulseClock, phase: Phase) -> list[tuple[float, Number]]:
        """(current in A, instant part in V) at each recorded amplitude of a pulse phase."""
        sign = CHARGE if phase is Phase.CHARGE else DISCHARGE
        t_s = clock.t_s if phase is clock.phase else 0.0
        out: list[tuple[float, Number]] = []
        values = self.kernel.pulse_nodes(sign, clock.hint, t_s)
        for c_rate, value in zip(self.kernel.amplitudes_C, values, strict=True):
            current = c_rate * clock.nominal_Ah * (1 if sign == CHARGE else -1)
            out.append((current, self.ohmic_ohm * current + self._before_V(clock, phase, c_rate) + value))
        return out

    def absorbable_share(self, clock: PulseClock) -> float:
        """Share of the circuit's voltage that a new pair may turn into an offset."""
        left = float(np.max(np.abs(self.circuit_V(clock))))
        return 1.0 if left <= ABSORB_MAX_V else ABSORB_MAX_V / left

    def enter(self, clock: PulseClock, phase: Phase, share: float) -> None:
        """Prepare for ``phase``; call before the clock begins it and absorbs ``share``."""
        old = clock.phase
        if phase in RESTS:
            sign = CHARGE if old is Phase.CHARGE else DISCHARGE
            c_rate, width = clock.pulse_so_far()
            self._rest = self.kernel.rest(sign, c_rate, width)
            return
        self._carry = self.zero
        if old in RESTS:
            reached = self._rest_V(clock, old)
            if completes_pair(old, phase):
                self._carry, self._carry_C = reached, clock.last_c_rate
            else:
                offset: Number = self.standing_V(clock) - (1 - share) * self.circuit_V(clock) + reached
                self._keep_offset(offset)

    def adopt_sums(self, cells: PulseResponse[Any]) -> None:
        """For the sum of a string: take over the offsets of its cells (they are limited one by one)."""
        self.frozen_V = type(self.frozen_V)(np.sum(cells.frozen_V))
        self.relaxing_V = type(self.relaxing_V)(np.sum(cells.relaxing_V))

    def inherit(self, old: PulseResponse[Number]) -> None:
        """Go on where ``old`` stands, with this kernel and circuit."""
        self.frozen_V, self.relaxing_V = old.frozen_V, old.relaxing_V
        self._carry, self._carry_C, self._rest = old._carry, old._carry_C, old._rest

    def _keep_offset(self, offset: Number) -> None:
        if isinstance(offset, float):
            self.frozen_V = min(FROZEN_MAX_V, max(-FROZEN_MAX_V, offset))
        else:
            self.frozen_V = np.clip(offset, -FROZEN_MAX_V, FROZEN_MAX_V)
        self.relaxing_V = offset - self.frozen_V

    def _before_V(self, clock: PulseClock, phase: Phase, c_rate: float) -> Number:
        """What is carried over from the rest before this pulse."""
        old = clock.phase
        if phase is old:
            carry, carry_C = self._carry, self._carry_C
        elif old not in RESTS:
            return self.zero
        elif completes_pair(old, phase):
            carry, carry_C = self._rest_V(clock, old), clock.last_c_rate
        else:
            return self._rest_V(clock, old)
        # The recorded discharge already contains what its charge pulse left; a smaller current
        # takes it over in part, so that the voltage is continuous towards zero current.
        left: Number = carry * max(0.0, 1 - c_rate / carry_C)
        return left

    def _rest_V(self, clock: PulseClock, phase: Phase) -> Number:
        if phase is Phase.IDLE:
            return self.zero
        sign = CHARGE if phase is Phase.REST_AFTER_CHARGE else DISCHARGE
        if phase is clock.phase and self._rest is not None:
            undone = self.kernel.undone(sign, clock.hint, clock.last_c_rate, clock.last_width_s, clock.t_s)
            return self._rest.at(clock.t_s) + undone
        c_rate, width = clock.pulse_so_far()
        undone = self.kernel.undone(sign, clock.hint, c_rate, width, 0.0)
        return self.kernel.rest(sign, c_rate, width).values[0] + undone


def completes_pair(old: Phase, new: Phase) -> bool:
    """True when the pulse is the discharge half of the pair in progress."""
    return old is Phase.REST_AFTER_CHARGE and new is Phase.DISCHARGE


def change_phase(
    clock: PulseClock, phase: Phase, cells: PulseResponse[Any], total: PulseResponse[Any] | None
) -> None:
    """Let a new phase begin for the cells and, in a string, for their sum."""
    share = cells.absorbable_share(clock)
    starts_pair = phase not in RESTS and clock.phase in RESTS and not completes_pair(clock.phase, phase)
    cells.enter(clock, phase, share)
    if total is not None:
        total.enter(clock, phase, share)
        total.adopt_sums(cells)
    clock.begin(phase)
    if starts_pair:
        clock.absorb(share)
    clock.hint = _next_hint(clock, cells.kernel)


def _next_hint(clock: PulseClock, kernel: PulseKernel[Any]) -> int:
    """Index of the train width that the last pulse shows; a small or odd pulse shows nothing."""
    shortest, longest = kernel.width_range_s
    if clock.last_c_rate < TRAIN_SHARE * kernel.amplitudes_C[0]:
        return clock.hint
    if not shortest / 1.3 <= clock.last_width_s <= longest * 1.3:
        return clock.hint
    return kernel.nearest_width(clock.last_width_s)
