"""No module of the station needs itself by way of others, imports for types and inside functions included."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

STATION = Path(__file__).parents[2] / "station"


def imports_of(path: Path, known: set[str]) -> set[str]:
    """The station's modules that the file at ``path`` names in an import."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {
                full if (full := f"{node.module}.{alias.name}") in known else node.module
                for alias in node.names
            }
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found & known


def test_no_circles() -> None:
    files = {
        ".".join(path.relative_to(STATION.parent).with_suffix("").parts).removesuffix(".__init__"): path
        for path in STATION.rglob("*.py")
    }
    known = set(files)
    graph = {name: imports_of(path, known) - {name} for name, path in files.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        raise AssertionError(" -> ".join(circle.args[1])) from None
