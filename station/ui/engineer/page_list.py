"""The list of pages on the left; it scrolls where a screen is too low for all of them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QScrollArea, QVBoxLayout, QWidget

from station.ui.style import Sizes


class PageList(QScrollArea):
    """One button a page."""

    chosen = Signal(str)

    def __init__(self, keys: Iterable[str]) -> None:
        super().__init__()
        self.setObjectName("page_list")
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.buttons: dict[str, QPushButton] = {}
        names = QWidget()
        names.setObjectName("page_names")
        self._box = QVBoxLayout(names)
        self._box.setContentsMargins(0, 0, 0, 0)
        for key in keys:
            button = QPushButton()
            button.setProperty("role", "page")
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, key=key: self.chosen.emit(key))
            self.buttons[key] = button
            self._box.addWidget(button)
        self._box.addStretch(1)
        self.setWidget(names)

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        self._box.setSpacing(sizes.px(2))
