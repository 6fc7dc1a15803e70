"""The course for whoever stands at the bench: say who you are, choose a mission. No door, no role."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from PySide6.QtWidgets import QWidget

from station.ui.panels import ChoicePanel
from station.ui.texts import Texts, say_code
from station.ui.training.link import Refused, TrainingLink

NAME_MAX: Final = 64


class TrainingChoice(ChoicePanel):
    """A panel of the operator's page. While it is open a scan, or a typed line, is the trainee's name."""

    def __init__(self, parent: QWidget, link: TrainingLink, texts: Texts) -> None:
        super().__init__("course", parent, "train.title")
        self._link, self._words_of = link, texts
        self.trainee = ""
        self._missions: list[dict[str, Any]] = []
        self._outcomes: dict[str, str] = {}
        self._told = ""
        self.title.setWordWrap(True)
        link.answered.connect(self._answered)

    def opened(self) -> None:
        """Ask which missions there are, and how far this trainee is."""
        self._told = ""
        self._link.ask("missions")
        self._ask_sheet()
        self._show_title()
        super().opened()

    def scanned(self, raw: str) -> bool:
        """The name of the trainee; whether it was taken as one."""
        name = raw.strip()
        if not self.isVisible() or not name or name.upper().startswith("#CMD#"):
            return False
        self.trainee, self._outcomes, self._told = name[:NAME_MAX], {}, ""
        self._ask_sheet()
        self.set_texts(self._words_of)
        return True

    def set_texts(self, texts: Texts) -> None:
        """Words."""
        self._words_of = texts
        super().set_texts(texts)
        self._show_title()

    def _show_title(self) -> None:
        texts = self._words_of
        asked = texts("train.choose", name=self.trainee) if self.trainee else texts("train.who")
        self.title.setText(self._told or asked)
        for button in self._buttons.values():
            button.setEnabled(bool(self.trainee))

    def _ask_sheet(self) -> None:
        if self.trainee:
            self._link.ask("sheet", self.trainee, self._words_of.lang)

    def _answered(self, word: str, answer: Any) -> None:
        texts = self._words_of
        if isinstance(answer, Refused):
            if word in ("missions", "start"):
                said = say_code(
                    answer.code, answer.params, texts.lang, message=answer.message, remedy=answer.remedy
                )
                self._told = f"{said.text} {said.remedy}".strip()
                self._show_title()
        elif word == "missions" and answer != self._missions:
            self._missions = answer
            self.clear()
            for mission in answer:
                self.add(mission["name"], partial(self._name, mission), self._begin(mission["name"]))
            self.set_texts(texts)
            self.resized()
        elif word == "sheet":
            self._outcomes = {row["mission"]: row["outcome"] for row in answer["page"]["rows"]}
            self.set_texts(texts)
        elif word == "start" and self.isVisible():
            self.closed.emit()

    def resized(self) -> None:
        """Other buttons need another size; replaced by who knows where panels stand."""

    def _name(self, mission: dict[str, Any], texts: Texts) -> str:
        outcome = self._outcomes.get(mission["name"], "open")
        done = texts("train.open" if outcome == "open" else f"train.outcome_{outcome}")
        return f"{mission['title'][texts.lang]}\n{done}"

    def _begin(self, mission: str) -> Callable[[], None]:
        def act() -> None:
            if self.trainee:
                self._link.ask("start", self.trainee, mission)

        return act
