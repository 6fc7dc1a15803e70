"""Statistics: questions to all results of a span of days, asked beside the window and the tests."""

from __future__ import annotations

import time
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from station.errors import StationError
from station.service.client import ServiceClient
from station.ui.engineer.fields import Captioned, small_button
from station.ui.engineer.figures import day_begins
from station.ui.engineer.page import EngineerPage
from station.ui.engineer.saving import save_document
from station.ui.engineer.statistics.channels import Channels
from station.ui.engineer.statistics.grouped import Grouped
from station.ui.style import Sizes
from station.ui.texts import Texts, say_code

PATIENCE_S: Final = 330.0
"""The service gives up a little sooner, and says why."""
GROUPED: Final = ("yield", "spread", "repeat")
TABS: Final = ("yield", "spread", "channels", "repeat")


class StatisticsPage(EngineerPage):
    """Asks when it is opened first and when it is told to; what was asked stays until then."""

    key = "statistics"

    def __init__(self, client: ServiceClient, texts: Texts) -> None:
        super().__init__(client, texts)
        self.since, self.until = QLineEdit(), QLineEdit()
        self._parts = {"since": Captioned(self.since), "until": Captioned(self.until)}
        self.go, self.save = small_button("ask"), small_button("save")
        self.counted, self.title, self.more = QLabel(), QLabel(), QLabel()
        self.title.setObjectName("page_title")
        for label in (self.title, self.more):
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.grouped = {name: Grouped(name, texts) for name in GROUPED}
        self.channels = Channels(texts)
        self.tabs = QTabWidget()
        for name in TABS:
            self.tabs.addTab(self.channels if name == "channels" else self.grouped[name], "")
        self.answer: dict[str, Any] | None = None
        self.error: StationError | None = None
        self.asking = False
        self._span: dict[str, str] = {}
        self._at = ""
        self._build()
        self.go.clicked.connect(self.search)
        self.save.clicked.connect(self.save_table)
        for field in (self.since, self.until):
            field.returnPressed.connect(self.search)

    def _build(self) -> None:
        row = QHBoxLayout()
        for part in self._parts.values():
            row.addWidget(part)
        row.addWidget(self.go, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self.counted, 1, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self.save, 0, Qt.AlignmentFlag.AlignBottom)
        words = QWidget()
        said = QVBoxLayout(words)
        said.addStretch(1)
        said.addWidget(self.title)
        said.addWidget(self.more)
        said.addStretch(2)
        self._stack = QStackedWidget()
        self._stack.addWidget(words)
        self._stack.addWidget(self.tabs)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(row)
        box.addWidget(self._stack, 1)

    def shown(self) -> None:
        """Ask when nothing has been asked yet."""
        if self.answer is None and not self.asking:
            self.search()

    def search(self) -> None:
        """Ask the archive for the days in the fields; one question at a time."""
        if self.asking:
            return
        try:
            since, until = day_begins(self.since.text()), day_begins(self.until.text(), days_later=1)
        except ValueError:
            self.told.emit("refusal", self.texts("page.history.bad_day"))
            return
        span = {key: value for key, value in (("since", since), ("until", until)) if value}
        self.asking, self.error = True, None
        self._show()
        self.ask(
            lambda: self.client.get("/api/stats", timeout_s=PATIENCE_S, **span),
            lambda answer: self._took(span, answer),
            self._failed,
        )

    def _took(self, span: dict[str, str], answer: dict[str, Any]) -> None:
        self.asking, self.answer, self._span = False, answer, span
        self._at = time.strftime("%H:%M")
        for name, part in self.grouped.items():
            part.show_answer(answer[name])
        self.channels.show_answer(answer)
        self._show()

    def _failed(self, error: StationError) -> None:
        self.asking, self.answer = False, None
        if error.code == "person.session":
            self.failed.emit(error)
        else:
            self.error = error
        self._show()

    def save_table(self) -> None:
        """The rows of the tab in front as a file, in SI units."""
        name = TABS[self.tabs.currentIndex()]
        query = dict(self._span)
        by = "" if name == "channels" else self.grouped[name].chosen_by()
        if by:
            query["by"] = by
        file = "-".join(word for word in (name, by, time.strftime("%Y%m%dT%H%M%S")) if word) + ".csv"
        self.ask(
            lambda: save_document(file, self.client.content(f"/api/stats/{name}.csv", **query)),
            lambda path: self.told.emit("info", self.texts("page.do.saved", file=str(path))),
        )

    def _show(self) -> None:
        texts, answer = self.texts, self.answer
        good = not self.asking and answer is not None and answer["tests"] > 0
        focus = QApplication.focusWidget()
        if not good and focus is not None and (focus is self.save or self.tabs.isAncestorOf(focus)):
            self.go.setFocus()  # what is hidden would pass the focus on, to the stop of all tests at worst
        self.save.setEnabled(good)
        self._stack.setCurrentIndex(1 if good else 0)
        self.counted.setText("")
        if good and answer is not None:
            counts = {name: f"{answer[name]:,}" for name in ("tests", "batteries")}
            self.counted.setText(texts("stat.counted", **counts, time=self._at))
        elif self.asking:
            self._say(texts("stat.asking"), texts("stat.asking_more"))
        elif self.error is not None:
            error = self.error
            told = say_code(error.code, error.params, texts.lang, message=error.message, remedy=error.remedy)
            self._say(f"✕ {texts('stat.failed')}", f"{told.text}\n{told.remedy}".strip())
        elif answer is not None:
            self._say(texts("stat.empty"), texts("stat.empty_more"))

    def _say(self, title: str, more: str) -> None:
        self.title.setText(title)
        self.more.setText(more)

    def set_texts(self) -> None:
        """Words."""
        texts = self.texts
        for name, part in self._parts.items():
            part.set_name(texts(f"page.history.{name}"))
        for field in (self.since, self.until):
            field.setPlaceholderText(texts("page.day"))
        self.go.setText(texts("stat.ask"))
        self.save.setText(texts("stat.save"))
        for number, name in enumerate(TABS):
            self.tabs.setTabText(number, texts(f"stat.{name}"))
        sheets: list[Grouped | Channels] = [*self.grouped.values(), self.channels]
        for sheet in sheets:
            sheet.set_texts()
        self._show()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        super().set_sizes(sizes)
        self.counted.setMinimumHeight(sizes.bare)
        for field in (self.since, self.until):
            field.setMinimumWidth(sizes.px(190))
        sheets: list[Grouped | Channels] = [*self.grouped.values(), self.channels]
        for sheet in sheets:
            sheet.set_sizes(sizes)
