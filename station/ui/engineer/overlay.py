"""Recorded curves of one or several runs on common axes, at any zoom; the service draws them down to size.

Keys: + and - zoom, left and right move, Home shows all; the wheel does the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.ui.axes import Frame, Scale, areas, ticks
from station.ui.style import INK, PLOT, Sizes

Floats = NDArray[np.float64]
COLOURS: Final = ("#1f4e79", "#8a1c4a", "#2f5d1e", "#5a3d8a", "#6b4a00", "#00565c", "#7a2e12", INK)
DASHES: Final = (
    Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine,
)  # fmt: skip
SOON_MS: Final = 60
"""Curves are asked for when the view has stood still for so long."""
LEAST_S: Final = 0.05


@dataclass
class Series:
    """One run: ``zero_s`` is the moment of its recording that stands at 0 of the common axis."""

    run_id: str
    label: str
    zero_s: float = 0.0
    length_s: float = 1.0
    curves: dict[str, tuple[Floats, Floats]] = field(default_factory=dict)


def arrays(curve: dict[str, Any]) -> tuple[Floats, Floats]:
    """Times and values of one quantity; None breaks the line."""
    return np.asarray(curve["t"], dtype=np.float64), np.asarray(curve["v"], dtype=np.float64)


class Overlay(QWidget):
    """Voltage above, current below. ``wanted`` tells which part of which run is to be fetched."""

    wanted = Signal(float, float, int)
    """Begin and end on the common axis in s, and how many buckets fit."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._sizes = Sizes()
        self._names = ("U / V", "I / A")
        self.series: list[Series] = []
        self.span: tuple[float, float] = (0.0, 1.0)
        self._whole: tuple[float, float] = (0.0, 1.0)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SOON_MS)
        self._timer.timeout.connect(self._ask)

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit fonts to the window."""
        self._sizes = sizes
        self.setMinimumHeight(sizes.px(180))
        self.update()

    def set_names(self, name: str, voltage: str, current: str) -> None:
        """Say what is drawn."""
        self._names = (voltage, current)
        self.setAccessibleName(name)
        self.update()

    def show_series(self, series: Sequence[Series]) -> None:
        """These runs, whole."""
        self.series = list(series)
        begins = [-one.zero_s for one in self.series] or [0.0]
        ends = [one.length_s - one.zero_s for one in self.series] or [1.0]
        self._whole = (min(begins), max(max(ends), min(begins) + LEAST_S))
        self.look_at(*self._whole)

    def took(self, run_id: str, curves: dict[str, Any]) -> None:
        """The service's answer for one run."""
        for one in self.series:
            if one.run_id == run_id:
                one.curves = {name: arrays(curve) for name, curve in curves.items()}
        self.update()

    def look_at(self, begin_s: float, end_s: float) -> None:
        """Show this part; the finer curves follow."""
        low, high = self._whole
        width = min(max(end_s - begin_s, LEAST_S), high - low)
        begin = min(max(begin_s, low), high - width)
        self.span = (begin, begin + width)
        self._timer.start()
        self.update()

    def _ask(self) -> None:
        if self.series:
            self.wanted.emit(*self.span, max(self.width(), 200))

    def zoom(self, factor: float, at: float = 0.5) -> None:
        """Show ``factor`` times as much, with the place ``at`` (0 to 1 of the width) staying where it is."""
        begin, end = self.span
        fixed, width = begin + at * (end - begin), (end - begin) * factor
        self.look_at(fixed - at * width, fixed + (1 - at) * width)

    # -- events --------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom and move."""
        begin, end = self.span
        step = 0.2 * (end - begin)
        key = event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(0.5)
        elif key == Qt.Key.Key_Minus:
            self.zoom(2.0)
        elif key == Qt.Key.Key_Left:
            self.look_at(begin - step, end - step)
        elif key == Qt.Key.Key_Right:
            self.look_at(begin + step, end + step)
        elif key == Qt.Key.Key_Home:
            self.look_at(*self._whole)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom where the pointer is."""
        area = self._areas()[0]
        at = (event.position().x() - area.left()) / max(area.width(), 1.0)
        self.zoom(0.8 if event.angleDelta().y() > 0 else 1.25, min(max(at, 0.0), 1.0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer pixels: other curves."""
        super().resizeEvent(event)
        self._timer.start()

    # -- drawing -------------------------------------------------------------------------------

    def _areas(self) -> tuple[QRectF, QRectF]:
        return areas(self.width(), self.height() - self._sizes.px(4), self._sizes, both=True)

    def _range(self, quantity: str) -> tuple[float, float]:
        low, high = np.inf, -np.inf
        for one in self.series:
            t, v = one.curves.get(quantity, (np.empty(0), np.empty(0)))
            inside = v[(t - one.zero_s >= self.span[0]) & (t - one.zero_s <= self.span[1]) & np.isfinite(v)]
            if len(inside):
                low, high = min(low, float(inside.min())), max(high, float(inside.max()))
        if low > high:
            return 0.0, 1.0
        room = max(high - low, 0.002 * max(abs(low), abs(high)), 1e-3)
        return low - 0.06 * room, high + 0.22 * room

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all of it: a few thousand points."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(PLOT))
        frame = Frame(self._sizes)
        times = ticks(*self.span, most=8)
        times[-1] = (times[-1][0], f"{times[-1][1]} s")
        for index, quantity in enumerate(("voltage_V", "current_A")):
            scale = Scale(self._areas()[index], self.span, self._range(quantity))
            most = min(max(round(scale.area.height() / (2.5 * self._sizes.px(12))), 2), 6)
            frame.draw(painter, scale, times, ticks(*scale.values, most=most), figures=index == 1)
            painter.save()
            painter.setClipRect(scale.area)
            for number, one in enumerate(self.series):
                if quantity in one.curves:
                    self._draw(painter, scale, number, one)(*one.curves[quantity])
            painter.restore()
            frame.name(painter, scale, self._names[index], INK)
        painter.end()

    @staticmethod
    def _draw(painter: QPainter, scale: Scale, number: int, one: Series) -> Any:
        painter.setPen(QPen(QColor(COLOURS[number % len(COLOURS)]), 1, DASHES[number % len(DASHES)]))

        def draw(t: Floats, v: Floats) -> None:
            breaks = np.flatnonzero(~np.isfinite(v))
            for part in np.split(np.arange(len(v)), breaks):
                part = part[np.isfinite(v[part])]
                if len(part) > 1:
                    x, y = scale.x(t[part] - one.zero_s), scale.y(v[part])
                    painter.drawPolyline(QPolygonF([QPointF(a, b) for a, b in zip(x, y, strict=True)]))

        return draw
