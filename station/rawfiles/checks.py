"""Refuses content that cannot be what the headers say, naming file, row and column."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from station.errors import DataError
from station.rawfiles.recording import Floats, SampleTable

#: No battery that this station meets has a higher terminal voltage, or a lower one while it lives, in V.
VOLTAGE_MAX_V = 1500.0
VOLTAGE_MIN_V = 0.05
CURRENT_MAX_A = 10_000.0
#: Currents outside these multiples of the nominal capacity are taken as a unit error, in C.
RATE_MAX_C = 100.0
RATE_MIN_C = 0.002
#: Backward steps up to this many s, in few rows, are left to be sorted; anything more is a restarted clock.
SHUFFLE_S = 1.0


def check_samples(
    samples: SampleTable,
    *,
    source: str,
    nominal_capacity_Ah: float | None,
    where: Callable[[int], str],
    headers: dict[str, str],
    units_known: bool = False,
) -> None:
    """Check a table against its file. ``where`` says a row in the file's own terms ("line 7").

    ``units_known``: the format itself fixes the units, so a small value is no unit error.

    Raises DataError with code data.empty, data.missing_values, data.time_backwards or data.units.
    """
    time = samples.time_s
    if time.size == 0:
        raise DataError(
            f"{source} has a header but no rows",
            remedy="export the test again; the cycler wrote no samples",
            code="data.empty",
            file=source,
        )
    for quantity, values in (("time", time), ("current", samples.current_A), ("voltage", samples.voltage_V)):
        finite = int(np.count_nonzero(np.isfinite(values)))
        if finite < 0.5 * values.size or finite < 2:
            raise DataError(
                f"{source}: column {headers[quantity]!r} has only {finite} numbers in {values.size} rows",
                remedy="export the column again or choose another one",
                code="data.missing_values",
                file=source,
                column=headers[quantity],
            )
    _check_time(time, source, where, headers["time"])
    _check_voltage(samples.voltage_V, source, headers["voltage"], units_known)
    _check_current(samples.current_A, source, headers["current"], nominal_capacity_Ah, units_known)


def _check_time(time: Floats, source: str, where: Callable[[int], str], header: str) -> None:
    rows = np.flatnonzero(np.isfinite(time))
    kept = time[rows]
    behind = np.maximum.accumulate(kept) - kept
    back = np.flatnonzero(behind > 0.0)
    if back.size == 0:
        return
    if back.size <= max(2, 0.01 * kept.size) and float(behind.max()) <= SHUFFLE_S:
        return
    first = int(back[0])
    raise DataError(
        f"{source}, {where(int(rows[first]))}: {header!r} runs backwards, "
        f"from {kept[first - 1]:g} to {kept[first]:g}",
        remedy="the column restarts; export the time since the start of the test, not of the step",
        code="data.time_backwards",
        file=source,
        row=where(int(rows[first])),
        column=header,
    )


def _check_voltage(voltage: Floats, source: str, header: str, units_known: bool) -> None:
    largest = float(np.nanmax(np.abs(voltage)))
    if largest > VOLTAGE_MAX_V:
        guess = "the column is in mV, or holds error codes"
    elif 0.0 < largest < VOLTAGE_MIN_V and not units_known:
        guess = "the column is in V although its header says otherwise, or in kV"
    else:
        return
    raise DataError(
        f"{source}: column {header!r} reaches {largest:g} V, which no battery on this bench can have",
        remedy=f"check the unit: {guess}; correct the header",
        code="data.units",
        file=source,
        column=header,
    )


def _check_current(
    current: Floats, source: str, header: str, nominal_Ah: float | None, units_known: bool
) -> None:
    largest = float(np.nanmax(np.abs(current)))
    if largest == 0.0:
        return
    too_large = largest > CURRENT_MAX_A or (nominal_Ah is not None and largest > RATE_MAX_C * nominal_Ah)
    too_small = nominal_Ah is not None and largest < RATE_MIN_C * nominal_Ah and not units_known
    if too_large or too_small:
        rate = "" if nominal_Ah is None else f" ({largest / nominal_Ah:.3g} C of {nominal_Ah:g} Ah)"
        guess = (
            "the column is in mA" if too_large else "the column is in A although its header says otherwise"
        )
        raise DataError(
            f"{source}: column {header!r} reaches {largest:g} A{rate}",
            remedy=f"check the unit: {guess}; correct the header or the nominal capacity",
            code="data.units",
            file=source,
            column=header,
        )
