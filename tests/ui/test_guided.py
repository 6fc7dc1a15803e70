"""Alarm list and guided connection on a real display, in both languages, by press, key and barcode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from station.models.checklist import Answers, judge, load_checklist
from station.ui.app import OperatorWindow
from tests.ui.conftest import Opener
from tests.ui.screens import settle
from tests.ui.scripted import MISSING, SILENT, ScriptedBackend, bench, fault, idle, running

pytestmark = pytest.mark.window
BATTERY = "04QCB76G88201JD1A0000099"
ITEMS = load_checklist().of("cell")


def form(said: dict[str, str]) -> dict[str, Any]:
    """As the service answers."""
    checklist, judged = load_checklist(), judge(ITEMS, Answers.model_validate({"answers": said}))
    return {
        "channel": "4", "mode": "full", "name": "default", "version": "1",
        "title": checklist.title.model_dump(), "basis": checklist.basis.model_dump(),
        "confirm": checklist.confirm.model_dump(),
        "items": [item.model_dump(mode="json") for item in ITEMS],
        "battery": BATTERY, "answers": said, "notes": {}, "photos": [],
        "judged": {
            "free": judged.free, "open": list(judged.open), "refused": list(judged.refused),
            "quarantined": list(judged.quarantined),
        },
    }  # fmt: skip


class Service:
    """What the errands of the form ask."""

    def __init__(self, backend: ScriptedBackend) -> None:
        self._backend = backend

    def connection(self, channel: str) -> dict[str, Any]:
        self._backend.asked.append(("connection", channel))
        return form({})

    def answer_connection(
        self, channel: str, battery: str, said: dict[str, str] | None = None, *, confirmed: bool = False
    ) -> dict[str, Any]:
        self._backend.asked.append(
            ("confirmed" if confirmed else "answer", channel, battery, dict(said or {}))
        )
        return form(said or {})

    def look(self, channel: str, _chemistry: str | None) -> None:
        self._backend.asked.append(("look", channel))

    def look_stop(self, channel: str) -> None:
        self._backend.asked.append(("look_stop", channel))

    def photos(self, _channel: str) -> list[dict[str, Any]]:
        return [{"name": "front.jpg", "path": "/camera/front.jpg"}]

    def attach_photo(self, channel: str, battery: str, path: str) -> dict[str, Any]:
        self._backend.asked.append(("attach", channel, battery, path))
        return {**form({}), "photos": [{"name": "front.jpg"}]}


def cut(window: OperatorWindow, panel: Any) -> list[str]:
    """Texts that do not fit, buttons too small for gloves, controls without a name."""
    settle()
    found = []
    for label in panel.findChildren(QLabel):
        if label.isVisible() and label.text():
            need = label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
            if need > label.height() + 1:
                found.append(f"text: {label.text()[:40]!r} needs {need}, has {label.height()}")
    for button in panel.findChildren(QPushButton):
        if button.isVisible():
            if button.height() < window.page.sizes.mm(20):
                found.append(f"low: {button.objectName()} {button.height()}")
            if button.sizeHint().width() > button.width() + 1:
                found.append(f"narrow: {button.text()!r}")
            if not button.accessibleName():
                found.append(f"nameless: {button.objectName()}")
    return found


def grab(window: OperatorWindow, name: str, tmp_path: Path) -> None:
    QApplication.processEvents()
    QTest.qWait(60)
    assert window.grab().save(str(tmp_path / name))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_alarm_list(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any, lang: str, tmp_path: Path
) -> None:
    window = open_window({"1": running("1", 20.0), "2": running("2", 20.0)}, lang=lang)
    page = window.page
    tripped = {"channel": "2", "code": "guard.estop_open"}
    for channel, code, level, params in (
        ("1", "engine.sensor_stale", "warning", {"problem": [SILENT]}),
        (None, "guard.tripped", "alarm", tripped),
        (None, "guard.estop_open", "alarm", {}),
    ):
        told = {"type": "event", "channel": channel, "t": 1.0, "code": code, "level": level, "params": params}
        backend.say(told)
    backend.say({"type": "channel", "channel": "2", "state": fault("2", "safety.interlock_open")})
    qtbot.waitUntil(lambda: len(page.mirror.alarms) == 4)
    page.tick()
    assert page.alarms.table.rowCount() == 3, "the fault stands under what caused it"
    QTest.mouseClick(page.alarms.table.viewport(), Qt.MouseButton.LeftButton)
    panel = page.alarm_control.panel
    assert panel.isVisible()
    page.tick()
    cards = [card for card in panel._cards if card.isVisible()]
    assert len(cards) == 2
    assert panel.after.isEnabled(), "the third is on the next page"
    folding = next(card for card in cards if card.fold.isVisible())
    folding.fold.click()
    page.tick()
    assert folding._folded.isVisible()
    assert page.buttons.stop_all.isVisible()
    assert not panel.geometry().intersects(page.buttons.geometry())
    assert cut(window, panel) == []
    grab(window, f"alarms-{lang}.png", tmp_path)
    folding.acknowledge.click()
    qtbot.waitUntil(lambda: any(a[0] == "acknowledge_alarm" for a in backend.asked))
    qtbot.waitUntil(lambda: page.mirror.alarms.open == 2)
    assert page.mirror.slots["2"].state.state == "fault", "seen is not un-latched"
    assert not any(card.shelve.isVisible() for card in cards), "only an engineer shelves"
    panel.show_alarms(page.mirror.alarms, engineer=True)  # as on the engineer's side
    low = next(card for card in panel._cards if card.shelve.isVisible())
    low.shelve.click()
    assert cut(window, panel) == []
    grab(window, f"shelf-{lang}.png", tmp_path)
    QTest.keyClick(window, Qt.Key.Key_F11)
    assert not panel.isVisible()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_checklist_by_barcode_key_and_press(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any, lang: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    described = bench(4)
    described["channels"][3]["checklist"] = "full"
    backend.bench_answer = described
    monkeypatch.setattr(ScriptedBackend, "service", property(Service))
    window = open_window({"1": idle()}, lang=lang)
    page, panel = window.page, window.page.connection_control.panel
    page._scanned(BATTERY)
    page._scanned("#CMD#CHANNEL,4#")
    QTest.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(panel.isVisible)
    assert not any(a[0] == "start" for a in backend.asked), "the form comes before the start"
    assert page.desk.prompt().key == "prompt.form"
    finding = {"code": "safety.check.polarity", "message": "", "remedy": "", "params": {"value": -3.3}}
    backend.say({"type": "look", "channel": "4", "voltage_V": -3.3, "ok": False, "finding": finding})
    qtbot.waitUntil(lambda: "-3.300" in panel._leads.text())
    assert panel._finding.text()
    assert cut(window, panel) == []
    grab(window, f"check-{lang}.png", tmp_path)
    page._scanned("#CMD#YES#")
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: any(a[0] == "answer" and "no" in a[3].values() for a in backend.asked))
    qtbot.waitUntil(lambda: panel._effect.property("tone") == "quarantine")  # when the answer is back
    assert cut(window, panel) == []
    grab(window, f"check-no-{lang}.png", tmp_path)
    assert page.desk.prompt().key == "prompt.form_no"
    QTest.keyClick(window, Qt.Key.Key_F5)
    assert panel.isVisible(), "nothing starts with a no"
    qtbot.waitUntil(lambda: panel.attach.isEnabled())
    panel.attach.click()
    qtbot.waitUntil(lambda: any(a[0] == "attach" for a in backend.asked))
    panel.path.setFocus()
    panel.path.setText("/card/IMG_7.jpg")
    QTest.keyClick(panel.path, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: any(a[0] == "attach" and "/card/IMG_7.jpg" in a for a in backend.asked))
    panel.path.clearFocus()
    for _ in ITEMS[1:]:
        panel.yes.click()
    qtbot.waitUntil(lambda: panel.ready)
    assert page.desk.prompt().key == "prompt.ready"
    assert cut(window, panel) == []
    grab(window, f"check-done-{lang}.png", tmp_path)
    page._scanned("#CMD#START#")
    qtbot.waitUntil(lambda: any(a[0] == "start" for a in backend.asked))
    assert not panel.isVisible()
    qtbot.waitUntil(lambda: any(a[0] == "look_stop" for a in backend.asked))


@pytest.mark.parametrize("mode", ["off", "short", "full"])
def test_the_start_barcode_confirms_the_batterys_data(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is asked before connecting: the panel is open, so the start means the panel."""
    described = bench(4)
    described["channels"][3]["checklist"] = mode
    backend.bench_answer = described
    monkeypatch.setattr(ScriptedBackend, "service", property(Service))
    page = open_window({"1": idle()}).page
    page._scanned(BATTERY)
    page._scanned("#CMD#CHANNEL,4#")
    backend.answers["start"] = MISSING
    page._scanned("#CMD#START#")
    if mode == "full":
        form_open = page.connection_control.panel
        qtbot.waitUntil(form_open.isVisible)
        for _ in ITEMS:
            form_open.yes.click()
        qtbot.waitUntil(lambda: form_open.ready)
        page._scanned("#CMD#START#")
    qtbot.waitUntil(page.panel.isVisible)
    backend.answers.clear()
    for scan in ("#CMD#KEY,3#", "#CMD#KEY,5#", "#CMD#CHEMISTRY,LFP#", "#CMD#START#"):
        page._scanned(scan)
    wanted = ("start", "4", page.desk.profile, BATTERY, 35.0, "LFP")
    qtbot.waitUntil(lambda: wanted in backend.asked)
