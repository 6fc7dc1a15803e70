"""What a verdict or a fault says on its tile: figures on their limits, reason, uses, what to do next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from station.ui.limitbar import LimitBar
from station.ui.style import Sizes
from station.ui.tileview import TileView


class TileDetails(QWidget):
    """Shows what there is room for: what is said elsewhere too gives way first."""

    def __init__(self) -> None:
        super().__init__()
        self._headline, self._facts = tile_label("tile_soh"), tile_label("tile_fact", wrap=True)
        self.bar = LimitBar()
        self._reason = tile_label("tile_reason", wrap=True)
        self._remedy = tile_label("tile_remedy", wrap=True)
        self._fits, self._blocked = (tile_label("tile_use", wrap=True) for _ in range(2))
        self._conditional = tile_label("tile_use", wrap=True)
        self._next = tile_label("tile_next", wrap=True)
        self._box = QVBoxLayout(self)
        for widget in (
            self._headline, self.bar, self._facts, self._reason, self._remedy, self._fits,
            self._conditional, self._blocked, self._next,
        ):  # fmt: skip
            self._box.addWidget(widget)
        # The result page tells uses in full, the alarm list the remedy, the figures the bar.
        self._spare = (self._conditional, self._remedy, self._blocked, self._fits, self._next, self.bar)
        self._wanted: list[QWidget] = []

    def set_sizes(self, sizes: Sizes, compact: bool) -> None:
        """Fit it to the window."""
        self._box.setSpacing(sizes.px(2 if compact else 3))
        self._box.setContentsMargins(0, 0 if compact else sizes.px(5), 0, 0)
        self.bar.set_sizes(sizes)

    def show_view(self, view: TileView) -> None:
        """Take over the words."""
        shown = [(self._headline, view.headline)] if view.detail == "verdict" else [(self._headline, "")]
        shown += [
            (self._facts, view.facts), (self._reason, view.reason), (self._remedy, view.remedy),
            (self._fits, view.fits), (self._conditional, view.conditional), (self._blocked, view.blocked),
            (self._next, view.next),
        ]  # fmt: skip
        for label, text in shown:
            if label.text() != text:
                label.setText(text)
        if view.soh is not None:
            self.bar.show_soh(view.soh, view.limits, view.grade, view.bar_name)
        self._wanted = [label for label, text in shown if text]
        self._wanted += [self.bar] if view.soh is not None else []
        self.setVisible(view.detail != "none")

    def all_wanted(self) -> None:
        """Show everything there is to say."""
        for index in range(self._box.count()):
            item = self._box.itemAt(index)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.setVisible(widget in self._wanted)

    def spare_one(self) -> bool:
        """Leave out the next part that is told elsewhere too; whether there was one."""
        for spare in self._spare:
            if not spare.isHidden():
                spare.hide()
                return True
        return False

    def height_for(self, width: int) -> int:
        """Pixels of height for what is shown."""
        self._box.invalidate()
        if self._box.hasHeightForWidth():
            return self._box.heightForWidth(width)
        return self._box.sizeHint().height()


def tile_label(name: str, *, wrap: bool = False) -> QLabel:
    """A plain label of a tile."""
    label = QLabel()
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    label.setIndent(0)
    return label
