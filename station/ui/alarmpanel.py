"""The whole alarm list over the tiles, by pages, without a dialog; the stop buttons stay in reach."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from station.ui.alarmcard import AlarmCard
from station.ui.alarms import AlarmList
from station.ui.buttons import big_button
from station.ui.style import FIELD, INK, LINE, ORANGE, RED, SOFT_INK, TILE, Sizes
from station.ui.texts import Texts

CARD_PX: Final = 132
"""Height of a card in the smallest window."""
SHELF_MINUTES: Final = (15, 60, 240, 720)
REASONS: Final = ("waiting_part", "known_work", "faulty_sensor")
"""Reasons that are pressed instead of typed; a site's own are typed on the command line."""


class AlarmPanel(QFrame):
    """``acknowledged``: an alarm's number. ``shelved``: number, minutes, reason. ``unshelved``: number."""

    acknowledged = Signal(int)
    shelved = Signal(int, int, str)
    unshelved = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("alarm_panel")
        self._sizes, self._texts = Sizes(), Texts()
        self._alarms = AlarmList()
        self._engineer = False
        self._page, self._per_page = 0, 3
        self._expanded: set[int] = set()
        self._shelving: int | None = None
        self._minutes = SHELF_MINUTES[1]
        self._title, self._place = QLabel(), QLabel()
        self._title.setObjectName("missing_title")
        self.before, self.after, self.closing = (
            big_button(name) for name in ("alarm_before", "alarm_after", "alarm_close")
        )
        top = QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self._place)
        for button in (self.before, self.after, self.closing):
            top.addWidget(button)
        self._cards: list[AlarmCard] = []
        self._list = QVBoxLayout()
        self._box = QVBoxLayout(self)
        self._box.addLayout(top)
        self._box.addLayout(self._list)
        self._box.addStretch(1)
        self._build_shelf()
        self.before.clicked.connect(lambda: self._turn(-1))
        self.after.clicked.connect(lambda: self._turn(1))
        self.closing.clicked.connect(self.hide)
        self._shown: tuple[object, ...] = ()
        self.hide()

    def _build_shelf(self) -> None:
        """Time and reason, in place of the cards."""
        self._shelf = QWidget()
        self._shelf_text = QLabel()
        self._shelf_text.setWordWrap(True)
        self._shelf_text.setObjectName("alarm_text")
        grid = self._shelf_grid = QGridLayout(self._shelf)
        grid.addWidget(self._shelf_text, 0, 0, 1, len(SHELF_MINUTES))
        self.minutes = {minutes: big_button(f"shelf_{minutes}") for minutes in SHELF_MINUTES}
        for column, (minutes, button) in enumerate(self.minutes.items()):
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, m=minutes: self._choose(m))
            grid.addWidget(button, 1, column)
        self.reasons = {reason: big_button(f"reason_{reason}") for reason in REASONS}
        for column, (reason, button) in enumerate(self.reasons.items()):
            button.clicked.connect(lambda _=False, r=reason: self._shelve(r))
            grid.addWidget(button, 2, column)
        self.not_shelve = big_button("shelf_cancel")
        self.not_shelve.clicked.connect(lambda: self._ask_shelf(None))
        grid.addWidget(self.not_shelve, 2, len(REASONS))
        self._box.addWidget(self._shelf)
        self._shelf.hide()

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit the panel to the window."""
        self._sizes = sizes
        s = sizes.px
        self._box.setContentsMargins(s(12), s(8), s(12), s(10))
        self._box.setSpacing(s(6))
        self._list.setSpacing(s(6))
        self._shelf_grid.setSpacing(s(8))
        self.setStyleSheet(_sheet(sizes))
        for button in (self.before, self.after, self.closing):
            button.setMinimumWidth(max(s(96), sizes.button))
        for card in self._cards:
            card.set_sizes(sizes)
        self._shown = ()

    def set_texts(self, texts: Texts) -> None:
        """Words."""
        self._texts = texts
        self._title.setText(texts("alarm.list"))
        for button, key in (
            (self.before, "alarm.before"), (self.after, "alarm.after"), (self.closing, "alarm.close"),
            (self.not_shelve, "alarm.cancel"),
        ):  # fmt: skip
            button.setText(texts(key))
            button.setAccessibleName(texts(key))
        for minutes, button in self.minutes.items():
            hours = minutes // 60
            word = texts("alarm.hours", count=hours) if hours else texts("alarm.minutes", count=minutes)
            button.setText(word)
            button.setAccessibleName(word)
        for reason, button in self.reasons.items():
            button.setText(texts(f"alarm.reason.{reason}"))
            button.setAccessibleName(texts(f"alarm.reason.{reason}"))
        self._shown = ()

    def show_alarms(self, alarms: AlarmList, *, engineer: bool) -> None:
        """Show the list as it is; does nothing while the panel is closed or nothing changed."""
        self._alarms, self._engineer = alarms, engineer
        if not self.isVisible():
            return
        fit = max(1, (self.height() - self._sizes.button - self._sizes.px(40)) // self._sizes.px(CARD_PX))
        key = (alarms.version, self._texts.lang, self._page, fit, engineer, frozenset(self._expanded))
        if (*key, self._shelving) == self._shown:
            return
        self._shown = (*key, self._shelving)
        roots = alarms.roots()
        self._per_page = fit
        last = max(0, (len(roots) - 1) // fit)
        self._page = min(self._page, last)
        shown = roots[self._page * fit : (self._page + 1) * fit]
        self._make_cards(len(shown))
        for card, alarm in zip(self._cards, shown, strict=False):
            number = alarm.number or -1
            card.show_alarm(
                alarm, alarms.folded(alarm), self._texts, expanded=number in self._expanded, engineer=engineer
            )
        for index, card in enumerate(self._cards):
            # What is to be shelved stays in sight while it is asked for how long and why.
            asked = index < len(shown) and self._shelving in (None, shown[index].number or -1)
            card.setVisible(asked)
        place = {"page": self._page + 1, "pages": last + 1}
        self._place.setText(self._texts("alarm.page", **place) if roots else self._texts("alarm.none"))
        self.before.setEnabled(self._page > 0)
        self.after.setEnabled(self._page < last)
        self._show_shelf()

    def open(self) -> None:
        """Show the first page."""
        self._page, self._shelving = 0, None
        self.show()
        self.raise_()
        self._shown = ()
        self.show_alarms(self._alarms, engineer=self._engineer)

    # -- inside --------------------------------------------------------------------------------

    def _make_cards(self, count: int) -> None:
        while len(self._cards) < count:
            card = AlarmCard()
            card.set_sizes(self._sizes)
            card.acted.connect(self._acted)
            self._cards.append(card)
            self._list.addWidget(card)

    def _turn(self, step: int) -> None:
        self._page = max(0, self._page + step)
        self._again()

    def _again(self) -> None:
        self._shown = ()
        self.show_alarms(self._alarms, engineer=self._engineer)

    def _acted(self, number: int, word: str) -> None:
        if word == "fold":
            self._expanded ^= {number}
            self._again()
        elif word == "shelve":
            self._ask_shelf(number)
        elif word == "unshelve":
            self.unshelved.emit(number)
        else:
            self.acknowledged.emit(number)

    def _ask_shelf(self, number: int | None) -> None:
        self._shelving = number
        self._again()

    def _show_shelf(self) -> None:
        asking = self._shelving is not None
        self._shelf.setVisible(asking)
        if asking:
            self._shelf_text.setText(self._texts("alarm.shelf_text"))
            for minutes, button in self.minutes.items():
                button.setChecked(minutes == self._minutes)

    def _choose(self, minutes: int) -> None:
        self._minutes = minutes
        self._again()

    def _shelve(self, reason: str) -> None:
        if self._shelving is not None:
            self.shelved.emit(self._shelving, self._minutes, self._texts(f"alarm.reason.{reason}"))
        self._ask_shelf(None)


def _sheet(sizes: Sizes) -> str:
    s = sizes.px
    return f"""
    QFrame#alarm_panel {{ background: {TILE}; border: {s(3)}px solid {INK}; border-radius: {s(4)}px; }}
    QFrame#alarm_card {{ background: {FIELD}; border: 1px solid {LINE}; border-radius: {s(4)}px; }}
    QFrame#alarm_card[tone="high"] {{ border: {s(3)}px solid {RED}; }}
    QFrame#alarm_card[tone="medium"] {{ border: {s(3)}px solid {ORANGE}; }}
    QFrame#alarm_card[tone="low"] {{ border: {s(3)}px solid {INK}; }}
    QLabel#alarm_head {{ font-size: {s(13)}px; color: {SOFT_INK}; }}
    QLabel#alarm_text {{ font-size: {s(17)}px; font-weight: bold; }}
    """
