"""Where in a pulse protocol a battery is: the phase, its age, and the filtered currents."""

from __future__ import annotations

from enum import Enum
from math import exp

from simulators.battery.pulse_train import TIME_CONSTANTS_s, TrainShape

#: Currents below this C-rate count as rest (instruments never deliver exactly zero).
REST_BELOW_C = 0.005
#: A pulse counts as part of a recorded train, and tells its width, from this share of the smallest amplitude.
TRAIN_SHARE = 0.8
#: The rest voltage left over by a train stays for hours; what exceeds the recorded size fades sooner.
FROZEN_TIME_s = 14_400.0
RELAXING_TIME_s = 150.0


class Phase(Enum):
    """What flows now and, in a rest, what flowed before."""

    IDLE = "idle"
    CHARGE = "charge"
    REST_AFTER_CHARGE = "rest after charge"
    DISCHARGE = "discharge"
    REST_AFTER_DISCHARGE = "rest after discharge"


RESTS = (Phase.IDLE, Phase.REST_AFTER_CHARGE, Phase.REST_AFTER_DISCHARGE)


class PulseClock:
    """Common to all cells that carry the same current. Exact for any step size."""

    __slots__ = (
        "_charge_As", "_dt_s", "_keep", "_keep_frozen", "_keep_relaxing", "_rest_below_A",
        "filtered_A", "frozen_left", "hint", "last_c_rate", "last_width_s", "nominal_Ah", "phase",
        "relaxing_left", "t_s", "widths",
    )  # fmt: skip

    def __init__(self, shape: TrainShape) -> None:
        self.nominal_Ah = shape.nominal_capacity_Ah
        self.hint = shape.reference
        self.phase = Phase.IDLE
        self.t_s = 0.0
        self.last_c_rate = 0.0
        self.last_width_s = 0.0
        self.filtered_A = [0.0] * len(TIME_CONSTANTS_s)
        self.frozen_left = 1.0
        self.relaxing_left = 1.0
        self._charge_As = 0.0
        self._rest_below_A = REST_BELOW_C * shape.nominal_capacity_Ah
        self._dt_s = -1.0
        self._keep = self.filtered_A
        self._keep_frozen = self._keep_relaxing = 1.0

    def phase_for(self, current_A: float) -> Phase:
        """The phase that this current makes, now."""
        if current_A > self._rest_below_A:
            return Phase.CHARGE
        if current_A < -self._rest_below_A:
            return Phase.DISCHARGE
        if self.phase is Phase.CHARGE:
            return Phase.REST_AFTER_CHARGE
        if self.phase is Phase.DISCHARGE:
            return Phase.REST_AFTER_DISCHARGE
        return self.phase

    def pulse_so_far(self) -> tuple[float, float]:
        """Mean C-rate and duration in s of the pulse in progress."""
        width = max(self.t_s, 1e-6)
        return self._charge_As / width / self.nominal_Ah, width

    def begin(self, phase: Phase) -> None:
        """Start a phase; entering a rest remembers the pulse that ended."""
        if phase in RESTS:
            self.last_c_rate, self.last_width_s = self.pulse_so_far()
        self.phase = phase
        self.t_s = 0.0
        self._charge_As = 0.0

    def absorb(self, share: float) -> None:
        """Take that share out of the filtered currents and restart the fading of offsets."""
        self.filtered_A = [x * (1 - share) for x in self.filtered_A]
        self.frozen_left = self.relaxing_left = 1.0

    def run(self, current_A: float, dt_s: float) -> None:
        """Let time pass inside the phase."""
        if dt_s != self._dt_s:
            self._dt_s = dt_s
            self._keep = [exp(-dt_s / tau) for tau in TIME_CONSTANTS_s]
            self._keep_frozen = exp(-dt_s / FROZEN_TIME_s)
            self._keep_relaxing = exp(-dt_s / RELAXING_TIME_s)
        self.t_s += dt_s
        self._charge_As += abs(current_A) * dt_s
        self.filtered_A = [
            current_A + (x - current_A) * k for x, k in zip(self.filtered_A, self._keep, strict=True)
        ]
        self.frozen_left *= self._keep_frozen
        self.relaxing_left *= self._keep_relaxing
