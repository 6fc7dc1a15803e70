"""The top of the page: what to do now, the code, the channel; E-stop, interlock, guard and service."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from station.ui.glyphs import Glyph, draw_glyph
from station.ui.style import INK, RED, WHITE, Sizes
from station.ui.texts import Texts

PILLS: Final = ("estop", "interlock", "guard", "service")


class Sign(QWidget):
    """One small sign."""

    def __init__(self) -> None:
        super().__init__()
        self._glyph: Glyph = "dash"
        self._colour = INK
        self._px = 16
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_glyph(self, glyph: Glyph, colour: str, px: int) -> None:
        """Draw this from now on, ``px`` high."""
        self._glyph, self._colour, self._px = glyph, colour, px
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(self._px, self._px)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw."""
        del event
        painter = QPainter(self)
        draw_glyph(painter, QRectF(0, 0, self._px, self._px), self._glyph, self._colour)
        painter.end()


class Pill(QFrame):
    """State of one thing: sign, name, word. Grey when good, red when bad, ``?`` when not known."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key = key
        self._sizes = Sizes()
        self._sign, self._text = Sign(), QLabel()
        box = QHBoxLayout(self)
        box.addWidget(self._sign)
        box.addWidget(self._text, 1)
        self._shown: tuple[object, ...] = ()

    def show_state(self, ok: bool | None, texts: Texts, sizes: Sizes, *, fitted: bool = True) -> None:
        """True good, False bad, None not known; ``fitted`` False: this bench has no such thing."""
        if (ok, texts.lang, sizes, fitted) == self._shown:
            return
        self._shown = (ok, texts.lang, sizes, fitted)
        unknown = texts("pill.unknown" if fitted else "pill.absent")
        word = unknown if ok is None else texts(f"pill.{self._key}.{'ok' if ok else 'bad'}")
        text = f"{texts(f'pill.{self._key}')} {word}"
        self._text.setText(text)
        self.setAccessibleName(text)
        bad = ok is False
        glyph: Glyph = "dash" if not fitted else "question" if ok is None else "cross" if bad else "tick"
        self._sign.show_glyph(glyph, WHITE if bad else INK, sizes.px(14))
        colour = f"background: {RED}; border-radius: {sizes.px(3)}px;" if bad else "background: transparent;"
        self.setStyleSheet(f"Pill {{ {colour} }}")
        weight = "bold" if ok is not True else "normal"
        self._text.setStyleSheet(
            f"color: {WHITE if bad else INK}; font-size: {sizes.px(14)}px; font-weight: {weight};"
        )
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(sizes.px(6), sizes.px(3), sizes.px(6), sizes.px(3))
        layout.setSpacing(sizes.px(6))


class TopBar(QWidget):
    """Prompt, code field, channel, pills."""

    def __init__(self) -> None:
        super().__init__()
        self._sizes = Sizes()
        self._prompt = QFrame()
        self._prompt.setObjectName("prompt")
        self._sign = Sign()
        self._text, self._more = QLabel(), QLabel()
        self._text.setObjectName("prompt_text")
        self._more.setObjectName("prompt_more")
        for label in (self._text, self._more):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._text)
        words.addWidget(self._more)
        words.addStretch(1)
        inside = QHBoxLayout(self._prompt)
        inside.addWidget(self._sign)
        inside.addLayout(words, 1)
        self._code_caption, self._channel_caption = QLabel(), QLabel()
        self.field = QLineEdit()
        # A code is plain characters: no input method may swallow or turn them into words.
        self.field.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.field.setMaxLength(80)
        self._channel = QLabel()
        self._channel.setObjectName("channel_value")
        for caption in (self._code_caption, self._channel_caption):
            caption.setProperty("role", "caption")
        middle = QGridLayout()
        middle.addWidget(self._code_caption, 0, 0)
        middle.addWidget(self.field, 1, 0)
        middle.addWidget(self._channel_caption, 0, 1, Qt.AlignmentFlag.AlignHCenter)
        middle.addWidget(self._channel, 1, 1, Qt.AlignmentFlag.AlignCenter)
        self._middle = middle
        self.pills = {key: Pill(key) for key in PILLS}
        signs = QGridLayout()
        for index, pill in enumerate(self.pills.values()):
            signs.addWidget(pill, index % 2, index // 2)
        self._signs = signs
        self._box = QHBoxLayout(self)
        self._box.addWidget(self._prompt, 1)
        self._box.addLayout(middle)
        self._box.addLayout(signs)

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit the bar to the window."""
        self._sizes = sizes
        s = sizes.px
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(s(12))
        self._signs.setSpacing(s(4))
        self._middle.setHorizontalSpacing(s(12))
        self._middle.setVerticalSpacing(s(2))
        inside = self._prompt.layout()
        assert inside is not None
        inside.setContentsMargins(s(12), s(4), s(12), s(4))
        inside.setSpacing(s(12))
        self.field.setFixedWidth(s(330))
        self._channel.setFixedWidth(s(64))
        self._channel.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMinimumHeight(s(66))
        self.setMaximumHeight(s(66))

    def set_texts(self, texts: Texts) -> None:
        """Captions."""
        self._code_caption.setText(texts("top.code"))
        self._channel_caption.setText(texts("top.channel"))
        self.field.setPlaceholderText(texts("top.code_placeholder"))
        self.field.setAccessibleName(texts("top.code"))
        self._channel.setAccessibleName(texts("top.channel"))

    def show_prompt(self, level: str, text: str, more: str) -> None:
        """The line that tells what to do, and a smaller one below."""
        if self._prompt.property("level") != level:
            self._prompt.setProperty("level", level)
            for widget in (self._prompt, self._text, self._more):
                widget.style().unpolish(widget)
                widget.style().polish(widget)
        refusal = level == "refusal"
        signs: dict[str, Glyph] = {"refusal": "bang", "ready": "play", "question": "question"}
        glyph = signs.get(level, "dots")
        self._sign.show_glyph(glyph, WHITE if refusal else INK, self._sizes.px(26))
        self._sign.setVisible(level != "info")
        if self._text.text() != text:
            self._text.setText(text)
        if self._more.text() != more:
            self._more.setText(more)
        self._more.setVisible(bool(more))
        self._crowd(bool(more))
        self._prompt.setAccessibleName(f"{text} {more}".strip())

    def _crowd(self, more: bool) -> None:
        """Two lines and the smaller one find room in smaller letters."""
        room = self._prompt.width() - self._sizes.px(64)
        font = self._text.font()
        font.setPixelSize(self._sizes.px(20))
        font.setBold(True)
        crowded = (
            "true" if more and QFontMetrics(font).horizontalAdvance(self._text.text()) > room else "false"
        )
        if self._text.property("crowded") != crowded:
            for label in (self._text, self._more):
                label.setProperty("crowded", crowded)
                label.style().unpolish(label)
                label.style().polish(label)

    def show_channel(self, channel: str) -> None:
        """The chosen channel."""
        if self._channel.text() != channel:
            self._channel.setText(channel)


def both(one: bool | None, other: bool | None) -> bool | None:
    """False when either is, else what the second says."""
    if one is False or other is False:
        return False
    return other
