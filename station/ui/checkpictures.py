"""The drawings of the checklist: own work, plain lines, one sign of what is asked for in each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from station.ui.style import DARK, FIELD, INK, LINE, ORANGE, RED, WHITE

Draw = Callable[[QPainter], None]
"""Draws on a field of 100 by 100."""


def _pen(painter: QPainter, colour: str = INK, width: float = 2.5) -> None:
    painter.setPen(
        QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _fill(painter: QPainter, colour: str) -> None:
    painter.setBrush(QColor(colour))


def _cell(painter: QPainter, bulge: float = 0.0) -> None:
    """A prismatic cell with two poles; ``bulge`` bends its sides."""
    _pen(painter)
    _fill(painter, WHITE)
    if bulge:
        left = [QPointF(28, 30), QPointF(28 - bulge, 48), QPointF(28 - bulge, 68), QPointF(28, 88)]
        right = [QPointF(100 - p.x(), p.y()) for p in reversed(left)]
        painter.drawPolygon(QPolygonF([*left, *right]))
    else:
        painter.drawRect(QRectF(28, 30, 44, 58))
    _fill(painter, LINE)
    painter.drawRect(QRectF(34, 22, 9, 8))
    painter.drawRect(QRectF(57, 22, 9, 8))


def _lines(painter: QPainter, *points: tuple[float, float]) -> None:
    painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))


def _drop(painter: QPainter, x: float, y: float, size: float) -> None:
    painter.drawPolygon(
        QPolygonF([QPointF(x, y - size), QPointF(x + size * 0.6, y), QPointF(x, y + size * 0.7),
                   QPointF(x - size * 0.6, y)])
    )  # fmt: skip


def _battery(painter: QPainter) -> None:
    _cell(painter)


def _case(painter: QPainter) -> None:
    _cell(painter)
    _pen(painter, RED, 3)
    _lines(painter, (44, 40), (54, 52), (46, 60), (57, 76))


def _leak(painter: QPainter) -> None:
    _cell(painter)
    _pen(painter, ORANGE)
    _fill(painter, ORANGE)
    _drop(painter, 50, 54, 9)
    _drop(painter, 50, 76, 7)
    painter.drawEllipse(QRectF(36, 88, 28, 6))


def _swelling(painter: QPainter) -> None:
    _cell(painter, bulge=12)
    _pen(painter, RED, 2.5)
    for x, to in ((10.0, 2.0), (90.0, 98.0)):
        _lines(painter, (x, 58), (to, 58))
        tip = 4 if to > x else -4
        _lines(painter, (to - tip, 54), (to, 58), (to - tip, 62))


def _burn(painter: QPainter) -> None:
    _cell(painter)
    _pen(painter, INK, 1)
    _fill(painter, DARK)
    painter.drawEllipse(QRectF(50, 62, 22, 26))
    _pen(painter, RED)
    _fill(painter, ORANGE)
    painter.drawPolygon(
        QPolygonF([QPointF(61, 44), QPointF(70, 60), QPointF(66, 72), QPointF(56, 72), QPointF(52, 60)])
    )


def _water(painter: QPainter) -> None:
    _cell(painter)
    _pen(painter, "#1f4e79", 3)
    for y in (76.0, 84.0, 92.0):
        _lines(painter, *[(14 + 12 * i, y + (3 if i % 2 else -3)) for i in range(7)])


def _heat(painter: QPainter) -> None:
    _cell(painter)
    _pen(painter, RED, 3)
    for x in (38.0, 50.0, 62.0):
        _lines(painter, (x, 76), (x + 4, 68), (x - 4, 58), (x + 4, 48), (x, 40))


def _label(painter: QPainter) -> None:
    _cell(painter)
    _pen(painter)
    _fill(painter, FIELD)
    painter.drawRect(QRectF(33, 44, 34, 30))
    for i, width in enumerate((2, 1, 3, 1, 2, 1, 3)):
        _pen(painter, INK, width)
        _lines(painter, (38 + 4 * i, 49), (38 + 4 * i, 62))
    _pen(painter, INK, 2)
    _lines(painter, (38, 69), (62, 69))


def _plug(painter: QPainter) -> None:
    _pen(painter)
    _fill(painter, WHITE)
    painter.drawRect(QRectF(14, 58, 72, 30))
    _fill(painter, ORANGE)
    painter.drawRect(QRectF(36, 22, 28, 26))
    painter.drawRect(QRectF(40, 14, 20, 8))
    _fill(painter, LINE)
    painter.drawRect(QRectF(42, 48, 5, 14))
    painter.drawRect(QRectF(53, 48, 5, 14))


def _caps(painter: QPainter) -> None:
    _cell(painter)
    _pen(painter)
    _fill(painter, ORANGE)
    for x in (31.0, 54.0):
        painter.drawRoundedRect(QRectF(x, 10, 15, 20), 5, 5)


def _clamps(painter: QPainter, sense: bool) -> None:
    for x, colour in ((38.5, INK), (61.5, RED)):
        _pen(painter, colour, 4)
        to = 20.0 if x < 50 else 80.0
        _lines(painter, (x, 20), (x, 12), (to, 4))
        if sense:
            _pen(painter, colour, 1.5)
            _lines(painter, (x + (3 if x < 50 else -3), 22), (50, 2))


def _polarity(painter: QPainter) -> None:
    _cell(painter)
    _clamps(painter, sense=False)
    _pen(painter, INK, 4)
    _lines(painter, (33, 46), (45, 46))
    _pen(painter, RED, 4)
    _lines(painter, (55, 46), (67, 46))
    _lines(painter, (61, 40), (61, 52))


def _clamp(painter: QPainter) -> None:
    _cell(painter)
    _clamps(painter, sense=True)
    _pen(painter, DARK, 2)
    _fill(painter, LINE)
    painter.drawEllipse(QRectF(46, 54, 8, 8))
    _lines(painter, (50, 58), (90, 40))


PICTURES: Final[dict[str, Draw]] = {
    "battery": _battery,
    "case": _case,
    "leak": _leak,
    "swelling": _swelling,
    "burn": _burn,
    "water": _water,
    "heat": _heat,
    "label": _label,
    "plug": _plug,
    "caps": _caps,
    "polarity": _polarity,
    "clamp": _clamp,
}
"""A site's own item names one of these; an unknown name is drawn as a plain battery."""


class CheckPicture(QWidget):
    """One drawing, as large as its room allows."""

    def __init__(self) -> None:
        super().__init__()
        self._name = "battery"

    def show_picture(self, name: str) -> None:
        """Draw this one."""
        self._name = name
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = min(self.width(), self.height())
        painter.translate((self.width() - side) / 2, (self.height() - side) / 2)
        painter.scale(side / 100, side / 100)
        PICTURES.get(self._name, _battery)(painter)
        painter.end()
