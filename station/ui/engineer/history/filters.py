"""The upper row of the history: what is searched for."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from station.ui.engineer.fields import Captioned, Choice, small_button
from station.ui.engineer.figures import day_begins
from station.ui.style import Sizes
from station.ui.texts import Texts
from station.ui.views import BenchInfo, local

VERDICTS: Final = ("pass", "fail", "quarantine", "no_verdict")


class Filters(QWidget):
    """``searched`` when Enter or the button asks; ``wrong`` with a text's key when a field cannot be read."""

    searched = Signal()
    wrong = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.battery, self.since, self.until, self.text = (QLineEdit() for _ in range(4))
        self.verdict, self.grade, self.profile, self.channel = (Choice() for _ in range(4))
        self.go, self.clear = small_button("search"), small_button("clear")
        self._parts = {
            name: Captioned(getattr(self, name))
            for name in ("battery", "since", "until", "verdict", "grade", "profile", "channel", "text")
        }
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        for names in (("battery", "since", "until", "text"), ("verdict", "grade", "profile", "channel")):
            row = QHBoxLayout()
            for name in names:
                row.addWidget(self._parts[name], 2 if name in ("battery", "text", "profile") else 1)
            self._box.addLayout(row)
        for button in (self.go, self.clear):
            row.addWidget(button, 1, Qt.AlignmentFlag.AlignBottom)
        for field in (self.battery, self.since, self.until, self.text):
            field.returnPressed.connect(self.searched)
        for choice in (self.verdict, self.grade, self.profile, self.channel):
            choice.activated.connect(self.searched)
        self.go.clicked.connect(self.searched)
        self.clear.clicked.connect(self.empty)
        self._bench: BenchInfo | None = None

    def conditions(self) -> dict[str, Any] | None:
        """What the service is asked; None when a field cannot be read."""
        try:
            since, until = day_begins(self.since.text()), day_begins(self.until.text(), days_later=1)
        except ValueError:
            self.wrong.emit("page.history.bad_day")
            return None
        given = {
            "battery": self.battery.text().strip(),
            "since": since,
            "until": until,
            "verdict": self.verdict.value(),
            "grade": self.grade.value(),
            "profile": self.profile.value(),
            "channel": self.channel.value(),
            "text": self.text.text().strip(),
        }
        return {key: value for key, value in given.items() if value}

    def empty(self) -> None:
        """Search for everything."""
        for field in (self.battery, self.since, self.until, self.text):
            field.clear()
        for choice in (self.verdict, self.grade, self.profile, self.channel):
            choice.setCurrentIndex(0)
        self.searched.emit()

    def know_bench(self, bench: BenchInfo, texts: Texts) -> None:
        """Offer the bench's channels and profiles, and the grades of its rules."""
        self._bench = bench
        self.set_texts(texts)

    def profile_title(self, name: str, texts: Texts) -> str:
        """What the bench calls a profile; one that it does not have goes by its own name."""
        known = self._bench.profiles if self._bench else ()
        return next((local(p.title, texts.lang) for p in known if p.name == name), "") or name

    def set_texts(self, texts: Texts) -> None:
        """Captions and words."""
        for name, part in self._parts.items():
            part.set_name(texts(f"page.history.{name}"))
        for field in (self.since, self.until):
            field.setPlaceholderText(texts("page.day"))
        self.go.setText(texts("page.search"))
        self.clear.setText(texts("page.clear"))
        every, bench = texts("page.every"), self._bench
        self.verdict.offer([(word, texts(f"verdict.{word}")) for word in VERDICTS], every)
        grades = [limit.grade for limit in bench.grades] if bench else []
        self.grade.offer([(grade, grade) for grade in grades], every)
        profiles = bench.profiles if bench else ()
        self.profile.offer([(p.name, local(p.title, texts.lang) or p.name) for p in profiles], every)
        self.channel.offer([(c.id, c.id) for c in bench.channels] if bench else [], every)

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit to the window."""
        self._box.setSpacing(sizes.px(4))
