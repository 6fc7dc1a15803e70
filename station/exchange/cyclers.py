"""Files for cyclers: a Neware step file; what the sites' own Arbin schedule and Maccor procedure are
filled with.

The format of a whole Arbin schedule or Maccor procedure is not known from public sources. What is known, and
what this station's own drivers use, are a schedule and a procedure that a site makes once, which play pairs
of a current and a time (docs/cyclers.md): their values are written here, group by group.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from math import floor
from typing import Any

from drivers.contracts.cycler import CannotSay as StepRefused
from drivers.contracts.cycler import CyclerStep, Schedule
from drivers.contracts.power import Protection
from drivers.errors import DriverError
from drivers.neware_step_file import HeldVoltage, step_file
from station.exchange.cannot import CannotSay
from station.exchange.stretches import Stretch, Stretches
from station.safety.chemistry import chemistry_limits

ARBIN, MACCOR, NEWARE = "Arbin", "Maccor", "Neware"
PAIRS = {ARBIN: 6, MACCOR: 7}
RECORD_MIN_S = 0.1
"""Shortest record period that is written; shorter ones were not seen on a machine."""


def to_neware(found: Stretches, *, chemistry: str | None) -> tuple[str, list[str]]:
    """The text of a step file, and what it does otherwise. Raises CannotSay."""
    steps: list[CyclerStep] = []
    held: dict[int, HeldVoltage] = {}
    places: list[Stretch] = []
    for part in found.parts:
        if part.hold_V is None:
            duration_s = floor(part.duration_s * 1000 + 1e-6) / 1000 if part.until_V else part.duration_s
            steps.append(CyclerStep(part.current_A, duration_s, part.until_V))
            places.append(part)
        else:
            charges = part.current_A > 0
            held[len(steps)] = HeldVoltage(
                part.hold_V, abs(part.current_A), part.until_A, part.duration_s, charges
            )
    period_s = max(RECORD_MIN_S, round(1 / found.profile.sampling_Hz, 3))
    notes = []
    if found.profile.sampling_Hz > 1 / RECORD_MIN_S:
        notes.append(f"records every {RECORD_MIN_S:g} s, not at {found.profile.sampling_Hz:g} Hz")
    schedule = Schedule(tuple(steps), protection(found, NEWARE, chemistry), period_s)
    try:
        return step_file(schedule, found.profile.name, NEWARE, held), notes
    except StepRefused as error:
        number = int(error.params["step"])
        place = (places[number - 1].step, places[number - 1].kind) if number else (0, "")
        raise CannotSay(*place, NEWARE, str(error.params["why"])) from error
    except DriverError as error:
        raise CannotSay(0, "", NEWARE, str(error)) from error


def to_arbin(found: Stretches, *, chemistry: str | None) -> str:
    """CSV: a row per group, its metavariables MV_UD1 … MV_UD16. Raises CannotSay."""
    p = protection(found, ARBIN, chemistry)
    limits = [p.voltage_max_V, p.voltage_min_V, p.charge_current_max_A, p.discharge_current_max_A]
    rows = [[*limits, *pairs] for pairs in _groups(found, ARBIN)]
    return _csv([f"MV_UD{n}" for n in range(1, 17)], rows)


def to_maccor(found: Stretches, *, chemistry: str | None) -> str:
    """CSV: a row per group, its safety limits and variables VAR1 … VAR14. Raises CannotSay."""
    p = protection(found, MACCOR, chemistry)
    limits = [p.voltage_max_V, p.voltage_min_V, p.charge_current_max_A, p.discharge_current_max_A]
    names = ["VSafeMax", "VSafeMin", "ISafeChg", "ISafeDis", *(f"VAR{n}" for n in range(1, 15))]
    return _csv(names, [[*limits, *pairs] for pairs in _groups(found, MACCOR)])


def _groups(found: Stretches, format: str) -> list[list[float]]:
    """Pairs of current and time of every group, filled up with zeros."""
    rows: list[list[float]] = []
    group: int | None = None
    for part in found.parts:
        if part.until_V is not None or part.hold_V is not None:
            raise CannotSay(part.step, part.kind, format, "its steps end by their time only")
        if part.group != group:
            rows.append([])
            group = part.group
        if len(rows[-1]) == 2 * PAIRS[format]:
            raise CannotSay(
                part.step, part.kind, format, f"it has room for {PAIRS[format]} currents in one go"
            )
        rows[-1] += [part.current_A, part.duration_s]
    return [[*row, *([0.0] * (2 * PAIRS[format] - len(row)))] for row in rows]


def _csv(names: Sequence[str], rows: Sequence[Sequence[float]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["group", *names])
    for number, row in enumerate(rows, 1):
        writer.writerow([number, *(f"{value:.9g}" for value in row)])
    return text.getvalue()


def protection(found: Stretches, format: str, chemistry: str | None) -> Protection:
    """The profile's limits for the cycler to watch, the chemistry's where the profile has none.

    Raises CannotSay where nobody bounds the voltage: no file is written without a protection.
    """
    limits, capacity_Ah = found.profile.limits, found.plan.nominal_capacity_Ah
    low, high = limits.cell_voltage_min_V, limits.cell_voltage_max_V
    if chemistry is not None:
        cell = chemistry_limits(chemistry, nominal_capacity_Ah=capacity_Ah)
        low = cell.protection_min_V if low is None else max(low, cell.protection_min_V)
        high = cell.protection_max_V if high is None else min(high, cell.protection_max_V)
    if low is None or high is None:
        raise CannotSay(
            0, "", format, "nobody bounds the voltage",
            remedy="name the chemistry: --chemistry, or give the profile cell_voltage_min_V and "
            "cell_voltage_max_V",
        )  # fmt: skip
    currents = [part.current_A for part in found.parts]
    largest: dict[str, Any] = {
        "charge": max([0.0, *currents]),
        "discharge": max([0.0, *(-c for c in currents)]),
    }
    charge_A, discharge_A = (max(1.05 * value, 0.1) for value in largest.values())
    voltage_max_V, voltage_min_V = high * found.series_cells, low * found.series_cells
    return Protection(
        voltage_min_V, voltage_max_V, charge_A, discharge_A, charge_A * voltage_max_V,
        discharge_A * voltage_max_V,
    )  # fmt: skip
