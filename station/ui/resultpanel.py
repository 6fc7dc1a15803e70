"""The whole result of a channel over the tiles: verdict, figures on their limits, every use with its rule."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from station.ui.band import StateBand
from station.ui.buttons import big_button
from station.ui.limitbar import LimitBar
from station.ui.mirror import Slot
from station.ui.panels import Panel
from station.ui.style import Sizes
from station.ui.texts import Texts
from station.ui.tiledetails import tile_label
from station.ui.tileview import TileView
from station.ui.verdictview import STATUSES, result_of, use_lines


class ResultPanel(Panel):
    """``reprint`` asks for the label again."""

    reprint = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__("result", parent)
        self._texts, self._sizes = Texts(), Sizes()
        self._shown: object = None
        self.band, self.bar = StateBand(), LimitBar()
        self._code, self._headline = tile_label("result_code"), tile_label("result_soh")
        self._facts, self._reason = tile_label("tile_fact", wrap=True), tile_label("tile_reason", wrap=True)
        self._next = tile_label("result_next", wrap=True)
        left = self._left = QVBoxLayout()
        for part in (self._code, self.band, self._headline, self.bar, self._facts, self._reason, self._next):
            left.addWidget(part)
        left.addStretch(1)
        self._uses_title, self._uses = tile_label("tile_reason"), QGridLayout()
        right = QVBoxLayout()
        right.addWidget(self._uses_title)
        right.addLayout(self._uses)
        right.addStretch(1)
        self._print = big_button("result_print")
        self._print.clicked.connect(self.reprint)
        self.grid.addWidget(self.title, 0, 0, 1, 3)
        self.grid.addLayout(left, 1, 0)
        self.grid.addLayout(right, 1, 1, 1, 2)
        self.grid.addWidget(self._print, 2, 1, Qt.AlignmentFlag.AlignRight)
        self.grid.addWidget(self.cancel, 2, 2)
        self.grid.setRowStretch(1, 1)
        self.grid.setColumnStretch(0, 2)
        self.grid.setColumnStretch(1, 3)

    def show_slot(self, slot: Slot, view: TileView, texts: Texts) -> None:
        """Show this channel's result; does nothing when it is shown already."""
        uses = use_lines(result_of(slot), texts.lang)
        now = (view, uses, texts.lang, self._sizes)
        if now == self._shown:
            return
        self._shown = now
        self.title.setText(f"{view.title} · {texts('result.title')}")
        self._code.setText(view.code)
        self.band.show_state(view.glyph, view.word, view.caption, view.tone)
        for label, text in (
            (self._headline, view.headline), (self._facts, view.facts), (self._reason, view.reason),
            (self._next, view.next),
        ):  # fmt: skip
            label.setText(text)
            label.setVisible(bool(text))
        self.bar.setVisible(view.soh is not None)
        if view.soh is not None:
            self.bar.show_soh(view.soh, view.limits, view.grade, view.bar_name)
        self._uses_title.setText(texts("result.uses" if uses else "result.no_uses"))
        while (item := self._uses.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        ordered = sorted(uses, key=lambda line: STATUSES.index(line.status))
        for row, line in enumerate(ordered):
            mark = tile_label("use_mark")
            mark.setText(texts(f"use.{line.status}"))
            mark.setProperty("status", line.status)
            said = tile_label("use_line", wrap=True)
            said.setText(
                f"{line.title}: {line.why}"
                if line.why and texts.lang == "en"
                else f"{line.title}：{line.why}"
                if line.why
                else line.title
            )
            self._uses.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
            self._uses.addWidget(said, row, 1, Qt.AlignmentFlag.AlignTop)
        self._uses.setColumnStretch(1, 1)

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit the page to the window."""
        super().set_sizes(sizes)
        self._sizes = sizes
        self.grid.setHorizontalSpacing(sizes.px(20))
        self.band.set_sizes(sizes, False)
        self.bar.set_sizes(sizes)
        self._left.setSpacing(sizes.px(8))
        self._uses.setVerticalSpacing(sizes.px(7))
        self._uses.setHorizontalSpacing(sizes.px(12))
        for button in (self._print, self.cancel):
            button.setMinimumSize(max(sizes.px(190), sizes.button), sizes.button)

    def set_texts(self, texts: Texts) -> None:
        """Words."""
        super().set_texts(texts)
        self._texts = texts
        self._print.set_words(texts("result.print"))
        self._print.setAccessibleName(texts("result.print"))
