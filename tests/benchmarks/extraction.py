"""Pulses measured in a record of 2,000 rows, nearness to direct readings, and the time of a circuit fit."""

from __future__ import annotations

import time

import numpy as np

from station.diagnosis.pulses.analysis import analyse
from station.diagnosis.pulses.record import Record
from tests.benchmarks.diagnosis import circuits, oracle
from tests.benchmarks.table import Row, median

TWO_RC = "ecm2rc_clean_pulsebat5s.csv"


def record_of_2000_rows() -> Record:
    """Ten pulses of one second at 100 Hz with rests between, on an exact circuit with a little noise."""
    t = np.arange(2000) * 0.01
    current = np.zeros(2000)
    for number in range(10):
        start = 50 + number * 195
        current[start : start + 100] = 10.0 if number % 2 else -10.0
    voltage, relaxing = np.empty(2000), 0.0
    for row in range(2000):
        relaxing += (current[row] * 0.002 - relaxing) * 0.01
        voltage[row] = 3.7 + current[row] * 0.003 + relaxing
    noise = np.random.default_rng(1).normal(0.0, 5e-5, 2000)
    return Record(time_s=t, current_A=current, voltage_V=voltage + noise)


def rows() -> list[Row]:
    """Extraction, with one pass of numpy's own sort over the same rows as the yardstick of the machine."""
    record = record_of_2000_rows()
    assert len(analyse(record).pulses) == 10
    times, base = [], []
    for _ in range(30):
        started = time.perf_counter()
        analyse(record)
        times.append((time.perf_counter() - started) * 1e3)
        started = time.perf_counter()
        np.linalg.svd(record.voltage_V.reshape(50, 40))
        base.append((time.perf_counter() - started) * 1e3)
    return [
        Row("pulses of a 2,000-row test", median(times), "ms", 10.0, median(base), "a 50×40 SVD"),
        *_against_others(),
    ]


def _against_others() -> list[Row]:
    """The stored records: beside PyProBE and ampworks where their environment is there, and circuits."""
    found = oracle.measure()
    own = found["times_ms"]["station"]
    tools = [(name, tool["ms"]) for name, tool in (found["times_ms"]["tools"] or {}).items() if "ms" in tool]
    worst = max(record["worst_percent"] for record in found["records"])
    fits = [entry for entry in circuits.measure() if entry["name"] == TWO_RC]
    return [
        *(Row("pulses of a stored train", own, "ms", 10.0, ms, name) for name, ms in tools),
        Row("worst resistance of clean records", worst, "%", 0.5),
        *(Row("fit of a 2RC circuit", entry["ms"], "ms", 50.0) for entry in fits),
    ]
