"""One run opened: its result, why it was judged so, curves, resistances, events and files."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QTabWidget, QVBoxLayout, QWidget

from station.ui.engineer.fields import small_button
from station.ui.engineer.history.actions import ACTIONS, RunAction
from station.ui.engineer.history.cell_map import CellMap
from station.ui.engineer.history.content import (
    decision_rows,
    event_rows,
    file_rows,
    pulse_rows,
    summary_rows,
)
from station.ui.engineer.overlay import Overlay, Series
from station.ui.engineer.page import EngineerPage
from station.ui.engineer.table import Table
from station.ui.style import Sizes

WIDE: dict[str, tuple[int, ...]] = {
    "summary": (1,), "decision": (2,), "resistances": (), "log": (2,), "files": (1,),
}  # fmt: skip
"""Columns that take the room that is left; without any all do."""
HEADS: dict[str, tuple[str, ...]] = {
    "summary": ("what", "value"),
    "decision": ("about", "outcome", "rule", "source"),
    "resistances": ("block", "start", "current", "r001", "r01", "r1", "r5", "r10"),
    "log": ("time", "level", "text", "code"),
    "files": ("kind", "file", "bytes", "check", "sha256"),
}
ORDER = ("summary", "decision", "curves", "resistances", "cells", "log", "files")


class RunView(QWidget):
    """Tabs; the curve is fetched when its tab is looked at."""

    closed = Signal()

    def __init__(self, page: EngineerPage) -> None:
        super().__init__()
        self._page = page
        self.run: dict[str, Any] | None = None
        self.title = QLabel()
        self.title.setObjectName("page_title")
        self.back = small_button("run_back")
        self.back.clicked.connect(self.closed)
        self.tables = {name: Table(len(HEADS[name]), *wide) for name, wide in WIDE.items()}
        self.overlay = Overlay()
        self.overlay.wanted.connect(self._fetch)
        self.cells = CellMap()
        self.tabs = QTabWidget()
        pictures: dict[str, QWidget] = {"curves": self.overlay, "cells": self.cells}
        for name in ORDER:
            self.tabs.addTab(pictures.get(name) or self.tables[name], "")
        self._actions: list[tuple[RunAction, QPushButton]] = []
        head = QHBoxLayout()
        head.addWidget(self.back)
        head.addWidget(self.title, 1)
        for action in ACTIONS:
            button = small_button(f"do_{action.key}")
            button.clicked.connect(lambda _=False, action=action: self._do(action))
            self._actions.append((action, button))
            head.addWidget(button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(head)
        box.addWidget(self.tabs, 1)

    def show_run(self, run: dict[str, Any]) -> None:
        """Show this answer of ``GET /api/runs/{run_id}``."""
        self.run = run
        self._fill()
        self.tabs.setCurrentIndex(0)
        self.tables["summary"].setFocus()
        length = float(run.get("duration_s") or 1.0)
        self.overlay.show_series([Series(run["run_id"], run["battery"], 0.0, length)])

    def _fetch(self, begin_s: float, end_s: float, buckets: int) -> None:
        run = self.run
        if run is None:
            return
        run_id, client = run["run_id"], self._page.client
        self._page.ask(
            lambda: client.run_curve(run_id, begin_s=begin_s, end_s=end_s, buckets=buckets),
            lambda answer: self.overlay.took(run_id, answer["curves"]),
        )

    def _do(self, action: RunAction) -> None:
        run = self.run
        if run is not None:
            client, page = self._page.client, self._page
            page.ask(
                lambda: action.do(client, run["run_id"], page.texts),
                lambda text: page.told.emit("info", text),
            )

    def _fill(self) -> None:
        run, texts = self.run, self._page.texts
        if run is None:
            return
        self.title.setText(f"{run['battery']} · {run['run_id']}")
        rows = {
            "summary": summary_rows(run, texts, self._page.say_error(run["error"])),
            "decision": decision_rows(run, texts),
            "resistances": pulse_rows(run),
            "log": event_rows(run["events"], texts),
            "files": file_rows(run["files"], texts),
        }
        for name, table in self.tables.items():
            table.fill(rows[name])
        self.cells.show_result(run["result"], texts.lang)
        self.tabs.setTabVisible(ORDER.index("cells"), bool((run["result"] or {}).get("cells")))

    def set_texts(self) -> None:
        """Words."""
        texts = self._page.texts
        self.back.setText(texts("page.history.back"))
        for index, name in enumerate(ORDER):
            self.tabs.setTabText(index, texts(f"page.run.{name}"))
        for name, table in self.tables.items():
            table.set_heads(texts(f"page.run.{name}"), [texts(f"page.col.{head}") for head in HEADS[name]])
        self.overlay.set_names(texts("page.run.curves"), texts("page.volts"), texts("page.amperes"))
        for action, button in self._actions:
            button.setText(texts(f"page.do.{action.key}"))
        self._fill()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        for table in self.tables.values():
            table.set_sizes(sizes)
        self.overlay.set_sizes(sizes)
