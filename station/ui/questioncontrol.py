"""Brings a test's question to the operator's page, and the answer to the service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from station.errors import StationError
from station.ui.errand import Errand
from station.ui.questionpanel import QuestionPanel
from station.ui.views import Question

Asked = tuple[str, str | None, int]
"""Channel, run and number of a question."""


class QuestionControl(QObject):
    """Opens the panel by itself while nothing else is open and nobody types a code; ``complain`` shows what
    the service refused."""

    def __init__(self, page: Any, complain: Callable[[StationError], None]) -> None:
        """``page`` is the operator's page, which brings this part along and is not imported back."""
        super().__init__(page)
        self._page, self._desk, self._complain = page, page.desk, complain
        self.panel = QuestionPanel(page)
        self._put_off: set[Asked] = set()
        self.panel.answered.connect(self._answered)
        self.panel.closed.connect(self._later)
        page.host.add(self.panel)
        page.host.before_refresh = self.refresh

    def chosen(self, channel: str) -> None:
        """The operator pressed this channel's tile: it is selected, and what was put off is asked again."""
        self._desk.select(channel)
        self._ask_again(channel)

    def _ask_again(self, channel: str) -> None:
        self._put_off = {asked for asked in self._put_off if asked[0] != channel}

    def refresh(self) -> None:
        """Open or close the panel, as the channels ask."""
        desk = self._desk
        asking = self._asking()
        self._put_off &= {asked for asked, _ in asking}
        wanted = [(asked, question) for asked, question in asking if asked not in self._put_off]
        wanted.sort(key=lambda one: one[0][0] != self.panel.channel)  # one at a time
        if not wanted or not desk.mirror.connected:
            desk.close_panel(self.panel.name)
            return
        (channel, _, _), question = wanted[0]
        opened = desk.panel == self.panel.name
        if not opened and (desk.panel is not None or desk.missing or self._page.top.field.text()):
            return
        tile = self._page.tiles.get(channel)
        half = self._page.tile_area().width() // 2
        self.panel.beside_right = tile is None or tile.geometry().center().x() < half
        self.panel.ask(channel, question)
        if not opened:
            desk.open_panel(self.panel.name)

    def _asking(self) -> list[tuple[Asked, Question]]:
        found = []
        for channel, slot in self._desk.mirror.slots.items():
            question = slot.state.question
            if question is not None and question.prompt is not None and slot.state.active:
                found.append(((channel, slot.state.run_id, question.prompt), question))
        return found

    def _later(self) -> None:
        self._put_off |= {asked for asked, _ in self._asking() if asked[0] == self.panel.channel}

    def _answered(self, channel: str, prompt: int, value: float | None) -> None:
        self._later()

        def done(said: Any) -> None:
            if isinstance(said, StationError):
                self._ask_again(channel)
                self._complain(said)

        self._page.link.ask(Errand(lambda b: b.service.answer(channel, prompt, value), done))
