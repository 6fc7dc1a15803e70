"""The band of a tile that says its state: a sign and a word, as large as they go."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final, Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontInfo,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from station.ui.glyphs import Glyph, draw_glyph
from station.ui.style import CHINESE_FONTS, DARK, FONTS, INK, ORANGE, RED, TILE, VERDICT_MM, WHITE, Sizes

Tone = Literal["plain", "dark", "red", "orange", "outline"]
BACKGROUND: Final[dict[str, str]] = {
    "plain": TILE,
    "dark": DARK,
    "red": RED,
    "orange": ORANGE,
    "outline": TILE,
}
FOREGROUND: Final[dict[str, str]] = {
    "plain": INK, "dark": WHITE, "red": WHITE, "orange": WHITE, "outline": INK,
}  # fmt: skip
_SMALLEST_PX: Final = 14


class StateBand(QWidget):
    """Sign, word and a caption. The sign of a verdict or a fault is at least 20 mm high."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sizes = Sizes()
        self._glyph: Glyph = "dash"
        self._word, self._caption = "", ""
        self._tone: Tone = "plain"
        self._compact = False
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_sizes(self, sizes: Sizes, compact: bool) -> None:
        """Fit the band to the window."""
        self._sizes, self._compact = sizes, compact
        self.updateGeometry()
        self.update()

    def show_state(self, glyph: Glyph, word: str, caption: str, tone: Tone) -> None:
        """Say this from now on."""
        if (glyph, word, caption, tone) == (self._glyph, self._word, self._caption, self._tone):
            return
        height = self.sizeHint().height()
        self._glyph, self._word, self._caption, self._tone = glyph, word, caption, tone
        self.setAccessibleName(f"{word} {caption}".strip())
        if self.sizeHint().height() != height:
            self.updateGeometry()
        self.update()

    @property
    def prominent(self) -> bool:
        """Whether this is a verdict or a fault."""
        return self._tone != "plain"

    @property
    def glyph_px(self) -> int:
        """Height of the sign."""
        if self.prominent:
            return self._largest
        return self._sizes.px(26 if self._compact else 40)

    @property
    def _largest(self) -> int:
        least = self._sizes.mm(VERDICT_MM)
        return least if self._compact else max(least, self._sizes.px(74))

    def sizeHint(self) -> QSize:
        """As high as the sign needs; all states alike when there is room, so that nothing jumps."""
        inside = self.glyph_px if self._compact else max(self._largest, self.glyph_px)
        return QSize(100, inside + self._sizes.px(8))

    def word_px(self) -> int:
        """Pixel size of the word: the largest that fits beside the sign."""
        left, width, height = self._word_box()
        del left
        size = int(height * (0.62 if self._caption else 0.8))
        size = min(size, self.glyph_px if self.prominent else int(self.glyph_px * 0.9))
        while size > _SMALLEST_PX and self._width_at(size) > width:
            size -= 1
        return size

    def fits(self) -> bool:
        """Whether word and caption are shown whole."""
        _, width, _ = self._word_box()
        caption = QFontMetricsF(self._caption_font()).horizontalAdvance(self._caption)
        return self._width_at(self.word_px()) <= width and caption <= width

    def _word_box(self) -> tuple[float, float, float]:
        pad = self._sizes.px(9) if self._tone != "plain" else self._sizes.px(6)
        left = pad + self.glyph_px + self._sizes.px(12)
        return left, self.width() - left - self._sizes.px(6), self.height()

    def _font(self, size: int) -> QFont:
        font = QFont()
        chinese = any(character > "\u2e80" for character in self._word)
        font.setFamilies([*CHINESE_FONTS, *FONTS] if chinese else list(FONTS))
        font.setPixelSize(size)
        font.setBold(_has_bold(QFontInfo(font).family()))
        return font

    def _caption_font(self) -> QFont:
        font = QFont()
        font.setFamilies(list(FONTS))
        font.setPixelSize(self._sizes.px(14))
        font.setBold(True)
        return font

    def _width_at(self, size: int) -> float:
        return QFontMetricsF(self._font(size)).horizontalAdvance(self._word)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        colour = FOREGROUND[self._tone]
        if self._tone == "outline":
            painter.setPen(QColor(INK))
            inset = self._sizes.px(3) / 2
            pen = painter.pen()
            pen.setWidthF(inset * 2)
            painter.setPen(pen)
            painter.drawRect(area.adjusted(inset, inset, -inset, -inset))
        elif self._tone != "plain":
            painter.fillRect(area, QColor(BACKGROUND[self._tone]))
        glyph = self.glyph_px
        pad = self._sizes.px(9) if self._tone != "plain" else self._sizes.px(6)
        draw_glyph(painter, QRectF(pad, (area.height() - glyph) / 2, glyph, glyph), self._glyph, colour)
        left, width, height = self._word_box()
        painter.setPen(QColor(colour))
        word = self.word_px()
        if self._caption:
            caption_px = self._sizes.px(14)
            top = (height - word * 1.12 - caption_px * 1.35) / 2
            self._draw_word(painter, QRectF(left, top, width, word * 1.12), word, colour)
            painter.setFont(self._caption_font())
            box = QRectF(left, top + word * 1.12, width, caption_px * 1.35)
            painter.drawText(box, _LEFT, self._caption)
        else:
            self._draw_word(painter, QRectF(left, 0, width, height), word, colour)
        painter.end()

    def _draw_word(self, painter: QPainter, box: QRectF, size: int, colour: str) -> None:
        font = self._font(size)
        metrics = QFontMetricsF(font)
        baseline = box.center().y() + (metrics.ascent() - metrics.descent()) / 2
        ratio = self.devicePixelRatioF()
        room = size // 2
        for index, letter in enumerate(self._word):
            if letter.isspace():
                continue
            # Its right edge in the word, less itself: kerning moves it towards the letter before.
            x = (
                box.left()
                + metrics.horizontalAdvance(self._word[: index + 1])
                - metrics.horizontalAdvance(letter)
            )
            picture = _letter_picture(letter, tuple(font.families()), size, font.bold(), colour, ratio)
            at = QPointF(round((x - room) * ratio) / ratio, round((baseline - room - size) * ratio) / ratio)
            painter.drawImage(at, picture)


@cache
def _has_bold(family: str) -> bool:
    return any(QFontDatabase.bold(family, style) for style in QFontDatabase.styles(family))


@lru_cache(maxsize=512)
def _letter_picture(
    letter: str, families: tuple[str, ...], size: int, bold: bool, colour: str, ratio: float
) -> QImage:
    """One letter, half its size of room around it, kept: outlines with round edges take long to draw.

    As an outline, thickened here when the face has no bold of its own: Qt does so up to 64 px only.
    """
    font = QFont()
    font.setFamilies(list(families))
    font.setPixelSize(size)
    font.setBold(bold)
    path = QPainterPath()
    path.addText(size // 2, size // 2 + size, font, letter)
    side = round(2.5 * size * ratio)
    picture = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(colour))
    thicken = 0.0 if _has_bold(QFontInfo(font).family()) else size * 0.035
    pen = QPen(
        QColor(colour), thicken, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    )
    painter.setPen(pen if thicken else QPen(Qt.PenStyle.NoPen))
    painter.drawPath(path)
    painter.end()
    return picture


_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
