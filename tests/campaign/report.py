"""The campaign's table: every run as CSV, a summary by fault as Markdown."""

from __future__ import annotations

import csv
import datetime
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from station import __version__
from tests.campaign.case import Row
from tests.campaign.faults import FAULTS

_MUST_STOP = frozenset(fault.name for fault in FAULTS if fault.must_stop)


def write_csv(rows: Sequence[Row], path: Path) -> None:
    """One line for each run."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow([field.name for field in fields(Row)])
        for row in sorted(rows, key=lambda row: row.case):
            values = {**asdict(row), "problems": "; ".join(row.problems)}
            table.writerow([_text(value) for value in values.values()])


def summary(rows: Sequence[Row], *, took_s: float, speed: float, whole: int = 0) -> str:
    """The report in Markdown. ``whole`` is the number of runs that the whole campaign has."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    bad = [row for row in rows if row.problems]
    current = sorted(row.to_zero_s for row in rows if row.to_zero_s is not None and _stops(row))
    given = [row for row in rows if row.quality]
    share = f"a sample of {len(rows)} of {whole} runs" if whole > len(rows) else f"all {len(rows)} runs"
    lines = [
        "# Fault campaign",
        "",
        f"{today}, version {__version__}: {share}, {took_s / 60:.1f} min, bench time ×{speed:g}. "
        "Real worker, guard and simulator processes; faults on the wire. "
        "Nothing here was run on real hardware.",
        "",
        f"- Left energised: {_count(rows, 'left energised')}",
        f"- More than the last second of samples lost: {_count(rows, 'lost ')} "
        f"(most: {max((row.lost_s for row in rows), default=0.0):.2f} s)",
        f"- A verdict on bad data: {_count(rows, 'a verdict on bad data')} "
        f"(verdicts that were given and compared with a healthy run: {len(given)})",
        f"- Caught only by the last layer (fuse): {_count(rows, 'caught only')}",
        f"- Caught by nobody: {_count(rows, 'caught by nobody')}",
        f"- Ran to the end although the fault must stop it: {_count(rows, 'ran to its end')}",
        f"- Ended by a defect instead of a named cause: "
        f"{_count(rows, 'a defect') + _count(rows, 'the worker ended')}",
        f"- The fault's moment did not come (the test had ended before): "
        f"{sum(not row.injected for row in rows)}",
        f"- Repeated, because the computer was too busy for the fault's moment to come or to be sampled: "
        f"{sum(row.tries > 1 for row in rows)}",
    ]
    if current:
        lines.append(
            f"- Fault to zero current, real time, where the fault must stop the test and current flowed: "
            f"p50 {_share(current, 0.5):.0f} ms, p99 {_share(current, 0.99):.0f} ms, "
            f"most {current[-1] * 1e3:.0f} ms ({len(current)} runs). "
            f"Slowest are those that develop or are seen slowly: {_slowest(rows)}"
        )
    lines += ["", "Every run with its numbers is in `runs.csv`; what the columns mean is in `README.md`."]
    lines += ["", *_by_fault(rows)]
    if bad:
        lines += ["", "## Runs that were not as they must be", ""]
        lines += [
            f"- #{row.case} {row.kind}, {row.fault}, {row.moment}: {'; '.join(row.problems)}" for row in bad
        ]
    return "\n".join(lines) + "\n"


def _by_fault(rows: Sequence[Row]) -> list[str]:
    lines = [
        "| fault | what happens | runs | completed | ended by | codes | to zero: median / most (ms) "
        "| lost (s) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, text in [(fault.name, fault.text) for fault in FAULTS]:
        mine = [row for row in rows if row.fault == name]
        if not mine:
            continue
        ended = [row for row in mine if row.outcome != "completed"]
        zero = [row.to_zero_s * 1e3 for row in ended if row.to_zero_s is not None]
        times = f"{statistics.median(zero):.0f} / {max(zero):.0f}" if zero else ""
        layers = ", ".join(f"{layer} {n}" for layer, n in Counter(row.layer for row in ended).most_common())
        codes = ", ".join(code for code, _ in Counter(row.code for row in ended if row.code).most_common(4))
        lines.append(
            f"| {name} | {text} | {len(mine)} | {len(mine) - len(ended)} | {layers} | {codes} | {times} "
            f"| {max(row.lost_s for row in mine):.2f} |"
        )
    return lines


def _stops(row: Row) -> bool:
    """The test ended, by a fault that must end it."""
    return row.outcome != "completed" and row.fault in _MUST_STOP


def _slowest(rows: Sequence[Row], count: int = 5) -> str:
    """The faults with the longest times to zero, in words."""
    longest: dict[str, float] = {}
    for row in rows:
        if row.to_zero_s is not None and _stops(row):
            longest[row.fault] = max(longest.get(row.fault, 0.0), row.to_zero_s)
    named = sorted(longest.items(), key=lambda item: -item[1])[:count]
    return ", ".join(f"{name} {seconds:.2g} s" for name, seconds in named)


def _count(rows: Sequence[Row], words: str) -> int:
    return sum(any(problem.startswith(words) for problem in row.problems) for row in rows)


def _share(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1e3


def _text(value: object) -> object:
    return f"{value:.4f}" if isinstance(value, float) else value
