"""Finds the pulses of a record and takes their resistances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from station.diagnosis.pulses.curve import WINDOW_SHARE, Curve, line_at
from station.diagnosis.pulses.edges import SETTLED_SHARE, edge_time, step_shift, voltage_lag
from station.diagnosis.pulses.levels import Levels, Segment
from station.diagnosis.pulses.middle import middle
from station.diagnosis.pulses.record import Floats, Record
from station.diagnosis.pulses.results import DEFAULT_TIMES_S, Pulse, time_key

#: Anything longer is a charge or discharge step, not a pulse, in s.
MAX_PULSE_S = 120.0
#: Anything that moves more of the nominal capacity is a SOC step (2.5 C over 30 s moves 2 %).
MAX_PULSE_SHARE = 0.04
#: A level straight after another one of the same sign is a pulse only when it is this much larger.
STEP_UP_RATIO = 1.15
#: One stray sample at a faster rate than this is a glitch, not a pulse, in s.
LONE_SAMPLE_S = 0.2
#: Without a known capacity: a level this long that is weaker and lasts many times longer than another one
#: sets the SOC.
SOC_STEP_S = 60.0
WEAKER_RATIO = 1.5
LONGER_RATIO = 5.0
#: A resistance is given for a time up to this much before the first sample of the pulse.
EARLY = 1.25
#: A voltage that made less than this share of the next row's step had not seen the edge.
UNMOVED_SHARE = 0.2


@dataclass(frozen=True)
class Found:
    """A pulse together with the segments around it (indices into ``Levels.segments``)."""

    pulse: Pulse
    segment: int


def find_pulses(
    record: Record,
    levels: Levels,
    *,
    times_s: Sequence[float] = DEFAULT_TIMES_S,
    nominal_capacity_Ah: float | None = None,
    max_pulse_s: float = MAX_PULSE_S,
) -> tuple[list[Found], float]:
    """All pulses in time order, and the lag of the voltage channel in s that was corrected."""
    chosen = [
        index
        for index in range(1, len(levels.segments))
        if _is_pulse(record, levels, index, nominal_capacity_Ah, max_pulse_s)
    ]
    if nominal_capacity_Ah is None:
        chosen = _without_soc_steps(record, levels, chosen)
    rows: list[int] = []
    for index in chosen:
        segment = levels.segments[index]
        before = levels.segments[index - 1]
        if segment.first == before.last + 1:
            rows.append(before.last)
        if index + 1 < len(levels.segments) and levels.segments[index + 1].first == segment.last + 1:
            rows.append(segment.last)
    # Beside edges that the driving program recorded, rows show the order of reading, not a lag.
    shift, lag = (0, 0.0) if record.edges_s is not None else voltage_lag(record, rows)
    return [Found(_pulse(record, levels, index, times_s, shift, lag), index) for index in chosen], lag


def _is_pulse(
    record: Record, levels: Levels, index: int, nominal_Ah: float | None, max_pulse_s: float
) -> bool:
    segment, before = levels.segments[index], levels.segments[index - 1]
    if segment.sign == 0:
        return False
    away = abs(segment.level_A - levels.rest_current_A)
    if before.sign == segment.sign and away < STEP_UP_RATIO * abs(before.level_A - levels.rest_current_A):
        return False
    duration = float(record.time_s[segment.last] - record.time_s[before.last])
    gap = float(record.time_s[segment.first] - record.time_s[before.last])
    held = float(record.time_s[segment.last] - record.time_s[segment.first])
    # After a thinned rest the gap is not part of the pulse; a lone sample lasts as long as its gap.
    seconds = held + min(gap, held) if held > 0.0 else duration
    if seconds > max_pulse_s or (held == 0.0 and gap < LONE_SAMPLE_S):
        return False
    return nominal_Ah is None or away * seconds / 3600.0 <= MAX_PULSE_SHARE * nominal_Ah


def _without_soc_steps(record: Record, levels: Levels, chosen: list[int]) -> list[int]:
    """Drop the long weak levels that stand beside short strong ones."""
    t = record.time_s
    segments = [levels.segments[index] for index in chosen]
    seconds = [float(t[segment.last] - t[segment.first]) for segment in segments]
    amps = [abs(segment.level_A - levels.rest_current_A) for segment in segments]
    return [
        index
        for index, own_s, own_A in zip(chosen, seconds, amps, strict=True)
        if own_s < SOC_STEP_S
        or not any(
            other_A >= WEAKER_RATIO * own_A and LONGER_RATIO * other_s <= own_s
            for other_s, other_A in zip(seconds, amps, strict=True)
        )
    ]


def _level(record: Record, segment: Segment, rest_A: float, noise_A: float) -> float:
    """The current the pulse was meant to have, in A: its plateau, or its peak when it tapers."""
    current = record.current_A[segment.first : segment.last + 1]
    usual = segment.level_A
    near = np.abs(current - usual) <= max(SETTLED_SHARE * abs(usual - rest_A), 3.0 * noise_A)
    if np.count_nonzero(near) >= 0.7 * current.size:
        return float(current[near].mean())
    strength = np.abs(current - rest_A)
    peak = np.sort(strength)[-2] if strength.size > 2 else strength.max()
    return rest_A + segment.sign * float(peak)


def _pulse(
    record: Record, levels: Levels, index: int, times_s: Sequence[float], shift: int, lag: float
) -> Pulse:
    t, volts, current = record.time_s, record.voltage_V, record.current_A
    segment, before = levels.segments[index], levels.segments[index - 1]
    after = levels.segments[index + 1] if index + 1 < len(levels.segments) else None
    first, last = before.last + 1, segment.last

    before_A = middle(current[max(before.first, before.last - 19) : before.last + 1])
    level_A = _level(record, segment, before_A, levels.noise_A)
    band_A = max(SETTLED_SHARE * abs(level_A - before_A), 3.0 * levels.noise_A)
    start = edge_time(record, before.last, last, before_A, level_A, rising=True)
    end = float(t[last])
    if after is not None:
        after_A = float(current[after.first]) if after.first == after.last else after.level_A
        end = edge_time(record, last, after.last, level_A, after_A, rising=False)
    duration = end - start

    # One row at the edge may carry the new voltage with the old current: it says nothing about the rest.
    leads = shift == 0 and step_shift(record, before.last) == -1
    v_before = _voltage_at_end(record, before, start + min(lag, 0.0), skip_last=leads)

    lo = int(np.searchsorted(t, start + lag + 1e-9, side="right"))
    hi = int(np.searchsorted(t, float(t[last]) + lag + 1e-9, side="right"))
    lo += _read_before_the_edge(volts[lo:hi], v_before)
    curve = Curve(t[lo:hi] - (start + lag), volts[lo:hi], v_before)
    unsettled_until = 0.0 if shift else _filtered_until(record, before.last, first, last) - start

    amps = Curve(t[first : last + 1] - start, current[first : last + 1], before_A)

    def resistance(x: float) -> float | None:
        if x < unsettled_until * (1.0 - 1e-6):
            return None
        v = curve.at(x, end_s=duration, early=EARLY)
        if v is None:
            return None
        i = _current_at(amps, x)
        if abs(i - level_A) > band_A:
            return None
        return (v - v_before) / (i - before_A)

    away = np.abs(current[first : last + 1] - level_A)
    settled = np.flatnonzero(away <= band_A)
    rise = float(t[first + int(settled[0])]) - float(t[before.last]) if settled.size else None
    end_A = float(current[max(first, last - 2) : last + 1].mean())
    faded = last - first > 2 and abs(end_A - before_A) < abs(level_A - before_A) - band_A
    tapered = after is not None and after.sign == segment.sign and abs(after.level_A) < abs(level_A)
    warm = None
    if record.temperature_degC is not None and np.isfinite(record.temperature_degC[first]):
        warm = float(record.temperature_degC[first])

    rest_10ms = recovered = recovered_15w = None
    rest_after = 0.0
    if after is not None and after.sign == 0:
        rest_after = float(t[after.last]) - end
        rest_lo = int(np.searchsorted(t, end + lag + 1e-9, side="right"))
        rest_hi = int(np.searchsorted(t, float(t[after.last]) + min(lag, 0.0) + 1e-9, side="right"))
        loaded_V = float(volts[min(hi, t.size) - 1])
        rest_lo += _read_before_the_edge(volts[rest_lo:rest_hi], loaded_V)
        rest = Curve(t[rest_lo:rest_hi] - (end + lag), volts[rest_lo:rest_hi], loaded_V)
        rest_10ms = rest.at(0.01, end_s=rest_after, early=5.0)
        recovered = _voltage_at_end(record, after, float(t[after.last]) + min(lag, 0.0), skip_last=False)
        if rest_after >= 0.9 * 15.0 * duration:
            recovered_15w = rest.at(min(15.0 * duration, rest_after), end_s=rest_after, early=1.0)

    return Pulse(
        start_s=start,
        duration_s=duration,
        current_A=level_A,
        rest_current_A=before_A,
        voltage_before_V=v_before,
        resistance_ohm={time_key(x): resistance(x) for x in times_s},
        rise_s=rise,
        clipped=after is None or faded or tapered,
        after_rest=before.sign == 0,
        end_voltage_V=_pulse_end_voltage(curve, duration),
        voltage_10ms_V=curve.at(0.01, end_s=duration, early=5.0) if unsettled_until <= 0.01 else None,
        rest_voltage_10ms_V=rest_10ms,
        recovered_voltage_V=recovered,
        recovered_voltage_15w_V=recovered_15w,
        rest_after_s=rest_after,
        voltage_lag_s=lag,
        temperature_degC=warm,
        first_row=first,
        last_row=last,
    )


def _read_before_the_edge(volts: Floats, before_V: float) -> int:
    """1 when the first row's voltage was read just before the edge and its current just after, else 0.

    Instruments that are asked for voltage and current one after the other give such rows.
    """
    if volts.size < 3:
        return 0
    first, second = abs(float(volts[0]) - before_V), abs(float(volts[1]) - before_V)
    return int(first < UNMOVED_SHARE * second)


def _current_at(amps: Curve, x: float) -> float:
    """Current at ``x`` s after the edge in A, averaged over the same window as the voltage."""
    lo = int(np.searchsorted(amps.time_s, (1.0 - WINDOW_SHARE - 1e-6) * x))
    hi = int(np.searchsorted(amps.time_s, (1.0 + WINDOW_SHARE + 1e-6) * x, side="right"))
    if hi - lo >= 3:
        return line_at(amps.time_s[lo:hi], amps.value[lo:hi], min(x, float(amps.time_s[-1])))
    return float(np.interp(x, amps.time_s, amps.value))


def _voltage_at_end(record: Record, segment: Segment, at_s: float, *, skip_last: bool) -> float:
    """Voltage at the end of a rest (or level), read from its last tenth (at most 10 s and 50 rows)."""
    t = record.time_s
    last = segment.last - 1 if skip_last and segment.last > segment.first else segment.last
    last = min(last, max(segment.first, int(np.searchsorted(t, at_s + 1e-9, side="right")) - 1))
    window = min(10.0, 0.1 * float(t[last] - t[segment.first]))
    first = max(segment.first, last - 49, int(np.searchsorted(t, float(t[last]) - window)))
    if last - first < 4:
        return float(record.voltage_V[last])
    return line_at(t[first : last + 1], record.voltage_V[first : last + 1], float(t[last]))


def _pulse_end_voltage(curve: Curve, duration: float) -> float:
    """Voltage of the last samples of the pulse at its end."""
    t = curve.time_s
    if t.size == 0:
        return curve.reference
    first = int(np.searchsorted(t, float(t[-1]) - 0.02 * duration))
    if t.size - first < 5:
        return float(curve.value[-1])
    return line_at(t[first:], curve.value[first:], float(t[-1]))


def _filtered_until(record: Record, before_row: int, first: int, last: int) -> float:
    """Time of the first sample that a slow voltage input has followed, in s; the edge when none is needed.

    A filter in the voltage channel shows as a second step nearly as large as the first. Only fast
    records (≤ 0.1 s) can show it: at slower rates the cell itself moves as much.
    """
    t, volts = record.time_s, record.voltage_V
    start = float(t[before_row])
    if last - first < 3 or t[first] - start > 0.1 or t[first + 1] - t[first] > 1.5 * (t[first] - start):
        return start
    steps = np.diff(volts[before_row : first + 3]) * np.sign(
        record.current_A[first] - record.current_A[before_row]
    )
    noise = abs(float(steps[2]))
    if steps[0] > 0.0 and steps[1] > 0.3 * steps[0] and steps[1] > 5.0 * noise:
        return float(t[first + 1])
    return start
