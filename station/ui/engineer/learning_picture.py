"""The error of a cell type against the number of cells it was learned from: one line for each model."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.ui.style import CURVE_I, CURVE_V, INK, LINE, PLOT, SOFT_INK, ZONE_A
from station.ui.texts import Texts


class LearningPicture(QWidget):
    """``show_points`` draws error (disc), half-width (square) and the error of the mean (dashes)."""

    def __init__(self, texts: Texts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._points: list[dict[str, Any]] = []
        self._alone = False
        self.setMinimumHeight(140)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(420, 220)

    def show_points(self, name: str, points: list[dict[str, Any]]) -> None:
        """Points with ``cells``, ``mape``, ``half_width``, ``trivial_mape`` in %."""
        self._points = points
        self._alone = len({point["cells"] for point in points}) == 1
        parts = [self._texts("edit.point", cells=p["cells"], error=f"{p['mape']:.1f}") for p in points]
        if self._alone:
            parts.append(self._texts("edit.one_point"))
        self.setAccessibleName(f"{name}: {'; '.join(parts)}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(PLOT))
        if not self._points:
            painter.setPen(QColor(SOFT_INK))
            flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(self.rect(), flags, self._texts("edit.no_points"))
            return
        metrics = painter.fontMetrics()
        left, line = metrics.horizontalAdvance("88.8 %") + 8, metrics.height()
        area = QRectF(left, 2.4 * line, self.width() - left - 16, self.height() - 4.6 * line)
        most_cells = 1.15 * max(point["cells"] for point in self._points)
        top = 1.15 * max(max(p["mape"], p["half_width"], p["trivial_mape"]) for p in self._points)

        def at(cells: float, percent: float) -> QPointF:
            return QPointF(
                area.left() + cells / most_cells * area.width(), area.bottom() - percent / top * area.height()
            )

        self._paint_axes(painter, area, most_cells, top, at)
        trivial = sum(p["trivial_mape"] for p in self._points) / len(self._points)
        painter.setPen(QPen(QColor(SOFT_INK), 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(at(0, trivial), at(most_cells, trivial))
        for key, colour in (("half_width", CURVE_I), ("mape", CURVE_V)):
            painter.setPen(QPen(QColor(colour), 1.5))
            for told in lines_of(self._points):
                corners = [at(p["cells"], p[key]) for p in told]
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawPolyline(QPolygonF(corners))
                painter.setBrush(QBrush(QColor(colour)))
                for corner in corners:
                    if key == "mape":
                        painter.drawEllipse(corner, 5, 5)
                    else:
                        painter.drawRect(QRectF(corner.x() - 4, corner.y() - 4, 8, 8))
        self._paint_key(painter, area, line)
        if self._alone:
            painter.setPen(QColor(SOFT_INK))
            free = area.adjusted(8, 8, -8, -8)
            flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap)
            painter.drawText(free, flags, self._texts("edit.one_point"))

    def _paint_axes(self, painter: QPainter, area: QRectF, most_cells: float, top: float, at: Any) -> None:
        metrics = painter.fontMetrics()
        step = next(s for s in (0.5, 1, 2, 5, 10, 20, 50, 100) if top / s <= 6 or s == 100)
        value = 0.0
        while value <= top:
            painter.setPen(QPen(QColor(ZONE_A), 1))
            painter.drawLine(at(0, value), at(most_cells, value))
            painter.setPen(QColor(INK))
            where = QRectF(0, at(0, value).y() - metrics.height() / 2, area.left() - 6, metrics.height())
            painter.drawText(where, int(Qt.AlignmentFlag.AlignRight), f"{value:g} %")
            value += step
        painter.setPen(QPen(QColor(LINE), 1))
        painter.drawRect(area)
        painter.setPen(QColor(INK))
        free = -1.0
        for cells in sorted({p["cells"] for p in self._points}):
            x, text = at(cells, 0).x(), str(cells)
            width = metrics.horizontalAdvance(text)
            if x - width / 2 > free:
                painter.drawText(QPointF(x - width / 2, area.bottom() + metrics.height()), text)
                free = x + width
        word = self._texts("edit.cells")
        below = QRectF(
            area.left(), area.bottom() + metrics.height() * 1.05, area.width(), metrics.height() * 1.1
        )
        painter.drawText(below, int(Qt.AlignmentFlag.AlignRight), word)

    def _paint_key(self, painter: QPainter, area: QRectF, line: float) -> None:
        x, y = area.left(), 1.4 * line
        for sign, word, colour in (
            ("●", "error", CURVE_V), ("■", "half_width", CURVE_I), ("┄", "trivial", SOFT_INK),
        ):  # fmt: skip
            text = f"{sign} {self._texts(f'edit.{word}')}"
            painter.setPen(QColor(colour))
            painter.drawText(QPointF(x, y), text)
            x += painter.fontMetrics().horizontalAdvance(text) + 18


def lines_of(points: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Each model's own curve; models that have one point only are one line together, as data grew."""
    by_model: dict[str, list[dict[str, Any]]] = {}
    for point in points:
        by_model.setdefault(point["model_id"], []).append(point)
    curves = [told for told in by_model.values() if len(told) > 1]
    single = [told[0] for told in by_model.values() if len(told) == 1]
    return [*curves, single] if single else curves
