"""``python -m tests.benchmarks [PART …]``: measure, print the table; exit code 0 whatever the figures.

Parts: ``links startup extraction sampling timing growth edges reaction supervision dead_guard window``;
all of them without any.
"""

from __future__ import annotations

import sys
from importlib import import_module

from rich.console import Console

from tests.benchmarks.table import Row, show

PARTS = (
    "links",
    "startup",
    "extraction",
    "sampling",
    "timing",
    "growth",
    "edges",
    "reaction",
    "supervision",
    "dead_guard",
    "window",
)


def main(wanted: list[str]) -> int:
    """Measure the wanted parts in turn."""
    unknown = set(wanted) - set(PARTS)
    if unknown:
        print(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    console = Console(stderr=True)
    rows: list[Row] = []
    for part in wanted or PARTS:
        console.print(f"measuring {part} …")
        rows += import_module(f"tests.benchmarks.{part}").rows()
    show(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
