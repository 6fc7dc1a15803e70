"""The course: who is trained, which mission, and the result sheet so far."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from station.errors import StationError
from station.service.client import Role, ServiceClient
from station.service.training_client import TrainingClient
from station.ui.buttons import big_button
from station.ui.engineer.page import EngineerPage
from station.ui.style import Sizes
from station.ui.texts import Texts


class TrainingPage(EngineerPage):
    """One row a mission; begun here, played on the operator page."""

    key: ClassVar[str] = "training"
    needs: ClassVar[Role] = "operator"

    def __init__(self, client: ServiceClient, texts: Texts) -> None:
        super().__init__(client, texts)
        self._course = TrainingClient(client)
        self._missions: list[dict[str, Any]] = []
        self._page: dict[str, Any] | None = None
        self._title, self._caption, self._empty = QLabel(), QLabel(), QLabel()
        self._title.setObjectName("page_title")
        self.name = QLineEdit()
        self.name.setMaxLength(64)
        self.name.editingFinished.connect(self._read_sheet)
        self._rows = QWidget()
        self._grid = QGridLayout(self._rows)
        self._starts: dict[str, QPushButton] = {}
        self._outcomes: dict[str, QLabel] = {}
        self._titles: dict[str, QLabel] = {}
        self._mistakes = QLabel()
        self._mistakes.setWordWrap(True)
        self._mistakes.setTextFormat(Qt.TextFormat.PlainText)
        head = QHBoxLayout()
        head.addWidget(self._caption)
        head.addWidget(self.name, 1)
        box = QVBoxLayout(self)
        box.addWidget(self._title)
        box.addLayout(head)
        box.addWidget(self._empty)
        box.addWidget(self._rows)
        box.addWidget(self._mistakes)
        box.addStretch(1)
        self.set_texts()

    def shown(self) -> None:
        """Read the course; a real bench has none."""
        self.ask(self._course.missions, self._missions_came, self._refused)
        self._read_sheet()

    def set_texts(self) -> None:
        """Words."""
        texts, lang = self.texts, self.texts.lang
        self._title.setText(texts("train.title"))
        self._caption.setText(texts("train.trainee"))
        self.name.setPlaceholderText(texts("train.name_hint"))
        self.name.setAccessibleName(texts("train.trainee"))
        for mission in self._missions:
            title = mission["title"][lang]
            self._titles[mission["name"]].setText(title)
            button = self._starts[mission["name"]]
            button.setText(texts("train.start"))
            button.setAccessibleName(f"{texts('train.start')}: {title}")
        self._show_sheet()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        super().set_sizes(sizes)
        self._grid.setSpacing(sizes.px(6))
        for button in self._starts.values():
            button.setMinimumWidth(sizes.px(140))

    # -- inside --------------------------------------------------------------------------------

    def _missions_came(self, missions: list[dict[str, Any]]) -> None:
        if missions == self._missions:
            return
        self._missions = missions
        for row, mission in enumerate(missions):
            name = mission["name"]
            title, outcome, start = QLabel(), QLabel(), big_button(f"training_start_{name}")
            start.clicked.connect(lambda _=False, name=name: self._start(name))
            self._titles[name], self._outcomes[name], self._starts[name] = title, outcome, start
            for column, widget in enumerate((title, outcome, start)):
                self._grid.addWidget(widget, row, column)
        self._grid.setColumnStretch(0, 2)
        self._grid.setColumnStretch(1, 3)
        self._empty.hide()
        self.set_sizes(self.sizes)
        self.set_texts()

    def _refused(self, error: StationError) -> None:
        if error.code == "training.real_bench":
            self._empty.setText(self.texts("train.real"))
            self._empty.show()
        else:
            self.failed.emit(error)

    def _start(self, mission: str) -> None:
        name = self.name.text().strip()
        if not name:
            self.told.emit("refusal", self.texts("train.need_name"))
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.ask(
            lambda: self._course.start(name, mission),
            lambda _: self.told.emit("info", self.texts("train.begun")),
        )

    def _read_sheet(self) -> None:
        name, lang = self.name.text().strip(), self.texts.lang
        self._page = None
        self._show_sheet()
        if name and self.work is not None:
            self.ask(lambda: self._course.sheet(name, lang)["page"], self._sheet_came, lambda _: None)

    def _sheet_came(self, page: dict[str, Any]) -> None:
        self._page = page
        self._show_sheet()

    def _show_sheet(self) -> None:
        texts = self.texts
        rows = {row["mission"]: row for row in self._page["rows"]} if self._page else {}
        said = []
        for name, label in self._outcomes.items():
            row = rows.get(name)
            if row is None or row["outcome"] == "open":
                label.setText(texts("train.open"))
                continue
            count = texts("train.attempts", count=row["attempts"])
            label.setText(f"{texts('train.outcome_' + row['outcome'])} · {count} · {row['date']}")
            said += [f"{row['title']}: {mistake}" for mistake in row["mistakes"]]
        self._mistakes.setText("\n".join(said))
