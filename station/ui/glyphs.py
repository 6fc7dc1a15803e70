"""The signs beside the words, drawn as shapes so that no font decides how a verdict looks."""

from __future__ import annotations

from typing import Final, Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPolygonF, QTransform

Glyph = Literal[
    "dash", "dots", "play", "ring", "square", "tick", "cross", "triangle", "question", "bang", "bars"
]

OF_STATE: Final[dict[str, Glyph]] = {
    "idle": "dash",
    "ready": "ring",
    "starting": "dots",
    "checks": "dots",
    "passed": "dots",
    "running": "play",
    "paused": "bars",
    "stopping": "square",
    "safe": "square",
    "analysis": "dots",
    "fault": "bang",
    "interrupted": "bang",
    "lost": "question",
    "pass": "tick",
    "fail": "cross",
    "quarantine": "triangle",
    "no_verdict": "question",
}


def draw_glyph(painter: QPainter, box: QRectF, glyph: Glyph, colour: str) -> None:
    """Draw ``glyph`` to fill ``box`` (a square) in one colour."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ink = QColor(colour)
    size = box.width()
    pen = QPen(ink, size * 0.15, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.MiterJoin)

    def at(x: float, y: float) -> QPointF:
        return QPointF(box.left() + x * size, box.top() + y * size)

    if glyph in ("tick", "cross", "dash"):
        painter.setPen(pen)
        strokes = {
            "tick": [[at(0.06, 0.52), at(0.38, 0.86), at(0.94, 0.12)]],
            "cross": [[at(0.06, 0.06), at(0.94, 0.94)], [at(0.94, 0.06), at(0.06, 0.94)]],
            "dash": [[at(0.15, 0.5), at(0.85, 0.5)]],
        }
        for stroke in strokes[glyph]:
            painter.drawPolyline(QPolygonF(stroke))
    elif glyph == "ring":
        painter.setPen(pen)
        painter.drawEllipse(at(0.5, 0.5), size * 0.38, size * 0.38)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        if glyph == "play":
            painter.drawPolygon(QPolygonF([at(0.12, 0.04), at(0.94, 0.5), at(0.12, 0.96)]))
        elif glyph == "square":
            painter.drawRect(QRectF(at(0.12, 0.12), at(0.88, 0.88)))
        elif glyph == "bars":
            for x in (0.14, 0.58):
                painter.drawRect(QRectF(at(x, 0.08), at(x + 0.28, 0.92)))
        elif glyph == "dots":
            for x in (0.14, 0.5, 0.86):
                painter.drawEllipse(at(x, 0.5), size * 0.11, size * 0.11)
        elif glyph == "triangle":
            path = QPainterPath()
            path.addPolygon(QPolygonF([at(0.5, 0.0), at(1.0, 0.98), at(0.0, 0.98)]))
            path.closeSubpath()
            painter.drawPath(path.subtracted(_letter("!", box.adjusted(0, size * 0.38, 0, -size * 0.12))))
        else:
            painter.drawPath(_letter("?" if glyph == "question" else "!", box))
    painter.restore()


def _letter(letter: str, box: QRectF) -> QPainterPath:
    """The outline of ``letter`` grown to the height of ``box`` and centred in it."""
    font = QFont()
    font.setPixelSize(100)
    font.setWeight(QFont.Weight.Black)
    path = QPainterPath()
    path.addText(0, 0, font, letter)
    around = path.boundingRect()
    factor = box.height() / around.height() if around.height() else 1.0
    path.translate(-around.center())
    transform = QTransform()
    transform.translate(box.center().x(), box.center().y())
    transform.scale(factor, factor)
    return transform.map(path)
