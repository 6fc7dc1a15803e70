"""Whether a widget shows its whole text, by the figures of its font; what fits scrolls or wraps is whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QTextDocument
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QRadioButton,
    QTabBar,
    QTableWidget,
    QWidget,
)


def cut(widget: QWidget) -> str:
    """Why the text of ``widget`` is not whole; empty when it is. One that paints itself has ``fits``."""
    fits = getattr(widget, "fits", None)
    if callable(fits) and not fits():
        return "does not fit"
    metrics = QFontMetrics(widget.font())
    if isinstance(widget, QLabel):
        return _label(widget, metrics)
    if isinstance(widget, (QCheckBox, QRadioButton)):
        return _wide(metrics.horizontalAdvance(widget.text()) + 20, widget.width() + 1)
    if isinstance(widget, QPushButton):
        lines = widget.text().replace("&", "").split("\n")
        wide = max(metrics.horizontalAdvance(line) for line in lines)
        high = metrics.height() * len(lines)
        fit = wide <= widget.width() - 8 and high <= widget.height()
        return "" if fit else f"{wide} × {high} px in {widget.width()} × {widget.height()}"
    if isinstance(widget, QLineEdit):
        wide = metrics.horizontalAdvance(widget.text() or widget.placeholderText())
        return _wide(wide, widget.contentsRect().width() - 4)
    if isinstance(widget, QComboBox):
        return _wide(metrics.horizontalAdvance(widget.currentText()), widget.width() - 24)
    if isinstance(widget, QAbstractSpinBox):
        room = widget.lineEdit().geometry().intersected(widget.contentsRect())
        if room.height() < metrics.height():
            return f"{metrics.height()} px high in {room.height()}"
        return _wide(metrics.horizontalAdvance(widget.text()), room.width())
    if isinstance(widget, QTabBar):
        needed = sum(widget.tabRect(index).width() for index in range(widget.count()))
        return _wide(needed, widget.width() + 1)
    if isinstance(widget, QListWidget):
        return "; ".join(_items(widget))
    if isinstance(widget, QTableWidget):
        return "; ".join(_cells(widget))
    return ""


def _wide(needed: float, there: float) -> str:
    return "" if needed <= there else f"{needed:g} px in {there:g}"


def _label(label: QLabel, metrics: QFontMetrics) -> str:
    text, room = label.text(), label.contentsRect()
    if not text:
        return ""
    if label.textFormat() != Qt.TextFormat.PlainText and re.search(r"</\w+>", text):
        around = _rich(label, room)
    elif text.endswith("…") and label.toolTip():
        return "elided"
    else:
        flags = Qt.TextFlag.TextWordWrap if label.wordWrap() else Qt.TextFlag.TextSingleLine
        if "\n" in text:
            flags = Qt.TextFlag.TextWordWrap if label.wordWrap() else Qt.TextFlag.TextExpandTabs
        wide = room.width() if label.wordWrap() else 100_000
        around = metrics.boundingRect(QRect(0, 0, wide, 100_000), flags, text).size()
    fit = around.width() <= room.width() + 1 and around.height() <= room.height() + 2
    return "" if fit else f"{around.width()} × {around.height()} px in {room.width()} × {room.height()}"


def _rich(label: QLabel, room: QRect) -> QSize:
    page = QTextDocument()
    page.setDocumentMargin(0)
    page.setDefaultFont(label.font())
    page.setHtml(label.text())
    if label.wordWrap():
        page.setTextWidth(room.width())
    return page.size().toSize()


def _items(items: QListWidget) -> Iterator[str]:
    room = items.viewport().width()
    for row in range(items.count()):
        item = items.item(row)
        metrics = QFontMetrics(item.font() if item.data(Qt.ItemDataRole.FontRole) else items.font())
        words = item.text().split() if items.wordWrap() else [item.text()]
        wide = max((metrics.horizontalAdvance(word) for word in words), default=0)
        if wide > room:
            yield f"{item.text()[:40]!r} {wide} px in {room}"


def _cells(table: QTableWidget) -> Iterator[str]:
    header = table.horizontalHeader()
    for column in range(table.columnCount() if header.isVisible() else 0):
        needed, there = header.sectionSizeHint(column), table.columnWidth(column)
        if needed > there + 1 and not table.isColumnHidden(column):
            yield f"heading {table.horizontalHeaderItem(column).text()!r} {needed} px in {there}"
    for row in range(table.rowCount()):
        if table.isRowHidden(row):
            continue
        for column in range(table.columnCount()):
            item = table.item(row, column)
            if item is None or not item.text() or table.isColumnHidden(column):
                continue
            metrics = QFontMetrics(item.font() if item.data(Qt.ItemDataRole.FontRole) else table.font())
            room = table.columnWidth(column) - 6
            words = item.text().replace("\u200b", " ").split() if table.wordWrap() else [item.text()]
            longest = max(_unbroken(word, metrics) for word in words)
            if longest > room:
                yield f"{item.text()[:40]!r} {longest} px in {room}"
                continue
            flags = Qt.TextFlag.TextWordWrap if table.wordWrap() else Qt.TextFlag.TextExpandTabs
            needed = metrics.boundingRect(QRect(0, 0, room, 100_000), flags, item.text()).height()
            if needed > table.rowHeight(row) + 2:
                yield f"{item.text()[:40]!r} {needed} px high in {table.rowHeight(row)}"


def _unbroken(word: str, metrics: QFontMetrics) -> int:
    """Width of what cannot go on in the next line: Chinese can after every character."""
    if any("\u2e80" <= character <= "\uffef" for character in word):
        return max(metrics.horizontalAdvance(character) for character in word)
    return metrics.horizontalAdvance(word)
