"""The panel that asks what the records do not know of a battery: with gloves, without a dialog."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QGridLayout, QLabel, QLineEdit, QWidget

from station.ui.buttons import BigButton, big_button
from station.ui.style import Sizes
from station.ui.texts import Texts

CHEMISTRIES: Final = ("LFP", "NMC", "LMO", "NCA", "LTO")
KEYS: Final = ("7", "8", "9", "4", "5", "6", "1", "2", "3", ".", "0", "back")


class MissingPanel(QFrame):
    """Capacity by number pad, chemistry by buttons. ``confirmed``: Ah or None, and a name or empty."""

    confirmed = Signal(object, str)
    cancelled = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("missing")
        self._title, self._text = QLabel(), QLabel()
        self._title.setObjectName("missing_title")
        self._caption_capacity, self._caption_chemistry, self._problem = QLabel(), QLabel(), QLabel()
        self.field = QLineEdit()
        self.field.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.field.setMaxLength(8)
        self._keys = {key: big_button(f"key_{key}") for key in KEYS}
        self._grid = QGridLayout(self)
        self._grid.addWidget(self._title, 0, 0, 1, 6)
        self._grid.addWidget(self._text, 1, 0, 1, 6)
        self._grid.addWidget(self._caption_capacity, 2, 0, 1, 3)
        self._grid.addWidget(self.field, 3, 0, 1, 3)
        self._grid.addWidget(self._caption_chemistry, 2, 4, 1, 2)
        for index, (key, button) in enumerate(self._keys.items()):
            self._grid.addWidget(button, 4 + index // 3, index % 3)
            button.clicked.connect(lambda _=False, key=key: self._press(key))
        self._group = QButtonGroup(self)
        self._chemistry_buttons: dict[str, BigButton] = {}
        self._grid.addWidget(self._problem, 3, 4, 1, 2)
        self.cancel, self.confirm = big_button("missing_cancel"), big_button("missing_confirm")
        self.confirm.setProperty("armed", "true")
        self._grid.addWidget(self.cancel, 7, 4)
        self._grid.addWidget(self.confirm, 7, 5)
        self.cancel.clicked.connect(self.cancelled)
        self.confirm.clicked.connect(self.submit)
        self._asked: frozenset[str] = frozenset()
        self._texts = Texts()
        self._problem_key = ""
        self.hide()

    def ask(self, missing: frozenset[str], code: str, chemistries: tuple[str, ...], texts: Texts) -> None:
        """Open for these facts of this battery."""
        self._asked, self._problem_key = missing, ""
        self.field.clear()
        for button in self._chemistry_buttons.values():
            self._group.removeButton(button)
            self._grid.removeWidget(button)
            button.deleteLater()
        self._chemistry_buttons = {}
        for index, name in enumerate([*(chemistries or CHEMISTRIES)[:5], ""]):
            button = big_button(f"chemistry_{name or 'unknown'}")
            button.setCheckable(True)
            self._group.addButton(button)
            self._chemistry_buttons[name] = button
            wide = 2 if not name and index % 2 == 0 else 1
            self._grid.addWidget(button, 4 + index // 2, 4 + index % 2, 1, wide)
        self._code = code
        self.set_texts(texts)
        capacity = "nominal_capacity_Ah" in missing
        for widget in (self._caption_capacity, self.field, *self._keys.values()):
            widget.setVisible(capacity)
        self.show()
        self.raise_()
        first = self.field if capacity else next(iter(self._chemistry_buttons.values()))
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit the panel to the window."""
        s = sizes.px
        self._grid.setContentsMargins(s(16), s(12), s(16), s(14))
        self._grid.setSpacing(s(6))
        for column in (0, 1, 2):
            self._grid.setColumnMinimumWidth(column, sizes.button)
        self._grid.setColumnMinimumWidth(3, s(20))
        for column in (4, 5):
            self._grid.setColumnMinimumWidth(column, s(150))

    def set_texts(self, texts: Texts) -> None:
        """Words."""
        self._texts = texts
        self._title.setText(texts("missing.title"))
        self._text.setText(texts("missing.text", code=getattr(self, "_code", "")))
        self._caption_capacity.setText(texts("missing.capacity"))
        self._caption_chemistry.setText(texts("missing.chemistry"))
        self.field.setAccessibleName(texts("missing.capacity"))
        for key, button in self._keys.items():
            word = texts("missing.back") if key == "back" else key
            button.set_words(word)
            button.setAccessibleName(word)
        for name, button in self._chemistry_buttons.items():
            button.set_words(name or texts("missing.unknown"))
            button.setAccessibleName(f"{texts('missing.chemistry')} {name or texts('missing.unknown')}")
        self.cancel.set_words(texts("missing.cancel"))
        self.cancel.setAccessibleName(texts("missing.cancel"))
        self.confirm.set_words(texts("missing.confirm"), "F5")
        self.confirm.setAccessibleName(texts("missing.confirm") + ", F5")
        self._problem.setText(texts(self._problem_key) if self._problem_key else "")

    def _press(self, key: str) -> None:
        self.key(key)

    def key(self, key: str) -> bool:
        """A key of the pad, pressed or by barcode; whether there is one."""
        if key not in KEYS or "nominal_capacity_Ah" not in self._asked:
            return False
        if key == "back":
            self.field.backspace()
        else:
            self.field.insert(key)
        return True

    def choose(self, chemistry: str) -> bool:
        """A chemistry by barcode, empty for not known; whether it is offered."""
        button = self._chemistry_buttons.get(chemistry)
        if button is not None:
            button.setChecked(True)
        return button is not None

    def capacity_Ah(self) -> float | None:
        """The capacity entered, or None when it is no number above 0."""
        try:
            value = float(self.field.text().replace("，", ".").replace(",", ".").replace("。", "."))
        except ValueError:
            return None
        return value if 0 < value < 1e5 else None

    def submit(self) -> None:
        """Send what was entered, or say what is missing."""
        capacity = self.capacity_Ah() if "nominal_capacity_Ah" in self._asked else None
        chosen = next((name for name, button in self._chemistry_buttons.items() if button.isChecked()), None)
        if "nominal_capacity_Ah" in self._asked and capacity is None:
            self._complain("missing.bad_capacity")
        elif "chemistry" in self._asked and chosen is None:
            self._complain("missing.no_chemistry")
        else:
            self.confirmed.emit(capacity, chosen or "")

    def _complain(self, key: str) -> None:
        self._problem_key = key
        self._problem.setText(self._texts(key))
