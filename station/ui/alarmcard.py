"""One first cause in the open alarm list: what, why, what it means, what to do, and its buttons."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QVBoxLayout

from station.messages import why
from station.ui.alarms import Alarm
from station.ui.alarmview import LEVELS, breakable, priority_sign
from station.ui.buttons import big_button
from station.ui.style import Sizes
from station.ui.texts import Texts, say_code

FOLDED_MOST: Final = 5
"""Consequences that are told one by one; what is beyond is counted."""


class AlarmCard(QFrame):
    """``acted``: number of the alarm and what was pressed (acknowledge, fold, shelve, unshelve)."""

    acted = Signal(int, str)
    _shelf_word: str = "shelve"

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("alarm_card")
        self._number = -1
        self._head, self._text, self._more, self._folded = (QLabel() for _ in range(4))
        self._head.setObjectName("alarm_head")
        self._text.setObjectName("alarm_text")
        for label in (self._head, self._text, self._more, self._folded):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.acknowledge, self.fold = big_button("alarm_acknowledge"), big_button("alarm_fold")
        self.shelve = big_button("alarm_shelve")
        self._words = QVBoxLayout()
        for label in (self._head, self._text, self._more, self._folded):
            self._words.addWidget(label)
        self._words.addStretch(1)
        self._grid = QGridLayout(self)
        self._grid.addLayout(self._words, 0, 0)
        self._grid.setColumnStretch(0, 1)
        for column, button in enumerate(self.buttons(), start=1):
            self._grid.addWidget(button, 0, column, Qt.AlignmentFlag.AlignTop)
        self.acknowledge.clicked.connect(lambda: self.acted.emit(self._number, "acknowledge"))
        self.fold.clicked.connect(lambda: self.acted.emit(self._number, "fold"))
        self.shelve.clicked.connect(lambda: self.acted.emit(self._number, self._shelf_word))

    def buttons(self) -> tuple[QPushButton, ...]:
        """From left to right."""
        return (self.fold, self.shelve, self.acknowledge)

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit the card to the window."""
        s = sizes.px
        self._grid.setContentsMargins(s(10), s(6), s(8), s(6))
        self._grid.setSpacing(s(8))
        self._words.setSpacing(s(2))
        for button in self.buttons():
            button.setMinimumWidth(max(s(120), sizes.button))

    def show_alarm(
        self, alarm: Alarm, folded: list[Alarm], texts: Texts, *, expanded: bool, engineer: bool
    ) -> None:
        """Everything about this alarm in the present language."""
        self._number = -1 if alarm.number is None else alarm.number
        lang = texts.lang
        said = say_code(alarm.code, alarm.params, lang, message=alarm.message, remedy=alarm.remedy)
        deep = why(alarm.code, alarm.params, lang)
        where = (
            texts("alarm.bench")
            if alarm.channel is None
            else texts("alarm.of_channel", channel=alarm.channel)
        )
        at = time.strftime("%m-%d %H:%M:%S", time.localtime(alarm.unix_s))
        state = texts(f"alarm.state.{alarm.state}")
        priority = texts(f"alarm.priority.{alarm.priority}")
        self._head.setText(
            f"{priority_sign(alarm)} {priority} · {where} · {at} · {state} · {breakable(alarm.code)}"
        )
        self._text.setText(said.text + (f" ×{alarm.count}" if alarm.count > 1 else ""))
        parts = (("cause", deep.cause), ("consequence", deep.consequence), ("remedy", said.remedy))
        lines = [texts(f"alarm.{key}_line", text=text) for key, text in parts if text]
        if alarm.latched and not alarm.shelved:
            lines.append(texts("alarm.latched", channel=alarm.channel))
        if alarm.state == "acknowledged" and alarm.acknowledged_by:
            at = time.strftime("%H:%M", time.localtime(alarm.acknowledged_s or 0))
            lines.append(texts("alarm.seen_line", at=at, who=alarm.acknowledged_by))
        if alarm.shelved:
            until = time.strftime("%H:%M", time.localtime(alarm.shelved_until_s or 0))
            lines.append(
                texts("alarm.shelved_line", until=until, who=alarm.shelved_by, reason=alarm.shelved_reason)
            )
        self._more.setText("\n".join(lines))
        self._show_folded(folded, texts, expanded)
        self._show_buttons(alarm, texts, engineer)
        self.setProperty("tone", LEVELS[alarm.priority] if alarm.open else "seen")
        self.style().unpolish(self)
        self.style().polish(self)
        self.setAccessibleName(f"{priority} {where} {state} {said.text}")

    def _show_folded(self, folded: list[Alarm], texts: Texts, expanded: bool) -> None:
        self.fold.setVisible(bool(folded))
        key = "alarm.fold" if expanded else "alarm.expand"
        self.fold.setText(texts(key, count=len(folded)))
        self.fold.setAccessibleName(texts(key, count=len(folded)))
        self._folded.setVisible(expanded and bool(folded))
        lines = [_line(each, texts) for each in folded[:FOLDED_MOST]]
        if len(folded) > FOLDED_MOST:
            lines.append(texts("alarm.and_more", count=len(folded) - FOLDED_MOST))
        self._folded.setText("\n".join(lines))

    def _show_buttons(self, alarm: Alarm, texts: Texts, engineer: bool) -> None:
        self.acknowledge.setVisible(alarm.open)
        word = texts("alarm.acknowledge")
        self.acknowledge.setText(word)
        self.acknowledge.setAccessibleName(f"{word}: {texts('alarm.title')} {alarm.number or ''}")
        self._shelf_word = "unshelve" if alarm.shelved else "shelve"
        own = alarm.number is None
        self.shelve.setVisible(engineer and not own and (alarm.shelved or alarm.priority > 1))
        self.shelve.setText(texts(f"alarm.{self._shelf_word}"))
        self.shelve.setAccessibleName(texts(f"alarm.{self._shelf_word}"))


def _line(alarm: Alarm, texts: Texts) -> str:
    said = say_code(alarm.code, alarm.params, texts.lang, message=alarm.message, remedy=alarm.remedy)
    at = time.strftime("%H:%M:%S", time.localtime(alarm.unix_s))
    count = f" ×{alarm.count}" if alarm.count > 1 else ""
    return f"└ {at} {said.text}{count} ({alarm.code})"
