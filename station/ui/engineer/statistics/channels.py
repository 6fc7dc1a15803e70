"""Channels against their peers: who reads otherwise, how far, and how it went."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from station.ui.engineer.statistics import content
from station.ui.engineer.statistics.course import Course
from station.ui.engineer.statistics.rows import Intervals, Scrolled
from station.ui.engineer.table import Table
from station.ui.style import Sizes
from station.ui.texts import Texts

NAMED_MOST = 4
"""So many are said in sentences; the table has all of them, these first."""


class Channels(QWidget):
    """The chosen row of the table says which quantity, and whose course, is drawn."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self._answer: dict[str, Any] = {"channels": [], "courses": []}
        self.said = QLabel()
        self.said.setObjectName("page_part")
        self.said.setWordWrap(True)
        self.offsets, self.course = Intervals(), Course()
        self.area = Scrolled(self.offsets)
        self._about = QLabel()
        self._about.setProperty("role", "caption")
        self.table = Table(len(content.COLUMNS["channels"]), 0, 6)
        left = QVBoxLayout()
        left.addWidget(self._about)
        left.addWidget(self.area, 1)
        pictures = QHBoxLayout()
        pictures.addLayout(left, 1)
        pictures.addWidget(self.course, 1)
        self._pictures = QWidget()
        self._pictures.setLayout(pictures)
        pictures.setContentsMargins(0, 0, 0, 0)
        box = QVBoxLayout(self)
        box.addWidget(self.said)
        box.addWidget(self._pictures, 3)
        box.addWidget(self.table, 2)
        self.table.currentCellChanged.connect(lambda *_: self._draw())

    def show_answer(self, answer: dict[str, Any]) -> None:
        """The service's ``channels`` and ``courses``."""
        self._answer = answer
        self._fill()

    def _fill(self) -> None:
        rows, texts = self._answer["channels"], self._texts
        named = content.named_sentences(rows, texts)
        lines = [f"✕ {sentence}" for sentence in named[:NAMED_MOST]]
        lines += ["…"] if len(named) > NAMED_MOST else []
        if not rows:
            lines = [texts("stat.no_channels", fewest=content.FEWEST)]
        self.said.setText("\n".join(lines or [f"✓ {texts('stat.all_alike')}"]))
        self.said.setAlignment(Qt.AlignmentFlag.AlignLeft if rows else Qt.AlignmentFlag.AlignCenter)
        for part in (self._pictures, self.table):
            part.setVisible(bool(rows))
        self.table.fill([content.channel_cells(row, texts) for row in rows])
        self._draw()

    def _draw(self) -> None:
        rows, texts, at = self._answer["channels"], self._texts, self.table.currentRow()
        if not 0 <= at < len(rows):
            self.offsets.show_rows([], (-1.0, 1.0), texts("stat.channels"))
            self.course.show_points(texts("stat.channels"), [], 0.0, bad=False)
            return
        row = rows[at]
        quantity, unit = row["quantity"], content.unit_of(row["quantity"])
        word = texts(f"stat.{quantity}")
        band = self.offsets.band = content.BAND.get(quantity, 1.0)
        drawn = content.offset_rows(rows, quantity)
        reach = max(2 * band, *(max(abs(end) for end in one.values) for one in drawn)) * 1.1
        name = texts("stat.offsets", quantity=word)
        self._about.setText(name)
        self.offsets.show_rows(drawn, (-reach, reach), name, unit)
        factor = content.factor_of(quantity)
        points = next(
            (
                [(point["reading"], factor * point["median"]) for point in one["points"]]
                for one in self._answer["courses"]
                if all(one[key] == row[key] for key in ("bench", "channel", "quantity"))
            ),
            [],
        )
        told = texts("stat.course", place=content.place_of(row), quantity=word, unit=unit)
        self.course.show_points(told, points, band, bad=row["drifts"] or row["named"])

    def set_texts(self) -> None:
        """Words."""
        texts = self._texts
        heads = [texts(f"stat.{name}") for name in content.COLUMNS["channels"]]
        self.table.set_heads(texts("stat.channels"), heads)
        self._fill()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        self.table.set_sizes(sizes)
        self.offsets.set_sizes(sizes)
        self.course.set_sizes(sizes)
