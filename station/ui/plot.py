"""Live voltage and current of one channel, drawn from the pyramids: constant work however long the test.

The picture is kept. What is new is drawn into it, and only that strip of the screen is painted again; all
of it is drawn anew only when an axis moves or the size changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from shiboken6 import Shiboken

from station.curves import POINTS, Pyramid
from station.ui.axes import Frame, Scale, areas, ticks
from station.ui.style import CURVE_I, CURVE_V, INK, PLOT, Sizes

MARGIN: Final = 0.06
COLOURS: Final = (CURVE_V, CURVE_I)


@dataclass
class _Curve:
    """What is known of one curve's drawing."""

    values: tuple[float, float] | None = None
    bucket_s: float = 0.0
    open_s: float = math.inf
    points: int = 0
    source: tuple[int, int] = (0, 0)
    """Which pyramid, and which of its generations, is on the picture."""


class CurvePlot(QWidget):
    """Voltage above, current below, one time axis. 1 px pens: fast without a graphics card."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # Presses belong to the tile: the picture is only to look at.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        # It covers all of its place, so nothing below has to be painted first.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._sizes = Sizes()
        self._names = ("", "")
        self._both = True
        self._span: tuple[float, float] | None = None
        self._curves = (_Curve(), _Curve())
        self._blank: QPixmap | None = None
        self._picture: QPixmap | None = None

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit fonts and axes to the window."""
        self._sizes = sizes
        self._arrange()

    def set_names(self, name: str, voltage: str, current: str) -> None:
        """Say what is drawn, in the operator's language."""
        self.setAccessibleName(name)
        if self._names != (voltage, current):
            self._names = (voltage, current)
            self._forget()

    def show_curves(self, voltage: Pyramid, current: Pyramid, until_s: float, gap_s: float) -> None:
        """Draw both curves from the run's start to ``until_s`` (at least to the newest sample)."""
        if self.width() < 1 or self.height() < 1:
            return  # words have taken all the room of the tile: there is no picture to paint on
        begin = voltage.first_s or 0.0
        begin = 0.0 if begin < 0.2 * max(until_s, 1.0) else begin
        end = max(until_s, voltage.last_s or 0.0, begin + 1.0)
        span = (begin, end + 0.01 * (end - begin))
        moved = self._span is None or (
            abs(span[0] - self._span[0]) + abs(span[1] - self._span[1]) > 1e-3 * (end - begin)
        )
        if moved:
            self._span = span
        buckets = 2 * max(self.width(), 200)
        shown = list(enumerate((voltage, current)))[: 2 if self._both else 1]
        for index, pyramid in shown:
            moved |= self._scale(index, pyramid)
            width_s = pyramid.bucket_s(begin, end, buckets)
            curve, source = self._curves[index], (id(pyramid), pyramid.generation)
            moved |= width_s != curve.bucket_s or source != curve.source
            curve.bucket_s, curve.source = width_s, source
        if moved or self._picture is None or self._blank is None:
            self._draw_frame()
        assert self._picture is not None
        painter = QPainter(self._picture)
        for index, pyramid in shown:
            self._draw_curve(painter, index, pyramid, (begin, end), buckets, gap_s)
        painter.end()

    def clear_curves(self) -> None:
        """Draw nothing."""
        self._curves = (_Curve(), _Curve())
        self._span = None
        self._forget()

    def points(self, index: int) -> int:
        """How many points curve ``index`` (0 voltage, 1 current) has on the picture."""
        return self._curves[index].points

    def _forget(self) -> None:
        self._blank = self._picture = None
        for curve in self._curves:
            curve.values, curve.bucket_s = None, 0.0
        self.update()

    def _scale(self, index: int, pyramid: Pyramid) -> bool:
        """Whether the curve needs another range of values than it had."""
        curve = self._curves[index]
        if pyramid.low is None or pyramid.high is None:
            moved = curve.values is None
            curve.values = curve.values or (0.0, 1.0)
            return moved
        low, high = pyramid.low, pyramid.high
        if index == 1:
            low, high = min(low, 0.0), max(high, 0.0)
        room = max(high - low, 0.005 * max(abs(low), abs(high)), 0.01)
        known = curve.values
        # Drawing all anew is the dear part: move an axis only when the curve leaves it.
        if known and known[0] <= low and high <= known[1] and (known[1] - known[0]) < 2 * room:
            return False
        # Headroom above for the name of the curve, which is so many pixels high.
        label = min((self._sizes.px(12) * 1.5 + 2) / max(self._area(index).height(), 1.0), 0.5)
        curve.values = (low - MARGIN * room, high + label / (1 - label) * room * (1 + MARGIN))
        return True

    def _area(self, index: int) -> QRectF:
        return areas(self.width(), self.height(), self._sizes, both=self._both)[index]

    def _scale_of(self, index: int) -> Scale:
        values = self._curves[index].values
        assert values is not None
        assert self._span is not None
        return Scale(self._area(index), self._span, values)

    # -- drawing -------------------------------------------------------------------------------

    def _draw_frame(self) -> None:
        """Axes and names on a blank picture; the curves are to be drawn from their start."""
        ratio = self.devicePixelRatioF()
        blank = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        blank.setDevicePixelRatio(ratio)
        blank.fill(QColor(PLOT))
        painter = QPainter(blank)
        frame = Frame(self._sizes)
        assert self._span is not None
        times = ticks(*self._span, most=4)
        times[-1] = (times[-1][0], f"{times[-1][1]} s")
        last = 1 if self._both else 0
        for index in range(last + 1):
            scale = self._scale_of(index)
            most = min(max(round(scale.area.height() / (2.5 * self._sizes.px(12))), 2), 5)
            frame.draw(painter, scale, times, ticks(*scale.values, most=most), figures=index == last)
            frame.name(painter, scale, self._names[index], COLOURS[index])
        painter.end()
        self._blank, self._picture = blank, blank.copy()
        for curve in self._curves:
            curve.open_s, curve.points = -math.inf, 0
        self.update()

    def _draw_curve(
        self,
        painter: QPainter,
        index: int,
        pyramid: Pyramid,
        shown_s: tuple[float, float],
        buckets: int,
        gap_s: float,
    ) -> None:
        """Draw from the bucket on that was still open when the curve was drawn last."""
        assert self._blank is not None
        curve, scale = self._curves[index], self._scale_of(index)
        area = scale.area.adjusted(0, 0, 1, 1).toAlignedRect()
        since_s = curve.open_s
        if since_s > -math.inf:
            area.setLeft(max(area.left(), math.floor(scale.x(since_s)) - 1))
            since_s -= 4.0 / scale.px_per_s
        t, v, open_s = pyramid.line_since(*shown_s, buckets, since_s, gap_s)
        if len(t) == 0:
            return
        if curve.open_s > -math.inf:  # the points of the open bucket are drawn again and count once
            second = int(np.searchsorted(t, curve.open_s + 0.2 * curve.bucket_s))
            curve.points += len(t) - (second - 1) - POINTS
        else:
            curve.points += len(t)
        curve.open_s = open_s
        area.setRight(min(area.right(), math.ceil(scale.x(float(t[-1]))) + 1))
        painter.setClipRect(area)
        _copy(painter, self._blank, area)
        painter.setPen(QPen(QColor(COLOURS[index]), 1))
        for line in _polygons(scale.x(t), scale.y(v)):
            painter.drawPolyline(line)
        self.update(area)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show the picture."""
        painter = QPainter(self)
        if self._picture is None:
            painter.fillRect(event.rect(), QColor(PLOT))
        else:
            _copy(painter, self._picture, event.rect())
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Too low for two curves: the voltage alone."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        self._both = self.height() >= self._sizes.px(140)
        self._forget()

    # -- looking -------------------------------------------------------------------------------

    def plot_area(self, index: int) -> QRectF:
        """Where curve ``index`` is drawn, in the widget's pixels."""
        return self._area(index)

    def colours(self) -> tuple[QColor, QColor]:
        """Colours of the axes' texts and of the background."""
        return QColor(INK), QColor(PLOT)


def _copy(painter: QPainter, picture: QPixmap, area: QRect) -> None:
    ratio = picture.devicePixelRatio()
    source = QRectF(area.x() * ratio, area.y() * ratio, area.width() * ratio, area.height() * ratio)
    painter.drawPixmap(QRectF(area), picture, source)


def _polygons(x: NDArray[np.float64], y: NDArray[np.float64]) -> list[QPolygonF]:
    """The points as Qt takes them, in one line for each stretch without a gap."""
    pieces = [(x, y)]
    broken = np.isnan(y)
    if broken.any():
        gaps = np.flatnonzero(broken)
        pieces = [(a[b == b], b[b == b]) for a, b in zip(np.split(x, gaps), np.split(y, gaps), strict=True)]
    return [_polygon(a, b) for a, b in pieces if len(a)]


def _polygon(x: NDArray[np.float64], y: NDArray[np.float64]) -> QPolygonF:
    polygon = QPolygonF()
    polygon.resize(len(x))
    # A point is two doubles: written in one go, as one call for each would cost more than the drawing.
    raw: Any = Shiboken.VoidPtr
    memory = np.frombuffer(raw(polygon.data(), 16 * len(x), True), dtype=np.float64)
    memory[0::2], memory[1::2] = x, y
    return polygon
