"""What ``station bench geometry`` says: the modules of packs as their heat map will show them."""

from __future__ import annotations

from typing import Any

from station.cli.output import print_json, say


def show_geometries(source: str, channel: str, cells: int, *, json: bool) -> None:
    """Of a geometry file, or of the channels of a bench file. Raises BenchError."""
    from station.bench import load_bench, load_geometry, locate_bench
    from station.bench.file import read_bench_yaml
    from station.errors import BenchError
    from station.reports.cells import geometry_of

    path = locate_bench(source)
    found: list[dict[str, Any]] = []
    if "channels" in read_bench_yaml(path.read_text(encoding="utf-8"), str(path)):
        for one in load_bench(source).channels:
            if channel in ("", one.id) and one.series_cells > 1:
                told = geometry_of(one.model_dump(mode="json", by_alias=True), one.series_cells)
                found.append(_plain(one.id, told))
    else:
        given = load_geometry(path)
        count = given.cells or cells or sum(given.modules)
        try:
            whole = given.of(count)
        except ValueError as error:
            raise BenchError(
                f"{path}: {error}", remedy="give --cells or correct the file", file=str(path)
            ) from error
        found.append(_plain(given.title, geometry_of({"geometry": whole.model_dump(mode="json")}, count)))
    if json:
        print_json({"geometries": found})
        return
    for each in found:
        _say(each)


def _plain(name: str, geometry: Any) -> dict[str, Any]:
    return {
        "name": name,
        "cells": geometry.cells,
        "known": geometry.known,
        "modules": list(geometry.modules),
        "columns": geometry.columns,
        "order": geometry.order,
    }


def _say(one: dict[str, Any]) -> None:
    from station.messages.cell_map import ROW, module_rows

    known = one["known"]
    how = f"{len(one['modules'])} modules" if known else f"modules not known: rows of {ROW}"
    say(f"{one['name']}: {one['cells']} cells, {how}".removeprefix(": "))
    count = one["cells"]
    sizes = one["modules"] if known else [min(ROW, count - at) for at in range(0, count, ROW)]
    for row in module_rows(sizes, one["columns"], one["order"]):
        shown = (
            f"{f'M{number} ' if known else ''}{' '.join(f'{cell:3}' for cell in members)}"
            for number, members in row
        )
        say("  " + " | ".join(shown))
