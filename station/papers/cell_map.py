"""The cells of a pack on paper: a tile for each in the places of the pack, with number, value and mark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from station.messages.cell_map import Tile, rows_of, sentences, unit_of
from station.messages.cells import cell_text
from station.papers.sheet import INK, INNER, MARGIN, MM, SOFT, Sheet

NAME_ROOM = 17 * MM
TILE_HEIGHT = 7.6 * MM
GAP = 0.2
"""Room between two modules, in tiles."""


def cell_map(sheet: Sheet, cells: Mapping[str, Any], lang: str) -> None:
    """Title, picture, legend and what was found. Ink only: shades, numbers and marks say it in black and
    white."""
    rows = rows_of(cells, lang)
    sheet.heading(f"{cell_text(lang, 'heading')} · {unit_of(cells, lang)}", 3 * TILE_HEIGHT)
    widest = max(sum(GAP if tile is None else 1.0 for tile in tiles) for _, tiles in rows)
    width = min((INNER - NAME_ROOM) / widest, 16 * MM)
    sheet.y -= 6
    for name, tiles in rows:
        sheet.need(TILE_HEIGHT + 4)
        sheet.y -= TILE_HEIGHT
        sheet.at(MARGIN, sheet.y + TILE_HEIGHT / 2 - 2.5, name, 7, SOFT, room=NAME_ROOM - 4)
        left = MARGIN + NAME_ROOM
        for tile in tiles:
            if tile is not None:
                _tile(sheet, tile, left, sheet.y, width)
            left += width * (GAP if tile is None else 1.0)
    sheet.y -= 4
    sheet.text(cell_text(lang, "legend"), 7.5, SOFT)
    for sentence in sentences(cells, lang):
        sheet.text(f"· {sentence}", 8.5)


def _tile(sheet: Sheet, tile: Tile, x: float, y: float, width: float) -> None:
    canvas = sheet.canvas
    grey = 1.0 if tile.shade is None else 0.97 - 0.55 * tile.shade
    canvas.setFillColorRGB(grey, grey, grey)
    canvas.setStrokeColorRGB(0.35, 0.35, 0.35)
    canvas.setLineWidth(1.4 if tile.mark else 0.3)
    canvas.rect(x + 0.8, y + 0.8, width - 1.6, TILE_HEIGHT - 1.6, stroke=1, fill=1)
    canvas.setLineWidth(1)
    ink = INK if grey > 0.6 else (1.0, 1.0, 1.0)
    sheet.at(x + 2.4, y + TILE_HEIGHT - 7.2, str(tile.cell), 5, SOFT if grey > 0.7 else ink)
    if tile.mark:
        sheet.at(x + width - 2.4, y + TILE_HEIGHT - 8.6, tile.mark, 8, ink, "end")
    sheet.at(x + width / 2, y + 3.4, tile.value, 7, ink, "middle", width - 4)
