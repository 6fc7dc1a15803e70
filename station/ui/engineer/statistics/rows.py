"""Pictures with one row for each group: its name, what is drawn on one common scale, and its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from station.ui.axes import tick_font, ticks
from station.ui.style import CURVE_V, INK, LINE, ORANGE, PLOT, RED, SOFT_INK, ZONE_B, Sizes

Place = Callable[[float], float]
NAME_MOST: Final = 0.3
"""A name takes at most this share of the width; the table has it whole."""


@dataclass(frozen=True)
class Row:
    """``values`` mean what the picture says of them; ``bad`` is marked."""

    name: str
    text: str
    values: tuple[float, ...] = ()
    bad: bool = False


class RowPicture(QWidget):
    """Derive and draw one row; ``scale`` is what the ends of the axis stand for, in per cent."""

    def __init__(self) -> None:
        super().__init__()
        self._sizes = Sizes()
        self.rows: list[Row] = []
        self.scale = (0.0, 100.0)
        self.unit = "%"
        self.key: list[tuple[str, str, Qt.BrushStyle]] = []
        """Word, colour and pattern of what is drawn, said above the rows."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_rows(self, rows: Sequence[Row], scale: tuple[float, float], name: str, unit: str = "%") -> None:
        """Draw these on this scale."""
        self.rows, self.scale, self.unit = list(rows), scale, unit
        self.setAccessibleName(name)
        self.setAccessibleDescription("; ".join(f"{row.name}: {row.text}" for row in self.rows))
        self._fit()
        self.update()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        self._sizes = sizes
        self._fit()
        self.update()

    def _fit(self) -> None:
        s = self._sizes.px
        self.setMinimumHeight(self._top() + len(self.rows) * s(28) + s(28))

    def _top(self) -> int:
        return self._sizes.px(32 if self.key else 10)

    def draw(self, painter: QPainter, row: Row, y: float, x: Place) -> None:
        """One row, its middle at ``y``; ``x`` places a value."""
        raise NotImplementedError

    def ground(self, painter: QPainter, top: float, bottom: float, x: Place) -> None:
        """What lies behind all rows."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Key, axis, rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), QColor(PLOT))
        painter.setFont(tick_font(self._sizes))
        s, metrics, top = self._sizes.px, painter.fontMetrics(), float(self._top())
        if not self.rows:
            return
        names = max(metrics.horizontalAdvance(row.name) for row in self.rows)
        left = s(20) + min(names, NAME_MOST * self.width())
        right = self.width() - s(24) - max(metrics.horizontalAdvance(row.text) for row in self.rows)
        low, high = self.scale
        step, bottom = s(28), top + s(28) * len(self.rows)

        def x(value: float) -> float:
            return left + (min(max(value, low), high) - low) / (high - low) * max(right - left, 1.0)

        self._draw_key(painter, left)
        self.ground(painter, top, bottom, x)
        for value, text in ticks(low, high, most=6):
            painter.setPen(QPen(QColor(LINE), 1))
            painter.drawLine(QLineF(x(value), top, x(value), bottom))
            painter.setPen(QColor(INK))
            painter.drawText(QPointF(x(value) - s(10), bottom + s(16)), f"{text} {self.unit}")
        for number, row in enumerate(self.rows):
            y = top + (number + 0.5) * step
            base = y + metrics.ascent() / 2 - 1
            painter.setPen(QColor(INK))
            name = metrics.elidedText(row.name, Qt.TextElideMode.ElideRight, int(left - s(20)) + 1)
            painter.drawText(QPointF(s(8), base), name)
            painter.drawText(QPointF(right + s(12), base), row.text)
            painter.save()
            self.draw(painter, row, y, x)
            painter.restore()

    def _draw_key(self, painter: QPainter, left: float) -> None:
        s, at = self._sizes.px, left
        for word, colour, pattern in self.key:
            box = QRectF(at, s(10), s(14), s(12))
            painter.fillRect(box, QColor(PLOT))
            painter.fillRect(box, QBrush(QColor(colour), pattern))
            painter.setPen(QColor(INK))
            painter.drawRect(box)
            painter.drawText(QPointF(at + s(20), s(21)), word)
            at += s(40) + painter.fontMetrics().horizontalAdvance(word)


class Shares(RowPicture):
    """Parts of a whole side by side (per cent each), and the interval of the first: its last two values."""

    PARTS: Final = (
        (CURVE_V, Qt.BrushStyle.SolidPattern), (RED, Qt.BrushStyle.BDiagPattern),
        (ORANGE, Qt.BrushStyle.DiagCrossPattern), (ZONE_B, Qt.BrushStyle.SolidPattern),
    )  # fmt: skip

    def draw(self, painter: QPainter, row: Row, y: float, x: Place) -> None:
        """The parts, and a whisker over the end of the first."""
        half, begin = self._sizes.px(8), 0.0
        *parts, low, high = row.values
        for share, (colour, pattern) in zip(parts, self.PARTS, strict=True):
            if share > 0:
                box = QRectF(x(begin), y - half, x(begin + share) - x(begin), 2 * half)
                painter.fillRect(box, QBrush(QColor(colour), pattern))
                painter.setPen(QPen(QColor(INK), 1))
                painter.drawRect(box)
            begin += share
        for colour, wide in ((PLOT, 4.0), (INK, 2.0)):
            painter.setPen(QPen(QColor(colour), wide))
            painter.drawLine(QLineF(x(low), y, x(high), y))
            for end in (low, high):
                painter.drawLine(QLineF(x(end), y - half / 2, x(end), y + half / 2))


class Intervals(RowPicture):
    """``values``: the middle, and the ends of what lies about it. ``band`` is shaded about zero."""

    def __init__(self) -> None:
        super().__init__()
        self.band = 0.0

    def ground(self, painter: QPainter, top: float, bottom: float, x: Place) -> None:
        """The band of no interest."""
        if self.band:
            box = QRectF(x(-self.band), top, x(self.band) - x(-self.band), bottom - top)
            painter.fillRect(box, QColor(ZONE_B))

    def draw(self, painter: QPainter, row: Row, y: float, x: Place) -> None:
        """A bar from end to end and a diamond in the middle; what is bad has a cross as well."""
        s = self._sizes.px
        middle, low, high = row.values
        colour = QColor(RED if row.bad else SOFT_INK)
        painter.fillRect(QRectF(x(low), y - s(5), max(x(high) - x(low), 1.0), s(10)), colour)
        at, half = x(middle), s(8)
        painter.setPen(QPen(QColor(PLOT), 1))
        painter.setBrush(QColor(INK))
        corners = [QPointF(at, y - half), QPointF(at + half / 2, y), QPointF(at, y + half)]
        painter.drawPolygon(QPolygonF([*corners, QPointF(at - half / 2, y)]))


class Bars(RowPicture):
    """``values``: one length from zero."""

    def draw(self, painter: QPainter, row: Row, y: float, x: Place) -> None:
        """A bar; nothing for a group without the figure."""
        half = self._sizes.px(7)
        for value in row.values:
            painter.fillRect(QRectF(x(0.0), y - half, x(value) - x(0.0), 2 * half), QColor(CURVE_V))


class Scrolled(QScrollArea):
    """A picture that scrolls when it has more rows than room. The table beside it is what keys walk."""

    def __init__(self, picture: RowPicture) -> None:
        super().__init__()
        self.setObjectName("picture_area")
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        room = QWidget()
        room.setObjectName("picture_room")
        box = QVBoxLayout(room)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(picture)
        self.setWidget(room)
