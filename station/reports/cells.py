"""Every cell of a pack from one run: what its own controller told while the cycler pulsed it."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from station.diagnosis.cells import (
    FINDINGS,
    CellReport,
    CellResistances,
    CellSweeps,
    Geometry,
    advise_dismantling,
    judge_cells,
)
from station.models.rulebook import load_cell_rules
from station.rawfiles import Recording

LEAST_ROWS = 10
LISTED = 12
"""Cells of the order that are listed."""

Floats = npt.NDArray[np.float64]


def cells_in(
    recording: Recording, *, edges_s: list[float] | None, chemistry: str | None
) -> CellReport | None:
    """The judgement; None where the run has no voltages of single cells. Raises nothing for odd records."""
    rows = [row for row in recording.metadata.get("cells") or [] if len(row) >= 2 and len(row[1]) > 1]
    samples = recording.samples
    if samples is None or len(rows) < LEAST_ROWS:
        return None
    count = max(len(row[1]) for row in rows)
    rows = [row for row in rows if len(row[1]) == count]
    volts = np.array([[math.nan if v is None else v for v in row[1]] for row in rows], dtype=np.float64)
    at_s = np.array([row[2] if len(row) > 2 else [row[0]] * count for row in rows], dtype=np.float64)
    sweeps = CellSweeps(at_s, volts, resolution_of(volts))
    time_s, keep = np.unique(samples.time_s, return_index=True)
    resting = np.abs(samples.current_A) < 1e-3 * max(float(np.abs(samples.current_A).max()), 1e-9)
    pack_V = float(np.median(samples.voltage_V[resting])) if resting.any() else None
    return judge_cells(
        time_s,
        samples.current_A[keep],
        sweeps,
        load_cell_rules(),
        geometry_of(recording.metadata.get("channel"), count),
        edges_s=None if not edges_s else np.array(edges_s),
        chemistry=chemistry,
        pack_V=pack_V,
        rate_ppm=0.0,  # arrival is told on the station's own clock
        balancing=recording.metadata.get("balancing") is True,  # as the pack said at any time of the run
    )


def resolution_of(volts: Floats) -> float:
    """The least step between any two values, in V, from 0.1 mV up: what the pack rounds to."""
    known = np.unique(np.round(volts[np.isfinite(volts)], 5))
    steps = np.diff(known)
    steps = steps[steps > 5e-5]
    return max(float(np.round(steps.min(), 5)), 1e-4) if steps.size else 1e-3


def geometry_of(channel: Any, cells: int) -> Geometry:
    """How the pack at a channel is built: by the bench file, else by the description of its family."""
    told = channel.get("geometry") if isinstance(channel, dict) else None
    if isinstance(told, dict):
        size = told.get("module_cells")
        modules = (int(size),) * (cells // int(size)) if size else told.get("modules")
        return Geometry.of(modules, cells, int(told.get("columns", 1)), told.get("order", "rows"))
    return Geometry.of(_modules(channel), cells)


def _modules(channel: Any) -> list[int] | None:
    if not isinstance(channel, dict):
        return None
    if channel.get("modules"):
        return [int(size) for size in channel["modules"]]
    options = (channel.get("bms") or {}).get("options") or {}
    if "family" not in options:
        return None
    from drivers.bms.errors import BadDescription, UnknownFamily
    from drivers.bms.family import load_family

    try:
        return list(load_family(str(options["family"])).model.modules) or None
    except (BadDescription, UnknownFamily):
        return None


def growth_of_weakest(report: CellReport | None) -> float | None:
    """Resistance of the weakest cell over that of the mean one, with its uncertainty on top; None unranked.

    1 for a pack whose cells are alike.
    """
    if report is None or report.ranking is None or any(state in FINDINGS for state in report.states):
        return None
    if report.ranking.refused == "alike":
        return 1.0
    if report.ranking.weakest is None or not report.resistances:
        return None
    values = report.resistances[0].value_ohm
    mean = float(np.nanmean(values))
    return float(values[report.ranking.weakest - 1]) / mean if mean > 0 else None


def as_plain(report: CellReport) -> dict[str, Any]:
    """The judgement as the result object keeps it: mΩ, V, cells and modules numbered from 1."""
    live = np.array([state not in FINDINGS for state in report.states])
    ocv = np.where(live, report.ocv_V, np.nan)
    plain: dict[str, Any] = {
        "count": len(report.states),
        "modules": list(report.geometry.modules),
        "geometry_known": report.geometry.known,
        "layout": {"columns": report.geometry.columns, "order": report.geometry.order},
        "resolution_V": report.resolution_V,
        "refresh_s": _number(report.refresh_s, 3),
        "current_A": _number(report.current_A, 3),
        "pulses": report.pulses,
        "balancing": report.balancing,
        "refused": report.refused or None,
        "refused_params": {key: _number(value, 4) for key, value in report.params.items()},
        "states": list(report.states),
        "ocv_V": [_number(value, 5) for value in report.ocv_V.tolist()],
        "ocv_spread_V": _number(_spread(ocv), 5),
        "resistances": [_resistances(one) for one in report.resistances],
        "ranking": _ranking(report),
        "alignment": None if report.alignment is None else {
            key: round(value, 5) if isinstance(value, float) else value
            for key, value in asdict(report.alignment).items()
        },
        "bad": [_place(report, n) | {"state": s} for n, s in enumerate(report.states, start=1) if s in
        FINDINGS],
        "findings": list(dict.fromkeys(FINDINGS[s] for s in report.states if s in FINDINGS)),
        "quantities": {},
    }  # fmt: skip
    if report.resistances and report.ranking is not None and report.ranking.refused in ("", "alike"):
        values = report.resistances[0].value_ohm[live]
        plain["quantities"]["resistance_spread"] = round(_spread(values) / float(np.nanmean(values)), 5)
    if plain["ocv_spread_V"] is not None:
        plain["quantities"]["ocv_spread_V"] = plain["ocv_spread_V"]
    return plain


def dismantling(report: CellReport, verdict: str, level: str | None) -> dict[str, Any]:
    """How far to take the pack apart, as plain data."""
    advice = advise_dismantling(report, verdict, load_cell_rules(), level=level)
    return {**asdict(advice), "modules": list(advice.modules)}


def _resistances(one: CellResistances) -> dict[str, Any]:
    return {
        "at_s": one.at_s,
        "value_mohm": [_number(value * 1e3, 5) for value in one.value_ohm.tolist()],
        "uncertainty_mohm": [_number(value * 1e3, 5) for value in one.uncertainty_ohm.tolist()],
        "parts_mohm": {name: _number(value * 1e3, 5) for name, value in one.parts_ohm.items()},
    }


def _ranking(report: CellReport) -> dict[str, Any] | None:
    ranking = report.ranking
    if ranking is None:
        return None
    values = report.resistances[0].value_ohm
    middle = float(np.nanmedian(values))
    return {
        "refused": ranking.refused or None,
        "spread": _number(ranking.spread, 5),
        "uncertainty": _number(ranking.uncertainty, 5),
        "order": list(ranking.order[:LISTED]),
        "weak_cells": [
            _place(report, n) | {"growth": _number(float(values[n - 1]) / middle - 1, 4)}
            for n in ranking.weak_cells
        ],
        "weak_modules": list(ranking.weak_modules) if report.geometry.known else [],
        "module_growth": [_number(value, 4) for value in ranking.module_growth],
        "weakest": None if ranking.weakest is None else _place(report, ranking.weakest),
    }


def _place(report: CellReport, cell: int) -> dict[str, Any]:
    module, place = report.geometry.place(cell)
    return {"cell": cell, "module": module if report.geometry.known else None, "place": place}


def _spread(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.max() - known.min()) if known.size else math.nan


def _number(value: float, digits: int) -> float | None:
    return round(float(value), digits) if math.isfinite(value) else None
