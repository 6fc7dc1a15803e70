"""``python -m tests.benchmarks``: measure everything, print the table; exit code 0 whatever the figures."""

from __future__ import annotations

from rich.console import Console

from tests.benchmarks import extraction, links, sampling, startup
from tests.benchmarks.table import Row, show

if __name__ == "__main__":
    # The command line sets this for itself too: small matrices gain nothing from threads.
    console = Console(stderr=True)
    rows: list[Row] = []
    for part in (links, startup, extraction, sampling):
        console.print(f"measuring {part.__name__.rsplit('.', 1)[1]} …")
        rows += part.rows()
    show(rows)
