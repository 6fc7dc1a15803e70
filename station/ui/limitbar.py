"""The estimate on its limits: SOH with its 90 % interval over the grades' ranges."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.ui.style import INK, LINE, WHITE, ZONE_A, ZONE_B, Sizes
from station.ui.views import GradeLimit, Soh


class LimitBar(QWidget):
    """A scale of SOH in per cent; zones are grades, the bar is the interval, the diamond the estimate."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sizes = Sizes()
        self._soh: Soh | None = None
        self._limits: tuple[GradeLimit, ...] = ()
        self._grade: str | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit the bar to the window."""
        self._sizes = sizes
        self.updateGeometry()

    def show_soh(self, soh: Soh, limits: tuple[GradeLimit, ...], grade: str | None, name: str) -> None:
        """Show this estimate; ``name`` is what a screen reader says."""
        self._soh, self._grade = soh, grade
        self._limits = tuple(
            sorted((limit for limit in limits if limit.soh_min > 0), key=lambda limit: limit.soh_min)
        )
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:
        """Zones with letters, and figures below."""
        return QSize(100, self._sizes.px(54))

    def span(self) -> tuple[float, float]:
        """Least and greatest SOH drawn: all limits and the whole interval are inside."""
        lows = [limit.soh_min for limit in self._limits]
        values = [0.6, 1.0, *(low - 0.08 for low in lows)]
        if self._soh:
            values += [self._soh.low90 - 0.03, self._soh.high90 + 0.03]
        return min(values), max(values)

    def x_of(self, soh: float) -> float:
        """Where an SOH stands, in pixels."""
        low, high = self.span()
        margin = self._sizes.px(8)
        return margin + (soh - low) / (high - low) * (self.width() - 2 * margin)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw."""
        del event
        if self._soh is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        s = self._sizes.px
        top, height = float(s(2)), float(s(33))
        low, high = self.span()
        edges = [low, *(limit.soh_min for limit in self._limits), high]
        small = QFont(self.font())
        small.setPixelSize(s(12))
        painter.setFont(small)
        for index, (begin, end) in enumerate(pairwise(edges)):
            zone = QRectF(self.x_of(begin), top, self.x_of(end) - self.x_of(begin), height)
            painter.fillRect(zone, QColor(ZONE_A if index % 2 else ZONE_B))
            if index:
                letter = self._limits[index - 1].grade
                bold = QFont(small)
                bold.setBold(letter == self._grade)
                painter.setFont(bold)
                painter.setPen(QColor(INK))
                painter.drawText(zone.adjusted(s(3), 0, 0, 0), Qt.AlignmentFlag.AlignLeft, letter)
        painter.setFont(small)
        self._draw_figures(painter, edges[1:-1], top + height, small)
        self._draw_estimate(painter, top + height * 0.7)
        painter.end()

    def _draw_figures(self, painter: QPainter, edges: list[float], y: float, font: QFont) -> None:
        s = self._sizes.px
        metrics = QFontMetricsF(font)
        for edge in edges:
            x = self.x_of(edge)
            painter.setPen(QPen(QColor(LINE), 1))
            painter.drawLine(QPointF(x, float(s(2))), QPointF(x, y + s(3)))
            text = f"{edge * 100:.0f}"
            width = metrics.horizontalAdvance(text)
            painter.setPen(QColor(INK))
            painter.drawText(QPointF(x - width / 2, y + s(3) + metrics.ascent()), text)

    def _draw_estimate(self, painter: QPainter, y: float) -> None:
        assert self._soh is not None
        s = self._sizes.px
        left, right, middle = (self.x_of(v) for v in (self._soh.low90, self._soh.high90, self._soh.estimate))
        painter.setPen(QPen(QColor(INK), s(3), Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        for x in (left, right):
            painter.drawLine(QPointF(x, y - s(5)), QPointF(x, y + s(5)))
        half = float(s(7))
        painter.setPen(QPen(QColor(WHITE), 1))
        painter.setBrush(QColor(INK))
        diamond = [
            QPointF(middle, y - half), QPointF(middle + half * 0.75, y),
            QPointF(middle, y + half), QPointF(middle - half * 0.75, y),
        ]  # fmt: skip
        painter.drawPolygon(QPolygonF(diamond))
