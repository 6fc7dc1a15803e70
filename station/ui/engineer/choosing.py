"""Boxes to choose from, with an arrow of the pages' own: the style sheet can only take one from a file."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QComboBox, QDateEdit, QWidget

from station.ui.style import INK, SOFT_INK


class Chooser(QComboBox):
    """One of a list."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box, then its arrow."""
        super().paintEvent(event)
        draw_arrow(self)


class DayChooser(QDateEdit):
    """A day, typed or from a calendar."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box, then its arrow."""
        super().paintEvent(event)
        draw_arrow(self)


def draw_arrow(box: QWidget) -> None:
    """A small arrow downwards at the right end."""
    painter = QPainter(box)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(INK if box.isEnabled() else SOFT_INK))
    painter.setBrush(painter.pen().color())
    middle = QPointF(box.width() - 0.4 * min(box.height(), 40), box.height() / 2)
    half = 5.0
    corners = [QPointF(-half, -half / 2), QPointF(half, -half / 2), QPointF(0, half / 2)]
    painter.drawPolygon(QPolygonF([middle + corner for corner in corners]))
    painter.end()
