"""The operator's page in every situation: its tiles, its panels, the alarm list, the form, the course."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from station.models.checklist import Answers, judge, load_checklist
from station.training import load_missions
from station.ui.app import OperatorWindow
from station.ui.texts import Texts
from station.ui.training.card import TrainingCard
from station.ui.training.choice import TrainingChoice
from station.ui.training.link import TrainingLink
from tests.ui.flowing import judged, verdict_of
from tests.ui.screens import LongerTexts, Situation, in_longer
from tests.ui.scripted import (
    ADAPTIVE,
    CODES,
    GOOD_GUARD,
    MISSING,
    SILENT,
    ScriptedBackend,
    bench,
    fault,
    idle,
    interrupted,
    paused,
    pulse_curve,
    running,
    samples,
    verdict,
)
from tests.ui.test_training_card import Said, at

Opened = tuple[QWidget, list[Situation]]
QUESTIONS: tuple[str, ...] = ("hot-cell",)
"""Missions whose longest question is asked; that of every one fits (``test_training_card``)."""
PRESSED: Final = {**GOOD_GUARD, "estop_ok": False, "interlock_ok": False}
TESTING: Final = {"1": running("1", 47.0), "2": verdict("2", "pass"), "3": fault("3")}
SITUATIONS: Final[dict[str, dict[str, Any]]] = {
    "idle": {},
    "testing": TESTING,
    "verdicts": {
        "1": verdict("1", "fail", 0.47, 0.05, grade="R"),
        "2": verdict("2", "quarantine", None),
        "3": verdict("3", "no_verdict", None),
        "4": verdict("4", "pass", 0.66, 0.05, grade="C"),
    },
    "held": {
        "1": running("1", 47.0, adaptive=ADAPTIVE),
        "2": paused("2", 60.0),
        "3": interrupted("3"),
        "4": running("4", 0.2, state="ready"),
    },
}
EIGHT: Final = {
    "1": running("1", 118.0), "2": verdict("2", "pass"), "3": fault("3"), "4": paused("4", 32.0),
    "5": verdict("1", "fail", 0.46, 0.03, grade="R"), "6": verdict("2", "quarantine", None),
    "7": verdict("3", "no_verdict", 0.78, 0.03), "8": interrupted("3"),
}  # fmt: skip


ASKED: Final = {
    "zh": "请用力矩扳手拧紧两端子，并输入力矩（N·m）。",
    "en": "Tighten both terminals and enter the torque in N·m.",
}


class Hands:
    """A window over a scripted service, and what is done with it."""

    def __init__(self, texts: Texts, channels: int = 4) -> None:
        self.backend = ScriptedBackend(bench(channels))
        self.window = OperatorWindow(lambda: self.backend, texts)
        self.page = self.window.page
        self.page.open()

    def wait(self, done: Callable[[], Any]) -> None:
        for _ in range(1000):
            self.page.tick()
            if done():
                return
            QTest.qWait(5)
        raise TimeoutError("the page does not come into this state")

    def tell(self, states: dict[str, Any], guard: dict[str, Any] = GOOD_GUARD) -> None:
        """Everything is as the service says now; nothing is at hand, no panel is open."""
        page = self.page
        page.desk.clear()
        page.desk.close_panel()
        if page.connection_control.panel.isVisible():
            page.connection_control.panel.hide()
        page.alarm_control.panel.hide()
        self.backend.greet(states, guard)
        wanted = {key: states.get(key, idle())["state"] for key in page.mirror.slots}
        self.wait(lambda: {key: slot.state.state for key, slot in page.mirror.slots.items()} == wanted)
        self.wait(lambda: page.mirror.guard.estop_ok is guard["estop_ok"])
        if states and states["1"]["state"] == "running":
            elapsed_s = states["1"]["elapsed_s"]
            self.backend.say(samples("1", pulse_curve(elapsed_s)))
            self.wait(lambda: page.mirror.slots["1"].voltage.last_s == elapsed_s)

    def open(self, panel: str, states: dict[str, Any] | None = None) -> None:
        """Open a panel over the tiles."""
        self.tell(states or TESTING)
        self.page.desk.open_panel(panel)
        self.page.refresh()

    def close(self) -> None:
        self.window.close()
        self.window.deleteLater()


def _nobody() -> ScriptedBackend:
    raise ConnectionRefusedError


@contextmanager
def operator_page(texts: Texts) -> Iterator[Opened]:
    """Four channels: tiles, panels, refusals, the alarm list, the form, no service."""
    hands = Hands(texts)
    page, backend = hands.page, hands.backend
    described = bench(4)
    described["channels"][3]["checklist"] = "full"
    backend.bench_answer = described
    backend.answers["start"] = MISSING
    hands.wait(lambda: page.mirror.connected)

    def missing() -> None:
        hands.tell(TESTING)
        page.desk.scan("NEW-1")
        page.desk.select("4")
        page.desk.start()
        hands.wait(page.panel.isVisible)

    def result() -> None:
        found = judged(0.75)
        hands.tell({"1": verdict_of("1", CODES["1"], found, 0.75)})
        backend.say({"type": "result", "channel": "1", "run_id": "run-1", "result": found})
        hands.wait(lambda: page.mirror.slots["1"].result is not None)
        page.desk.select("1")
        page.desk.open_panel("result")
        page.refresh()

    def question() -> None:
        asked = {"prompt": 1, "name": "torque", "text": ASKED, "picture": None, "answer": "number"}
        asked |= {"low": 4.0, "high": 9.0, "timeout_s": 600.0}
        hands.tell({**TESTING, "1": running("1", 47.0, question=asked)})
        hands.wait(page.question_control.panel.isVisible)

    def refused() -> None:
        hands.tell(SITUATIONS["verdicts"])
        page.desk.select("1")
        page.desk.scan("https://example.com/battery/0001/" + "X" * 40)
        page.refresh()

    def own() -> None:
        hands.tell({})
        page.desk.no_code()
        page.desk.select("2")
        hands.wait(lambda: page.desk.code == "OWN-20261128-0007")

    def half() -> None:
        hands.tell({})
        page.desk.scan("02LCC02100101A")
        page.refresh()

    def alarms() -> None:
        hands.tell({**TESTING, "2": running("2", 20.0)})
        tripped = {"channel": "2", "code": "guard.estop_open"}
        if len(page.mirror.alarms) < 3:
            for channel, code, level, params in (
                ("1", "engine.sensor_stale", "warning", {"problem": [SILENT]}),
                (None, "guard.tripped", "alarm", tripped),
                (None, "guard.estop_open", "alarm", {}),
            ):
                event = {"type": "event", "channel": channel, "t": 1.0, "code": code, "level": level}
                backend.say({**event, "params": params})
            hands.wait(lambda: len(page.mirror.alarms) >= 3)
        page.alarm_control.engineer = lambda: True
        page.alarm_control.panel._expanded = {alarm.number or -1 for alarm in page.mirror.alarms.roots()}
        page.alarm_control.panel.open()
        page.refresh()

    def shelf() -> None:
        alarms()
        page.alarm_control.panel._ask_shelf(page.mirror.alarms.roots()[0].number or -1)
        page.refresh()

    def lost() -> None:
        page.alarm_control.panel.hide()
        page.desk.clear()
        page.link._connect = _nobody
        backend.say(ConnectionResetError())
        hands.wait(lambda: not page.mirror.connected)

    def found() -> None:
        if not page.mirror.connected:
            page.link._connect = lambda: backend
            hands.wait(lambda: page.mirror.connected)

    form = Form(hands)
    said: list[Situation] = [
        (f"operator {name}", lambda s=states: (found(), hands.tell(s))[0])  # type: ignore[misc]
        for name, states in SITUATIONS.items()
    ]
    said += [
        ("operator stopped by hand", lambda: hands.tell(TESTING, PRESSED)),
        ("operator asked for data", missing),
        ("operator result", result),
        ("operator question", question),
        ("operator menu", lambda: hands.open("menu")),
        ("operator profiles", lambda: hands.open("profiles")),
        ("operator pad", lambda: hands.open("pad")),
        ("operator refused", refused),
        ("operator own code", own),
        ("operator half a label", half),
        ("operator form, first question", lambda: form.show({})),
        ("operator form, a no", lambda: form.show({0: "yes", 1: "no"})),
        ("operator form, done", lambda: form.show(dict.fromkeys(range(len(form.items)), "yes"))),
        ("operator alarms", alarms),
        ("operator shelf", shelf),
        ("operator without service", lost),
    ]
    try:
        yield hands.window, said
    finally:
        hands.close()


class Form:
    """The connection checklist, as the service tells it."""

    def __init__(self, hands: Hands) -> None:
        self._hands, self.items = hands, load_checklist().of("cell")

    def show(self, said: dict[int, str]) -> None:
        """With these questions answered; leads on the wrong way round while not all are."""
        hands, checklist = self._hands, load_checklist()
        hands.tell(TESTING)
        hands.page.desk.scan(CODES["4"])
        hands.page.desk.select("4")
        answers = {self.items[number].key: word for number, word in said.items()}
        found = judge(self.items, Answers.model_validate({"answers": answers}))
        told = {
            "channel": "4", "mode": "full", "name": "default", "version": "1",
            "title": checklist.title.model_dump(), "basis": checklist.basis.model_dump(),
            "confirm": checklist.confirm.model_dump(),
            "items": [item.model_dump(mode="json") for item in self.items],
            "battery": CODES["4"], "answers": answers, "notes": {}, "photos": [{"name": "front.jpg"}],
            "judged": {
                "free": found.free, "open": list(found.open), "refused": list(found.refused),
                "quarantined": list(found.quarantined),
            },
        }  # fmt: skip
        control = hands.page.connection_control
        longer = isinstance(hands.page.texts, LongerTexts)
        control.panel.open(in_longer(told) if longer else told, CODES["4"])
        control.place()
        finding = {"code": "safety.check.polarity", "message": "", "remedy": "", "params": {"value": -3.3}}
        done = len(said) == len(self.items)
        look = {"voltage_V": 3.3 if done else -3.3, "finding": None if done else finding}
        control.panel.show_look(look)
        control.panel.offer("front-of-the-battery-20261128.jpg")


@contextmanager
def eight_channels(texts: Texts) -> Iterator[Opened]:
    """Two rows: every state at once, and another tile chosen."""
    hands = Hands(texts, 8)

    def chosen(channel: str) -> None:
        hands.tell(EIGHT)
        hands.page.desk.select(channel)
        hands.page.refresh()

    try:
        hands.wait(lambda: hands.page.mirror.connected)
        yield hands.window, [(f"operator, eight, {key} chosen", lambda k=key: chosen(k)) for key in "14"]  # type: ignore[misc]
    finally:
        hands.close()


@contextmanager
def training_course(texts: Texts) -> Iterator[Opened]:
    """The mission's card: a step, the longest question, a deed, the end with every mistake."""
    hands = Hands(texts)
    missions = load_missions()
    said = Said({"mission": None})
    with patch("station.ui.training.link.PERIOD_S", 0.01, create=True):
        link = TrainingLink(lambda: said)  # type: ignore[arg-type, return-value]
    card = TrainingCard(hands.page, hands.page.board, link, texts)
    questions = {
        name: max(
            (number for number, step in enumerate(mission.steps) if step.question),
            key=lambda number: len(str(mission.steps[number].question)),
        )
        for name, mission in missions.items()
    }

    def show(mission: str, number: int) -> None:
        hands.tell(TESTING)
        card.set_sizes(hands.page.sizes)
        status = at(missions[mission], number)
        card._closed = False
        card.show_status(in_longer(status) if isinstance(texts, LongerTexts) else status)

    def choose() -> None:
        hands.tell(TESTING)
        card.hide()
        hands.page.desk.open_panel(choice.name)
        hands.page.refresh()
        choice._answered("missions", [{"name": m.name, "title": titled(m)} for m in missions.values()])
        choice.scanned("李雷")

    def titled(mission: Any) -> dict[str, str]:
        title: dict[str, str] = mission.title.model_dump()
        return in_longer(title) if isinstance(texts, LongerTexts) else title

    try:
        hands.wait(lambda: hands.page.mirror.connected)
        choice = TrainingChoice(hands.page, link, texts)
        hands.page.add_panel(choice, "training")
        yield (
            hands.window,
            [
                ("training choice", choose),
                ("training step", lambda: show("normal", 0)),
                *(
                    (f"training question, {name}", lambda n=name: show(n, questions[n]))  # type: ignore[misc]
                    for name in QUESTIONS
                ),
                ("training deed", lambda: show("estop-drill", 2)),
                ("training end", lambda: show("reversed-polarity", len(missions["reversed-polarity"].steps))),
            ],
        )
    finally:
        hands.close()
