"""The page's pictures for the documentation, drawn by the page itself with a scripted service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QFontDatabase, QGuiApplication, QImage
from PySide6.QtTest import QTest

from station.ui.app import OperatorWindow
from station.ui.style import CHINESE_FONTS
from tests.ui.conftest import Opener
from tests.ui.scripted import (
    MISSING,
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
)  # fmt: skip

pytestmark = pytest.mark.window
FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
NEW = "04QCB76G88201JD1A0000099"
LEAD = {
    "code": "safety.check.contact_resistance",
    "message": "poor contact",
    "remedy": "clean the clamp",
    "params": {"value": 0.0109, "limit": 0.005},
}


@pytest.fixture(autouse=True)
def able_to_draw(qapp: Any) -> None:
    del qapp
    if QGuiApplication.platformName() == "offscreen" or not set(CHINESE_FONTS) & set(
        QFontDatabase.families()
    ):
        pytest.skip("needs a virtual display and a font with Chinese")


def draw(window: OperatorWindow, name: str) -> None:
    """Save the page and check that something is on it."""
    QTest.qWait(120)
    window.page.mirror.alarms.version += 1
    window.page.refresh()
    picture = QImage(window.size(), QImage.Format.Format_RGB32)
    window.render(picture)
    FOLDER.mkdir(parents=True, exist_ok=True)
    assert picture.save(str(FOLDER / name))
    assert (picture.width(), picture.height()) == (window.width(), window.height())
    assert (
        len(
            {picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)}
        )
        > 20
    )


def curves(backend: ScriptedBackend, window: OperatorWindow, qtbot: Any, **until_s: float) -> None:
    made = {
        "1": {"capacity_Ah": 35.0, "ocv_V": 3.302},
        "2": {"capacity_Ah": 10.0, "ocv_V": 3.94, "r0": 1.9e-3},
        "3": {"capacity_Ah": 20.0, "ocv_V": 3.31, "cells": 6},
        "4": {"capacity_Ah": 14.0, "ocv_V": 3.71, "cells": 96},
    }
    for name, until in until_s.items():
        channel = name[-1]
        backend.say(samples(channel, pulse_curve(until, **made[channel])))  # type: ignore[arg-type]
    for name in until_s:
        slot = window.page.mirror.slots[name[-1]]
        qtbot.waitUntil(lambda slot=slot: slot.voltage.last_s is not None)


@pytest.fixture
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The alarm list shows the same time of day in every picture."""
    monkeypatch.setattr("station.ui.alarmview.time.strftime", lambda *_: "14:23:05")


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page(open_window: Opener, backend: ScriptedBackend, qtbot: Any, lang: str) -> None:
    states = {"1": running("1", 118.0), "2": verdict("2", "pass"), "3": fault("3", **LEAD)}
    window = open_window(states, lang=lang, size=(1920, 1080))
    curves(backend, window, qtbot, c1=118.0, c2=175.0, c3=11.0)
    window.page.desk.scan(NEW)
    window.page.desk.select("4")
    draw(window, f"window-{lang}.png")


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_eight_channels_on_a_small_screen(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any, lang: str
) -> None:
    backend.bench_answer = bench(8)
    states = {
        "1": running("1", 118.0), "2": verdict("2", "pass"), "3": fault("3", **LEAD), "4": running("4", 32.0),
        "5": verdict("1", "fail", 0.46, 0.03, grade="R"), "6": verdict("2", "quarantine", None),
        "7": verdict("3", "no_verdict", 0.78, 0.03),
    }  # fmt: skip
    window = open_window(states, lang=lang)
    curves(backend, window, qtbot, c1=118.0, c4=32.0)
    reason = {"reason": "it can hide a weak one", "reason_code": "string_mean_only", "rules": []}
    backend.say({"type": "result", "channel": "7", "run_id": "run-3", "result": reason})
    qtbot.waitUntil(lambda: window.page.mirror.slots["7"].result is not None)
    draw(window, f"window-eight-{lang}.png")


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_paused_and_interrupted_tests(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any, lang: str
) -> None:
    states = {"1": running("1", 118.0), "2": paused("2", 60.0), "3": interrupted("3"), "4": idle()}
    window = open_window(states, lang=lang)
    curves(backend, window, qtbot, c1=118.0, c2=60.0)
    window.page.desk.select("2")
    draw(window, f"window-paused-{lang}.png")


@pytest.mark.usefixtures("at_noon")
def test_the_panel_for_missing_data(open_window: Opener, backend: ScriptedBackend, qtbot: Any) -> None:
    backend.answers["start"] = MISSING
    window = open_window({"1": running("1", 118.0), "2": verdict("2", "pass")})
    curves(backend, window, qtbot, c1=118.0, c2=175.0)
    window.page.desk.scan(NEW)
    window.page.desk.select("4")
    window.page.desk.start()
    qtbot.waitUntil(window.page.panel.isVisible)
    window.page.panel.field.setText("35")
    window.page.panel._chemistry_buttons["LFP"].setChecked(True)
    draw(window, "window-missing-zh.png")


@pytest.mark.usefixtures("at_noon")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_service_lost(open_window: Opener, backend: ScriptedBackend, qtbot: Any, lang: str) -> None:
    window = open_window({"1": running("1", 118.0), "2": verdict("2", "pass")}, lang=lang)
    curves(backend, window, qtbot, c1=118.0, c2=175.0)

    def nobody() -> ScriptedBackend:
        raise ConnectionRefusedError("nobody there")

    window.page.link._connect = nobody
    backend.say(ConnectionResetError("killed"))
    qtbot.waitUntil(lambda: not window.page.mirror.connected)
    draw(window, f"window-lost-{lang}.png")
