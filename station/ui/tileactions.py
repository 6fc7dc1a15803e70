"""The buttons of a tile: what can be done with its test now."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSpacerItem, QWidget

from station.ui.buttons import BigButton, big_button
from station.ui.style import STOP_GAP_MM, Sizes
from station.ui.texts import Texts
from station.ui.tileview import Action

KEYS: Final[dict[Action, str]] = {
    "pause": "F7", "resume": "F7", "skip": "F9", "go_on": "F7", "close": "F6", "stop": "F8",
    "force": "F10",
}  # fmt: skip
"""The keys mean the chosen channel, so only its tile shows them."""
ENDING: Final[tuple[Action, ...]] = ("close", "stop", "force")
"""What ends a test stands apart from everything else, and from each other."""


class TileActions(QWidget):
    """A row of buttons for gloves. ``acted`` gives the action pressed."""

    acted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Action, ...] = ()
        self._with_keys = False
        self._sizes = Sizes()
        self._words: dict[Action, str] = dict.fromkeys(KEYS, "")
        self._box = QHBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._buttons: dict[Action, BigButton] = {}
        self._gaps: dict[Action, QSpacerItem] = {}
        for action in KEYS:
            button = big_button(f"tile_{action}")
            button.setProperty("role", "tile")
            button.clicked.connect(lambda _=False, word=action: self.acted.emit(word))
            button.hide()
            self._buttons[action] = button
            if action in ENDING:
                self._gaps[action] = QSpacerItem(0, 0)
                self._box.addItem(self._gaps[action])
            self._box.addWidget(button, 1)

    @property
    def any(self) -> bool:
        """Whether there is anything to press."""
        return bool(self._shown)

    def in_order(self) -> list[QPushButton]:
        """All buttons from left to right, shown or not."""
        return list(self._buttons.values())

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit the row to the window."""
        self._box.setSpacing(sizes.px(2))  # three of 20 mm and the gap before Stop just fit a tile
        self._sizes = sizes
        self._space()

    def set_texts(self, texts: Texts, channel: str) -> None:
        """Words; for screen readers with the channel."""
        place = texts("tile.channel", channel=channel)
        for action, button in self._buttons.items():
            self._words[action] = texts(f"action.{action}")
            button.setAccessibleName(f"{place}: {self._words[action]}")
        self._label()

    def show_actions(self, actions: tuple[Action, ...], *, with_keys: bool) -> None:
        """Offer these; with their keys on the chosen tile."""
        if (actions, with_keys) == (self._shown, self._with_keys):
            return
        self._shown, self._with_keys = actions, with_keys
        for action, button in self._buttons.items():
            button.setVisible(action in actions)
        self._space()
        self._label()

    def _space(self) -> None:
        gap = self._sizes.mm(STOP_GAP_MM) - self._box.spacing()
        for action, spacer in self._gaps.items():
            spacer.changeSize(gap if action in self._shown[1:] else 0, 0)
        self._box.invalidate()

    def _label(self) -> None:
        for action, button in self._buttons.items():
            button.set_words(self._words[action], KEYS[action] if self._with_keys else "")
