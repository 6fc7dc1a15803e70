"""A live figure with its name, painted by itself: a label would lay out the whole tile at every change."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.ui.style import FONTS, INK, SOFT_INK, TILE, Sizes

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine


class Reading(QWidget):
    """Name above (left out when there is little room), value with unit below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sizes = Sizes()
        self._name, self._value = "", ""
        self._compact = False
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        # It stands on the tile's own grey and paints that too: the tile's frame below is left alone.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._fonts: dict[tuple[int, bool], QFont] = {}

    @property
    def value(self) -> str:
        """The text shown."""
        return self._value

    def set_sizes(self, sizes: Sizes, compact: bool) -> None:
        """Fit to the window; ``compact`` leaves the name out."""
        self._sizes, self._compact = sizes, compact
        self._fonts.clear()
        self.updateGeometry()

    def set_name(self, name: str) -> None:
        """Say what it is."""
        self._name = name
        self.setAccessibleName(name)
        self.update()

    def show_value(self, value: str) -> None:
        """Show ``value``."""
        if value != self._value:
            self._value = value
            self.setAccessibleDescription(value)
            self.update(0, self._value_top(), self.width(), self.height() - self._value_top())

    def sizeHint(self) -> QSize:
        """One or two lines."""
        return QSize(80, self._sizes.px(27 if self._compact else 46))

    def _value_top(self) -> int:
        return 0 if self._compact else self._sizes.px(18)

    def fits(self) -> bool:
        """Whether both texts are shown whole."""
        room = self.width() - self._sizes.px(8)
        shown = [(self._value, self._font(22, bold=True))]
        if not self._compact:
            shown.append((self._name, self._font(13, bold=False)))
        return all(QFontMetricsF(font).horizontalAdvance(text) <= room for text, font in shown)

    def _font(self, size: int, *, bold: bool) -> QFont:
        font = self._fonts.get((size, bold))
        if font is None:
            font = self._fonts[size, bold] = QFont()
            font.setFamilies(list(FONTS))
            font.setPixelSize(self._sizes.px(size))
            font.setBold(bold)
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(TILE))
        left, top = self._sizes.px(6), self._value_top()
        if event.rect().top() < top:
            painter.setPen(QColor(SOFT_INK))
            painter.setFont(self._font(13, bold=False))
            painter.drawText(QRectF(left, 0, self.width() - left, top), _LEFT, self._name)
        painter.setPen(QColor(INK))
        painter.setFont(self._font(22, bold=True))
        painter.drawText(QRectF(left, top, self.width() - left, self.height() - top), _LEFT, self._value)
        painter.end()
