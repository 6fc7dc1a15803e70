"""History: search the runs on record, open one, take several to the comparison."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from station.service.client import ServiceClient
from station.ui.codes import BatteryCode, read_scan
from station.ui.engineer.fields import small_button
from station.ui.engineer.figures import NONE, interval, local_time, verdict_word
from station.ui.engineer.history.filters import Filters
from station.ui.engineer.history.run_view import RunView
from station.ui.engineer.page import EngineerPage
from station.ui.engineer.pager import Pager
from station.ui.engineer.table import Table
from station.ui.style import Sizes
from station.ui.texts import Texts
from station.ui.views import BenchInfo

PAGE = 50
COLUMNS = ("time", "battery", "channel", "profile", "verdict", "grade", "soh", "error")


class HistoryPage(EngineerPage):
    """Two sheets: the list, and the run that is open."""

    key = "history"

    def __init__(self, client: ServiceClient, texts: Texts) -> None:
        super().__init__(client, texts)
        self.filters, self.table, self.pager = Filters(), Table(len(COLUMNS), 1, 7, many=True), Pager()
        self.open_button, self.compare_button = small_button("open"), small_button("compare")
        self.runs: list[dict[str, Any]] = []
        self._asked: dict[str, Any] = {}
        self._turn = 0
        sheet = QWidget()
        box = QVBoxLayout(sheet)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.filters)
        box.addWidget(self.table, 1)
        row = QHBoxLayout()
        row.addWidget(self.open_button)
        row.addWidget(self.compare_button)
        row.addWidget(self.pager, 1)
        box.addLayout(row)
        self.run_view = RunView(self)
        self._stack = QStackedWidget()
        self._stack.addWidget(sheet)
        self._stack.addWidget(self.run_view)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)
        self.filters.searched.connect(self.search)
        self.filters.wrong.connect(lambda key: self.told.emit("refusal", self.texts(key)))
        self.pager.turned.connect(self._fetch)
        self.table.opened.connect(self.open_row)
        self.open_button.clicked.connect(lambda: self.open_row(self.table.currentRow()))
        self.compare_button.clicked.connect(self._compare)
        self.run_view.closed.connect(self.close_run)

    def shown(self) -> None:
        """Search anew: tests may have ended since."""
        self.ask(self.client.bench, self._bench)
        self.search()

    def _bench(self, answer: dict[str, Any]) -> None:
        self.filters.know_bench(BenchInfo.read(answer), self.texts)
        self._fill()

    def search(self) -> None:
        """The first page of what the filters say."""
        conditions = self.filters.conditions()
        if conditions is not None:
            self._asked = conditions
            self.pager.restart()
            self._fetch(None)

    def _fetch(self, before: int | None) -> None:
        self._turn += 1
        turn, asked = self._turn, self._asked
        self.ask(
            lambda: self.client.get("/api/history", limit=PAGE, before=before, **asked),
            lambda answer: self._took(turn, answer),
        )

    def _took(self, turn: int, answer: dict[str, Any]) -> None:
        if turn != self._turn:  # an older search that took longer
            return
        self.runs = answer["runs"]
        found = self.texts(
            "page.history.found", count=f"{answer['count']:,}" + ("+" if answer["more"] else "")
        )
        self.pager.arrived(answer["next"], found)
        self._fill()

    def _fill(self) -> None:
        self.table.fill([self._cells(row) for row in self.runs])
        self.open_button.setEnabled(bool(self.runs))
        self.compare_button.setEnabled(bool(self.runs))

    def _cells(self, row: dict[str, Any]) -> list[str]:
        return [
            local_time(row["started_utc"]),
            row["battery"],
            row["channel"],
            self.filters.profile_title(row["profile"], self.texts),
            verdict_word(row, self.texts),
            row["grade"] or NONE,
            interval(row["soh"], row["soh_low90"], row["soh_high90"]),
            self.say_error(row["error"]),
        ]

    def open_row(self, row: int) -> None:
        """Open the run in this row."""
        if 0 <= row < len(self.runs):
            self.open_run(self.runs[row]["run_id"])

    def open_run(self, run_id: str) -> None:
        """Bring a run to the front."""
        self.ask(lambda: self.client.run(run_id), self._opened)

    def _opened(self, run: dict[str, Any]) -> None:
        self._stack.setCurrentWidget(self.run_view)
        self.run_view.show_run(run)

    def close_run(self) -> None:
        """Back to the list."""
        self._stack.setCurrentIndex(0)
        self.table.setFocus()

    def _compare(self) -> None:
        self.wants_page.emit("compare", [self.runs[row]["run_id"] for row in self.table.chosen()])

    def scanned(self, text: str) -> bool:
        """A battery's code: all its runs."""
        read = read_scan(text)
        if not isinstance(read, BatteryCode):
            return False
        self._stack.setCurrentIndex(0)
        self.filters.battery.setText(read.code)
        self.search()
        return True

    def given(self, what: object) -> None:
        """A run's id: open it."""
        if isinstance(what, str):
            self.open_run(what)

    def set_texts(self) -> None:
        """Words."""
        texts = self.texts
        self.filters.set_texts(texts)
        self.pager.set_texts(texts)
        self.table.set_heads(texts("page.history"), [texts(f"page.history.{name}") for name in COLUMNS])
        self.open_button.setText(texts("page.history.open"))
        self.compare_button.setText(texts("page.history.compare"))
        self.run_view.set_texts()
        self._fill()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        super().set_sizes(sizes)
        self.filters.set_sizes(sizes)
        self.table.set_sizes(sizes)
        self.run_view.set_sizes(sizes)
