"""Panels over the tiles: no dialogs. One at a time, never over the stop buttons."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QSizePolicy, QWidget

from station.ui.buttons import BigButton, big_button
from station.ui.style import Sizes
from station.ui.texts import Texts


class Panel(QFrame):
    """A frame with a title and a button that closes it. Others put their own below in ``grid``."""

    closed = Signal()

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setProperty("role", "panel")
        self.name = name
        self.title = QLabel()
        self.title.setObjectName("panel_title")
        self.cancel = big_button(f"{name}_cancel")
        self.cancel.clicked.connect(self.closed)
        self.grid = QGridLayout(self)
        self.hide()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit the panel to the window."""
        s = sizes.px
        self.grid.setContentsMargins(s(16), s(12), s(16), s(14))
        self.grid.setSpacing(s(6))

    def set_texts(self, texts: Texts) -> None:
        """Words."""
        self.cancel.set_words(texts("panel.close"))
        self.cancel.setAccessibleName(texts("panel.close"))

    def opened(self) -> None:
        """It is about to be shown."""

    def refresh(self) -> None:
        """Something may have changed while it is open."""

    def submit(self) -> bool:
        """F5, or the start barcode; whether that meant this panel."""
        return False

    def stand(self, area: QRect, most: QRect) -> None:
        """Take its place over the tiles at ``area``, never beyond ``most``."""
        place(self, area, most)

    def key(self, key: str) -> bool:
        """A key by barcode: a character or ``back``; whether it was taken."""
        del key
        return False


def place(panel: QWidget, area: QRect, most: QRect) -> None:
    """Centre ``panel`` over ``area``; it may grow to ``most`` and never beyond."""
    panel.adjustSize()
    size = panel.sizeHint()
    width, height = min(size.width(), most.width()), min(size.height(), most.height())
    left = area.center().x() - width // 2
    top = min(max(most.top(), area.center().y() - height // 2), most.bottom() - height + 1)
    panel.setGeometry(left, top, width, height)


class ChoicePanel(Panel):
    """A page of big buttons."""

    def __init__(self, name: str, parent: QWidget, title_key: str, columns: int = 4) -> None:
        super().__init__(name, parent)
        self._title_key, self._columns = title_key, columns
        self.cancel.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._width, self._height = 0, 0
        self._buttons: dict[str, BigButton] = {}
        self._words: dict[str, Callable[[Texts], str]] = {}
        self.grid.addWidget(self.title, 0, 0, 1, columns - 1)

    def add(self, key: str, words: Callable[[Texts], str], action: Callable[[], None]) -> BigButton:
        """One more button, after those there are."""
        button = big_button(f"{self.name}_{key}")
        button.clicked.connect(lambda: action())
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._buttons[key], self._words[key] = button, words
        self._arrange()
        return button

    def clear(self) -> None:
        """Take all buttons away."""
        for button in self._buttons.values():
            self.grid.removeWidget(button)
            button.deleteLater()
        self._buttons.clear()
        self._words.clear()

    def button(self, key: str) -> BigButton:
        """The button called ``key``."""
        return self._buttons[key]

    def choose(self, key: str | None) -> None:
        """Mark the one that is chosen."""
        for name, button in self._buttons.items():
            armed = "true" if name == key else "false"
            if button.property("armed") != armed:
                button.setProperty("armed", armed)
                button.style().unpolish(button)
                button.style().polish(button)

    def _arrange(self) -> None:
        for index, button in enumerate(self._buttons.values()):
            self.grid.addWidget(button, 1 + index // self._columns, index % self._columns)
        # The last place of the last row is its own; with a full last row it stands in one of its own.
        row = 1 + len(self._buttons) // self._columns
        self.grid.addWidget(self.cancel, row, self._columns - 1)
        for column in range(self._columns):
            self.grid.setColumnMinimumWidth(column, self._width)
        for index in range(1, row + 1):
            self.grid.setRowMinimumHeight(index, self._height)

    def set_sizes(self, sizes: Sizes) -> None:
        """Buttons that a glove cannot miss."""
        super().set_sizes(sizes)
        self._width, self._height = max(sizes.px(230), sizes.button), max(sizes.px(92), sizes.button)
        self._arrange()

    def set_texts(self, texts: Texts) -> None:
        """Words."""
        super().set_texts(texts)
        self.title.setText(texts(self._title_key))
        for key, button in self._buttons.items():
            words = self._words[key](texts)
            button.set_words(words)
            button.setAccessibleName(words.replace("\n", " "))

    def opened(self) -> None:
        """The first button has the focus, so that Tab and Space do."""
        if self._buttons:
            next(iter(self._buttons.values())).setFocus()
