"""A profile's current over time as a picture: steps, pulses, limits, and what decides while it runs."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.ui.style import CURVE_I, INK, LINE, ORANGE, PLOT, SOFT_INK, ZONE_A
from station.ui.texts import Texts

SHORT_SHARE: Final = 0.012
"""A span is drawn at least this share of the width: a 1 s pulse in half an hour is still to be seen."""


def places(spans: list[dict[str, Any]]) -> list[tuple[float, float]]:
    """Where each span begins and ends, as shares of the width; none too narrow to be seen."""
    whole_s = sum(span["duration_s"] for span in spans) or 1.0
    least = min(SHORT_SHARE, 1.0 / max(len(spans), 1))
    shares = [max(span["duration_s"] / whole_s, least) for span in spans]
    total, begin = sum(shares), 0.0
    found = []
    for share in shares:
        found.append((begin / total, (begin + share) / total))
        begin += share
    return found


def time_text(seconds: float, texts: Texts) -> str:
    """``12 s``, ``3:20 min``, ``40.5 h``."""
    if seconds < 60:
        return texts("edit.time_s", value=f"{seconds:.3g}")
    if seconds < 5400:
        return texts("edit.time_min", value=f"{int(seconds // 60)}:{round(seconds % 60):02}")
    return texts("edit.time_h", value=f"{seconds / 3600:.1f}")


class TimelinePicture(QWidget):
    """``show_plan`` draws the answer of ``POST /api/profiles/check``."""

    def __init__(self, texts: Texts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._timeline: dict[str, Any] | None = None
        self._limits: list[tuple[str, float]] = []
        self.setMinimumHeight(150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(480, 220)

    def show_plan(self, timeline: dict[str, Any] | None, limits: list[tuple[str, float]]) -> None:
        """``limits`` are lines to draw: a word and a current in A."""
        self._timeline, self._limits = timeline, limits
        self.setAccessibleName(self.words())
        self.update()

    def words(self) -> str:
        """What the picture shows, in one line."""
        found = self._timeline
        if found is None:
            return self._texts("edit.no_plan")
        return self._texts(
            "edit.totals",
            time=time_text(found["duration_s"], self._texts),
            charge=f"{found['charge_Ah']:.3g}",
            discharge=f"{found['discharge_Ah']:.3g}",
            largest=f"{found['largest_A']:.3g}",
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(PLOT))
        metrics = painter.fontMetrics()
        if not self._timeline or not self._timeline["spans"]:
            painter.setPen(QColor(SOFT_INK))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), int(flags), self._texts("edit.no_plan"))
            return
        left = metrics.horizontalAdvance("-888.8 A") + 8
        area = QRectF(
            left, metrics.height() + 6, self.width() - left - 10, self.height() - 3.2 * metrics.height()
        )
        self._paint(painter, area)

    def _paint(self, painter: QPainter, area: QRectF) -> None:
        assert self._timeline is not None
        spans: list[dict[str, Any]] = self._timeline["spans"]
        drawn_A = [self._timeline["largest_A"] or 1.0]
        near = [limit for limit in self._limits if limit[1] <= 3 * drawn_A[0]]
        top_A = 1.12 * max(drawn_A + [value for _, value in near])
        middle = area.center().y()

        def y_of(current_A: float) -> float:
            return middle - current_A / top_A * area.height() / 2

        at = [(area.left() + a * area.width(), area.left() + b * area.width()) for a, b in places(spans)]
        self._paint_steps(painter, area, spans, at)
        self._paint_axis(painter, area, y_of)
        for word, value in near:
            painter.setPen(QPen(QColor(ORANGE), 1.5, Qt.PenStyle.DashLine))
            for sign in (1, -1):
                painter.drawLine(
                    QPointF(area.left(), y_of(sign * value)), QPointF(area.right(), y_of(sign * value))
                )
            painter.drawText(QPointF(area.left() + 4, y_of(value) - 3), f"{word} {value:.3g} A")
        line = QPolygonF()
        for span, (begin, end) in zip(spans, at, strict=True):
            current_A = span["current_A"]
            if current_A is None:
                self._paint_open(
                    painter, begin, end, y_of(span["charge_max_A"]), y_of(-span["discharge_max_A"])
                )
                current_A = 0.0
            line.append(QPointF(begin, y_of(current_A)))
            line.append(QPointF(end, y_of(current_A)))
        painter.setPen(QPen(QColor(CURVE_I), 2.0))
        painter.drawPolyline(line)
        self._paint_times(painter, area, spans, at)

    def _paint_steps(
        self, painter: QPainter, area: QRectF, spans: list[dict[str, Any]], at: list[tuple[float, float]]
    ) -> None:
        """Every second step has a darker ground and its number above."""
        ground: dict[int, list[float]] = {}
        for span, (begin, end) in zip(spans, at, strict=True):
            edges = ground.setdefault(span["step"], [begin, end])
            edges[1] = end
        for step, (begin, end) in ground.items():
            if step % 2:
                painter.fillRect(QRectF(begin, area.top(), end - begin, area.height()), QColor(ZONE_A))
            painter.setPen(QColor(INK))
            number = str(step + 1)
            if painter.fontMetrics().horizontalAdvance(number) <= end - begin:
                above = QRectF(begin, 0, end - begin, area.top())
                painter.drawText(above, int(Qt.AlignmentFlag.AlignCenter), number)

    def _paint_axis(self, painter: QPainter, area: QRectF, y_of: Any) -> None:
        painter.setPen(QPen(QColor(LINE), 1))
        painter.drawRect(area)
        painter.drawLine(QPointF(area.left(), y_of(0)), QPointF(area.right(), y_of(0)))
        height = painter.fontMetrics().height()
        painter.setPen(QColor(INK))
        largest = self._timeline["largest_A"] if self._timeline else 0.0
        for value in (largest, 0.0, -largest) if largest else (0.0,):
            where = QRectF(0, y_of(value) - height / 2, area.left() - 6, height)
            painter.drawText(where, int(Qt.AlignmentFlag.AlignRight), f"{value:.3g} A")

    def _paint_open(self, painter: QPainter, begin: float, end: float, top: float, bottom: float) -> None:
        painter.setPen(QPen(QColor(CURVE_I), 1, Qt.PenStyle.DashLine))
        painter.setBrush(QBrush(QColor(CURVE_I), Qt.BrushStyle.BDiagPattern))
        painter.drawRect(QRectF(begin, top, end - begin, bottom - top))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_times(
        self, painter: QPainter, area: QRectF, spans: list[dict[str, Any]], at: list[tuple[float, float]]
    ) -> None:
        """Times below, as many as there is room for; the axis is not to scale where spans are too short."""
        painter.setPen(QColor(INK))
        metrics = painter.fontMetrics()
        marks = [(x, span["start_s"]) for span, (x, _) in zip(spans, at, strict=True)]
        ends = (area.right(), sum(span["duration_s"] for span in spans))
        free = area.left() - 100.0
        last = time_text(ends[1], self._texts)
        limit = ends[0] - 1.5 * metrics.horizontalAdvance(last)
        for x, seconds in marks:
            text = time_text(seconds, self._texts)
            if x >= free and x + metrics.horizontalAdvance(text) < limit:
                painter.drawText(QPointF(x, area.bottom() + metrics.height()), text)
                free = x + 1.4 * metrics.horizontalAdvance(text)
        width = metrics.horizontalAdvance(last)
        painter.drawText(QPointF(ends[0] - width, area.bottom() + metrics.height()), last)
