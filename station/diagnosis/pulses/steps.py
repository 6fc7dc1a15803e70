"""Pulses from a step sheet: cyclers that export one row per step give first and last values, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from station.diagnosis.pulses.analysis import MAX_GAP_S, SOC_STEP_SHARE, mark_cut_pairs
from station.diagnosis.pulses.extract import MAX_PULSE_S, MAX_PULSE_SHARE
from station.diagnosis.pulses.record import Floats
from station.diagnosis.pulses.results import DEFAULT_TIMES_S, Analysis, Block, Pulse, time_key

#: A step counts as having ended at an asked time when it lasted that long within this share.
SAME_TIME_SHARE = 0.02
#: A step with less than this share of the largest current is a rest.
REST_SHARE = 0.01


class Steps(Protocol):
    """Anything with the columns of a step sheet, as ``station.rawfiles`` gives them; shapes ``(n,)``."""

    @property
    def start_s(self) -> Floats: ...
    @property
    def duration_s(self) -> Floats: ...
    @property
    def start_voltage_V(self) -> Floats: ...
    @property
    def end_voltage_V(self) -> Floats: ...
    @property
    def start_current_A(self) -> Floats: ...
    @property
    def end_current_A(self) -> Floats: ...
    @property
    def charge_Ah(self) -> Floats: ...
    @property
    def completed(self) -> NDArray[np.bool_]: ...
    @property
    def temperature_degC(self) -> Floats | None: ...
    @property
    def first_sample_s(self) -> float | None: ...


@dataclass(frozen=True, eq=False)
class StepRecord:
    """One row per cycler step in time order, SI units, positive currents and charges charge the battery.

    ``first_sample_s`` is when in a step its first sample is taken (one sampling interval), if known.
    ``completed`` is false where a protection or a hand ended the step early.
    """

    start_s: Floats
    duration_s: Floats
    start_voltage_V: Floats
    end_voltage_V: Floats
    start_current_A: Floats
    end_current_A: Floats
    charge_Ah: Floats
    completed: NDArray[np.bool_]
    temperature_degC: Floats | None = None
    first_sample_s: float | None = None

    @classmethod
    def of(cls, steps: Steps) -> StepRecord:
        """Make a step record of the columns of a file."""
        return cls(
            steps.start_s,
            steps.duration_s,
            steps.start_voltage_V,
            steps.end_voltage_V,
            steps.start_current_A,
            steps.end_current_A,
            steps.charge_Ah,
            steps.completed,
            steps.temperature_degC,
            steps.first_sample_s,
        )

    def __post_init__(self) -> None:
        columns = [self.duration_s, self.start_voltage_V, self.end_voltage_V, self.start_current_A]
        columns += [self.end_current_A, self.charge_Ah]
        if (
            any(column.shape != self.start_s.shape for column in columns)
            or self.completed.shape != self.start_s.shape
        ):
            raise ValueError("all columns of a step record must have the same length")
        if any(not bool(np.all(np.isfinite(column))) for column in [self.start_s, *columns]):
            raise ValueError("a step record cannot hold missing values")
        if bool(np.any(np.diff(self.start_s) < 0.0)):
            row = int(np.flatnonzero(np.diff(self.start_s) < 0.0)[0]) + 1
            raise ValueError(f"step {row} starts before the one above it")


def analyse_steps(
    steps: StepRecord,
    *,
    times_s: Sequence[float] = DEFAULT_TIMES_S,
    nominal_capacity_Ah: float | None = None,
    max_pulse_s: float = MAX_PULSE_S,
) -> Analysis:
    """Pulses and blocks of a step sheet.

    A pulse is a short charge or discharge step straight after a rest step. Its resistances are known at the
    first sample and at its end only; at all other times they are None.
    """
    largest = float(np.max(np.abs(np.concatenate((steps.start_current_A, steps.end_current_A))), initial=0.0))
    middle = 0.5 * (steps.start_current_A + steps.end_current_A)
    active = np.abs(middle) > REST_SHARE * largest
    blocks: list[list[int]] = []
    limit_Ah = SOC_STEP_SHARE * nominal_capacity_Ah if nominal_capacity_Ah is not None else None
    moved_Ah, rested_s = 0.0, 0.0
    for row in range(steps.start_s.size):
        if not active[row]:
            rested_s = max(rested_s, float(steps.duration_s[row]))
            continue
        through_Ah = abs(float(middle[row]) * float(steps.duration_s[row])) / 3600.0
        short = float(steps.duration_s[row]) <= max_pulse_s
        small = nominal_capacity_Ah is None or through_Ah <= MAX_PULSE_SHARE * nominal_capacity_Ah
        if not (row > 0 and not active[row - 1] and short and small):
            moved_Ah += max(through_Ah, abs(float(steps.charge_Ah[row])))
            continue
        noticeable = limit_Ah if limit_Ah is not None else 2.0 * through_Ah
        if not blocks or rested_s > MAX_GAP_S or moved_Ah > noticeable:
            blocks.append([])
        blocks[-1].append(row)
        moved_Ah, rested_s = 0.0, 0.0
    return Analysis(
        tuple(_block(steps, active, rows, times_s) for rows in blocks),
        ("step sheet: only the first and the last sample of each step are known",),
    )


def _block(steps: StepRecord, active: NDArray[np.bool_], rows: list[int], times_s: Sequence[float]) -> Block:
    pulses = mark_cut_pairs([_pulse(steps, active, row, times_s) for row in rows])
    first, last = rows[0], rows[-1]
    warm = None
    if steps.temperature_degC is not None:
        inside = steps.temperature_degC[first : last + 1]
        inside = inside[np.isfinite(inside)]
        warm = float(np.median(inside)) if inside.size else None
    return Block(
        start_s=float(steps.start_s[first]),
        end_s=pulses[-1].start_s + pulses[-1].duration_s + pulses[-1].rest_after_s,
        ocv_V=float(steps.end_voltage_V[first - 1]),
        ocv_drift_V_per_s=None,
        pulses=tuple(pulses),
        rest_before_s=float(steps.start_s[first] - steps.start_s[first - 1]),
        charge_before_Ah=float(np.sum(steps.charge_Ah[:first])),
        temperature_degC=warm,
    )


def _pulse(steps: StepRecord, active: NDArray[np.bool_], row: int, times_s: Sequence[float]) -> Pulse:
    before_V, before_A = float(steps.end_voltage_V[row - 1]), float(steps.end_current_A[row - 1])
    first_V, last_V = float(steps.start_voltage_V[row]), float(steps.end_voltage_V[row])
    first_A, last_A = float(steps.start_current_A[row]), float(steps.end_current_A[row])
    duration = float(steps.duration_s[row])
    first_s = steps.first_sample_s

    def resistance(x: float) -> float | None:
        if abs(x - duration) <= SAME_TIME_SHARE * x:
            return (last_V - before_V) / (last_A - before_A)
        if first_s is not None and abs(x - first_s) <= SAME_TIME_SHARE * x and x < duration:
            return (first_V - before_V) / (first_A - before_A)
        return None

    rested = row + 1 < active.size and not active[row + 1]
    rest_s = float(steps.duration_s[row + 1]) if rested else 0.0
    recovered = float(steps.end_voltage_V[row + 1]) if rested else None
    warm = None if steps.temperature_degC is None else float(steps.temperature_degC[row])
    return Pulse(
        start_s=float(steps.start_s[row]),
        duration_s=duration,
        current_A=last_A,
        rest_current_A=before_A,
        voltage_before_V=before_V,
        resistance_ohm={time_key(x): resistance(x) for x in times_s},
        rise_s=None,
        clipped=not bool(steps.completed[row]),
        after_rest=True,
        end_voltage_V=last_V,
        voltage_10ms_V=first_V if first_s is not None and first_s <= 0.02 else None,
        rest_voltage_10ms_V=(
            float(steps.start_voltage_V[row + 1])
            if rested and first_s is not None and first_s <= 0.02
            else None
        ),
        recovered_voltage_V=recovered,
        recovered_voltage_15w_V=recovered if rest_s >= 0.9 * 15.0 * duration else None,
        rest_after_s=rest_s,
        temperature_degC=warm if warm is not None and np.isfinite(warm) else None,
    )
