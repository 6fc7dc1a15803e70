"""One plain call from arrays to resistances, for benchmarks against other tools."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.typing import ArrayLike

from station.diagnosis.pulses.analysis import analyse
from station.diagnosis.pulses.record import Record
from station.diagnosis.pulses.results import DEFAULT_TIMES_S


def extract_resistances(
    time_s: ArrayLike,
    current_A: ArrayLike,
    voltage_V: ArrayLike,
    *,
    times_s: Sequence[float] = DEFAULT_TIMES_S,
    nominal_capacity_Ah: float | None = None,
) -> list[dict[str, float | bool | None]]:
    """Every pulse of a record as one flat row, in time order.

    Keys: ``start_s``, ``duration_s``, ``current_A``, ``rest_current_A``, ``voltage_before_V``, ``clipped``,
    and one ``R_<t>s`` in ohm per asked time (``R_0.01s``, ``R_5s``), None where the record cannot support it.
    Raises ValueError for an unusable record.
    """
    analysis = analyse(
        Record(time_s, current_A, voltage_V), times_s=times_s, nominal_capacity_Ah=nominal_capacity_Ah
    )
    return [
        {
            "start_s": pulse.start_s,
            "duration_s": pulse.duration_s,
            "current_A": pulse.current_A,
            "rest_current_A": pulse.rest_current_A,
            "voltage_before_V": pulse.voltage_before_V,
            "clipped": pulse.clipped,
            **{f"R_{key}s": value for key, value in pulse.resistance_ohm.items()},
        }
        for pulse in analysis.pulses
    ]
