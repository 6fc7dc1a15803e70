"""How one channel's readings went against its peers', test after test."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.ui.axes import Frame, Scale, areas, ticks
from station.ui.style import CURVE_V, INK, LINE, PLOT, RED, ZONE_B, Sizes

Point = tuple[float, float]


class Course(QWidget):
    """Medians of neighbouring readings (discs) about zero, the band of no interest shaded."""

    def __init__(self) -> None:
        super().__init__()
        self._sizes, self._name = Sizes(), ""
        self.points: list[Point] = []
        self._band, self._bad = 0.0, False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_points(self, name: str, points: Sequence[Point], band: float, *, bad: bool) -> None:
        """Place of the reading, and difference from the peers in the unit that ``name`` says."""
        self._name, self.points, self._band, self._bad = name, list(points), band, bad
        said = "; ".join(f"{place:.0f}: {value:+.2f}" for place, value in self.points)
        self.setAccessibleName(name)
        self.setAccessibleDescription(said)
        self.update()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        self._sizes = sizes
        self.setMinimumHeight(sizes.px(130))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), QColor(PLOT))
        if not self.points:
            return
        values = [value for _, value in self.points]
        low, high = min(-2 * self._band, *values), max(2 * self._band, *values)
        room = 0.1 * (high - low)
        last = self.points[-1][0]
        area = areas(self.width(), self.height(), self._sizes, both=False)[0]
        scale = Scale(area, (0.0, last * 1.05 + 1), (low - room, high + 2.2 * room))
        band = QRectF(
            area.left(), scale.y(self._band), area.width(), scale.y(-self._band) - scale.y(self._band)
        )
        painter.fillRect(band, QColor(ZONE_B))
        painter.setPen(QPen(QColor(LINE), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(area.left(), scale.y(0.0), area.right(), scale.y(0.0)))
        frame = Frame(self._sizes)
        frame.draw(painter, scale, ticks(*scale.time_s, most=5), ticks(*scale.values, most=5), figures=True)
        frame.name(painter, scale, self._name, INK)
        colour = QColor(RED if self._bad else CURVE_V)
        painter.setPen(QPen(colour, 1.5))
        corners = [QPointF(scale.x(place), scale.y(value)) for place, value in self.points]
        painter.drawPolyline(QPolygonF(corners))
        painter.setBrush(colour)
        for corner in corners:
            painter.drawEllipse(corner, 3.5, 3.5)
