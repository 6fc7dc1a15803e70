"""Events: search the log, see that its chain holds."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout

from station.service.client import ServiceClient
from station.ui.engineer.fields import Captioned, Choice, small_button
from station.ui.engineer.figures import day_begins, local_time
from station.ui.engineer.page import EngineerPage
from station.ui.engineer.pager import Pager
from station.ui.engineer.table import STRETCH, Table, breakable
from station.ui.style import Sizes
from station.ui.texts import Texts

PAGE = 100
LEVELS = ("info", "warning", "alarm")
COLUMNS = ("number", "time", "level", "channel", "text", "code", "link")
_HEADS = {"code": "col", "text": "col"}
WIDTHS = (80, 170, 80, 70, STRETCH, 230, 70)


class EventsPage(EngineerPage):
    """Newest first. A tick in the last column: this link of the chain has been checked."""

    key = "events"

    def __init__(self, client: ServiceClient, texts: Texts) -> None:
        super().__init__(client, texts)
        self.code, self.channel, self.since, self.until, self.text = (QLineEdit() for _ in range(5))
        self.level = Choice()
        self._parts = {
            name: Captioned(getattr(self, name))
            for name in ("code", "channel", "level", "since", "until", "text")
        }
        self.go, self.check = small_button("search"), small_button("check")
        self.chain = QLabel()
        self.chain.setObjectName("page_part")
        self.table, self.pager = Table(WIDTHS), Pager()
        self.events: list[dict[str, Any]] = []
        self.mark: dict[str, Any] | None = None
        self._asked: dict[str, Any] = {}
        self._turn = 0
        row = QHBoxLayout()
        for part in self._parts.values():
            row.addWidget(part, 1)
        row.addWidget(self.go)
        low = QHBoxLayout()
        low.addWidget(self.pager, 1)
        low.addWidget(self.chain)
        low.addWidget(self.check)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addLayout(row)
        box.addWidget(self.table, 1)
        box.addLayout(low)
        for field in (self.code, self.channel, self.since, self.until, self.text):
            field.returnPressed.connect(self.search)
        self.level.activated.connect(self.search)
        self.go.clicked.connect(self.search)
        self.check.clicked.connect(lambda: self._check(again=True))
        self.pager.turned.connect(self._fetch)
        self.table.opened.connect(self._open)

    def shown(self) -> None:
        """Search anew, and check what is new in the chain."""
        self.search()
        self._check(again=False)

    def search(self) -> None:
        """The first page."""
        try:
            since, until = day_begins(self.since.text()), day_begins(self.until.text(), days_later=1)
        except ValueError:
            self.told.emit("refusal", self.texts("page.history.bad_day"))
            return
        given = {
            "code": self.code.text().strip().lower(),
            "channel": self.channel.text().strip(),
            "level": self.level.value(),
            "since": since,
            "until": until,
            "text": self.text.text().strip(),
        }
        self._asked = {key: value for key, value in given.items() if value}
        self.pager.restart()
        self._fetch(None)

    def _fetch(self, before: int | None) -> None:
        self._turn += 1
        turn, asked = self._turn, self._asked
        self.ask(
            lambda: self.client.get("/api/events", limit=PAGE, before=before, **asked),
            lambda answer: self._took(turn, answer),
        )

    def _took(self, turn: int, answer: dict[str, Any]) -> None:
        if turn == self._turn:
            self.events = answer["events"]
            self.pager.arrived(answer["next"], "")
            self._fill()

    def _check(self, *, again: bool) -> None:
        self.chain.setText(self.texts("page.events.checking"))
        self.ask(lambda: self.client.get("/api/events/chain", again=again), self._checked)

    def _checked(self, mark: dict[str, Any]) -> None:
        self.mark = mark
        self._show_mark()
        self._fill()

    def _show_mark(self) -> None:
        mark, texts = self.mark, self.texts
        if mark is None:
            return
        if mark["broken_at"] is None:
            self.chain.setText("✓ " + texts("page.events.good", count=f"{mark['events']:,}"))
        else:
            self.chain.setText("✕ " + texts("page.events.broken", number=mark["broken_at"]))

    def _fill(self) -> None:
        texts = self.texts
        good_to = self.mark["verified_to"] if self.mark else 0
        broken = self.mark["broken_at"] if self.mark else None
        rows = []
        for event in self.events:
            number = event["id"]
            link = "✕" if number == broken else "✓" if number <= good_to else "…"
            channel = str(event["params"].get("channel") or _channel_of(event["run_id"]))
            rows.append(
                [
                    str(number),
                    local_time(event["t_utc"], seconds=True),
                    texts(f"page.level.{event['level']}"),
                    channel,
                    self.say(event["code"], event["params"]),
                    breakable(event["code"]),
                    link,
                ]
            )
        self.table.fill(rows)

    def _open(self, row: int) -> None:
        run_id = self.events[row]["run_id"] if row < len(self.events) else None
        if run_id:
            self.wants_page.emit("history", run_id)

    def set_texts(self) -> None:
        """Words."""
        texts = self.texts
        for name, part in self._parts.items():
            part.set_name(texts(f"page.events.{name}"))
        self.level.offer([(level, texts(f"page.level.{level}")) for level in LEVELS], texts("page.every"))
        for field in (self.since, self.until):
            field.setPlaceholderText(texts("page.day"))
        self.go.setText(texts("page.search"))
        self.check.setText(texts("page.events.check"))
        self.pager.set_texts(texts)
        self.table.set_heads(
            texts("page.events"), [texts(f"page.{_HEADS.get(name, 'events')}.{name}") for name in COLUMNS]
        )
        self._show_mark()
        self._fill()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        super().set_sizes(sizes)
        self.table.set_sizes(sizes)


def _channel_of(run_id: str | None) -> str:
    """A run's id has its channel between the time and the mark."""
    return run_id.split("-", 1)[1].rsplit("-", 1)[0] if run_id and run_id.count("-") >= 2 else ""
