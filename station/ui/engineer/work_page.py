"""What the pages of set-up share: calls beside the window, a line that tells what came of them, tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from station.errors import StationError
from station.service.client import ServiceClient
from station.ui.columns import fit_columns
from station.ui.engineer.checked_text import CheckedText
from station.ui.engineer.choosing import Chooser
from station.ui.engineer.page import EngineerPage
from station.ui.engineer.yaml_text import Problem
from station.ui.texts import Texts, say_code

Answer = dict[str, Any]
SIGNS: Final = {"good": "✓", "bad": "✕", "warn": "△", "busy": "…", "": ""}


class WorkPage(EngineerPage):
    """A page that asks the service. ``retext`` sets every word, at the start and on a new language."""

    def __init__(self, client: ServiceClient, texts: Texts) -> None:
        super().__init__(client, texts)
        self.status = ""
        """The last line that was told."""
        self._newest: dict[str, int] = {}
        self._waiting = 0
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(8)

    def set_texts(self) -> None:
        """The language has changed; what was told in the other one goes."""
        self.tell("")
        self.setAccessibleName(self.texts(f"page.{self.key}"))
        self.retext()

    def retext(self) -> None:
        """Every word anew."""
        raise NotImplementedError

    def word(self, key: str, **params: Any) -> str:
        """A word of these pages."""
        return self.texts(f"edit.{key}", **params)

    def local(self, names: dict[str, str] | None) -> str:
        """The name in the page's language."""
        return (names or {}).get(self.texts.lang, "")

    def difference(self, lines: list[str], before: str = "") -> str:
        """A unified diff as the service tells it; its two sides are named in the page's language.

        ``before`` is what the page calls the older side, where it has a name for it.
        """
        sides = {"--- now": f"--- {self.word('diff_now')}", "+++ text": f"+++ {self.word('diff_text')}"}
        if lines and before:
            sides[lines[0]] = f"--- {before}"
        return "\n".join(sides.get(line, line) for line in lines) or self.word("same")

    # -- asking --------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """True while an answer is still to come."""
        return self._waiting > 0

    def call(
        self, job: Callable[[], Any], done: Callable[[Any], None], *, key: str = "", quiet: bool = False
    ) -> None:
        """Do ``job`` beside the window, then ``done``; a failure is told.

        Of several calls under one ``key`` only what the last one gives is used.
        """
        if not quiet:
            self.tell(self.word("working"), "busy")
        self._waiting += 1
        number = self._newest[key] = self._newest.get(key, 0) + 1

        def then(value: Any) -> None:
            self._waiting -= 1
            if not key or self._newest[key] == number:
                done(value)

        def failed(error: StationError) -> None:
            self._waiting -= 1
            if not key or self._newest[key] == number:
                self.fail(error)

        self.ask(job, then, failed)

    def fail(self, error: StationError) -> None:
        """Tell an error with its remedy; the shell locks when the session is over."""
        if error.code == "person.session":
            self.failed.emit(error)
        else:
            self.tell(self.said(error.as_dict()), "bad")

    def said(self, error: Answer) -> str:
        """An error or warning as the service tells it, in words."""
        told = say_code(
            error["code"],
            error.get("params", {}),
            self.texts.lang,
            message=error.get("message", ""),
            remedy=error.get("remedy", ""),
        )
        return f"{told.text} → {told.remedy}" if told.remedy else told.text

    def show_checked(self, text: CheckedText, answer: Answer) -> None:
        """Mark what an answer of a check says is wrong."""
        problems, lines = [], []
        for error in answer["problems"]:
            params = error["params"]
            said, _, remedy = self.said(error).partition(" → ")
            field = str(params.get("field") or "")
            problems.append(Problem(params.get("line") or 0, params.get("column") or 0, said, remedy, field))
            where = self._place(params)
            lines.append(f"✕ {where} {field}".rstrip() + f"\n{said}" + (f" → {remedy}" if remedy else ""))
        text.show_problems(problems, lines or [f"✓ {self.word('good')}"])

    def _place(self, params: Answer) -> str:
        line, column = params.get("line"), params.get("column")
        if not line:
            return ""
        return (
            self.word("place_column", line=line, column=column) if column else self.word("place", line=line)
        )

    def tell(self, text: str, sign: str = "") -> None:
        """A line of what happened, at the bottom; ``sign``: good, bad, warn, busy."""
        self.status = f"{SIGNS[sign]} {text}".strip()
        self.told.emit("refusal" if sign == "bad" else "info", self.status)

    # -- parts ---------------------------------------------------------------------------------

    def button(self, name: str, pressed: Callable[[], None]) -> QPushButton:
        """A button; ``name`` is that of its word."""
        made = QPushButton()
        made.setObjectName(f"edit_{name}")
        made.setProperty("role", "small")
        made.setProperty("word", name)
        made.clicked.connect(lambda _checked=False: pressed())
        return made

    def relabel(self) -> None:
        """Words of all buttons, captions and fields that name theirs."""
        for child in self.findChildren(QWidget):
            name = child.property("word")
            if not name:
                continue
            text = self.word(str(name))
            child.setAccessibleName(text)
            if isinstance(child, QPushButton | QLabel):
                child.setText(text)
            elif isinstance(child, QLineEdit):
                child.setPlaceholderText(text)


def caption(name: str, buddy: QWidget | None = None) -> QLabel:
    """A word before a field."""
    label = QLabel()
    label.setProperty("word", name)
    label.setProperty("role", "caption")
    if buddy is not None:
        label.setBuddy(buddy)
        buddy.setProperty("word", name)
    return label


def field(name: str) -> QLineEdit:
    """A line to type in, with its word inside while it is empty."""
    made = QLineEdit()
    made.setProperty("word", name)
    return made


def row(*parts: QWidget | int) -> QHBoxLayout:
    """Side by side; a number is the stretch of an empty place."""
    layout = QHBoxLayout()
    layout.setSpacing(8)
    for part in parts:
        if isinstance(part, int):
            layout.addStretch(part)
        else:
            layout.addWidget(part)
    return layout


def choice() -> QComboBox:
    """A list to choose from, as wide as its longest line."""
    made = Chooser()
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    return made


class Table(QTableWidget):
    """Rows to read and choose. The column ``wide`` takes the room that is left; texts wrap, none is cut."""

    def __init__(self, columns: Sequence[str], wide: int) -> None:
        super().__init__(0, len(columns))
        self.columns, self._wide = list(columns), wide
        self.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.verticalHeader().setVisible(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setWordWrap(True)
        self.setAlternatingRowColors(False)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )

    def fill(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show these rows; the chosen one stays chosen."""
        chosen = self.currentRow()
        self.setHorizontalHeaderLabels(list(heads))
        self.setRowCount(len(rows))
        for number, cells in enumerate(rows):
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.setItem(number, column, item)
        self._fit()
        if 0 <= chosen < len(rows):
            self.selectRow(chosen)

    def _fit(self) -> None:
        if self.isVisible():
            fit_columns(self, (self._wide,))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Behind a tab a table does not know its width."""
        super().showEvent(event)
        self._fit()
