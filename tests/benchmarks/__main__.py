"""``python -m tests.benchmarks [PART …] [--report FILE]``: measure, print the table; exit code 0 in any case.

All parts without any; ``--help`` lists them.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

from rich.console import Console

from tests.benchmarks.table import Row, markdown, show

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
    "plots",
    "scanning",
    "bms",
    "archive",
    "sites",
    "rediagnosis",
    "proof",
    "cells",
    "buses",
    "keepalive",
    "instruments",
    "transports",
    "language",
    "methods",
    "pybamm_live",
)


def main(arguments: list[str]) -> int:
    """Measure the wanted parts in turn."""
    parser = argparse.ArgumentParser(
        prog="bench", description="Measures; prints a table, whatever the figures."
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all without any")
    parser.add_argument("--report", type=Path, help="write the table into this Markdown file as well")
    options = parser.parse_args(arguments)
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    console = Console(stderr=True)
    rows: list[Row] = []
    for part in options.parts or PARTS:
        console.print(f"measuring {part} …")
        rows += import_module(f"tests.benchmarks.{part}").rows()
        if options.report is not None:
            options.report.write_text(markdown(rows), encoding="utf-8")
    show(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
