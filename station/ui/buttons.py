"""The row of big buttons: menu, profile, no code, pad, start, acknowledge, and the two stops well apart."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSpacerItem, QWidget

from station.ui.style import STOP_GAP_MM, Sizes
from station.ui.texts import Texts
from station.ui.views import ProfileInfo, local


class BigButton(QPushButton):
    """A button for gloves. Its words go into as many lines as they need; its key stands below.

    It keeps its hands off the focus when pressed: keys go on meaning what they meant.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoDefault(False)
        self._words, self._key = "", ""

    def set_words(self, words: str, key: str = "") -> None:
        """Say this; ``key`` is the key that does the same."""
        if (words, key) != (self._words, self._key):
            self._words, self._key = words, key
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the words anew."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """In a new font, too, which may come without a new size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        if not self._words:
            return
        lines = in_lines(self._words, QFontMetrics(self.font()), self.width() - 14)
        if self._key:
            room = (self.height() - 8) // max(QFontMetrics(self.font()).height(), 1)
            if len(lines) > 1 and len(lines) >= room:
                lines[-1] = f"{lines[-1]} · {self._key}"
            else:
                lines.append(self._key)
        text = "\n".join(lines)
        if text != self.text():
            self.setText(text)


def in_lines(text: str, metrics: QFontMetrics, width: int) -> list[str]:
    """``text`` in lines no wider than ``width`` pixels where words allow it; Chinese breaks anywhere."""
    out: list[str] = []
    for given in text.split("\n"):
        line = ""
        for piece in re.findall(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+|\s+", given):
            if line and metrics.horizontalAdvance((line + piece).rstrip()) > width:
                out.append(line.rstrip())
                line = ""
            line += piece if line or not piece.isspace() else ""
        out.append(line.rstrip())
    return out


def big_button(name: str) -> BigButton:
    """A button for gloves called ``name``."""
    return BigButton(name)


ACTIONS: Final = (
    ("menu", "F1"), ("profile", "F3"), ("no_code", "F12"), ("pad", "F4"), ("start", "F5"),
    ("acknowledge", "F6"), ("stop", "F8"), ("stop_all", "Esc"),
)  # fmt: skip


class ButtonRow(QWidget):
    """Every action has its button, its key and its barcode."""

    def __init__(self) -> None:
        super().__init__()
        self.menu, self.profile = big_button("menu"), big_button("profile")
        self.no_code, self.pad = big_button("no_code"), big_button("pad")
        self.start, self.acknowledge = big_button("start"), big_button("acknowledge")
        self.stop, self.stop_all = big_button("stop"), big_button("stop_all")
        self._profile_title = ""
        self._box = QHBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        for button, share in (
            (self.menu, 3), (self.profile, 5), (self.no_code, 4), (self.pad, 4), (self.start, 6),
            (self.acknowledge, 5),
        ):  # fmt: skip
            self._box.addWidget(button, share)
        self._gaps = [self._box.count(), self._box.count() + 2]
        for button in (self.stop, self.stop_all):
            self._box.addSpacing(1)
            self._box.addWidget(button, 6)

    def in_order(self) -> list[QPushButton]:
        """All buttons from left to right."""
        return [getattr(self, name) for name, _ in ACTIONS]

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit the row to the window."""
        self._box.setSpacing(sizes.px(6))
        # The spacing on both sides of a gap counts too; left out, it is to spare.
        gap = sizes.mm(STOP_GAP_MM)
        for index in self._gaps:
            self._spacer(index).changeSize(gap, 0)
        self._box.invalidate()

    def _spacer(self, index: int) -> QSpacerItem:
        item = self._box.itemAt(index)
        spacer = item.spacerItem() if item is not None else None
        assert spacer is not None
        return spacer

    def set_texts(self, texts: Texts) -> None:
        """Words and keys."""
        for name, key in ACTIONS:
            word = texts(f"button.{name}")
            button: BigButton = getattr(self, name)
            if name == "profile":
                continue
            button.set_words(word, key)
            button.setAccessibleName(f"{word}, {key}")

    def show_choice(self, profile: ProfileInfo | None, ready: bool, texts: Texts) -> None:
        """Say which profile is chosen, and mark Start when it would start a test."""
        title = (
            texts("button.no_profile")
            if profile is None
            else local(profile.title, texts.lang) or profile.name
        )
        if title != self._profile_title:
            self._profile_title = title
            self.profile.set_words(
                title.replace("（", "\n").replace("）", "").replace(" (", "\n").replace(")", "")
            )
            self.profile.setAccessibleName(texts("button.profile", title=title) + ", F3")
        armed = "true" if ready else "false"
        if self.start.property("armed") != armed:
            self.start.setProperty("armed", armed)
            self.start.style().unpolish(self.start)
            self.start.style().polish(self.start)
