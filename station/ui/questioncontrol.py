"""Brings a test's question to the operator's page, and the answer to the service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from station.errors import StationError
from station.ui.desk import Desk
from station.ui.errand import Errand
from station.ui.link import Link
from station.ui.panelhost import PanelHost
from station.ui.questionpanel import QuestionPanel
from station.ui.views import Question

Asked = tuple[str, str | None, int]
"""Channel, run and number of a question."""


class QuestionControl(QObject):
    """Opens the panel by itself while nothing else is open and nobody types a code.

    ``typing`` tells the latter; ``left`` whether a channel's tile is in the left half of the page, so that
    the panel does not lie over it; ``complain`` shows what the service refused.
    """

    def __init__(
        self,
        parent: QWidget,
        link: Link,
        desk: Desk,
        host: PanelHost,
        *,
        complain: Callable[[StationError], None],
        typing: Callable[[], bool],
        left: Callable[[str], bool],
    ) -> None:
        super().__init__(parent)
        self._link, self._desk, self._complain = link, desk, complain
        self._typing, self._left = typing, left
        self.panel = QuestionPanel(parent)
        self._put_off: set[Asked] = set()
        self.panel.answered.connect(self._answered)
        self.panel.closed.connect(self._later)
        host.add(self.panel)
        host.before_refresh = self.refresh

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
        if not opened and (desk.panel is not None or desk.missing or self._typing()):
            return
        self.panel.beside_right = self._left(channel)
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

        self._link.ask(Errand(lambda b: b.service.answer(channel, prompt, value), done))
