"""The sections on pulses and circuits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

WORST_PERCENT, TEST_MS, FIT_MS = 0.5, 10.0, 50.0


def extraction(found: Mapping[str, Any]) -> str:
    """Every stored record."""
    records = found["records"]
    worst = max(record["worst_percent"] for record in records)
    counts = sum(record["pulses"] == record["pulses_true"] for record in records)
    invented = sum(record["invented"] for record in records)
    lines = [
        "## Pulses and resistances",
        "",
        f"Target: within {WORST_PERCENT:g} % of direct readings on every clean record, never a number where the "
        f"record has none, {TEST_MS:g} ms per test of some 2,000 rows.",
        f"Measured: worst {worst:.3f} % over {sum(record['compared'] for record in records)} resistances, right "
        f"number of pulses in {counts} of {len(records)} records, {invented} invented numbers.",
        "",
        "| simulated record | rows | pulses (true) | compared | worst % | invented |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {record['name'].removesuffix('.csv')} | {record['rows']} | {record['pulses']} ({record['pulses_true']}) "
        f"| {record['compared']} | {record['worst_percent']:.3f} | {record['invented']} |"
        for record in records
    ]
    lines += [
        "",
        "Measured records, against direct readings of the same rows (linear between rows, after the last rest row):",
        "",
        "| record | rows | pulses | read directly | matched | compared | worst % |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {record['name'].removesuffix('.csv')} | {record['rows']} | {record['pulses']} | {record['read']} "
        f"| {record['matched']} | {record['compared']} | {record['worst_percent']:.3f} |"
        for record in found["real"]
    ]
    lines += [
        "",
        "The Leaf module is logged in steps of 1 mV, which is 1.5–2 % of its pulse voltages: a single row is no",
        "better than that, and the station averages the rows around the asked time, so the two differ by less than",
        "one such step. One pulse that hits the voltage limit and tapers has no direct reading.",
        "",
        *_times(found["times_ms"]),
        "",
        "The nine known failures of pulse analysers are tests named `test_failure_1_…` to `test_failure_9_…` in",
        "`tests/station/diagnosis_pulses/test_failures.py`.",
    ]
    return "\n".join(lines)


def _times(times: Mapping[str, Any]) -> Sequence[str]:
    lines = [
        f"Time for {times['rows']} rows, least of seven, same run:",
        "",
        "| tool | ms | pulses found |",
        "|---|---|---|",
        f"| Pulse Station | {times['station']:.1f} | 10 |",
    ]
    for tool, entry in (times["tools"] or {}).items():
        shown = f"{entry['ms']:.1f} | {entry['pulses']}" if "ms" in entry else f"failed: {entry['error']} | "
        lines.append(f"| {tool} {entry['version']} | {shown} |")
    if not times["tools"]:
        lines.append("| PyProBE, ampworks | not installed on the machine of this run | |")
    return lines


def circuits(found: Sequence[Mapping[str, Any]]) -> str:
    """Circuits of known values."""
    lines = [
        "## Circuits",
        "",
        "Target: exact records to 0.1 %; with noise R0 1 %, R1 2 %, R2 5 %; "
        f"{FIT_MS:g} ms per fit. Deviation in percent, time the least of several:",
        "",
        "| record | R0 | R1 | R2 | τ1 | τ2 | ms |",
        "|---|---|---|---|---|---|---|",
    ]
    for entry in found:
        if not entry["fitted"]:
            lines.append(f"| {entry['name']} | no fit | | | | | |")
            continue
        off = entry["off_percent"]
        values = " | ".join(f"{off[key]:+.4f}" for key in ("R0", "R1", "R2", "tau1", "tau2"))
        lines.append(f"| {entry['name'].removesuffix('.csv')} | {values} | {entry['ms']:.0f} |")
    return "\n".join(lines)
