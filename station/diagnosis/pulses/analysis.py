"""From a record to blocks of pulses: one block per SOC level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from station.diagnosis.pulses.curve import slope
from station.diagnosis.pulses.extract import MAX_PULSE_S, Found, find_pulses
from station.diagnosis.pulses.levels import Levels, find_levels
from station.diagnosis.pulses.record import Record
from station.diagnosis.pulses.results import DEFAULT_TIMES_S, Analysis, Block, Pulse

#: A rest between two pulses longer than this starts a new block, in s.
MAX_GAP_S = 300.0
#: Charge moved between two pulses by anything that is not a pulse, as a share of nominal: a new block starts.
SOC_STEP_SHARE = 0.01
#: Pulses of a pair (same current, opposite sign) differ in length by less, or the short one was cut.
PAIR_LENGTH_SHARE = 0.05
PAIR_CURRENT_SHARE = 0.03


def analyse(
    record: Record,
    *,
    times_s: Sequence[float] = DEFAULT_TIMES_S,
    nominal_capacity_Ah: float | None = None,
    max_pulse_s: float = MAX_PULSE_S,
) -> Analysis:
    """Find all pulses of a record and group them by SOC level.

    ``times_s`` are the times after the edge at which resistances are wanted, in s. With
    ``nominal_capacity_Ah`` a short but strong charge step is told from a pulse by the charge it moves.
    A record without pulses gives no blocks.
    """
    levels = find_levels(record)
    found, lag = find_pulses(
        record, levels, times_s=times_s, nominal_capacity_Ah=nominal_capacity_Ah, max_pulse_s=max_pulse_s
    )
    blocks = tuple(
        _block(record, levels, group) for group in _groups(record, levels, found, nominal_capacity_Ah)
    )
    return Analysis(blocks, tuple(_notes(record, levels, lag)))


def _groups(
    record: Record, levels: Levels, found: list[Found], nominal_Ah: float | None
) -> list[list[Found]]:
    groups: list[list[Found]] = []
    for item in found:
        if groups and not _new_level(record, levels, groups[-1], item, nominal_Ah):
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups


def _new_level(
    record: Record, levels: Levels, group: list[Found], item: Found, nominal_Ah: float | None
) -> bool:
    """True when the battery was moved or left alone between the last pulse of the group and this one."""
    previous = group[-1]
    t = record.time_s
    largest_Ah = max(abs(other.pulse.charge_Ah) for other in group)
    limit_Ah = SOC_STEP_SHARE * nominal_Ah if nominal_Ah is not None else 2.0 * largest_Ah
    moved_Ah = 0.0
    for segment in levels.segments[previous.segment + 1 : item.segment]:
        seconds = float(t[segment.last] - t[segment.first - 1])
        if segment.sign == 0:
            if seconds > MAX_GAP_S:
                return True
        else:
            moved_Ah += abs(segment.level_A - levels.rest_current_A) * seconds / 3600.0
    return moved_Ah > limit_Ah


def _block(record: Record, levels: Levels, group: list[Found]) -> Block:
    pulses = mark_cut_pairs([item.pulse for item in group])
    first, last = pulses[0], pulses[-1]
    rest = levels.segments[group[0].segment - 1]
    t = record.time_s
    rest_before = float(first.start_s - t[max(rest.first - 1, 0)]) if rest.sign == 0 else 0.0
    warm = None
    if record.temperature_degC is not None:
        inside = record.temperature_degC[first.first_row : last.last_row + 1]
        inside = inside[np.isfinite(inside)]
        warm = float(np.median(inside)) if inside.size else None
    drift = None
    if rest.sign == 0:
        # The last minute; where that holds few rows, the last rows of the last ten minutes.
        lo = min(int(np.searchsorted(t, first.start_s - 60.0)), rest.last - 5)
        lo = max(rest.first + 1, lo, int(np.searchsorted(t, first.start_s - 600.0)))
        if rest.last - lo >= 4 and t[rest.last] - t[lo] >= 5.0:
            drift = slope(t[lo : rest.last], record.voltage_V[lo : rest.last])
    return Block(
        start_s=first.start_s,
        end_s=last.start_s + last.duration_s + last.rest_after_s,
        ocv_V=first.voltage_before_V if rest.sign == 0 else None,
        ocv_drift_V_per_s=drift,
        pulses=tuple(pulses),
        rest_before_s=rest_before,
        charge_before_Ah=_charge_Ah(record, levels, rest.last),
        temperature_degC=warm,
    )


def _charge_Ah(record: Record, levels: Levels, row: int) -> float:
    """Net charge up to a row in Ah. Each sample holds for the interval that ends with it."""
    current = record.current_A[1 : row + 1] - levels.rest_current_A
    return float(current @ np.diff(record.time_s[: row + 1])) / 3600.0


def mark_cut_pairs(pulses: Sequence[Pulse]) -> list[Pulse]:
    """Mark the shorter pulse of a ± pair of the same current as clipped: a protection ended it."""
    marked = list(pulses)
    index = 0
    while index + 1 < len(marked):
        one, two = marked[index], marked[index + 1]
        size = max(abs(one.current_A), abs(two.current_A))
        if (
            one.current_A * two.current_A < 0.0
            and abs(one.current_A + two.current_A) <= PAIR_CURRENT_SHARE * size
        ):
            longest = max(one.duration_s, two.duration_s)
            known = one.clipped or two.clipped
            if not known and abs(one.duration_s - two.duration_s) > max(PAIR_LENGTH_SHARE * longest, 0.0101):
                short = index if one.duration_s < two.duration_s else index + 1
                marked[short] = replace(marked[short], clipped=True)
            index += 2
        else:
            index += 1
    return marked


def _notes(record: Record, levels: Levels, lag: float) -> list[str]:
    notes: list[str] = []
    seen = record.notes
    for count, text in (
        (seen.missing_rows, "rows without time, current or voltage left out"),
        (seen.duplicate_rows, "repeated rows left out"),
        (seen.coincident_rows, "rows logged at the same instant as the next, put 1 µs earlier"),
        (seen.unsorted_rows, "rows put back into time order"),
        (seen.missing_temperatures, "rows without temperature"),
    ):
        if count:
            notes.append(f"{count} {text}")
    if levels.rest_current_A != 0.0:
        notes.append(f"current reads {levels.rest_current_A:.4g} A at rest; taken as zero")
    if lag:
        where = "behind" if lag > 0 else "ahead of"
        notes.append(f"voltage channel {abs(lag) * 1000:.3g} ms {where} the current; corrected")
    return notes
