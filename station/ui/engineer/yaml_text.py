"""A text field for YAML: line numbers, colours of its own, and problems marked where they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from station.ui.style import CURVE_I, CURVE_V, FIELD, INK, LINE, ORANGE, RED, SOFT_INK, ZONE_A

_COMMENT: Final = re.compile(r"(?:^|\s)#.*$")
_KEY: Final = re.compile(r"(?:^|[\s{,-])\s*([A-Za-z_][\w.-]*)(?=\s*:(?:\s|$))")
_NUMBER: Final = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])")
_STRING: Final = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'")
_WORD: Final = re.compile(r"\b(?:true|false|null)\b")


@dataclass(frozen=True)
class Problem:
    """What is wrong at ``line`` and ``column`` (from 1; 0 where it is not known)."""

    line: int
    column: int
    text: str
    remedy: str
    field: str = ""


class YamlColours(QSyntaxHighlighter):
    """Keys, numbers, texts and comments; the difference is in weight and slant as well as in colour."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._rules = [
            (_NUMBER, 0, _form(CURVE_I)),
            (_WORD, 0, _form(CURVE_I)),
            (_KEY, 1, _form(CURVE_V, bold=True)),
            (_STRING, 0, _form(INK)),
            (_COMMENT, 0, _form(SOFT_INK, italic=True)),
        ]

    def highlightBlock(self, text: str) -> None:
        """Called by Qt for every line that has changed."""
        for pattern, group, form in self._rules:
            for match in pattern.finditer(text):
                self.setFormat(match.start(group), match.end(group) - match.start(group), form)


class _Numbers(QWidget):
    """The strip with the numbers of lines."""

    def __init__(self, edit: YamlEdit) -> None:
        super().__init__(edit)
        self._edit = edit

    def sizeHint(self) -> QSize:
        return QSize(self._edit.strip_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._edit.paint_numbers(self, event)


class YamlEdit(QPlainTextEdit):
    """``show_problems`` underlines what is wrong and marks its line in the strip with a sign."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(max(font.pointSizeF(), 11.0))
        font.setStyleHint(QFont.StyleHint.Monospace)
        self.setFont(font)
        self.setStyleSheet(
            f"QPlainTextEdit {{ background: {FIELD}; border: 1px solid {LINE}; color: {INK};"
            f' font-family: "{font.family()}", monospace; font-size: {font.pointSizeF():g}pt; }}'
            f" QPlainTextEdit:focus {{ border: 2px solid {INK}; }}"
        )
        # A long line goes on below itself, under one number: nothing lies beyond the edge.
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        # Tab leaves the field: every control must be reachable by keyboard. YAML is indented by spaces.
        self.setTabChangesFocus(True)
        self.problems: tuple[Problem, ...] = ()
        self._colours = YamlColours(self.document())
        self._strip = _Numbers(self)
        self.blockCountChanged.connect(self._make_room)
        self.updateRequest.connect(self._scroll_strip)
        self._make_room()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Mark these; none clears all marks."""
        self.problems = tuple(problems)
        marks = []
        for problem in self.problems:
            block = self.document().findBlockByNumber(max(problem.line - 1, 0))
            if not block.isValid():
                continue
            whole = QTextEdit.ExtraSelection()
            form = QTextCharFormat()
            form.setBackground(QColor("#f3dcd6"))
            form.setProperty(QTextFormat.Property.FullWidthSelection, True)
            whole.format = form
            whole.cursor = QTextCursor(block)
            marks.append(whole)
            marks.append(self._underlined(block.position(), block.text(), problem.column))
        self.setExtraSelections(marks)
        self._strip.update()

    def go_to(self, problem: Problem) -> None:
        """Put the cursor where the problem is."""
        block = self.document().findBlockByNumber(max(problem.line - 1, 0))
        if block.isValid():
            cursor = QTextCursor(block)
            cursor.setPosition(block.position() + min(max(problem.column - 1, 0), block.length() - 1))
            self.setTextCursor(cursor)
            self.centerCursor()
            self.setFocus()

    def _underlined(self, begin: int, line: str, column: int) -> QTextEdit.ExtraSelection:
        start = min(max(column - 1, 0), len(line))
        word = re.match(r"[^,}\]#]*", line[start:])
        length = len(word[0].rstrip()) if word and word[0].strip() else len(line) - start
        mark = QTextEdit.ExtraSelection()
        form = QTextCharFormat()
        form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        form.setUnderlineColor(QColor(RED))
        form.setBackground(QColor("#f3dcd6"))
        mark.format = form
        cursor = QTextCursor(self.document())
        cursor.setPosition(begin + start)
        cursor.setPosition(begin + start + max(length, 0), QTextCursor.MoveMode.KeepAnchor)
        mark.cursor = cursor
        return mark

    # -- the strip -----------------------------------------------------------------------------

    def strip_width(self) -> int:
        """Room for the number of the last line and a sign, in px."""
        digits = max(2, len(str(self.blockCount())))
        return self.fontMetrics().horizontalAdvance("0" * (digits + 2)) + 8

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inside = self.contentsRect()
        self._strip.setGeometry(QRect(inside.left(), inside.top(), self.strip_width(), inside.height()))

    def _make_room(self, _count: int = 0) -> None:
        self.setViewportMargins(self.strip_width(), 0, 0, 0)

    def _scroll_strip(self, rect: QRect, moved_px: int) -> None:
        if moved_px:
            self._strip.scroll(0, moved_px)
        else:
            self._strip.update(0, rect.y(), self._strip.width(), rect.height())

    def paint_numbers(self, strip: QWidget, event: QPaintEvent) -> None:
        """The strip's own painting."""
        painter = QPainter(strip)
        painter.setFont(self.font())
        painter.fillRect(event.rect(), QColor(ZONE_A))
        wrong = {problem.line for problem in self.problems}
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        height = self.fontMetrics().height()
        while block.isValid() and top <= event.rect().bottom():
            number = block.blockNumber() + 1
            painter.setPen(QColor(RED if number in wrong else INK))
            sign = "✕ " if number in wrong else ""
            painter.drawText(
                0, int(top), strip.width() - 6, height, Qt.AlignmentFlag.AlignRight, f"{sign}{number}"
            )
            top += self.blockBoundingRect(block).height()
            block = block.next()
        painter.end()


class DiffColours(QSyntaxHighlighter):
    """A unified diff: the sign at the start of a line says it, the colour says it again."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._forms = {"+": _form(CURVE_V, bold=True), "-": _form(ORANGE), "@": _form(SOFT_INK, italic=True)}

    def highlightBlock(self, text: str) -> None:
        """Called by Qt for every line that has changed."""
        form = self._forms.get(text[:1])
        if form is not None:
            self.setFormat(0, len(text), form)


class DiffView(YamlEdit):
    """A diff to look at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colours.setDocument(None)
        self._diff = DiffColours(self.document())
        self.setReadOnly(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )


def _form(colour: str, *, bold: bool = False, italic: bool = False) -> QTextCharFormat:
    form = QTextCharFormat()
    form.setForeground(QColor(colour))
    if bold:
        form.setFontWeight(QFont.Weight.Bold)
    form.setFontItalic(italic)
    return form
