"""SOH of several runs on one scale: a diamond for the estimate, a bar for the 90 % interval."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.ui.axes import tick_font, ticks
from station.ui.engineer.figures import interval
from station.ui.style import INK, LINE, PLOT, SOFT_INK, Sizes

Soh = tuple[float, float, float]


class IntervalBars(QWidget):
    """One row a run; a run without an SOH says so."""

    def __init__(self) -> None:
        super().__init__()
        self._sizes, self._name, self._none = Sizes(), "", ""
        self._rows: list[tuple[str, Soh | None]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_runs(self, rows: Sequence[tuple[str, Soh | None]]) -> None:
        """Name, and estimate with the ends of its interval (fractions)."""
        self._rows = list(rows)
        self._say()

    def set_name(self, name: str, none: str) -> None:
        """What it is, and the words for a run without an SOH."""
        self._name, self._none = name, none
        self._say()

    def _say(self) -> None:
        said = [f"{name}: {interval(*soh) if soh else self._none}" for name, soh in self._rows]
        self.setAccessibleName(self._name)
        self.setAccessibleDescription("; ".join(said))
        self.update()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        self._sizes = sizes
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(PLOT))
        painter.setFont(tick_font(self._sizes))
        s, metrics = self._sizes.px, painter.fontMetrics()
        known = [soh for _, soh in self._rows if soh]
        low = min([0.6, *(soh[1] for soh in known)]) - 0.02
        high = max([1.0, *(soh[2] for soh in known)]) + 0.02
        left = s(20) + max([metrics.horizontalAdvance(name) for name, _ in self._rows], default=0)
        right, top, step = self.width() - s(200), s(16), s(34)

        def x(soh: float) -> float:
            return left + (soh - low) / (high - low) * (right - left)

        bottom = top + step * len(self._rows)
        for value, text in ticks(low * 100, high * 100, most=6):
            at = x(value / 100)
            painter.setPen(QPen(QColor(LINE), 1))
            painter.drawLine(QLineF(at, top, at, bottom))
            painter.setPen(QColor(INK))
            painter.drawText(QPointF(at - s(10), bottom + s(16)), f"{text} %")
        for row, (name, soh) in enumerate(self._rows):
            y = top + (row + 0.5) * step
            painter.setPen(QColor(INK))
            painter.drawText(QPointF(s(10), y + metrics.ascent() / 2 - 1), name)
            text = interval(*soh) if soh else self._none
            painter.drawText(QPointF(right + s(16), y + metrics.ascent() / 2 - 1), text)
            if soh:
                bar = QRectF(x(soh[1]), y - s(6), x(soh[2]) - x(soh[1]), s(12))
                painter.fillRect(bar, QColor(SOFT_INK))
                at, half = x(soh[0]), s(9)
                diamond = [QPointF(at, y - half), QPointF(at + half / 2, y), QPointF(at, y + half)]
                painter.setBrush(QColor(INK))
                painter.drawPolygon(QPolygonF([*diamond, QPointF(at - half / 2, y)]))
        painter.end()
