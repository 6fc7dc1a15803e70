"""From a table of texts to a recording: columns, units, sign and time checked."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from station.rawfiles.checks import check_samples
from station.rawfiles.columns import Column, unit_notes
from station.rawfiles.recording import Floats, Recording, SampleTable
from station.rawfiles.signs import Told, check_answer, settle, told_by_counters, told_by_net, told_by_texts
from station.rawfiles.text_table import TextTable

_KIND = re.compile(r"(step[ _]?type|state|status|md|工步类型|工步名称|工步状态|状态)", re.IGNORECASE)
_OXRED = re.compile(r"ox/red", re.IGNORECASE)
_NET = re.compile(r"\(q-qo\)/.*|net[ _]capacity.*", re.IGNORECASE)
_CHARGE = re.compile(
    r"(q[ _]charge|(step[ _])?charg(e|ing)[ _]capacity|capacitance_chg|chg\.?[ _]cap|充电容量).*",
    re.IGNORECASE,
)
_DISCHARGE = re.compile(
    r"(q[ _]discharge|(step[ _])?discharg(e|ing)[ _]capacity|capacitance_dchg|dchg\.?[ _]cap|放电容量).*",
    re.IGNORECASE,
)


def assemble(
    table: TextTable,
    columns: dict[str, Column],
    path: Path,
    *,
    format: str,
    nominal_capacity_Ah: float | None,
    told: Told | None = None,
    notes: tuple[str, ...] = (),
    times: Floats | None = None,
) -> Recording:
    """Check and convert. ``told`` and ``times`` go before what the table itself says.

    Raises DataError that names file, row and column.
    """
    optional = ("temperature", "step")
    values = {
        quantity: table.numbers(column, optional=quantity in optional)
        for quantity, column in columns.items()
        if not (quantity == "time" and times is not None)
    }
    if times is not None:
        values["time"] = times
    told = told or direction_told(table)
    header = columns["current"].header
    settled = settle(values["current"], told, table.source, header)
    step = values.get("step")
    samples = SampleTable(
        time_s=values["time"],
        current_A=settled.current_A,
        voltage_V=values["voltage"],
        temperature_degC=values.get("temperature"),
        step=whole_numbers(step),
    )
    check_samples(
        samples,
        source=table.source,
        nominal_capacity_Ah=nominal_capacity_Ah,
        where=lambda row: table.where[row],
        headers={quantity: column.header for quantity, column in columns.items()},
    )
    check_answer(
        settled.current_A, samples.voltage_V, proved=settled.proved, source=table.source, header=header
    )
    return Recording(
        samples=samples,
        steps=None,
        source=str(path),
        format=format,
        nominal_capacity_Ah=nominal_capacity_Ah,
        notes=(*unit_notes(columns), *((settled.note,) if settled.note else ()), *notes),
    )


def whole_numbers(step: Floats | None) -> np.ndarray[tuple[int], np.dtype[np.int64]] | None:
    """Step numbers, or None where one is missing or no number."""
    if step is None or not bool(np.all(np.isfinite(step))) or bool(np.any(np.abs(step) > 1e15)):
        return None
    return step.astype(np.int64)


def direction_told(table: TextTable) -> Told | None:
    """What the table says of the current's direction: step types first, then counters."""
    found: dict[str, tuple[int, str]] = {}
    patterns = {"kind": _KIND, "oxred": _OXRED, "charge": _CHARGE, "discharge": _DISCHARGE, "net": _NET}
    for index, header in enumerate(table.headers):
        name = header.strip().strip('"').strip()
        for what, pattern in patterns.items():
            if what not in found and pattern.fullmatch(name):
                found[what] = (index, name)
    if "kind" in found:
        index, name = found["kind"]
        told = told_by_texts(table.cells(index), name)
        if np.any(np.abs(told.direction) == 1.0):
            return told
    if "charge" in found and "discharge" in found:
        up, down = (_counter(table, *found[what]) for what in ("charge", "discharge"))
        return told_by_counters(up, down, f"{found['charge'][1]}, {found['discharge'][1]}")
    if "net" in found:
        index, name = found["net"]
        return told_by_net(_counter(table, index, name), name)
    if "oxred" in found:
        # Oxidation at the working electrode (1) charges a cell whose positive pole it is.
        index, name = found["oxred"]
        flags = _counter(table, index, name)
        return Told(np.where(flags == 1.0, 1.0, np.where(flags == 0.0, -1.0, np.nan)), name)
    return None


def _counter(table: TextTable, index: int, name: str) -> Floats:
    return table.numbers(Column(index, name, 1.0, True), optional=True)
