"""Live voltage and current of one channel, drawn from the pyramids: constant work however long the test.

The picture is kept. What is new is drawn into it, and only that strip of the screen is painted again; all
of it is drawn anew only when an axis moves or the size changes. Samples that change no pixel paint nothing:
of a long test most do not, as one column of pixels holds seconds or minutes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.ui.axes import Frame, Scale, areas, ticks
from station.ui.style import CURVE_I, CURVE_V, INK, PLOT, Sizes

if TYPE_CHECKING:
    from station.curves import Pyramid

MARGIN: Final = 0.06
COLOURS: Final = (CURVE_V, CURVE_I)
PENS: Final = tuple(QPen(QColor(colour), 1) for colour in COLOURS)
BUCKET_POINTS: Final = 4
"""Of a pyramid's bucket; told once more here, as its arithmetic is loaded when there is something to draw."""
TIP_S: Final = 0.25
"""The very end of a line, within two columns of pixels, is exact again after so long."""
FINE_PX: Final = 2.0
"""Buckets up to this wide need no more than their least and greatest value at once."""
LONGER: Final = 1.15
"""A test that outlasts what was foreseen makes its time axis longer by this much at a time."""


@dataclass
class _Curve:
    """What is known of one curve's drawing."""

    values: tuple[float, float] | None = None
    bucket_s: float = 0.0
    open_s: float = math.inf
    points: int = 0
    scale: Scale | None = None
    source: tuple[int, int] = (0, 0)
    """Which pyramid, and which of its generations, is on the picture."""
    drawn_at: float = -math.inf
    taken_in: int = -1
    """What the pyramid had taken in when it was drawn."""
    quiet_until_s: float = -math.inf
    quiet: tuple[float, float] = (math.inf, -math.inf)
    """Samples before this time and between these values change no pixel but the tip's."""

    def still(self, pyramid: Pyramid) -> bool:
        """Whether all that came since the curve was drawn lies within what is drawn."""
        if (id(pyramid), pyramid.generation) != self.source or pyramid.taken_in != self.taken_in:
            return False
        count, low, high = pyramid.waiting
        return not count or (
            (pyramid.last_s or 0.0) < self.quiet_until_s and self.quiet[0] <= low and high <= self.quiet[1]
        )

    def due(self, pyramid: Pyramid, now_s: float) -> bool:
        """Whether it is to be drawn: the tip too, after a while."""
        late = now_s - self.drawn_at >= TIP_S and pyramid.waiting[0] > 0
        return late or not self.still(pyramid)

    def remember(self, pyramid: Pyramid, newest: list[float]) -> None:
        """What may come without changing a pixel: within the newest bucket, between its extremes."""
        assert self.scale is not None
        self.taken_in = pyramid.taken_in
        fine = self.bucket_s * self.scale.px_per_s <= FINE_PX
        self.quiet_until_s = self.open_s + self.bucket_s if fine else -math.inf
        half_px = 0.5 / self.scale.px_per_unit
        self.quiet = (min(newest) - half_px, max(newest) + half_px)


