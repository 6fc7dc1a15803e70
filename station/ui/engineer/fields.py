"""Fields with a caption above, and small buttons: the parts of every page's upper row."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget


def small_button(name: str) -> QPushButton:
    """A button of a desk's size."""
    button = QPushButton()
    button.setObjectName(name)
    button.setProperty("role", "small")
    button.setAutoDefault(False)
    return button


class Captioned(QWidget):
    """A field and what it is."""

    def __init__(self, part: QLineEdit | QComboBox) -> None:
        super().__init__()
        self.part = part
        self._caption = QLabel()
        self._caption.setProperty("role", "caption")
        self._caption.setBuddy(part)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addWidget(self._caption)
        box.addWidget(part)

    def set_name(self, name: str) -> None:
        """Say what it is."""
        self._caption.setText(name)
        self.part.setAccessibleName(name)


class Choice(QComboBox):
    """One of several words, or none of them."""

    def offer(self, words: Sequence[tuple[str, str]], none: str) -> None:
        """``words`` are (value, as shown); what was chosen stays chosen."""
        before = self.value()
        self.clear()
        self.addItem(none, None)
        for value, shown in words:
            self.addItem(shown, value)
        self.setCurrentIndex(max(self.findData(before), 0))

    def value(self) -> str | None:
        """What is chosen."""
        data = self.currentData()
        return None if data is None else str(data)


def row_of(*parts: QWidget) -> QHBoxLayout:
    """Side by side."""
    box = QHBoxLayout()
    box.setContentsMargins(0, 0, 0, 0)
    for part in parts:
        box.addWidget(part)
    return box
