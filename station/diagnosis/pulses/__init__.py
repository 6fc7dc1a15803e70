"""Pulses: from rows of time, current and voltage to resistances, per SOC level."""

from __future__ import annotations

from station.diagnosis.pulses.analysis import analyse
from station.diagnosis.pulses.bench_extract import extract_resistances
from station.diagnosis.pulses.record import Record, RecordNotes
from station.diagnosis.pulses.results import DEFAULT_TIMES_S, Analysis, Block, Pulse, time_key
from station.diagnosis.pulses.steps import StepRecord, analyse_steps
from station.diagnosis.pulses.utable import UBlock, u_blocks

__all__ = [
    "DEFAULT_TIMES_S",
    "Analysis",
    "Block",
    "Pulse",
    "Record",
    "RecordNotes",
    "StepRecord",
    "UBlock",
    "analyse",
    "analyse_steps",
    "extract_resistances",
    "time_key",
    "u_blocks",
]
