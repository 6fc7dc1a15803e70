"""Traceability: what platforms must be told, until when, in which files, and what they answered."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QTabWidget, QVBoxLayout, QWidget

from station.service.client import ServiceClient
from station.ui.codes import BatteryCode, read_scan
from station.ui.engineer.choosing import Chooser
from station.ui.engineer.fields import Captioned, Choice, small_button
from station.ui.engineer.figures import NONE
from station.ui.engineer.page import EngineerPage
from station.ui.engineer.saving import save_document
from station.ui.engineer.table import Table
from station.ui.engineer.trace import content
from station.ui.engineer.trace.adding import Adding
from station.ui.style import Sizes
from station.ui.texts import Texts

FORMATS: Final = ("xlsx", "csv", "json")
TABS: Final = ("queue", "add", "templates")


class TracePage(EngineerPage):
    """The chosen row says which template is written, and which batch is answered."""

    key = "trace"

    def __init__(self, client: ServiceClient, texts: Texts) -> None:
        super().__init__(client, texts)
        self.template, self.shown_states, self.format = Choice(), Choice(), Chooser()
        self.receipt = QLineEdit()
        self.receipt.setMaxLength(400)
        for name in FORMATS:
            self.format.addItem(name.upper(), name)
        self._parts = {
            "template": Captioned(self.template),
            "shown": Captioned(self.shown_states),
            "format": Captioned(self.format),
            "receipt": Captioned(self.receipt),
        }
        self.buttons = {
            name: small_button(name) for name in ("collect", "write", "copy", "taken", "not_taken")
        }
        self.counts, self.own = QLabel(), QLabel()
        self.counts.setObjectName("page_part")
        self.counts.setWordWrap(True)
        self.counts.setAlignment(Qt.AlignmentFlag.AlignBottom)
        self.own.setWordWrap(True)
        self.table = Table(len(content.COLUMNS), 4, 5, 7, 8)
        self.templates_table = Table(len(content.TEMPLATE_COLUMNS), 1, 2, 3)
        self.adding = Adding(texts)
        self.tabs = QTabWidget()
        self.items: list[dict[str, Any]] = []
        self.templates: list[dict[str, Any]] = []
        self._turn = 0
        self._build()
        self.adding.wanted.connect(self._add)
        self.adding.wrong.connect(lambda key: self.told.emit("refusal", self.texts(key)))
        self.template.activated.connect(lambda _: self._fill())
        self.shown_states.activated.connect(lambda _: self.shown())
        self.table.currentCellChanged.connect(lambda *_: self._mark())
        deeds = {
            "collect": self._collect,
            "write": self._write,
            "copy": self._copy,
            "taken": lambda: self._answer(taken=True),
            "not_taken": lambda: self._answer(taken=False),
        }
        for name, deed in deeds.items():
            self.buttons[name].clicked.connect(lambda _=False, deed=deed: deed())

    def _build(self) -> None:
        head, low = QHBoxLayout(), QHBoxLayout()
        bottom = Qt.AlignmentFlag.AlignBottom
        head.addWidget(self._parts["template"])
        head.addWidget(self._parts["shown"])
        head.addWidget(self.counts, 1)
        head.addWidget(self.buttons["collect"], 0, bottom)
        low.addWidget(self._parts["format"])
        for name in ("write", "copy"):
            low.addWidget(self.buttons[name], 0, bottom)
        low.addWidget(self._parts["receipt"], 1)
        for name in ("taken", "not_taken"):
            low.addWidget(self.buttons[name], 0, bottom)
        queue, templates = QWidget(), QWidget()
        box = QVBoxLayout(queue)
        box.addLayout(head)
        box.addWidget(self.table, 1)
        box.addLayout(low)
        listed = QVBoxLayout(templates)
        listed.addWidget(self.own)
        listed.addWidget(self.templates_table, 1)
        for part in (queue, self.adding, templates):
            self.tabs.addTab(part, "")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.tabs)

    # -- asking --------------------------------------------------------------------------------

    def shown(self) -> None:
        """Read the queue and the templates."""
        self._turn += 1
        turn, everything = self._turn, self.shown_states.value() == "all"
        self.ask(
            lambda: self.client.get("/api/trace", all=everything), lambda answer: self._took(turn, answer)
        )

    def _took(self, turn: int, answer: dict[str, Any]) -> None:
        if turn != self._turn:
            return
        self.items = answer["items"]
        if answer["templates"] != self.templates:
            self.templates = answer["templates"]
            self._offer()
        self.adding.show_templates(self.templates)
        self._fill()

    def rows(self) -> list[dict[str, Any]]:
        """The items of the chosen template."""
        wanted = self.template.value()
        return [item for item in self.items if wanted in (None, item["template"])]

    def chosen(self) -> dict[str, Any] | None:
        """The item that is chosen."""
        rows, at = self.rows(), self.table.currentRow()
        return rows[at] if 0 <= at < len(rows) else None

    # -- doing ---------------------------------------------------------------------------------

    def _collect(self) -> None:
        self.ask(
            lambda: self.client.post("/api/trace/collect"),
            lambda told: self._done(self.texts("trace.collected", **told)),
        )

    def _write(self) -> None:
        item = self.chosen()
        if item is None:
            return
        body = {"template": item["template"], "format": self.format.currentData()}
        self.ask(lambda: self.client.post("/api/trace/export", body), self._written)

    def _written(self, answer: dict[str, Any]) -> None:
        batch, texts = answer["batch"], self.texts
        if batch is None:
            self._done(texts("trace.nothing_waits"))
        else:
            self._done(texts("trace.written", count=batch["count"], file=batch["file"]))

    def _copy(self) -> None:
        item = self.chosen()
        if item is None or not item["file"]:
            return
        batch, suffix = item["batch"], item["file"].rpartition(".")[2]
        path = f"/api/trace/batches/{quote(batch, safe='')}/file"
        self.ask(
            lambda: save_document(f"{batch}.{suffix}", self.client.content(path)),
            lambda place: self.told.emit("info", self.texts("page.do.saved", file=str(place))),
        )

    def _answer(self, *, taken: bool) -> None:
        item, receipt = self.chosen(), self.receipt.text().strip()
        if item is None:
            return
        if not receipt:
            self.told.emit("refusal", self.texts("trace.no_receipt"))
            return
        body = {"batch": item["batch"], "taken": taken, "receipt": receipt}
        self.ask(lambda: self.client.post("/api/trace/answer", body), self._answered)

    def _answered(self, answer: dict[str, Any]) -> None:
        self.receipt.clear()
        self._done(self.texts("trace.answered", count=answer["count"]))

    def _add(self, body: dict[str, Any]) -> None:
        self.ask(lambda: self.client.post("/api/trace", body), self._added)

    def _added(self, item: dict[str, Any]) -> None:
        self.adding.clear()
        key = "trace.added" if item["new"] else "trace.was_there"
        self._done(self.texts(key, due=item["due_on"] or NONE))

    def _done(self, text: str) -> None:
        self.told.emit("info", text)
        self.shown()

    def scanned(self, text: str) -> bool:
        """A battery's code: a message about it."""
        read = read_scan(text)
        if not isinstance(read, BatteryCode):
            return False
        self.tabs.setCurrentIndex(TABS.index("add"))
        self.adding.battery.setText(read.code)
        return True

    # -- showing -------------------------------------------------------------------------------

    def _fill(self) -> None:
        texts, row = self.texts, self.table.currentRow()
        rows = self.rows()
        self.counts.setText(content.counts(self.items, texts))
        self.table.fill([content.item_cells(item, self.templates, texts) for item in rows])
        if 0 <= row < len(rows):
            self.table.setCurrentCell(row, 0)
        self._mark()

    def _mark(self) -> None:
        item = self.chosen()
        state = item["state"] if item else ""
        possible = {
            "write": state in ("waiting", "exporting"),
            "copy": bool(item and item["file"] and item["batch"]),
            "taken": state == "exported",
            "not_taken": state == "exported",
        }
        for name, may in possible.items():
            button = self.buttons[name]
            if button.hasFocus() and not may:
                self.table.setFocus()  # else the focus goes on by itself, to the stop of all tests at worst
            button.setEnabled(may)
        key = "trace.resume" if state == "exporting" else "trace.write"
        self.buttons["write"].setText(self.texts(key))

    def _offer(self) -> None:
        texts = self.texts
        names = [(one["name"], one["title"].get(texts.lang) or one["name"]) for one in self.templates]
        self.template.offer(names, texts("page.every"))
        self.templates_table.fill([content.template_cells(one, texts) for one in self.templates])

    def set_texts(self) -> None:
        """Words."""
        texts = self.texts
        for name, part in self._parts.items():
            part.set_name(texts(f"trace.{name}"))
        for name, button in self.buttons.items():
            button.setText(texts(f"trace.{name}"))
        for number, name in enumerate(TABS):
            self.tabs.setTabText(number, texts(f"trace.tab_{name}"))
        self.shown_states.offer([("all", texts("trace.all"))], texts("trace.open"))
        self.own.setText(texts("trace.own"))
        heads = [texts(f"trace.{name}") for name in content.COLUMNS]
        self.table.set_heads(texts("trace.tab_queue"), heads)
        heads = [texts(f"trace.{name}") for name in content.TEMPLATE_COLUMNS]
        self.templates_table.set_heads(texts("trace.tab_templates"), heads)
        self.adding.set_texts()
        self._offer()
        self._fill()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        super().set_sizes(sizes)
        for part in (self.table, self.templates_table, self.adding):
            part.set_sizes(sizes)
