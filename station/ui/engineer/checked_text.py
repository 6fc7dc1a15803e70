"""A YAML field with a list of what is wrong in it: choose a line of the list and the cursor stands there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QListWidget, QVBoxLayout, QWidget

from station.ui.engineer.yaml_text import Problem, YamlEdit

PAUSE_MS: Final = 300
"""A check is asked for when nothing was typed for so long."""


class CheckedText(QWidget):
    """``wants_check`` is emitted a moment after the text has changed."""

    wants_check = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit, self.problems = YamlEdit(), QListWidget()
        self.problems.setWordWrap(True)
        self.pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self.pause.timeout.connect(self.wants_check)
        self.edit.textChanged.connect(self.pause.start)
        self.problems.itemActivated.connect(self._go)
        self.problems.itemClicked.connect(self._go)
        below = QVBoxLayout(self)
        below.setContentsMargins(0, 0, 0, 0)
        below.addWidget(self.edit, 5)
        below.addWidget(self.problems, 1)

    def name(self, text: str, problems: str) -> None:
        """What the two parts are called for people who do not see them."""
        self.edit.setAccessibleName(text)
        self.problems.setAccessibleName(problems)

    def text(self) -> str:
        """What stands there."""
        return self.edit.toPlainText()

    def put(self, text: str) -> None:
        """Replace all of it; a check follows."""
        self.edit.setPlainText(text)

    def show_problems(self, problems: Sequence[Problem], lines: Sequence[str]) -> None:
        """Mark ``problems``; ``lines`` are said in the list, one for each, or what is good."""
        self.edit.show_problems(problems)
        self.problems.clear()
        self.problems.addItems(list(lines))

    def _go(self) -> None:
        place = self.problems.currentRow()
        if 0 <= place < len(self.edit.problems):
            self.edit.go_to(self.edit.problems[place])
