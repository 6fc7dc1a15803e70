"""The frame of a channel's curves: where they stand, their axes, ticks and names. Painted once, then kept."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, TypeVar

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from station.ui.style import FONTS, INK, SOFT_INK, Sizes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Tick = tuple[float, str]
Value = TypeVar("Value", float, "NDArray[np.float64]")
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
_CENTRE: Final = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextDontClip


class Scale:
    """Pixels of one curve's area and the seconds and values at its edges."""

    def __init__(self, area: QRectF, time_s: tuple[float, float], values: tuple[float, float]) -> None:
        self.area, self.time_s, self.values = area, time_s, values
        self.px_per_s = area.width() / (time_s[1] - time_s[0])
        self.px_per_unit = area.height() / (values[1] - values[0])
        self._left, self._bottom = area.left(), area.bottom()

    def x(self, t: Value) -> Value:
        """Where the time ``t`` stands; one or many."""
        return (t - self.time_s[0]) * self.px_per_s + self._left

    def y(self, value: Value) -> Value:
        """Where ``value`` stands; one or many."""
        return (value - self.values[0]) * -self.px_per_unit + self._bottom


def areas(width: int, height: int, sizes: Sizes, *, both: bool) -> tuple[QRectF, QRectF]:
    """Where voltage and current are drawn in a picture of this size; without ``both`` the second is empty."""
    s = sizes.px
    left, right, top, bottom = s(2) + 1 + s(46), width - s(8), s(4) + 1, height - s(2) - s(20)
    wide = max(right - left, 1)
    if not both:
        return QRectF(left, top, wide, max(bottom - top, 1)), QRectF()
    between = s(6) + s(4) + 2
    room = max(bottom - top - between, 2)
    second = round(max(0.35 * room, min(s(50), room / 2)))
    first = room - second
    return QRectF(left, top, wide, first), QRectF(left, top + first + between, wide, second)


def tick_font(sizes: Sizes) -> QFont:
    """The face of figures and names."""
    font = QFont()
    font.setFamilies(list(FONTS))
    font.setPixelSize(sizes.px(12))
    return font


class Frame:
    """Axes with their figures round one area."""

    def __init__(self, sizes: Sizes) -> None:
        self._sizes = sizes
        self._font = tick_font(sizes)
        self._metrics = QFontMetricsF(self._font)

    def label_room_px(self) -> float:
        """Height that the name of a curve takes at the top of its area."""
        return self._sizes.px(12) * 1.5 + 2

    def draw(
        self, painter: QPainter, scale: Scale, times: list[Tick], values: list[Tick], *, figures: bool
    ) -> None:
        """Two axes with ticks inside; without ``figures`` the time axis has ticks only."""
        area, length = scale.area, self._sizes.px(4)
        x0, y1 = area.left() - 1, area.bottom() + 1
        painter.setFont(self._font)
        painter.setPen(QPen(QColor(SOFT_INK), 1))
        lines = [QLineF(x0, area.top() - 1, x0, y1), QLineF(area.left(), y1, area.right(), y1)]
        shown_t = [(scale.x(t), text) for t, text in times if scale.time_s[0] <= t <= scale.time_s[1]]
        shown_v = [(scale.y(v), text) for v, text in values if scale.values[0] <= v <= scale.values[1]]
        lines += [QLineF(x, area.bottom() - length, x, area.bottom()) for x, _ in shown_t]
        lines += [QLineF(area.left(), y, area.left() + length, y) for y, _ in shown_v]
        painter.drawLines(lines)
        painter.setPen(QColor(INK))
        high, reach = self._metrics.height(), self._sizes.px(46)
        for y, text in shown_v:
            wide = self._metrics.horizontalAdvance(text)
            if wide <= reach:
                box = QRectF(area.left() - length - wide, y - high / 2, wide, high)
                painter.drawText(box, _RIGHT, text)
        if figures:
            for x, text in shown_t:
                wide = self._metrics.horizontalAdvance(text)
                if x + wide / 2 <= area.right() + self._sizes.px(8):
                    painter.drawText(QRectF(x - wide / 2, y1 + length - 1, wide, high), _CENTRE, text)

    def name(self, painter: QPainter, scale: Scale, name: str, colour: str) -> None:
        """Say what is drawn, at the top right of the area: at its left the first pulse would stand in it."""
        painter.setFont(self._font)
        painter.setPen(QColor(colour))
        left = scale.area.right() - 7 - self._metrics.horizontalAdvance(name)
        painter.drawText(QPointF(left, scale.area.top() + 4 + self._metrics.ascent()), name)


def ticks(low: float, high: float, most: int = 4) -> list[Tick]:
    """Two to about ``most`` round figures between two values, not at the ends, with the same decimals."""
    begin, end = low + 0.03 * (high - low), high - 0.07 * (high - low)
    power = 10.0 ** math.floor(math.log10((end - begin) / most))
    for step in (m * power for m in (10, 5, 2.5, 2, 1, 0.5)):
        first, last = math.ceil(begin / step), math.floor(end / step)
        if last - first >= 1 and (last - first >= most - 2 or step <= power):
            break
    decimals = next(d for d in range(12) if d == 11 or abs(round(step, d) - step) < 1e-6 * step)
    return [(k * step, f"{k * step + 0.0:.{decimals}f}") for k in range(first, last + 1)]
