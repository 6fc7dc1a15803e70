"""A recording as the estimators take it: its pulses, its cells in series, its type's third amplitude."""

from __future__ import annotations

from station.diagnosis.pulses import Analysis, Record, StepRecord, analyse, analyse_steps
from station.diagnosis.soh import ModelSet
from station.diagnosis.soh.recognise import CAPACITY_TOLERANCE
from station.errors import DataError
from station.rawfiles import RUN_FORMAT, Recording
from station.reports.edge_times import edge_times
from station.reports.one_instant import one_instant
from station.reports.void_spans import edges_outside, void_spans, without_void


def series_of(recording: Recording) -> int:
    """Cells in series, as the file says; 1 where it says nothing."""
    battery = recording.metadata.get("battery", {})
    series = battery.get("series_cells") if isinstance(battery, dict) else None
    return series if isinstance(series, int) and series > 0 else 1


def seen_at_battery(recording: Recording) -> bool:
    """False where the station's own record says that the voltage has the drop in the power leads in it.

    Resistances are too large then by those leads, and nothing learned from pulses may be told of it.
    """
    return recording.metadata.get("voltage_at") != "instrument"


def analysed(recording: Recording, nominal_Ah: float | None) -> tuple[Record | None, Analysis]:
    """Blocks and pulses of a recording: of its samples where it has them, of its step sheet otherwise.

    Raises DataError when its time column restarts.
    """
    if recording.steps is not None:
        analysis = analyse_steps(StepRecord.of(recording.steps), nominal_capacity_Ah=nominal_Ah)
        if analysis.blocks or recording.samples is None:
            return None, analysis
    samples = recording.samples
    assert samples is not None  # a recording holds samples or steps
    if recording.format == RUN_FORMAT:
        samples = one_instant(without_void(samples, void_spans(recording.metadata)))
    try:
        record = Record.of(samples, edges_s(recording))
    except ValueError as error:
        raise DataError(
            f"{recording.source}: {error}",
            remedy="export the test again with one running time column",
            code="data.time_backwards",
            file=recording.source,
        ) from error
    return record, analyse(record, nominal_capacity_Ah=nominal_Ah)


def edges_s(recording: Recording) -> list[float] | None:
    """When the current was made to change, as the station's own run files tell."""
    edges = recording.metadata.get("edges")
    if not isinstance(edges, list):
        return None
    rows = [
        edge for edge in edges if isinstance(edge, dict) and isinstance(edge.get("asked_s"), (int, float))
    ]
    events = recording.metadata.get("events")
    timings = {
        event["params"].get("timing")
        for event in (events if isinstance(events, list) else [])
        if event.get("code") == "engine.timing"
    }
    outside = edges_outside(rows, void_spans(recording.metadata))
    sampled_s = [] if recording.samples is None else recording.samples.time_s.tolist()
    return edge_times(outside, sequenced="commanded" not in timings, sampled_s=sampled_s) or None


def third_amplitude_C(models: ModelSet, nominal_Ah: float) -> float | None:
    """The third amplitude that the learned type of this capacity was measured with, if it is one type."""
    known = {
        recipe.third_amplitude_C
        for recipe in models.recipes.values()
        if abs(recipe.nominal_capacity_Ah / nominal_Ah - 1.0) <= CAPACITY_TOLERANCE
    }
    return known.pop() if len(known) == 1 else None
