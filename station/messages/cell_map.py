"""The cells of a result as a picture is drawn of them and as they are told, for window and paper alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from station.messages.cells import cell_text

ROW = 12
"""Cells in a row where nobody knows the modules."""
MARKS = {
    "weak": "▲", "dead": "✕", "reversed": "✕", "over_discharged": "✕", "sense_open": "?", "frozen": "?",
    "not_told": "?", "at_low_limit": "↓", "at_high_limit": "↑",
}  # fmt: skip
FULL_GROWTH = 0.8
"""Growth over the middle cell that is drawn darkest."""

Cells = Mapping[str, Any]


@dataclass(frozen=True)
class Tile:
    """``shade`` from 0 (middle cell or better) to 1; None without a value. ``mark``: see ``MARKS``."""

    cell: int
    state: str
    value: str
    mark: str
    shade: float | None


def module_rows(
    sizes: Sequence[int], columns: int = 1, order: str = "rows"
) -> list[list[tuple[int, list[int]]]]:
    """Rows of modules as they lie in the pack: number and cell numbers of each, both from 1.

    ``serpentine``: every second row runs backwards, the cells in its modules too.
    """
    modules, first = [], 1
    for number, size in enumerate(sizes, start=1):
        modules.append((number, list(range(first, first + size))))
        first += size
    rows = [modules[at : at + columns] for at in range(0, len(modules), columns)]
    if order == "serpentine":
        rows[1::2] = [[(number, cells[::-1]) for number, cells in reversed(row)] for row in rows[1::2]]
    return rows


def rows_of(cells: Cells, lang: str) -> list[tuple[str, list[Tile | None]]]:
    """Rows of the picture, each with its name; None is the room between two modules.

    A module, or as many as lie side by side, in a row; rows of twelve cells where nobody knows the modules.
    """
    count, known = int(cells["count"]), bool(cells["geometry_known"])
    sizes = list(cells["modules"]) if known else [min(ROW, count - at) for at in range(0, count, ROW)]
    layout = (cells.get("layout") if known else None) or {}
    found = []
    for row in module_rows(sizes, int(layout.get("columns", 1)), str(layout.get("order", "rows"))):
        tiles: list[Tile | None] = []
        for _, members in row:
            tiles += [*([None] if tiles else []), *(_tile(cells, cell) for cell in members)]
        ends = (min(row[0][1] + row[-1][1]), max(row[0][1] + row[-1][1]))
        if not known:
            name = cell_text(lang, "row", first=ends[0], last=ends[1])
        else:
            numbers = [str(number) for number, _ in (row[0], row[-1])]
            name = cell_text(lang, "module", n="–".join(dict.fromkeys(numbers)))
        found.append((name, tiles))
    return found


def _tile(cells: Cells, cell: int) -> Tile:
    state = str(cells["states"][cell - 1])
    told = cells["resistances"][0]["value_mohm"] if cells["resistances"] else []
    value = told[cell - 1] if told else None
    known = sorted(one for one in told if one is not None)
    shade = None
    if value is not None and known:
        middle = known[len(known) // 2]
        shade = min(max((value / middle - 1.0) / FULL_GROWTH, 0.0), 1.0) if middle > 0 else None
    if value is not None:
        text = f"{value:.2f}" if value < 10 else f"{value:.1f}"
    else:
        volts = cells["ocv_V"][cell - 1]
        text = "–" if volts is None else f"{volts:.2f} V"
    return Tile(cell, state, text, MARKS.get(state, ""), shade)


def unit_of(cells: Cells, lang: str) -> str:
    """What the numbers are."""
    return cell_text(lang, "unit", at=cells["resistances"][0]["at_s"]) if cells["resistances"] else "V"


def sentences(cells: Cells, lang: str) -> list[str]:
    """What was found, the most important first."""
    said = [
        cell_text(lang, "bad", place=_place(one, lang), state=cell_text(lang, f"state_{one['state']}"))
        for one in cells["bad"]
    ]
    ranking = cells["ranking"]
    refused = cells["refused"] or (ranking or {}).get("refused")
    if refused:
        params = dict(cells["refused_params"])
        if ranking:
            params |= {key: 100 * (ranking[key] or 0.0) for key in ("uncertainty", "spread")}
        said.append(cell_text(lang, "no_ranking", reason=cell_text(lang, f"refused_{refused}", **params)))
    elif ranking:
        said += _ranked(cells, ranking, lang)
    if cells["ocv_spread_V"] is not None:
        said.append(cell_text(lang, "ocv", spread=1e3 * cells["ocv_spread_V"]))
    said += _advice(cells, lang)
    said += _how(cells, ranking, lang)
    return said


def _ranked(cells: Cells, ranking: Mapping[str, Any], lang: str) -> list[str]:
    said = []
    if ranking["weak_cells"]:
        worst = ranking["weak_cells"][0]
        said.append(cell_text(lang, "weakest", place=_place(worst, lang), growth=100 * worst["growth"]))
        said.append(
            cell_text(lang, "weak", places=_list((_place(o, lang) for o in ranking["weak_cells"]), lang))
        )
    else:
        said.append(cell_text(lang, "none_weak"))
    if ranking["weak_modules"]:
        said.append(cell_text(lang, "weak_modules", modules=_list(map(str, ranking["weak_modules"]), lang)))
    if cells.get("limits_soh"):
        said.append(cell_text(lang, "limits"))
    return said


def _advice(cells: Cells, lang: str) -> list[str]:
    advice = cells.get("dismantle")
    if not advice:
        return []
    why = advice["text"].get(lang) or advice["text"]["en"]
    stop = "" if why.endswith(("。", ".")) else "。" if lang == "zh" else "."
    name = cell_text(lang, f"advice_{advice['advice']}")
    said = [cell_text(lang, "advice", advice=name, why=why[:1].upper() + why[1:] + stop)]
    if advice["modules"]:
        said.append(cell_text(lang, "advice_modules", modules=_list(map(str, advice["modules"]), lang)))
    return said


def _how(cells: Cells, ranking: Mapping[str, Any] | None, lang: str) -> list[str]:
    said = []
    if ranking and ranking["uncertainty"] is not None and cells["refresh_s"] is not None:
        said.append(
            cell_text(
                lang, "measured", count=cells["count"], pulses=cells["pulses"], current=cells["current_A"],
                resolution=1e3 * cells["resolution_V"], refresh=cells["refresh_s"],
                uncertainty=100 * ranking["uncertainty"], spread=100 * (ranking["spread"] or 0.0),
            )
        )  # fmt: skip
    clock = cells["alignment"]
    if clock:
        late_ms, sd_ms = 1e3 * clock["offset_s"], 2e3 * clock["offset_sd_s"]
        text = "clock_one" if abs(late_ms) <= sd_ms else "clock" if late_ms > 0 else "clock_early"
        # What is not surely known is not told as a number: the sum of both is what it may be at most.
        facts = {"offset": abs(late_ms), "sd": sd_ms + (abs(late_ms) if text == "clock_one" else 0.0)}
        said.append(cell_text(lang, text, edges=clock["edges"], **facts))
    return said


def _place(one: Mapping[str, Any], lang: str) -> str:
    if one["module"] is None:
        return cell_text(lang, "place_alone", cell=one["cell"])
    return cell_text(lang, "place", cell=one["cell"], module=one["module"], place=one["place"])


def _list(parts: Any, lang: str) -> str:
    return ("、" if lang == "zh" else ", ").join(parts)
