"""The cells of a pack as a map in the places of the pack, and below it what was found."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from station.messages.cell_map import Tile, rows_of, sentences, unit_of
from station.messages.cells import cell_text
from station.ui.style import INK, LINE, PLOT, SOFT_INK

TILE_W, TILE_H, NAME_W, GAP_W = 62, 40, 112, 14
LIGHT, DARK = (0xF2, 0xF6, 0xFA), (0xC2, 0x5A, 0x00)


class CellPicture(QWidget):
    """``show_cells`` draws a tile per cell: its number, its value, a mark where something is wrong."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, list[Tile | None]]] = []
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def show_cells(self, rows: list[tuple[str, list[Tile | None]]], spoken: str) -> None:
        """``spoken``: what a screen reader says instead of the picture."""
        self._rows = rows
        self.setAccessibleName(spoken)
        self.setFixedHeight(max(1, len(rows)) * TILE_H + 6)
        self.setMinimumWidth(NAME_W + max((_width(tiles) for _, tiles in rows), default=0))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.minimumWidth(), self.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        small, plain = QFont(self.font()), QFont(self.font())
        small.setPixelSize(11)
        plain.setPixelSize(14)
        for at, (name, tiles) in enumerate(self._rows):
            top = 3 + at * TILE_H
            painter.setFont(plain)
            painter.setPen(QColor(SOFT_INK))
            flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
            painter.drawText(QRectF(4, top, NAME_W - 6, TILE_H), flags, name)
            left = NAME_W
            for tile in tiles:
                if tile is not None:
                    self._paint(painter, tile, QRectF(left, top, TILE_W, TILE_H), small, plain)
                left += GAP_W if tile is None else TILE_W

    def _paint(self, painter: QPainter, tile: Tile, room: QRectF, small: QFont, plain: QFont) -> None:
        box = room.adjusted(2, 2, -2, -2)
        if tile.shade is None:
            painter.setBrush(QColor(PLOT))
        else:
            mixed = (round(a + (b - a) * 0.85 * tile.shade) for a, b in zip(LIGHT, DARK, strict=True))
            painter.setBrush(QColor(*mixed))
        dashed = Qt.PenStyle.DashLine if tile.mark == "?" else Qt.PenStyle.SolidLine
        painter.setPen(QPen(QColor(INK if tile.mark else LINE), 3 if tile.mark else 1, dashed))
        painter.drawRect(box)
        inner = box.adjusted(4, 2, -4, -2)
        painter.setPen(QColor(INK))
        painter.setFont(small)
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft), str(tile.cell))
        painter.setFont(plain)
        if tile.mark:
            painter.drawText(inner, int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight), tile.mark)
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter), tile.value)


def _width(tiles: list[Tile | None]) -> int:
    return sum(GAP_W if tile is None else TILE_W for tile in tiles)


class CellMap(QScrollArea):
    """Picture, legend and sentences; says so where a run has no single cells."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.picture = CellPicture()
        self.unit, self.text = QLabel(), QLabel()
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        inside = QWidget()
        box = QVBoxLayout(inside)
        for part in (self.unit, self.picture, self.text):
            box.addWidget(part)
        box.addStretch(1)
        self.setWidget(inside)

    def show_result(self, result: dict[str, Any] | None, lang: str) -> None:
        """Of the result object of a run."""
        self.setAccessibleName(cell_text(lang, "heading"))
        cells = (result or {}).get("cells")
        if not cells:
            self.picture.show_cells([], cell_text(lang, "none"))
            self.unit.setText(cell_text(lang, "none"))
            self.text.setText("")
            return
        said = sentences(cells, lang)
        self.unit.setText(f"{unit_of(cells, lang)}   {cell_text(lang, 'legend')}")
        self.picture.show_cells(rows_of(cells, lang), " ".join(said))
        self.text.setText("\n".join(f"· {sentence}" for sentence in said))
