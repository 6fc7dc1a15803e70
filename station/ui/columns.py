"""Widths of a table's columns from what stands in them: no heading and no word is cut, longer texts wrap."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHeaderView, QTableWidget

MARGIN_PX: Final = 12
LOOKED_AT: Final = 200
"""So many rows decide; one far below with a longer word makes its own row higher."""


def fit_columns(table: QTableWidget, wide: Collection[int]) -> None:
    """Every column as wide as its longest line where there is room, the columns ``wide`` take what is left.

    Without that room a column keeps its heading and its longest word whole and gives of the rest in
    proportion; a table that is too narrow even for that scrolls.
    """
    header, metrics = table.horizontalHeader(), QFontMetrics(table.font())
    least, natural = [], []
    for column in range(table.columnCount()):
        heading = header.sectionSizeHint(column) + 2
        words, lines = [heading], [heading]
        for row in range(min(table.rowCount(), LOOKED_AT)):
            item = table.item(row, column)
            if item is not None and item.text():
                lines += [_width(line, metrics) for line in item.text().split("\n")]
                words += [_width(word, metrics) for word in _unbroken(item.text())]
        least.append(max(words))
        natural.append(max(lines))
    room = table.viewport().width()
    for column, width in enumerate(_shared(least, natural, room, wide)):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(column, width)
    table.resizeRowsToContents()


def _shared(least: list[int], natural: list[int], room: int, wide: Collection[int]) -> list[int]:
    left = room - sum(natural)
    if left >= 0:
        takers = [column for column in range(len(natural)) if column in wide or not wide]
        return [
            width + (left // len(takers) if column in takers else 0) for column, width in enumerate(natural)
        ]
    spare, wished = room - sum(least), sum(natural) - sum(least)
    if spare <= 0 or wished <= 0:
        return least
    return [low + (high - low) * spare // wished for low, high in zip(least, natural, strict=True)]


def _width(text: str, metrics: QFontMetrics) -> int:
    return metrics.horizontalAdvance(text) + MARGIN_PX


def _unbroken(text: str) -> list[str]:
    """What cannot go on in the next line: words; of Chinese, each character."""
    parts: list[str] = []
    for word in text.replace("\u200b", " ").split():
        chinese = any("\u2e80" <= character <= "\uffef" for character in word)
        parts += list(word) if chinese else [word]
    return parts
