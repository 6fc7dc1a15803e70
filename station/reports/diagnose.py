"""From a recorded file to one result object: pulses, circuit, SOH, chemistry, grade, verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from station.diagnosis.capacity import MeasuredCapacity, Refusal
from station.diagnosis.cells import CellReport
from station.diagnosis.ecm import EcmFit, fit_ecm
from station.diagnosis.pulses import Block, Pulse, Record
from station.diagnosis.soh import BlockAssessment, Chemistry, Interval, ModelSet, Reason, assess, combine
from station.models.in_use import load_in_use
from station.models.labels.of_run import capacity_in
from station.rawfiles import Recording, read_record
from station.reports.analysed import analysed, edges_s, seen_at_battery, series_of, third_amplitude_C
from station.reports.cells import as_plain, cells_in, dismantling, growth_of_weakest
from station.reports.decision import HOLDS_THE_LIMIT, facts_of, with_decision
from station.reports.interim import believed, decided_segments
from station.reports.tables_of import tables_of

FORMAT = "pulse-station/result/1"


@dataclass(frozen=True)
class _Judged:
    block: Block
    ecm: EcmFit | None
    assessment: BlockAssessment


def diagnose_file(
    path: Path | str,
    *,
    nominal_capacity_Ah: float | None = None,
    chemistry: str | None = None,
    series_cells: int | None = None,
    mapping: Path | None = None,
) -> dict[str, Any]:
    """Judge one recorded test. Raises DataError when the file cannot be read as a test.

    ``nominal_capacity_Ah`` (of one series group), ``chemistry`` (a hint) and ``series_cells`` go before what
    the file itself says; ``mapping`` describes the columns of a text table. A run without sense leads gets
    neither SOH nor resistances: the power leads are in its voltages. Voltages and resistances of the
    result are those of the terminals; SOH and chemistry of a string are those of its mean cell.
    """
    recording = read_record(path, nominal_capacity_Ah=nominal_capacity_Ah, mapping=mapping)
    nominal_Ah = nominal_capacity_Ah or recording.nominal_capacity_Ah
    series = series_cells or series_of(recording)
    models = load_in_use()
    record, analysis = analysed(recording, nominal_Ah)
    seen = seen_at_battery(recording)
    judged = [
        _Judged(
            block,
            fit_ecm(record, block) if record is not None else None,
            _assess(record, block, nominal_Ah, chemistry, series, models),
        )
        if seen
        else _with_leads(block)
        for block in analysis.blocks
    ]
    joint = _joint(recording, nominal_Ah, chemistry)
    capacity = capacity_in(recording, nominal_Ah) if nominal_Ah else None
    cells = _cells(recording, record, chemistry)
    weakest = _weakest(record, judged, nominal_Ah, chemistry, series, models, cells) if seen else None
    found = _result(recording, nominal_Ah, series, judged, analysis.notes, joint, capacity, cells, weakest)
    return {**found, "model_id": models.info.get("model_id")}


def _cells(recording: Recording, record: Record | None, chemistry: str | None) -> CellReport | None:
    if record is None or not recording.metadata.get("cells"):
        return None
    return cells_in(recording, edges_s=edges_s(recording), chemistry=chemistry)


def _weakest(
    record: Record | None,
    judged: Sequence[_Judged],
    nominal_Ah: float | None,
    chemistry: str | None,
    series: int,
    models: ModelSet,
    cells: CellReport | None,
) -> Interval | None:
    """SOH of the cell that limits a string: the mean cell's response, as much larger as that cell's
    resistance."""
    growth = growth_of_weakest(cells)
    if growth is None or series < 2 or cells is None or len(cells.states) != series:
        return None
    told = [_assess(record, item.block, nominal_Ah, chemistry, series, models, growth).soh for item in judged]
    found = combine(told)
    return found if isinstance(found, Interval) else None


def _joint(recording: Recording, nominal_Ah: float | None, chemistry: str | None) -> Interval | None:
    """Of a test that decided on the way what to measure: the very interval by which it ended."""
    if nominal_Ah is None or not decided_segments(recording):
        return None
    return believed(recording, nominal_Ah, chemistry)


def _level_of(recording: Recording) -> str | None:
    battery = recording.metadata.get("battery", {})
    level = battery.get("level") if isinstance(battery, dict) else None
    return level if level in ("cell", "module", "pack") else None


def _assess(
    record: Record | None,
    block: Block,
    nominal_Ah: float | None,
    chemistry: str | None,
    series: int,
    models: ModelSet,
    factor: float = 1.0,
) -> BlockAssessment:
    if nominal_Ah is None:
        # Without the capacity currents are no C-rates, and the pulses cannot be compared with learned ones.
        return _abstained(Reason("nominal_capacity_missing"))
    third_C = third_amplitude_C(models, nominal_Ah)
    tables = tables_of(
        record, block, nominal_Ah=nominal_Ah, third_C=third_C, series_cells=series, factor=factor
    )
    if not tables:
        largest_A = max(abs(pulse.current_A) for pulse in block.pulses)
        return _abstained(Reason("amplitude_not_learned", {"largest_C": largest_A / nominal_Ah}))
    return assess(tables, nominal_Ah, chemistry, models)


def _with_leads(block: Block) -> _Judged:
    """A block measured without sense leads: nothing that would hold for the battery is told of it."""
    pulses = tuple(replace(p, resistance_ohm=dict.fromkeys(p.resistance_ohm)) for p in block.pulses)
    return _Judged(replace(block, pulses=pulses), None, _abstained(Reason("no_sense_leads")))


def _abstained(reason: Reason) -> BlockAssessment:
    return BlockAssessment(None, Chemistry(None, None), None, True, reason, reason.next_measurement)


def _result(
    recording: Recording,
    nominal_Ah: float | None,
    series: int,
    judged: Sequence[_Judged],
    notes: Sequence[str],
    joint: Interval | None,
    capacity: MeasuredCapacity | Refusal | None,
    cells: CellReport | None = None,
    weakest: Interval | None = None,
) -> dict[str, Any]:
    overall = _overall(judged, series, joint)
    if weakest is not None and isinstance(overall, Reason) and overall.code == "string_mean_only":
        overall = weakest
    reason = overall if isinstance(overall, Reason) else None
    soh = overall if isinstance(overall, Interval) else None
    if series > 1:
        soh = weakest or joint or _mean_cell(judged)
    measured_Ah = recording.measured_capacity_Ah
    by_capacity = isinstance(capacity, MeasuredCapacity)
    if isinstance(capacity, MeasuredCapacity) and nominal_Ah:
        # What was counted goes before what pulses would say, and it is that of a string's weakest cell.
        bounds = (capacity.capacity_Ah, capacity.low_Ah, capacity.high_Ah)
        soh, reason, measured_Ah = Interval(*(value / nominal_Ah for value in bounds)), None, bounds[0]
    found: dict[str, Any] = {
        "format": FORMAT,
        "source": recording.source,
        "source_format": recording.format,
        "nominal_capacity_Ah": nominal_Ah,
        "series_cells": series,
        "level": _level_of(recording),
        "measured_capacity_Ah": measured_Ah,
        "measured_soh": measured_Ah / nominal_Ah if measured_Ah and nominal_Ah else None,
        "capacity_test": asdict(capacity) if isinstance(capacity, MeasuredCapacity) else None,
        "blocks": [_block(item) for item in judged],
        "soh": _interval(soh),
        "soh_method": None if soh is None else "capacity" if by_capacity else "pulses",
        "cells": None if cells is None else as_plain(cells),
        "chemistry": _chemistry(judged),
        "abstained": reason is not None,
        "reason": reason.text if reason else None,
        "reason_code": reason.code if reason else None,
        "next_measurement": reason.next_measurement if reason else None,
        "notes": [*recording.notes, *notes],
    }
    if isinstance(capacity, Refusal) and reason is not None:
        found |= {"reason": capacity.text, "reason_code": capacity.code, "next_measurement": "capacity"}
    judged_by_rules = with_decision(found, facts_of(found))
    if reason is None and judged_by_rules["verdict"] == "no_verdict":
        judged_by_rules["reason"] = HOLDS_THE_LIMIT
    if cells is not None:
        told = judged_by_rules["cells"]
        told["limits_soh"] = weakest is not None and not by_capacity
        told["dismantle"] = dismantling(cells, judged_by_rules["verdict"], found["level"])
    return judged_by_rules


def _overall(judged: Sequence[_Judged], series: int, joint: Interval | None) -> Interval | Reason:
    """One interval for the battery, or why there is none."""
    if not judged:
        return Reason("no_blocks")
    combined = joint or _mean_cell(judged)
    if combined is None:
        reasons = [item.assessment.reason for item in judged if item.assessment.reason is not None]
        together = combine([item.assessment.soh for item in judged])
        return together if isinstance(together, Reason) and len(reasons) < len(judged) else reasons[0]
    if series > 1:
        # The terminals show the mean of the cells; one weak cell decides over a string and can hide in it.
        return Reason("string_mean_only", {"series_cells": float(series)})
    return combined


def _mean_cell(judged: Sequence[_Judged]) -> Interval | None:
    combined = combine([item.assessment.soh for item in judged])
    return combined if isinstance(combined, Interval) else None


def _chemistry(judged: Sequence[_Judged]) -> dict[str, Any]:
    """The label that most blocks agree on, with the mean of their confidences."""
    votes: dict[str, list[float]] = {}
    for item in judged:
        told = item.assessment.chemistry
        if told.label is not None and told.confidence is not None:
            votes.setdefault(told.label, []).append(told.confidence)
    if not votes:
        return {"label": None, "confidence": None}
    label = max(votes, key=lambda name: sum(votes[name]))
    return {"label": label, "confidence": sum(votes[label]) / sum(map(len, votes.values()))}


def _block(item: _Judged) -> dict[str, Any]:
    block, assessment = item.block, item.assessment
    return {
        "start_s": block.start_s,
        "end_s": block.end_s,
        "ocv_V": block.ocv_V,
        "ocv_drift_V_per_s": block.ocv_drift_V_per_s,
        "temperature_degC": block.temperature_degC,
        "pulses": [_pulse(pulse) for pulse in block.pulses],
        "ecm": _ecm(item.ecm),
        "soh": _interval(assessment.soh),
        "chemistry": {"label": assessment.chemistry.label, "confidence": assessment.chemistry.confidence},
        "recipe": assessment.recipe,
        "abstained": assessment.abstained,
        "reason": assessment.reason.text if assessment.reason else None,
        "reason_code": assessment.reason.code if assessment.reason else None,
        "next_measurement": assessment.next_measurement,
    }


def _pulse(pulse: Pulse) -> dict[str, Any]:
    return {
        "start_s": pulse.start_s,
        "duration_s": pulse.duration_s,
        "current_A": pulse.current_A,
        "resistance_ohm": dict(pulse.resistance_ohm),
        "voltage_before_V": pulse.voltage_before_V,
        "end_voltage_V": pulse.end_voltage_V,
        "rise_s": pulse.rise_s,
        "clipped": pulse.clipped,
    }


def _ecm(fit: EcmFit | None) -> dict[str, float] | None:
    if fit is None:
        return None
    return {
        "r0_ohm": fit.r0_ohm,
        "r1_ohm": fit.r1_ohm,
        "tau1_s": fit.tau1_s,
        "r2_ohm": fit.r2_ohm,
        "tau2_s": fit.tau2_s,
        "rmse_V": fit.rmse_V,
    }


def _interval(soh: Interval | None) -> dict[str, float] | None:
    if soh is None:
        return None
    return {"estimate": soh.estimate, "low90": soh.low90, "high90": soh.high90}
