"""A measured cell as the instrument of the chain shows it, without processes: seconds instead of minutes.

Simulated cell, plan, noise, steps, sampling and reading are those of the chain; left out are wire, service,
guard and worker. So all cells can be judged where the chain itself has time for some.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from profiles import load, resolve
from profiles.plan import Segment
from simulators.battery import build_battery
from simulators.faults import FaultSet
from simulators.instruments.delta_sm15k import DeltaOptions
from simulators.instruments.readings import Readings
from station.diagnosis.soh import ModelSet, assess
from station.diagnosis.tables import COLUMNS, Floats
from station.engine.measure.sampling import EDGE_SHIFT
from station.rawfiles import RUN_FORMAT, Recording
from station.rawfiles.recording import SampleTable
from station.reports.analysed import analysed
from station.reports.tables_of import tables_of
from tests.benchmarks.diagnosis.chain_cells import SEED, Drawn
from tests.benchmarks.diagnosis.fold_models import WIDTH_S

EXCHANGE_S = 0.0005
"""Bench time between the reading of the voltage and that of the current."""


def remembered_recording(drawn: Drawn, profile: Path | str, folder: Path) -> Recording:
    """`recording_of`, from ``folder`` where it was made before.

    The folder belongs to one state of the simulated cell and of the sampling.
    """
    file = folder / f"{drawn.cell}.npz"
    if not file.is_file():
        made = recording_of(drawn, profile)
        assert made.samples is not None
        told = np.array([[edge["segment"], edge["asked_s"], edge["achieved_s"]] for edge in _edges(made)])
        table = made.samples
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(file, t_s=table.time_s, current_A=table.current_A, voltage_V=table.voltage_V, edges=told)
    with np.load(file, allow_pickle=False) as held:
        table = SampleTable(held["t_s"], held["current_A"], held["voltage_V"])
        edges = [
            {"segment": int(segment), "asked_s": asked_s, "achieved_s": achieved_s, "method": "samples"}
            for segment, asked_s, achieved_s in held["edges"].tolist()
        ]
    return Recording(table, None, drawn.cell, RUN_FORMAT, drawn.nominal_Ah, metadata={"edges": edges})


def _edges(recording: Recording) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = recording.metadata["edges"]
    return found


def recording_of(drawn: Drawn, profile: Path | str, seed: int = 0) -> Recording:
    """What the bench's instrument would show of the profile, sampled as the station samples."""
    plan = resolve(load(str(profile)), nominal_capacity_Ah=drawn.nominal_Ah)
    chance = np.random.default_rng([SEED, seed, int.from_bytes(drawn.cell.encode(), "big") % 2**32, 3])
    period_s = 1.0 / plan.sampling_Hz
    segments = _by_programs(plan.segments, chance)
    instants = _instants(segments, period_s, chance)
    readings = Readings(FaultSet("chain", {}), seed=int(chance.integers(2**31)))
    options = DeltaOptions()
    readings.add("V", step=options.voltage_max_V / 65536, noise=options.voltage_noise_V)
    readings.add("A", step=options.current_max_A / 32768, noise=options.current_noise_A)
    volts, amps, edges = [], [], []
    battery, now_s, begin_s, flowing_A, number = build_battery(drawn.battery, seed=1), 0.0, 0.0, 0.0, 0
    for segment in segments:
        end_s, current_A = begin_s + segment.duration_s, segment.current_A
        if current_A != flowing_A and number > 0:
            asked_s = begin_s - DELAY_S
            around_s = (instants[number - 1] + instants[number]) / 2
            edges.append(
                {"segment": segment.index, "asked_s": asked_s, "achieved_s": around_s, "method": "samples"}
            )
        while number < instants.size and instants[number] < end_s:
            battery.advance(current_A, instants[number] - now_s)
            now_s = float(instants[number])
            volts.append(float(readings.show("V", battery.voltage_V(current_A), "%.4f")))
            amps.append(float(readings.show("A", current_A, "%.4f")))
            number += 1
        battery.advance(current_A, end_s - now_s)
        now_s, begin_s, flowing_A = end_s, end_s, current_A
    table = SampleTable(instants[:number] + EXCHANGE_S / 2, np.array(amps), np.array(volts))
    return Recording(table, None, drawn.cell, RUN_FORMAT, drawn.nominal_Ah, metadata={"edges": edges})


DELAY_S = 0.0015
"""How much later than it was asked for a program begins."""

PROGRAM_S = 2.0
"""Bench time, at twenty times the host's speed, in which a program is loaded and rests at its head."""


def _by_programs(segments: Sequence[Segment], chance: np.random.Generator) -> list[Segment]:
    """The segments with what it takes to load and start the program of each group, as rest before it."""
    found: list[Segment] = []
    for segment in segments:
        if found and segment.group != found[-1].group:
            begin_s = PROGRAM_S + float(chance.random()) / 10.0
            found[-1] = replace(found[-1], duration_s=found[-1].duration_s + begin_s)
        found.append(segment)
    return found


def _instants(segments: Sequence[Segment], period_s: float, chance: np.random.Generator) -> Floats:
    """When samples are taken: every period, moved on by a share of it where an edge is due.

    A deadline that has passed by then is made up for at once, when the edge itself is still to come.
    """
    found: list[float] = []
    next_s, begin_s, flowing_A = float(chance.random()) * period_s, 0.0, 0.0
    for segment in segments:
        due_s = begin_s - DELAY_S
        if segment.current_A != flowing_A and due_s > 0.0:
            next_s -= EDGE_SHIFT * period_s
            if next_s < due_s:
                found.append(due_s)
                next_s += period_s
        begin_s, flowing_A = begin_s + segment.duration_s, segment.current_A
        count = max(int(np.ceil((begin_s - DELAY_S - next_s) / period_s)), 0)
        found += (next_s + period_s * np.arange(count)).tolist()
        next_s += period_s * count
    return np.array(found)


def judged(recording: Recording, drawn: Drawn, models: ModelSet) -> dict[str, Any]:
    """Estimate of a recording by the models, or the reason for none, and how far its voltages are away.

    ``apart_mV`` by column: voltage relative to the rest before the first pulse, less that of the cell's row.
    """
    record, analysis = analysed(recording, drawn.nominal_Ah)
    tables = [
        table
        for block in analysis.blocks
        for table in tables_of(record, block, nominal_Ah=drawn.nominal_Ah, third_C=drawn.third_C)
    ]
    found = assess(tables, drawn.nominal_Ah, None, models)
    longest = max(tables, key=lambda table: table.pulse_width_s, default=None)
    near = longest is not None and abs(longest.pulse_width_s - WIDTH_S) < 0.1 * WIDTH_S
    apart = apart_mV(longest.values, drawn) if longest is not None and near else {}
    if found.soh is None:
        reason = None if found.reason is None else found.reason.code
        return {"estimate": None, "reason": reason, "apart_mV": apart}
    interval = found.soh
    return {
        "estimate": interval.estimate,
        "low90": interval.low90,
        "high90": interval.high90,
        "reason": None,
        "apart_mV": apart,
    }


def apart_mV(values: Mapping[str, float], drawn: Drawn) -> dict[str, float]:
    """Voltages by column less those of the row, both relative to the rest before the first pulse, in mV."""
    row = dict(zip(COLUMNS, drawn.voltages_V, strict=True))
    rest = "U33" if "U33" in values and "U9" not in values else "U1"
    return {
        key: round(1e3 * (value - values[rest] - (row[key] - row[rest])), 3)
        for key, value in values.items()
        if key not in ("U1", "U33") and row[key] == row[key]
    }
