"""One question told apart by a choice: picture above, table below."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from station.ui.engineer.choosing import Chooser
from station.ui.engineer.statistics import content
from station.ui.engineer.statistics.rows import Bars, Intervals, RowPicture, Scrolled, Shares
from station.ui.engineer.table import Table
from station.ui.style import Sizes
from station.ui.texts import Texts

_PICTURES: dict[str, type[RowPicture]] = {"yield": Shares, "spread": Intervals, "repeat": Bars}
_EMPTY = {"yield": "stat.empty", "spread": "stat.no_soh", "repeat": "stat.no_pairs"}
_CAPTIONS = {"yield": "stat.share", "spread": "stat.soh_range", "repeat": "stat.soh_sd"}


class Grouped(QWidget):
    """``show_answer`` keeps the rows by every choice: another choice asks nobody."""

    chosen = Signal()

    def __init__(self, question: str, texts: Texts) -> None:
        super().__init__()
        self.question, self._texts = question, texts
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self.by = Chooser()
        self.picture = _PICTURES[question]()
        self.area = Scrolled(self.picture)
        self.table = Table(1 + len(content.COLUMNS[question]), 0)
        self._by_name, self._caption, self.empty = QLabel(), QLabel(), QLabel()
        self._by_name.setProperty("role", "caption")
        self._by_name.setBuddy(self.by)
        self._caption.setObjectName("page_part")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        head = QHBoxLayout()
        head.addWidget(self._by_name)
        head.addWidget(self.by)
        head.addSpacing(16)
        head.addWidget(self._caption, 1)
        box = QVBoxLayout(self)
        box.addLayout(head)
        box.addWidget(self.empty, 1)
        box.addWidget(self.area, 3)
        box.addWidget(self.table, 2)
        self.by.activated.connect(lambda _: self._fill())
        self.by.activated.connect(self.chosen)

    def chosen_by(self) -> str:
        """What results are told apart by now."""
        return str(self.by.currentData() or content.FIRST_BY[self.question])

    def show_answer(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        """The service's rows, by what they are told apart by."""
        self._rows = rows
        self._fill()

    def set_texts(self) -> None:
        """Words."""
        texts, before = self._texts, self.chosen_by()
        self.by.clear()
        for name in content.BY:
            self.by.addItem(texts(f"stat.by_{name}"), name)
        self.by.setCurrentIndex(self.by.findData(before))
        self.by.setAccessibleName(f"{texts(f'stat.{self.question}')}: {texts('stat.by')}")
        self._by_name.setText(texts("stat.by"))
        self._caption.setText(texts(_CAPTIONS[self.question]))
        self.empty.setText(texts(_EMPTY[self.question]))
        self._fill()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        self.table.set_sizes(sizes)
        self.picture.set_sizes(sizes)

    def _fill(self) -> None:
        texts, by = self._texts, self.chosen_by()
        rows = self._rows.get(by, [])
        for part in (self.area, self.table):
            part.setVisible(bool(rows))
        self.empty.setVisible(not rows)
        heads = [texts(f"stat.by_{by}"), *(_head(name, texts) for name in content.COLUMNS[self.question])]
        self.table.set_heads(texts(f"stat.{self.question}"), heads)
        self.table.fill([content.cells(self.question, row, texts) for row in rows])
        name = f"{texts(f'stat.{self.question}')}: {texts(_CAPTIONS[self.question])}"
        if self.question == "yield":
            self.picture.key = [
                (texts(f"verdict.{verdict}"), colour, pattern)
                for verdict, (colour, pattern) in zip(content.VERDICTS, Shares.PARTS, strict=True)
            ]
            self.picture.show_rows(content.yield_rows(rows, texts), (0.0, 100.0), name)
        elif self.question == "spread":
            drawn = content.spread_rows(rows, texts)
            low = min([60.0, *(row.values[1] for row in drawn)])
            high = max([100.0, *(row.values[2] for row in drawn)])
            self.picture.show_rows(drawn, (low - 2, high + 2), name)
        else:
            drawn = content.repeat_rows(rows, texts)
            high = 1.2 * max([1.0, *(row.values[0] for row in drawn)])
            self.picture.show_rows(drawn, (0.0, high), name, texts("stat.points", value="").strip())


def _head(name: str, texts: Texts) -> str:
    return texts(f"verdict.{name}" if name in content.VERDICTS else f"stat.{name}")
