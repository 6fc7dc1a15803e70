"""The row of big buttons: language, profiles, start, acknowledge, and the two stops well apart."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSpacerItem, QWidget

from station.ui.style import STOP_GAP_MM, Sizes
from station.ui.texts import Texts
from station.ui.views import ProfileInfo, local


def big_button(name: str) -> QPushButton:
    """A button that keeps its hands off the focus when pressed: keys go on meaning what they meant."""
    button = QPushButton()
    button.setObjectName(name)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAutoDefault(False)
    return button


class ButtonRow(QWidget):
    """Every action has its button, its key and its barcode."""

    profile_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.language = big_button("language")
        self.start, self.acknowledge = big_button("start"), big_button("acknowledge")
        self.stop, self.stop_all = big_button("stop"), big_button("stop_all")
        self._profiles: dict[str, QPushButton] = {}
        self._infos: tuple[ProfileInfo, ...] = ()
        self._profile_box = QHBoxLayout()
        self._box = QHBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.addWidget(self.language, 2)
        self._box.addLayout(self._profile_box, 9)
        self._box.addSpacing(1)
        self._box.addWidget(self.start, 5)
        self._box.addWidget(self.acknowledge, 4)
        self._gaps = [self._box.count(), self._box.count() + 2]
        self._box.addSpacing(1)
        self._box.addWidget(self.stop, 5)
        self._box.addSpacing(1)
        self._box.addWidget(self.stop_all, 5)

    def set_profiles(self, profiles: tuple[ProfileInfo, ...]) -> None:
        """One button for each test there is."""
        for button in self._profiles.values():
            self._profile_box.removeWidget(button)
            button.deleteLater()
        self._profiles.clear()
        self._infos = profiles
        for info in profiles:
            button = big_button(f"profile_{info.name}")
            button.setProperty("role", "profile")
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, name=info.name: self.profile_chosen.emit(name))
            self._profiles[info.name] = button
            self._profile_box.addWidget(button, 1)

    def in_order(self) -> list[QPushButton]:
        """All buttons from left to right."""
        return [
            self.language, *self._profiles.values(), self.start, self.acknowledge, self.stop, self.stop_all,
        ]  # fmt: skip

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit the row to the window."""
        self._box.setSpacing(sizes.px(6))
        self._profile_box.setSpacing(sizes.px(6))
        # The spacing on both sides of a gap counts too; left out, it is to spare.
        gap = sizes.mm(STOP_GAP_MM)
        for index in self._gaps:
            self._spacer(index).changeSize(gap, 0)
        self._spacer(2).changeSize(sizes.px(10), 0)
        self._box.invalidate()

    def _spacer(self, index: int) -> QSpacerItem:
        item = self._box.itemAt(index)
        spacer = item.spacerItem() if item is not None else None
        assert spacer is not None
        return spacer

    def set_texts(self, texts: Texts) -> None:
        """Words and keys."""
        for button, key, shortcut in (
            (self.start, "start", "F5"), (self.acknowledge, "acknowledge", "F6"),
            (self.stop, "stop", "F8"), (self.stop_all, "stop_all", "Esc"),
        ):  # fmt: skip
            word = texts(f"button.{key}")
            button.setText(f"{word}\n{shortcut}")
            button.setAccessibleName(f"{word}, {shortcut}")
        self.language.setText(texts("language.other"))
        self.language.setAccessibleName(texts("language.name"))
        for info in self._infos:
            title = local(info.title, texts.lang) or info.name
            button = self._profiles[info.name]
            button.setText(_two_lines(title))
            button.setAccessibleName(texts("button.profile", title=title))
            button.setAccessibleDescription(local(info.description, texts.lang))

    def show_choice(self, profile: str | None, ready: bool) -> None:
        """Mark the chosen profile, and Start when it would start a test."""
        for name, button in self._profiles.items():
            # A press checks a button by itself; the choice is the desk's.
            if button.isChecked() != (name == profile):
                button.setChecked(name == profile)
        armed = "true" if ready else "false"
        if self.start.property("armed") != armed:
            self.start.setProperty("armed", armed)
            self.start.style().unpolish(self.start)
            self.start.style().polish(self.start)


def _two_lines(title: str) -> str:
    """``Rapid (3 min)`` as name above and length below."""
    match = re.fullmatch(r"(.+?)\s*[(（](.+)[)）]", title)
    return f"{match[1]}\n{match[2]}" if match else title
