"""An instrument that repeats one reading although the current was changed."""

from __future__ import annotations

from station.errors import LimitTripped
from station.safety.running.rule import RuleInfo
from station.safety.running.witness import Rig, Witness
from station.safety.sample import Sample

PERSIST_S = 0.3
PERSIST_SAMPLES = 4
LIVELY = 0.5
"""Share of samples that must differ from the one before, before a standstill says anything: a coarse
instrument at rest repeats itself for ever, and is judged by the comparison with the command instead."""
MEMORY = 0.02


class FrozenReading:
    """Voltage and current identical to the last digit since before the command changed, from an instrument
    whose readings moved until then. Four samples and 0.3 s after the change trip."""

    def __init__(self, rig: Rig) -> None:
        del rig
        self._voltage_V = self._current_A = float("nan")
        self._run_from_s = 0.0
        self._moving = self._moving_before = 0.0
        self._after = 0
        self.info = RuleInfo(
            "frozen_reading",
            PERSIST_S,
            "s",
            "station",
            "switch the instrument off and on; nobody can trust what it measures",
        )

    def check(self, sample: Sample, witness: Witness) -> LimitTripped | None:
        """Judge one valid sample."""
        if sample.voltage_V != self._voltage_V or sample.current_A != self._current_A:
            assert sample.voltage_V is not None
            assert sample.current_A is not None
            self._voltage_V, self._current_A = sample.voltage_V, sample.current_A
            self._run_from_s, self._after = sample.t_s, 0
            self._moving += MEMORY * (1.0 - self._moving)
            self._moving_before = self._moving
            return None
        self._moving -= MEMORY * self._moving
        changed_s = witness.steady_since_s
        if self._run_from_s >= changed_s or self._moving_before < LIVELY:
            return None
        self._after += sample.t_s > changed_s
        lasted_s = sample.t_s - changed_s
        if self._after < PERSIST_SAMPLES or lasted_s < PERSIST_S:
            return None
        return self.info.trip(
            f"{self._voltage_V:.5g} V and {self._current_A:.5g} A to the last digit for "
            f"{sample.t_s - self._run_from_s:.2g} s although the current was changed",
            sample,
            value=lasted_s,
        )
