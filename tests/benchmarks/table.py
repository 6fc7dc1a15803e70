"""One row of the benchmark table, and the table."""

from __future__ import annotations

import datetime
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from station import __version__


@dataclass(frozen=True)
class Row:
    """A measured figure, the baseline of the same run, and the target it is held against."""

    name: str
    figure: float
    unit: str
    target: float
    baseline: float | None = None
    baseline_name: str = ""
    target_is_ratio: bool = False

    @property
    def ratio(self) -> float | None:
        """Figure over baseline."""
        return self.figure / self.baseline if self.baseline else None

    @property
    def met(self) -> bool:
        """True when the figure (or its ratio) is within the target."""
        value = self.ratio if self.target_is_ratio else self.figure
        return value is not None and value <= self.target


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0–1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def median(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


HEADINGS = ("what", "figure", "baseline (same run)", "ratio", "target", "met")
LEFT = frozenset({"what", "baseline (same run)"})


def cells(row: Row) -> tuple[str, ...]:
    """A row in words, one for each heading."""
    return (
        row.name,
        f"{row.figure:.4g} {row.unit}",
        f"{row.baseline:.4g} {row.unit}  {row.baseline_name}" if row.baseline is not None else "",
        f"{row.ratio:.2f}×" if row.ratio is not None else "",
        f"≤ {row.target:g}{'×' if row.target_is_ratio else ' ' + row.unit}",
        "yes" if row.met else "NO",
    )


def show(rows: Sequence[Row]) -> None:
    """Print the table."""
    table = Table(title="Pulse Station benchmarks")
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading in LEFT else "right")
    for row in rows:
        table.add_row(*cells(row))
    Console(width=150).print(table)


def markdown(rows: Sequence[Row]) -> str:
    """The table as a page, with the day, the version and the machine."""
    lines = [
        "# Measured",
        "",
        f"{datetime.datetime.now(datetime.UTC).date().isoformat()}, version {__version__}, "
        f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores. "
        "Made by `python3 run.py bench --report docs/measured.md`; simulators, window and measuring programs "
        "run on the same cores. Targets are those the project sets itself.",
        "",
        f"| {' | '.join(HEADINGS)} |",
        f"|{'|'.join('---' if heading in LEFT else '---:' for heading in HEADINGS)}|",
        *(f"| {' | '.join(cells(row))} |" for row in rows),
        "",
    ]
    return "\n".join(lines)
