"""What the shape of the pulses says beside their resistances: asymmetry, amplitude, diffusion, relaxation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from station.diagnosis.pulses.record import Floats, Record
from station.diagnosis.pulses.results import Block, Pulse, time_key

#: Two pulses are of the same size when their currents differ by less than this share.
SAME_CURRENT = 0.03
#: Fewest distinct currents that a slope against the current is drawn through.
MIN_CURRENTS = 3
#: The √t slope is taken over this last part of the pulse, where charge transfer is over.
LATE_SHARE = 0.5
MIN_ROWS = 8
#: Time constants of the relaxation are sought between these shares of the rest's length.
RELAXATION_SHARE = (1e-3, 1.0)
RELAXATION_GRID = 25


@dataclass(frozen=True)
class AmplitudeSlope:
    """R(|I|) = ``resistance_at_zero_ohm`` + ``slope_ohm_per_A`` · |I|, by least squares over the currents."""

    time_s: float
    sign: int
    resistance_at_zero_ohm: float
    slope_ohm_per_A: float
    currents: int


@dataclass(frozen=True)
class Relaxation:
    """The rest after a pulse as V∞ + Σ aᵢ·exp(−t/τᵢ): the amplitude-weighted mean of τ, and the last part.

    ``amplitude_V`` is the whole recovery Σ aᵢ (positive after a charge pulse), ``final_V`` is V∞ and
    ``rmse_V`` what the fit leaves.
    """

    mean_tau_s: float
    slowest_tau_s: float
    amplitude_V: float
    final_V: float
    rmse_V: float


def asymmetry(pulses: Sequence[Pulse], time_s: float) -> float | None:
    """R_charge / R_discharge − 1 at ``time_s``, mean over the pairs of one size; None without a pair."""
    ratios = []
    for charge in _with_resistance(pulses, time_s, 1):
        for discharge in _with_resistance(pulses, time_s, -1):
            if abs(charge.current_A + discharge.current_A) <= SAME_CURRENT * charge.current_A:
                ratios.append(_ohm(charge, time_s) / _ohm(discharge, time_s) - 1.0)
    return float(np.mean(ratios)) if ratios else None


def amplitude_slope(pulses: Sequence[Pulse], time_s: float, *, sign: int) -> AmplitudeSlope | None:
    """How the resistance at ``time_s`` changes with the current (charge transfer); None below 3 currents."""
    able = _with_resistance(pulses, time_s, sign)
    amps = np.array([abs(pulse.current_A) for pulse in able])
    distinct = _distinct(amps)
    if distinct < MIN_CURRENTS:
        return None
    slope, at_zero = np.polyfit(amps, np.array([_ohm(pulse, time_s) for pulse in able]), 1).tolist()
    return AmplitudeSlope(time_s, sign, at_zero, slope, distinct)


def diffusion_slope(record: Record, pulse: Pulse) -> float | None:
    """dV/d√t over the later half of a pulse, divided by its current: ohm/√s (Warburg-like diffusion).

    None when fewer than 8 rows lie there, or for a pulse of a step sheet.
    """
    t, volts = _late_rows(record, pulse)
    if t.size < MIN_ROWS:
        return None
    slope = float(np.polyfit(np.sqrt(t), volts, 1)[0])
    return slope / (pulse.current_A - pulse.rest_current_A)


def rest_diffusion_slope(record: Record, pulse: Pulse) -> float | None:
    """dV/d(√(t + d) − √t) over the rest after a pulse of length d, divided by its current: ohm/√s.

    By superposition of two diffusion layers this is the same number as the slope in the pulse, if diffusion
    alone rules. The first half pulse length after the edge is left out. None when too few rows lie there.
    """
    t, volts = _rest_rows(record, pulse, skip_s=LATE_SHARE * pulse.duration_s)
    if t.size < MIN_ROWS:
        return None
    x = np.sqrt(t + pulse.duration_s) - np.sqrt(t)
    slope = float(np.polyfit(x, volts, 1)[0])
    return slope / (pulse.current_A - pulse.rest_current_A)


def relaxation(record: Record, pulse: Pulse) -> Relaxation | None:
    """Time constants of the rest after ``pulse`` as a spectrum of non-negative exponentials (NNLS).

    None when no rest of at least 8 rows follows or the voltage does not move.
    """
    t, volts = _rest_rows(record, pulse, skip_s=0.0)
    if t.size < 2 * MIN_ROWS:
        return None
    sign = 1.0 if pulse.current_A > pulse.rest_current_A else -1.0
    span = float(t[-1] - t[0])
    taus = np.geomspace(max(span * RELAXATION_SHARE[0], float(np.median(np.diff(t)))), span, RELAXATION_GRID)
    decays = sign * np.exp(-(t - t[0])[:, None] / taus)
    # V∞ has no sign: it is fitted as a difference of two non-negative constants around the last value.
    design = np.hstack((decays, np.ones((t.size, 1)), -np.ones((t.size, 1))))
    last_V = float(volts[-1])
    parts, residual = nnls(design, volts - last_V)
    amplitudes = parts[: taus.size]
    total = float(amplitudes.sum())
    if total <= 0.0:
        return None
    weighty = taus[amplitudes > 0.02 * total]
    return Relaxation(
        float(amplitudes @ taus) / total,
        float(weighty[-1]) if weighty.size else float(taus[-1]),
        sign * total,
        last_V + float(parts[-2] - parts[-1]),
        float(residual) / float(np.sqrt(t.size)),
    )


def best_shape_pulse(block: Block) -> Pulse | None:
    """The pulse whose shape tells most: the largest charge moved that started from rest, whole."""
    able = [p for p in block.pulses if p.after_rest and not p.clipped and p.first_row >= 0]
    return max(able, key=lambda pulse: abs(pulse.charge_Ah), default=None)


def _with_resistance(pulses: Sequence[Pulse], time_s: float, sign: int) -> list[Pulse]:
    return [
        pulse
        for pulse in pulses
        if pulse.current_A * sign > 0
        and pulse.after_rest
        and (pulse.resistance_ohm.get(time_key(time_s)) or 0.0) > 0.0
    ]


def _ohm(pulse: Pulse, time_s: float) -> float:
    value = pulse.resistance(time_s)
    assert value is not None  # chosen for having one
    return value


def _distinct(amps: Floats) -> int:
    ordered = np.sort(amps)
    return 0 if ordered.size == 0 else 1 + int(np.sum(np.diff(ordered) > SAME_CURRENT * ordered[1:]))


def _late_rows(record: Record, pulse: Pulse) -> tuple[Floats, Floats]:
    """Times after the edge in s and voltages, over the later part of the pulse."""
    if pulse.first_row < 0:
        return np.empty(0), np.empty(0)
    t = record.time_s[pulse.first_row : pulse.last_row + 1] - pulse.start_s
    volts = record.voltage_V[pulse.first_row : pulse.last_row + 1]
    late = t >= LATE_SHARE * pulse.duration_s
    return t[late], volts[late]


def _rest_rows(record: Record, pulse: Pulse, *, skip_s: float) -> tuple[Floats, Floats]:
    """Times after the end of the pulse in s and voltages, over the rest that follows."""
    if pulse.last_row < 0 or pulse.rest_after_s <= 0.0:
        return np.empty(0), np.empty(0)
    end_s = pulse.start_s + pulse.duration_s
    first = pulse.last_row + 1
    last = int(np.searchsorted(record.time_s, end_s + pulse.rest_after_s + 1e-9, side="right"))
    t = record.time_s[first:last] - end_s
    late = t > skip_s
    return t[late], record.voltage_V[first:last][late]
