"""The door of the engineer pages: a badge, or a name and a PIN."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout

from station.ui.buttons import big_button
from station.ui.style import Sizes
from station.ui.texts import Texts


class Gate(QFrame):
    """In the middle of an empty window; nothing of what is typed stays in it."""

    badge_given = Signal(str)
    pin_given = Signal(str, str)
    left = Signal()

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self.setObjectName("gate")
        self._texts = texts
        self._title, self._hint = QLabel(), QLabel()
        self._title.setObjectName("page_title")
        self.said = QLabel()
        self.said.setObjectName("gate_said")
        for label in (self._hint, self.said):
            label.setWordWrap(True)
        self._captions = {key: QLabel() for key in ("name", "pin", "badge")}
        self.name = QComboBox()
        self.pin, self.badge = QLineEdit(), QLineEdit()
        for field in (self.pin, self.badge):
            field.setEchoMode(QLineEdit.EchoMode.Password)
            field.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
            field.setMaxLength(80)
        self.go, self.back = big_button("gate_go"), big_button("gate_back")
        self._form = QGridLayout()
        for row, (key, part) in enumerate((("name", self.name), ("pin", self.pin), ("badge", self.badge))):
            self._captions[key].setBuddy(part)
            self._form.addWidget(self._captions[key], row, 0)
            self._form.addWidget(part, row, 1)
        self._form.setColumnStretch(1, 1)
        self._row = QHBoxLayout()
        self._row.addWidget(self.back)
        self._row.addWidget(self.go)
        self._box = QVBoxLayout(self)
        self._box.addWidget(self._title)
        self._box.addWidget(self._hint)
        self._box.addLayout(self._form)
        self._box.addWidget(self.said)
        self._box.addLayout(self._row)
        self.go.clicked.connect(self.submit)
        self.back.clicked.connect(self.left)
        self.pin.returnPressed.connect(self.submit)
        self.badge.returnPressed.connect(self.submit)

    def submit(self) -> None:
        """Hand over what was typed and forget it."""
        badge, pin = self.badge.text(), self.pin.text()
        self.badge.clear()
        self.pin.clear()
        if badge:
            self.badge_given.emit(badge)
        elif pin and self.name.currentText():
            self.pin_given.emit(self.name.currentText(), pin)

    def show_names(self, names: list[str]) -> None:
        """Who may log in; without anybody, how the first administrator is made."""
        chosen = self.name.currentText()
        self.name.clear()
        self.name.addItems(names)
        if chosen in names:
            self.name.setCurrentText(chosen)
        if not names:
            self.say(self._texts("page.gate.nobody"))

    def say(self, text: str) -> None:
        """A sentence below the fields."""
        self.said.setText(text)
        self.said.setVisible(bool(text))

    def set_texts(self) -> None:
        """Captions."""
        texts = self._texts
        self._title.setText(texts("page.gate.title"))
        self._hint.setText(texts("page.gate.hint"))
        for key, part in (("name", self.name), ("pin", self.pin), ("badge", self.badge)):
            self._captions[key].setText(texts(f"page.gate.{key}"))
            part.setAccessibleName(texts(f"page.gate.{key}"))
        self.go.setText(texts("page.gate.go"))
        self.back.setText(texts("page.back"))

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        self.setFixedWidth(sizes.px(620))
        self._box.setContentsMargins(*[sizes.px(24)] * 4)
        self._box.setSpacing(sizes.px(12))
        self._row.setSpacing(sizes.px(12))
        self._form.setSpacing(sizes.px(8))
