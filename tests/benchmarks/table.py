"""One row of the benchmark table, and the table."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


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


def show(rows: Sequence[Row]) -> None:
    """Print the table."""
    table = Table(title="Pulse Station benchmarks")
    for heading in ("what", "figure", "baseline (same run)", "ratio", "target", ""):
        table.add_column(heading, justify="left" if heading in {"what", "baseline (same run)"} else "right")
    for row in rows:
        baseline = f"{row.baseline:.4g} {row.unit}  {row.baseline_name}" if row.baseline is not None else ""
        ratio = f"{row.ratio:.2f}×" if row.ratio is not None else ""
        target = f"≤ {row.target:g}{'×' if row.target_is_ratio else ' ' + row.unit}"
        table.add_row(
            row.name, f"{row.figure:.4g} {row.unit}", baseline, ratio, target, "yes" if row.met else "NO"
        )
    Console(width=150).print(table)
