"""The mission's card: in both languages, never over the mission's channel or the stops, every word asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from station.training import Mission, load_missions
from station.ui.training.card import TrainingCard
from station.ui.training.link import TrainingLink
from tests.ui.conftest import Opener
from tests.ui.scripted import MISSING, ScriptedBackend


class Said:
    """A course that remembers what it was asked."""

    def __init__(self, status: dict[str, Any]) -> None:
        self.now = status
        self.asked: list[tuple[str, ...]] = []

    def status(self) -> dict[str, Any]:
        return self.now

    def say(self, kind: str, value: str = "") -> dict[str, Any]:
        self.asked.append((kind, value))
        return self.now

    def end(self) -> dict[str, Any]:
        self.asked.append(("end",))
        return self.now


def at(mission: Mission, number: int) -> dict[str, Any]:
    """The status at a step; behind the last one: over, with every mistake."""
    over = number >= len(mission.steps)
    step = None if over else mission.steps[number]
    shown = mission.model_dump()
    return {
        "mission": mission.name, "trainee": "李雷", "channel": mission.channel, "title": shown["title"],
        "story": shown["story"], "notice": shown["notice"], "going_on": not over,
        "over": over, "passed": False,
        "number": number + 1, "of": len(mission.steps), "done": [], "why": None,
        "mistakes": [{"id": one["id"], "at_s": 1.0, **one["text"]} for one in shown["forbidden"]],
        "step": step and {
            "id": step.id, "kind": step.expect.kind, "text": step.text.model_dump(), "left_s": step.within_s,
            "question": step.question and step.question.model_dump(),
        },
    }  # fmt: skip


Show = Callable[[dict[str, Any], str], tuple[TrainingCard, Said]]


@pytest.fixture
def show(open_window: Opener, qtbot: Any) -> Show:
    """A window whose course stands at ``status``."""

    def make(status: dict[str, Any], lang: str) -> tuple[TrainingCard, Said]:
        window, said = open_window(lang=lang), Said(status)
        link = TrainingLink(lambda: said)  # type: ignore[arg-type, return-value]
        card = TrainingCard(window.page, window.page.board, link, window.page.texts)
        window.page.host.free = card.free
        card.set_sizes(window.page.sizes)
        link.open()
        window.destroyed.connect(link.close)
        qtbot.waitUntil(card.isVisible)
        return card, said

    return make


def words(card: TrainingCard) -> str:
    return " ".join(label.text() for label in card.findChildren(QLabel) if label.isVisible())


def cut(card: TrainingCard) -> list[str]:
    """Texts that have less room than they need, or that lie outside of the card."""
    found = []
    for label in card.findChildren(QLabel):
        if label.isVisible() and label.text():
            needs = label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
            if needs > label.height() + 1 or not card.rect().contains(label.geometry()):
                found.append(label.text())
    return found


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("mission", list(load_missions()))
def test_every_question_fits_beside_its_channel(show: Show, mission: str, lang: str) -> None:
    loaded = load_missions()[mission]
    number = next(n for n, step in enumerate(loaded.steps) if step.question)
    card, _ = show(at(loaded, number), lang)
    question = loaded.steps[number].question
    assert question is not None
    assert getattr(question.text, lang) in words(card)
    page = card.parentWidget()
    own = page.tiles[loaded.channel].geometry().translated(page.tile_area().topLeft())
    assert not card.geometry().intersects(own), "the mission's own channel stays in sight"
    assert not card.geometry().intersects(page.buttons.geometry())
    assert cut(card) == []
    for button in card.choices[: len(question.choices)]:
        assert button.isVisible()
        assert button.height() >= card._area.window().page.sizes.button - 1


def test_an_answer_and_a_deed_reach_the_course(show: Show, qtbot: Any) -> None:
    loaded = load_missions()["estop-drill"]
    card, said = show(at(loaded, 4), "en")
    qtbot.mouseClick(card.choices[1], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ("answer", "cause") in said.asked)
    said.now = at(loaded, 2)
    qtbot.waitUntil(card.deed.isVisible)
    assert "Smoke" in words(card)
    qtbot.mouseClick(card.deed, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ("estop", "") in said.asked)


def test_the_end_tells_every_mistake_and_closes(show: Show, qtbot: Any) -> None:
    loaded = load_missions()["reversed-polarity"]
    card, said = show(at(loaded, len(loaded.steps)), "zh")
    assert "2" in words(card)
    assert "没有换过夹子就又开始了检测" in words(card)
    assert cut(card) == []
    qtbot.mouseClick(card.leave, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ("end",) in said.asked)
    assert not card.isVisible()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_batterys_data_are_asked_for_beside_the_card(
    show: Show, backend: ScriptedBackend, qtbot: Any, lang: str
) -> None:
    """The capacity stands on the card; neither hides the other, whatever the course tells meanwhile."""
    status = at(load_missions()["reversed-polarity"], 0)
    card, said = show(status, lang)
    page = card._area.window().page
    backend.answers["start"] = MISSING
    page._scanned("TRAIN-0003")
    page._scanned("#CMD#CHANNEL,1#")
    page._scanned("#CMD#START#")
    qtbot.waitUntil(page.panel.isVisible)
    card.show_status({**said.status(), "number": 2})
    QApplication.processEvents()
    assert not card.geometry().intersects(page.panel.geometry())
    page.panel.setGeometry(card.geometry())  # in a window without room for both
    card.show_status(said.status())
    at_middle = page.childAt(card.geometry().center())
    assert page.panel.isAncestorOf(at_middle) or at_middle is page.panel
