"""A line of fields with its buttons, under a table: what may be done to what is shown there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QWidget

from station.ui.engineer.fields import Captioned, small_button
from station.ui.texts import Texts


class Deed(QWidget):
    """``asked`` names the button; the reason, where one is asked for, is the last field."""

    asked = Signal(str)

    def __init__(
        self, fields: Mapping[str, QLineEdit | QComboBox], buttons: Sequence[str], *, reason: bool = True
    ) -> None:
        super().__init__()
        self.why = QLineEdit()
        self.why.setMaxLength(400)
        asked = {**fields, "why": self.why} if reason else fields
        self._parts = {key: Captioned(part) for key, part in asked.items()}
        self.buttons = {key: small_button(key) for key in buttons}
        self.check: QCheckBox | None = None
        self._box = QHBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        for key, part in self._parts.items():
            self._box.addWidget(part, 3 if key == "why" else 2)
        for key, button in self.buttons.items():
            button.clicked.connect(lambda _=False, key=key: self.asked.emit(key))
            self._box.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        if not reason:
            self._box.addStretch(3)

    def add_check(self) -> QCheckBox:
        """A box to tick, before the buttons."""
        self.check = QCheckBox()
        at = len(self._parts)
        self._box.insertWidget(at, self.check, 0, Qt.AlignmentFlag.AlignBottom)
        return self.check

    def set_texts(self, texts: Texts, group: str) -> None:
        """Captions and words, of this group of texts."""
        for key, part in self._parts.items():
            part.set_name(texts(f"{group}.{key}"))
        for key, button in self.buttons.items():
            button.setText(texts(f"{group}.{key}"))
