"""A pad for worn labels: big keys for gloves, the keyboard, and what the code says as it grows."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from station.ui.buttons import BigButton, big_button
from station.ui.codes import BadScan, BatteryCode, LabelPart, read_scan
from station.ui.labelwords import label_words
from station.ui.panels import Panel
from station.ui.style import Sizes
from station.ui.texts import Texts

ROWS: Final = ("1234567890", "ABCDEFGHIJ", "KLMNOPQRST", "UVWXYZ-.")


class CodePad(Panel):
    """``typed`` gives the code when it is confirmed."""

    typed = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("pad", parent)
        self.field = QLineEdit()
        self.field.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.field.setMaxLength(40)
        self._said = QLabel()
        self._said.setObjectName("pad_said")
        self._texts = Texts()
        self.keys: dict[str, BigButton] = {}
        self.grid.addWidget(self.title, 0, 0, 1, 10)
        self.grid.addWidget(self.field, 1, 0, 1, 10)
        self.grid.addWidget(self._said, 2, 0, 1, 10)
        for row, letters in enumerate(ROWS):
            for column, letter in enumerate(letters):
                self._key(letter, 3 + row, column)
        self._key("back", 6, 8, 2)
        self.confirm = big_button("pad_confirm")
        self.confirm.setProperty("armed", "true")
        self.grid.addWidget(self.cancel, 7, 0, 1, 3)
        self.grid.addWidget(self.confirm, 7, 6, 1, 4)
        self.confirm.clicked.connect(self.submit)
        self.field.textChanged.connect(self._say)
        self.field.returnPressed.connect(self.submit)

    def _key(self, key: str, row: int, column: int, wide: int = 1) -> None:
        button = big_button(f"pad_{key}")
        button.clicked.connect(lambda: self.key(key))
        self.keys[key] = button
        self.grid.addWidget(button, row, column, 1, wide)

    def begin(self, text: str) -> None:
        """Open with what is there already."""
        self.field.setText(text)
        self._say()

    def opened(self) -> None:
        """Keys go into the field."""
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def key(self, key: str) -> bool:
        """One more character, or one less."""
        if key == "back":
            self.field.backspace()
        elif key in self.keys:
            self.field.insert(key)
        return key in self.keys

    def submit(self) -> bool:
        """Take the code as typed; what is no code is told and stays."""
        if not isinstance(read_scan(self.field.text()), BadScan):
            self.typed.emit(self.field.text())
        else:
            self._say()
        return True

    def _say(self, _: str = "") -> None:
        read = read_scan(self.field.text())
        if not self.field.text().strip():
            words = self._texts("pad.empty")
        elif isinstance(read, LabelPart):
            words = self._texts("pad.part", count=len(read.text), left=read.left, length=read.length)
        elif isinstance(read, BatteryCode):
            words = label_words(read.code, self._texts) or self._texts("pad.free", count=len(read.code))
        else:
            words = self._texts("pad.no_code")
        self._said.setText(words)

    def set_sizes(self, sizes: Sizes) -> None:
        """Keys of at least 20 mm where the window is wide enough for ten of them."""
        super().set_sizes(sizes)
        for column in range(10):
            self.grid.setColumnMinimumWidth(column, sizes.button)

    def set_texts(self, texts: Texts) -> None:
        """Words."""
        self._texts = texts
        super().set_texts(texts)
        self.title.setText(texts("pad.title"))
        self.field.setAccessibleName(texts("top.code"))
        for key, button in self.keys.items():
            word = texts("missing.back") if key == "back" else key
            button.set_words(word)
            button.setAccessibleName(word)
        self.confirm.set_words(texts("pad.confirm"), "F5")
        self.confirm.setAccessibleName(texts("pad.confirm") + ", F5")
        self._say()
