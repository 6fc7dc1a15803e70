"""How a pack is built: inline, in a file of its own, or not known; refused where it does not add up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from station.bench import load_bench, load_geometry, locate_bench
from station.cli.bench import app
from station.errors import BenchError
from station.messages.cell_map import module_rows, rows_of
from station.reports.cells import geometry_of

PACK = locate_bench("pack-demo").read_text(encoding="utf-8")
MODULES = "    modules: [8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8]\n"
FILE = "schema: pulse-station/geometry/1\ncells: 96\nmodule_cells: 8\ncolumns: 4\norder: serpentine\n"


def bench(folder: Path, instead: str) -> str:
    assert MODULES in PACK
    (folder / "bench.yaml").write_text(PACK.replace(MODULES, instead), encoding="utf-8")
    return str(folder / "bench.yaml")


def test_a_file_beside_the_bench_file(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(FILE, encoding="utf-8")
    path = bench(tmp_path, "    geometry: mine.yaml\n")
    channel = load_bench(path).channel("1").model_dump(mode="json", by_alias=True)
    told = geometry_of(channel, 96)
    assert (told.modules, told.known, told.columns, told.order) == ((8,) * 12, True, 4, "serpentine")
    assert told.place(96) == (12, 8)
    shown = CliRunner().invoke(app, ["geometry", path, "--channel", "1"])
    assert "12 modules" in shown.stdout
    assert "M8  64  63" in shown.stdout
    assert CliRunner().invoke(app, ["geometry", str(tmp_path / "mine.yaml"), "--json"]).exit_code == 0


def test_inline_and_not_known(tmp_path: Path) -> None:
    inline = load_bench(bench(tmp_path, "    geometry: {module_cells: 12, columns: 2}\n")).channel("1")
    told = geometry_of(inline.model_dump(mode="json", by_alias=True), 96)
    assert (told.modules, told.columns, told.order) == ((12,) * 8, 2, "rows")
    nothing = load_bench(bench(tmp_path, "")).channel("1")
    assert not geometry_of(nothing.model_dump(mode="json", by_alias=True), 96).known


@pytest.mark.parametrize(
    ("instead", "message"),
    [
        ("    geometry: {module_cells: 7}\n", "96 cells do not make modules of 7"),
        ("    geometry: {modules: [8, 8]}\n", "the modules have 16 cells, the pack has 96"),
        ("    geometry: {cells: 98, module_cells: 7}\n", "the geometry of 98 cells"),
        ("    geometry: {columns: 2}\n", "either modules or module_cells"),
        (MODULES + "    geometry: {module_cells: 8}\n", "either modules or geometry"),
        ("    geometry: nowhere.yaml\n", "cannot be read"),
        ("    geometry: wrong.yaml\n", r"wrong.yaml:2:\d+: colums"),
    ],
)
def test_what_does_not_add_up(tmp_path: Path, instead: str, message: str) -> None:
    (tmp_path / "wrong.yaml").write_text("module_cells: 8\ncolums: 4\n", encoding="utf-8")
    with pytest.raises(BenchError, match=message):
        load_bench(bench(tmp_path, instead))


def test_a_file_alone_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("modules: [7, 7, 6]\n", encoding="utf-8")
    assert load_geometry(path).of(20).modules == (7, 7, 6)
    shown = CliRunner().invoke(app, ["geometry", str(path)])
    assert "20 cells, 3 modules" in shown.stdout


def test_the_map_lies_as_the_pack_does() -> None:
    assert module_rows([2, 2, 2], 2, "serpentine") == [[(1, [1, 2]), (2, [3, 4])], [(3, [6, 5])]]
    cells: dict[str, Any] = {
        "count": 6, "geometry_known": True, "modules": [2, 2, 2], "states": ["good"] * 6,
        "layout": {"columns": 2, "order": "rows"}, "ocv_V": [3.3] * 6,
        "resistances": [{"at_s": 10.0, "value_mohm": [1.0, 1.0, 1.0, 2.0, 1.0, 1.0]}],
    }  # fmt: skip
    rows = rows_of(cells, "en")
    assert [[tile and tile.cell for tile in tiles] for _, tiles in rows] == [[1, 2, None, 3, 4], [5, 6]]
    assert rows[0][1][4].shade == 1.0  # type: ignore[union-attr]
    assert "1–2" in rows[0][0]
    old = {key: value for key, value in cells.items() if key != "layout"}
    assert [len(tiles) for _, tiles in rows_of(old, "en")] == [2, 2, 2]