class CurvePlot(QWidget):
    """Voltage above, current below, one time axis. 1 px pens: fast without a graphics card."""

    def __init__(self, parent: QWidget | None = None, tick: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._tick = tick
        self.owes = False
        """Whether the end of a line waits to be drawn exactly: to be asked for again, even without news."""
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
        moved = self._moved(voltage, until_s) or self._picture is None
        now = self._tick()
        shown = list(enumerate((voltage, current)))[: 2 if self._both else 1]
        due = [each for each in shown if moved or self._curves[each[0]].due(each[1], now)]
        self.owes = any(each[1].waiting[0] for each in shown if each not in due)
        if not due:
            return
        if not moved:
            moved = sum(self._fit(*each) for each in due) > 0
        if moved:
            for each in shown:
                self._fit(*each)
            self._draw_frame()
            due = shown
        assert self._picture is not None
        painter = QPainter(self._picture)
        for index, pyramid in due:
            self._draw_curve(painter, index, pyramid, gap_s)
            self._curves[index].drawn_at = now
        painter.end()

    def _fit(self, index: int, pyramid: Pyramid) -> bool:
        """Whether the curve needs other axes or buckets than it has been drawn with."""
        assert self._span is not None
        curve, source = self._curves[index], (id(pyramid), pyramid.generation)
        moved = self._scale(index, pyramid)
        width_s = pyramid.bucket_s(*self._span, self._buckets())
        moved |= width_s != curve.bucket_s or source != curve.source
        curve.bucket_s, curve.source = width_s, source
        return moved

    def _buckets(self) -> int:
        return 2 * max(self.width(), 200)

    def _moved(self, voltage: Pyramid, until_s: float) -> bool:
        """Whether the time axis has to be another one than it was."""
        begin = voltage.first_s or 0.0
        begin = 0.0 if begin < 0.2 * max(until_s, 1.0) else begin
        newest = max(voltage.last_s or 0.0, begin + 1.0)
        end = max(until_s, newest)
        same = (id(voltage), voltage.generation) == self._curves[0].source
        if same and self._span is not None and self._span[0] == begin:
            known_s, wanted_s = self._span[1] - begin, end - begin
            if wanted_s <= known_s <= 1.02 * LONGER * wanted_s:
                return False
            if newest > until_s:
                end = begin + wanted_s * LONGER
        self._span = (begin, end + 0.01 * (end - begin))
        return True

    def clear_curves(self) -> None:
        """Draw nothing."""
        self._curves = (_Curve(), _Curve())
        self._span = None
        self._forget()
        self.owes = False

    def points(self, index: int) -> int:
        """How many points curve ``index`` (0 voltage, 1 current) has on the picture."""
        return self._curves[index].points

    def _forget(self) -> None:
        self._blank = self._picture = None
        self.owes = True  # nobody has to wait for the next sample to see the curve again
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
            scale = self._curves[index].scale = self._scale_of(index)
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
        gap_s: float,
    ) -> None:
        """Draw from the bucket on that was still open when the curve was drawn last."""
        assert self._blank is not None
        curve, scale = self._curves[index], self._curves[index].scale
        assert scale is not None
        assert self._span is not None
        view = (*self._span, self._buckets())
        area = scale.area.adjusted(0, 0, 1, 1).toAlignedRect()
        since_s = curve.open_s
        lines: list[QPolygonF] | list[list[QPointF]]
        if since_s > -math.inf:
            area.setLeft(max(area.left(), math.floor(scale.x(since_s)) - 1))
            since_s -= 3.0 / scale.px_per_s
            times, values, open_s = pyramid.line_end(*view, since_s, gap_s)
            if not times:
                return
            # The points of the open bucket are drawn again and count once.
            again = sum(time_s < curve.open_s + 0.2 * curve.bucket_s for time_s in times)
            curve.points += len(times) - (again - 1) - BUCKET_POINTS
            end_s, newest = times[-1], values[-BUCKET_POINTS:]
            lines = _pieces(scale, times, values)
        else:
            from station.ui.polygons import polygons

            t, v, open_s = pyramid.line_since(*view, since_s, gap_s)
            if not len(t):
                return
            curve.points += len(t)
            end_s, newest = float(t[-1]), v[-BUCKET_POINTS:].tolist()
            lines = polygons(scale.x(t), scale.y(v))
        curve.open_s = open_s
        curve.remember(pyramid, newest)
        area.setRight(min(area.right(), math.ceil(scale.x(end_s)) + 1))
        painter.setClipRect(area)
        _copy(painter, self._blank, area)
        painter.setPen(PENS[index])
        for line in lines:
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
    if ratio == 1.0:  # pixel by pixel, without looking for what lies between
        painter.drawPixmap(area.topLeft(), picture, area)
        return
    source = QRectF(area.x() * ratio, area.y() * ratio, area.width() * ratio, area.height() * ratio)
    painter.drawPixmap(QRectF(area), picture, source)


def _pieces(scale: Scale, times: list[float], values: list[float]) -> list[list[QPointF]]:
    """Few points as Qt draws them: one line for each stretch without a gap (NaN)."""
    pieces: list[list[QPointF]] = [[]]
    for time_s, value in zip(times, values, strict=True):
        if value == value:
            pieces[-1].append(QPointF(scale.x(time_s), scale.y(value)))
        else:
            pieces.append([])
    return [piece for piece in pieces if piece]
