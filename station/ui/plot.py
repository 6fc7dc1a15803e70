"""Live voltage and current of one channel, drawn from the pyramids: constant work however long the test."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.ui.pyramid import Pyramid
from station.ui.style import CURVE_I, CURVE_V, FONTS, INK, PLOT, SOFT_INK, Sizes

MARGIN: Final = 0.06


class CurvePlot(pg.GraphicsLayoutWidget):  # type: ignore[misc]
    """Voltage above, current below, one time axis. Raster and 1 px pens: fast without a graphics card."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setBackground(PLOT)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # Presses belong to the tile: the picture is only to look at.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._sizes = Sizes()
        self._plots = [self.addPlot(row=row, col=0, enableMenu=False) for row in (0, 1)]
        self._curves = [
            plot.plot(pen=pg.mkPen(c, width=1))
            for plot, c in zip(self._plots, (CURVE_V, CURVE_I), strict=True)
        ]
        self._labels = [pg.TextItem(color=c, anchor=(0, 0)) for c in (CURVE_V, CURVE_I)]
        self._plots[1].setXLink(self._plots[0])
        self._ranges: list[tuple[float, float] | None] = [None, None]
        self._span: tuple[float, float] | None = None
        for plot, label in zip(self._plots, self._labels, strict=True):
            self._tame(plot)
            label.setParentItem(plot.getViewBox())
            label.setPos(QPointF(3, 0))
        self._both = True
        self.ci.layout.setRowStretchFactor(0, 3)
        self.ci.layout.setRowStretchFactor(1, 2)

    @staticmethod
    def _tame(plot: Any) -> None:
        plot.hideButtons()
        plot.setMouseEnabled(x=False, y=False)
        plot.disableAutoRange()
        plot.getViewBox().setDefaultPadding(0)
        plot.getViewBox().setBorder(None)
        plot.showGrid(x=False, y=False)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setPen(pg.mkPen(SOFT_INK, width=1))
            axis.setTextPen(pg.mkPen(INK))

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit fonts and axes to the window."""
        self._sizes = sizes
        font = QFont()
        font.setFamilies(list(FONTS))
        font.setPixelSize(sizes.px(12))
        for plot in self._plots:
            for side in ("left", "bottom"):
                axis = plot.getAxis(side)
                axis.setTickFont(font)
                axis.setStyle(tickTextOffset=sizes.px(4), tickLength=-sizes.px(4), hideOverlappingLabels=True)
            plot.getAxis("left").setWidth(sizes.px(46))
            plot.getAxis("bottom").setHeight(sizes.px(20))
        for label in self._labels:
            label.setFont(font)
        self.ci.layout.setContentsMargins(sizes.px(2), sizes.px(4), sizes.px(8), sizes.px(2))
        self.ci.layout.setVerticalSpacing(sizes.px(4))
        self._arrange()

    def set_names(self, name: str, voltage: str, current: str) -> None:
        """Say what is drawn, in the operator's language."""
        self.setAccessibleName(name)
        for label, text in zip(self._labels, (voltage, current), strict=True):
            label.setText(text)

    def show_curves(self, voltage: Pyramid, current: Pyramid, until_s: float, gap_s: float) -> None:
        """Draw both curves from the run's start to ``until_s`` (at least to the newest sample)."""
        begin = voltage.first_s or 0.0
        begin = 0.0 if begin < 0.2 * max(until_s, 1.0) else begin
        end = max(until_s, voltage.last_s or 0.0, begin + 1.0)
        span = (begin, end + 0.01 * (end - begin))
        if self._span is None or abs(span[0] - self._span[0]) + abs(span[1] - self._span[1]) > 1e-3 * (
            end - begin
        ):
            self._span = span
            self._plots[0].setXRange(*span, padding=0)
            ticks = _ticks(*span, most=4)
            ticks[0][-1] = (ticks[0][-1][0], f"{ticks[0][-1][1]} s")
            for plot in self._plots:
                plot.getAxis("bottom").setTicks(ticks)
        buckets = 2 * max(self.width(), 200)
        for index, pyramid in enumerate((voltage, current)):
            if index == 1 and not self._both:
                continue
            t, v = pyramid.line(begin, end, buckets, gap_s)
            self._curves[index].setData(
                t, v, connect="finite" if np.isnan(v).any() else "all", skipFiniteCheck=True
            )
            self._scale(index, pyramid)

    def clear_curves(self) -> None:
        """Draw nothing."""
        for curve in self._curves:
            curve.setData([], [])
        self._ranges = [None, None]
        self._span = None

    def _scale(self, index: int, pyramid: Pyramid) -> None:
        if pyramid.low is None or pyramid.high is None:
            return
        low, high = pyramid.low, pyramid.high
        if index == 1:
            low, high = min(low, 0.0), max(high, 0.0)
        room = max(high - low, 0.005 * max(abs(low), abs(high)), 0.01)
        known = self._ranges[index]
        # Redrawing axes is the dear part: move them only when the curve leaves them.
        if known and known[0] <= low and high <= known[1] and (known[1] - known[0]) < 2 * room:
            return
        # Headroom above for the name of the curve, which is so many pixels high.
        height = max(self._plots[index].getViewBox().height(), 1.0)
        label = min((self._sizes.px(12) * 1.5 + 2) / height, 0.5)
        fresh = (low - MARGIN * room, high + label / (1 - label) * room * (1 + MARGIN))
        self._ranges[index] = fresh
        self._plots[index].setYRange(*fresh, padding=0)
        most = min(max(round(height / (2.5 * self._sizes.px(12))), 2), 5)
        self._plots[index].getAxis("left").setTicks(_ticks(*fresh, most=most))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Too low for two curves: the voltage alone."""
        super().resizeEvent(event)
        if hasattr(self, "_plots"):
            self._arrange()

    def _arrange(self) -> None:
        both = self.height() >= self._sizes.px(140)
        if both != self._both:
            self._both = both
            if both:
                self.ci.addItem(self._plots[1], row=1, col=0)
            else:
                self.ci.removeItem(self._plots[1])
        self._ranges = [None, None]
        self._plots[0].getAxis("bottom").setStyle(showValues=not both)
        self._plots[0].getAxis("bottom").setHeight(self._sizes.px(6) if both else self._sizes.px(20))

    def plot_area(self, index: int) -> QRectF:
        """Where curve ``index`` is drawn, in the widget's pixels."""
        box = self._plots[index].getViewBox()
        return QRectF(self.mapFromScene(box.sceneBoundingRect()).boundingRect())

    def colours(self) -> tuple[QColor, QColor]:
        """Colours of the axes' texts and of the background."""
        return QColor(self._plots[0].getAxis("left").textPen().color()), self.backgroundBrush().color()


def _ticks(low: float, high: float, most: int = 4) -> list[list[tuple[float, str]]]:
    """Two to about ``most`` round figures between two values, not at the ends, with the same decimals."""
    begin, end = low + 0.03 * (high - low), high - 0.07 * (high - low)
    power = 10.0 ** math.floor(math.log10((end - begin) / most))
    for step in (m * power for m in (10, 5, 2.5, 2, 1, 0.5)):
        first, last = math.ceil(begin / step), math.floor(end / step)
        if last - first >= 1 and (last - first >= most - 2 or step <= power):
            break
    decimals = next(d for d in range(12) if d == 11 or abs(round(step, d) - step) < 1e-6 * step)
    return [[(k * step, f"{k * step + 0.0:.{decimals}f}") for k in range(first, last + 1)]]
