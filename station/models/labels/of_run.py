"""From the run file of a capacity test to its label, or the reason why it gives none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from station.diagnosis.capacity import (
    CurrentAccuracy,
    Discharge,
    MeasuredCapacity,
    Refusal,
    count_charge,
    measured_capacity,
)
from station.diagnosis.tables import Bools
from station.errors import DataError
from station.models.labels.label import Label
from station.models.training.table import file_sha256
from station.rawfiles import read_record
from station.rawfiles.recording import RUN_FORMAT, Recording, SampleTable

SETTLE_S = 10.0
"""Of a rest left out before its current is taken for the offset of the measurement."""


def label_of_run(path: Path, accuracy: CurrentAccuracy | None = None) -> Label:
    """The label of a finished capacity run. Raises DataError (``capacity.*``) when there is none in it.

    What the instrument shows at rest counts as its offset where that is larger than the stated one.
    """
    recording = read_record(path)
    if recording.format != RUN_FORMAT or recording.samples is None:
        raise _none(path, "capacity.not_a_run", "not a run file of this station")
    about, samples = recording.metadata, recording.samples
    battery = about.get("battery") or {}
    end = about.get("end") or {}
    if battery.get("level") != "cell" or battery.get("series_cells") not in (None, 1):
        raise _none(path, "capacity.not_a_cell", "a label belongs to one cell, not to a string")
    if end.get("outcome") != "completed":
        raise _none(path, "capacity.not_completed", f"the run ended as {end.get('outcome') or 'cut off'}")
    nominal_Ah = float(battery["nominal_capacity_Ah"])
    found = measured_capacity(_discharges(about, samples, accuracy or CurrentAccuracy()), nominal_Ah)
    if isinstance(found, Refusal):
        raise _none(path, found.code, found.text, **found.params)
    return Label(
        cell_id=str(battery["code"]),
        run_id=str(about["run_id"]),
        started_utc=str(about["started_utc"]),
        chemistry=battery.get("chemistry"),
        nominal_capacity_Ah=nominal_Ah,
        capacity_Ah=round(found.capacity_Ah, 6),
        capacity_low_Ah=round(found.low_Ah, 6),
        capacity_high_Ah=round(found.high_Ah, 6),
        rate_C=round(found.rate_C, 4),
        discharges=found.used,
        spread_Ah=round(found.spread_Ah, 6),
        temperature_degC=None if found.temperature_degC is None else round(found.temperature_degC, 2),
        simulated=bool(about.get("simulated")),
        profile=str(about["plan"]["profile"]),
        file_sha256=file_sha256(path),
    )


def capacity_in(recording: Recording, nominal_capacity_Ah: float) -> MeasuredCapacity | Refusal | None:
    """The capacity that a completed run of this station measured, of a cell or string, or why it gives none.

    None where the run was no capacity test: its plan discharges to no voltage, or it was not completed.
    Of a string it is the capacity of its weakest cell or group, which ends charge and discharge.
    """
    about, samples = recording.metadata, recording.samples
    if recording.format != RUN_FORMAT or samples is None or samples.step is None:
        return None
    segments = (about.get("plan") or {}).get("segments") or []
    if not any(segment.get("end") is not None and segment["current_A"] < 0 for segment in segments):
        return None
    if (about.get("end") or {}).get("outcome") != "completed":
        return None
    return measured_capacity(_discharges(about, samples, CurrentAccuracy()), nominal_capacity_Ah)


def _discharges(about: Mapping[str, Any], samples: SampleTable, accuracy: CurrentAccuracy) -> list[Discharge]:
    segments = about["plan"]["segments"]
    reached = {
        event["params"]["segment"]
        for event in about.get("events", [])
        if event["code"] == "engine.end_voltage_reached"
    }
    assert samples.step is not None  # every run file has it
    place = samples.step - 1
    accuracy = _with_offset(segments, samples, place, accuracy)
    found: list[Discharge] = []
    charges: list[int] = []
    for segment in segments:
        index, end = segment["index"], segment.get("end")
        if end is None:
            continue
        if segment["current_A"] > 0:
            charges.append(index)
            continue
        rows = place == index
        if rows.sum() >= 2:
            needed = [n for n in charges if segments[n]["end"]["must_reach"]]
            found.append(
                Discharge(
                    count_charge(samples.time_s[rows], samples.current_A[rows], accuracy),
                    full_before=bool(needed) and set(needed) <= reached,
                    reached_empty=index in reached,
                    interrupted=_interrupted(about, samples, np.isin(place, [*charges, index])),
                    temperature_degC=_mean(samples.temperature_degC, rows),
                )
            )
        charges = []
    return found


def _with_offset(
    segments: list[Any], samples: SampleTable, place: np.ndarray[Any, Any], accuracy: CurrentAccuracy
) -> CurrentAccuracy:
    """The stated accuracy, with the current measured at rest where that is more."""
    first = next((s["index"] for s in segments if s.get("end") is not None), len(segments))
    means = []
    for segment in segments[first:]:
        rows = place == segment["index"]
        if segment["role"] == "rest" and rows.any():
            settled = rows & (samples.time_s > samples.time_s[rows][0] + SETTLE_S)
            mean_A = _mean(samples.current_A, settled)
            means += [] if mean_A is None else [abs(mean_A)]
    return replace(accuracy, offset_A=max([accuracy.offset_A, *means]))


def _interrupted(about: Mapping[str, Any], samples: SampleTable, rows: Bools) -> bool:
    """Whether a pause, a skip or a crash fell into these rows: they were then played more than once."""
    spans = [*about.get("void", []), *((gap["from_s"], gap["to_s"]) for gap in about.get("gaps", []))]
    first_s, last_s = float(samples.time_s[rows][0]), float(samples.time_s[rows][-1])
    return any(from_s <= last_s and to_s >= first_s for from_s, to_s in spans)


def _mean(values: np.ndarray[Any, Any] | None, rows: Bools) -> float | None:
    if values is None:
        return None
    seen = values[rows & np.isfinite(values)]
    return float(seen.mean()) if len(seen) else None


def _none(path: Path, code: str, why: str, **params: float) -> DataError:
    return DataError(
        f"{path}: no label: {why}",
        remedy="run the capacity test again without an interruption; its events say what happened",
        code=code,
        file=str(path),
        **params,
    )
