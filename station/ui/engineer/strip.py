"""The strip on top of every engineer page: what the channels do, and the controlled stop of all tests."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from station.ui.buttons import big_button
from station.ui.mirror import Mirror
from station.ui.style import Sizes
from station.ui.texts import Texts

_BAD: Final = ("fault",)
_WORDS: Final = {"ready": "passed", "verdict": "analysis"}


class Strip(QWidget):
    """Reads the operator page's mirror; asks nothing by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.stop_all = big_button("stop_all")
        self.stop_all.setProperty("hands", "gloves")
        self._channels: dict[str, QLabel] = {}
        self._lost = QLabel()
        self._lost.setObjectName("strip_lost")
        self._lost.hide()
        self._box = QHBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._area = QHBoxLayout()
        self._area.addStretch(1)
        self._below = QHBoxLayout()
        self._left = QVBoxLayout()
        self._left.addStretch(1)
        self._left.addLayout(self._area)
        self._left.addLayout(self._below)
        self._left.addStretch(1)
        self._box.addLayout(self._left, 1)
        self._box.addWidget(self._lost)
        self._box.addWidget(self.stop_all)

    def put_below(self, *parts: QWidget) -> None:
        """Parts in a line under the channels."""
        for part in parts:
            self._below.addWidget(part)
        self._below.addStretch(1)

    def show_mirror(self, mirror: Mirror, texts: Texts) -> None:
        """What each channel does now; the same words as on the operator's page."""
        if set(self._channels) != set(mirror.slots):
            for label in self._channels.values():
                self._area.removeWidget(label)
                label.deleteLater()
            self._channels = {channel: QLabel() for channel in mirror.slots}
            for label in self._channels.values():
                label.setObjectName("strip_channel")
                label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
                self._area.insertWidget(self._area.count() - 1, label)
        for channel, label in self._channels.items():
            state = mirror.slots[channel].state
            word = texts(f"state.{_WORDS.get(state.state, state.state)}")
            if state.state == "verdict" and state.verdict:
                word = texts(f"verdict.{state.verdict}")
            if state.active and state.remaining_s is not None:
                word += f" {state.remaining_s:.0f} s"
            text = f"{channel} {'✕ ' if state.state in _BAD else ''}{word}"
            if label.text() != text:
                label.setText(text)
                label.setAccessibleName(f"{texts('page.channel')} {text}")
            tone = "bad" if state.state in _BAD else "plain"
            if label.property("tone") != tone:
                label.setProperty("tone", tone)
                label.style().unpolish(label)
                label.style().polish(label)
        self._lost.setVisible(not mirror.connected or mirror.silent)

    def set_texts(self, texts: Texts) -> None:
        """Words and key."""
        word = texts("button.stop_all")
        self.stop_all.setText(f"{word} Esc")
        self.stop_all.setAccessibleName(f"{word}, Esc")
        self._lost.setText(texts("page.lost"))

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        self._box.setSpacing(sizes.px(8))
        for part in (self._area, self._below):
            part.setSpacing(sizes.px(8))
        self._left.setSpacing(sizes.px(3))
        self.stop_all.setMinimumWidth(sizes.px(210))
