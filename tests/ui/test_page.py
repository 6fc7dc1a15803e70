"""The page as a whole, driven by a scripted service."""

from __future__ import annotations

import sys
import time
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from station.ui.page import OperatorPage
from tests.ui.conftest import Opener
from tests.ui.scripted import (
    ADAPTIVE,
    CODES,
    GOOD_GUARD,
    MISSING,
    ScriptedBackend,
    bench,
    fault,
    idle,
    pulse_curve,
    running,
    samples,
    verdict,
)

NEW = "04QCB76G88201JD1A0000099"


def words(page: OperatorPage) -> str:
    """Everything the labels of the page say."""
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def prompt(page: OperatorPage) -> str:
    label = page.findChild(QLabel, "prompt_text")
    assert isinstance(label, QLabel)
    return label.text()


@pytest.mark.usefixtures("qapp")
def test_none_keeps_its_references() -> None:
    """Some PySide6 releases lose a reference to None with every call that gives nothing back."""
    label = QLabel()
    before = sys.getrefcount(None)
    for n in range(2000):
        label.setText(str(n))
    if sys.version_info < (3, 12):
        assert before - sys.getrefcount(None) < 100
    assert label.text() == "1999"


def test_scan_choose_start(open_window: Opener, backend: ScriptedBackend, qtbot: Any) -> None:
    page = open_window({"1": running("1", 20.0)}).page
    assert prompt(page) == "请扫描电池编码，或扫描命令码"
    page.desk.scan(NEW)
    page.refresh()
    assert prompt(page).startswith("请选择通道")
    QTest.mouseClick(page.tiles["2"], Qt.MouseButton.LeftButton)
    assert prompt(page) == "按 F5 开始检测：通道 2"
    assert page.buttons.start.property("armed") == "true"
    assert not [asked for asked in backend.asked if asked[0] == "start"]
    QTest.keyClick(page, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: ("start", "2", "rapid", NEW, None, None) in backend.asked)
    qtbot.waitUntil(lambda: prompt(page) == "通道 2 已开始检测")


def test_the_first_word_comes_at_once_while_the_service_still_thinks(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any
) -> None:
    page = open_window().page
    page.desk.scan(NEW)
    page.desk.select("3")
    qtbot.waitUntil(lambda: page.desk.at_hand is not None and page.desk.at_hand.looked_up)
    backend.gate.clear()
    begin_s = time.thread_time()
    QTest.keyClick(page, Qt.Key.Key_F5)
    QTest.keyClick(page, Qt.Key.Key_F5)
    assert time.thread_time() - begin_s < 0.1, "work of its own; for the answer it would wait a minute"
    assert "正在开始" in page.tiles["3"].accessibleName()
    assert prompt(page) == "正在开始：通道 3 …"
    QTest.keyClick(page, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: ("stop_all",) in backend.asked)
    backend.gate.set()
    qtbot.waitUntil(lambda: not page.desk.pending)
    assert [asked[0] for asked in backend.asked].count("start") == 1


def test_stop_keys(open_window: Opener, backend: ScriptedBackend, qtbot: Any) -> None:
    page = open_window({"2": running("2", 20.0)}).page
    page.desk.select("2")
    QTest.keyClick(page, Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: ("stop", "2") in backend.asked)
    QTest.mouseClick(page.buttons.stop_all, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ("stop_all",) in backend.asked)


def test_every_state_and_verdict_is_shown(open_window: Opener, backend: ScriptedBackend, qtbot: Any) -> None:
    page = open_window().page
    expected = {
        "checks": "检查中", "running": "检测中 50 %", "stopping": "停止中", "safe": "已断开输出",
        "analysis": "分析中", "idle": "空闲",
    }  # fmt: skip
    for state, word in expected.items():
        given = {**running("1", 50.0, 100.0), "state": state} if state != "idle" else idle()
        backend.say({"type": "channel", "channel": "1", "state": given})
        qtbot.waitUntil(lambda word=word: page.tiles["1"].band.accessibleName() == word)
    for kind, word in (("pass", "合格"), ("fail", "不合格"), ("quarantine", "隔离"), ("no_verdict", "重测")):
        backend.say({"type": "channel", "channel": "1", "state": verdict("1", kind)})
        qtbot.waitUntil(lambda word=word: page.tiles["1"].band.accessibleName().split()[0] == word)
        assert page.tiles["1"].band.prominent
    backend.say({"type": "channel", "channel": "1", "state": fault("1")})
    qtbot.waitUntil(lambda: page.tiles["1"].band.accessibleName().startswith("故障"))


def test_an_adaptive_test_says_what_it_knows_and_what_it_does_next(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any
) -> None:
    page = open_window({"1": running("1", 50.0, 100.0, adaptive=ADAPTIVE)}, lang="en").page
    shown = words(page)
    assert "pulse block" in shown
    for figure in ("81.2%", "78.1%", "84.4%", "1.8%"):
        assert figure in shown.replace("\u00a0", "")
    backend.say({"type": "channel", "channel": "1", "state": verdict("1", "pass")})
    qtbot.waitUntil(lambda: "pulse block" not in words(page))


def test_a_fault_says_why_and_what_to_do_and_stays_until_acknowledged(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any
) -> None:
    page = open_window(
        {"3": fault("3", code="odd.one", message="loose lead", remedy="tighten it")}, lang="en"
    ).page
    assert "loose lead" in words(page)
    assert "tighten it" in words(page)
    table = page.alarms.table
    row = [table.item(0, column).text() for column in range(table.columnCount())]
    assert row[2:] == ["3", "loose lead", "tighten it", "odd.\u200bone", "open"]
    page.desk.select("3")
    page.desk.scan(NEW)
    page.refresh()
    assert "F6" in prompt(page)
    QTest.keyClick(page, Qt.Key.Key_F6)
    qtbot.waitUntil(lambda: ("acknowledge", "3") in backend.asked)
    backend.say({"type": "channel", "channel": "3", "state": idle()})
    qtbot.waitUntil(lambda: table.rowCount() == 0)
    qtbot.waitUntil(lambda: "loose lead" not in words(page))


def test_a_verdict_shows_its_interval_on_the_limits(open_window: Opener) -> None:
    page = open_window({"2": verdict("2", "pass", 0.861, 0.034)}).page
    shown = words(page)
    assert "SOH 86.1 %" in shown
    assert "82.7–89.5 %" in shown
    assert "0.823 mΩ" in shown
    bar = page.tiles["2"]._bar
    assert bar.isVisible()
    assert bar.x_of(0.8) < bar.x_of(0.827) < bar.x_of(0.861) < bar.x_of(0.895) <= bar.width()


@pytest.mark.parametrize(
    ("confidence", "told"), [("contradicted", "与历史数据矛盾"), ("supported", "历史数据一致")]
)
def test_a_verdict_says_whether_the_past_agrees(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any, confidence: str, told: str
) -> None:
    backend.answers["run"] = {"result": {"reason": None, "rules": [], "history": {"confidence": confidence}}}
    page = open_window({"2": verdict("2", "pass")}).page
    qtbot.waitUntil(lambda: told in words(page))


def test_without_an_estimate_there_is_no_number(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any
) -> None:
    backend.answers["run"] = {"result": {"reason": "the battery drifts", "reason_code": "x.y", "rules": []}}
    page = open_window({"2": verdict("2", "no_verdict", None)}).page
    assert "SOH 无法估计" in words(page)
    assert not page.tiles["2"]._bar.isVisible()
    qtbot.waitUntil(lambda: "the battery drifts" in words(page))


def test_the_limits_come_from_the_verdict_when_the_bench_tells_none(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any
) -> None:
    backend.bench_answer = {**bench(), "grades": []}
    rules = [
        {"id": "reuse_limit", "limit": 0.5},
        {"id": "grade_A.soh", "limit": 0.8},
        {"id": "safety", "limit": None},
    ]
    backend.answers["run"] = {"result": {"reason": None, "rules": rules}}
    page = open_window({"2": verdict("2", "pass")}).page
    bar = page.tiles["2"]._bar
    qtbot.waitUntil(
        lambda: [(limit.grade, limit.soh_min) for limit in bar._limits] == [("", 0.5), ("A", 0.8)]
    )


def test_readings_and_curves_are_live_and_vanish_with_the_service(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any
) -> None:
    page = open_window({"1": running("1", 18.0)}).page
    backend.say(samples("1", pulse_curve(18.0)))
    tile = page.tiles["1"]
    qtbot.waitUntil(lambda: tile._values[1].value == "+87.5 A")
    assert tile._values[0].value.endswith(" V")
    qtbot.waitUntil(lambda: tile.plot.isVisible() and tile.plot.points(0) > 100)
    page.link._connect = _refuse
    backend.say(ConnectionResetError("killed"))
    qtbot.waitUntil(lambda: "检测服务中断" in words(page))
    assert "正在自行断开输出" in words(page)
    assert [value.value for value in tile._values] == ["–", "–", "–"]
    assert tile.band.accessibleName() == "状态未知"
    assert page.top.pills["service"].accessibleName() == "服务 中断"
    assert page.top.pills["estop"].accessibleName() == "急停 未知"
    page.link._connect = lambda: backend
    backend.greet({"1": idle()})
    qtbot.waitUntil(lambda: tile.band.accessibleName() == "空闲")
    assert "正在自行断开输出" not in words(page)


def _refuse() -> ScriptedBackend:
    raise ConnectionRefusedError("nobody there")


def test_a_silent_service_is_told(open_window: Opener, backend: ScriptedBackend, qtbot: Any) -> None:
    page = open_window().page
    backend.alive = False
    page.mirror._heard_at -= 60.0
    qtbot.waitUntil(lambda: "检测服务没有数据" in words(page))
    assert page.top.pills["service"].accessibleName() == "服务 中断"
    backend.alive = True
    qtbot.waitUntil(lambda: "检测服务没有数据" not in words(page))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_inputs_are_shown(open_window: Opener, lang: str) -> None:
    page = open_window(lang=lang, guard={**GOOD_GUARD, "estop_ok": False, "interlock_ok": None}).page
    pills = {key: pill.accessibleName() for key, pill in page.top.pills.items()}
    wanted = {
        "zh": {
            "estop": "急停 已按下", "interlock": "联锁 未知", "guard": "监护 正常", "service": "服务 已连接",
        },
        "en": {
            "estop": "E-stop PRESSED", "interlock": "Interlock unknown", "guard": "Guard ready",
            "service": "Service connected",
        },
    }  # fmt: skip
    assert pills == wanted[lang]


def test_simulation_is_said_with_its_speed_and_only_then(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any
) -> None:
    backend.bench_answer = bench(speed=10.0)
    page = open_window().page
    assert "模拟 SIMULATED · 读数来自模拟仪器 · 速度 ×10" in words(page)
    backend.bench_answer = bench(speed=25.0)
    page._upkeep._asked_s.clear()
    page._upkeep._asked_s["state"] = page._upkeep._asked_s["bench"] = -1e9
    qtbot.waitUntil(lambda: "×25" in words(page))


def test_a_real_bench_has_no_banner(open_window: Opener, backend: ScriptedBackend) -> None:
    backend.bench_answer = bench(simulated=False)
    assert "SIMULATED" not in words(open_window().page)


def test_the_language_changes_everywhere_at_once(open_window: Opener, qtbot: Any) -> None:
    page = open_window({"1": running("1", 30.0), "2": verdict("2", "fail"), "3": fault("3")}).page
    QTest.keyClick(page, Qt.Key.Key_F1)
    qtbot.mouseClick(page.host.menu.button("language"), Qt.MouseButton.LeftButton)
    shown = words(page) + "".join(
        b.text() for b in (page.buttons.start, page.buttons.stop, page.buttons.stop_all)
    )
    # The battery's level names and the banner carry Chinese by purpose in both languages.
    left = [line for line in shown.split("\n") if any("\u4e00" <= c <= "\u9fff" for c in line)]
    assert [line for line in left if "SIMULATED" not in line] == []
    assert page.tiles["2"].band.accessibleName().startswith("FAIL")
    assert "FAULT" in page.tiles["3"].accessibleName()


def test_the_panel_asks_for_the_capacity_by_touch_and_by_keys(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any
) -> None:
    backend.answers["start"] = MISSING
    page = open_window().page
    page.desk.scan(NEW)
    page.desk.select("4")
    page.desk.start()
    qtbot.waitUntil(page.panel.isVisible)
    panel = page.panel
    for key in ("3", "5", ".", "5"):
        qtbot.mouseClick(panel._keys[key], Qt.MouseButton.LeftButton)
    assert panel.capacity_Ah() == 35.5
    qtbot.mouseClick(panel._keys["back"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel._keys["back"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel._chemistry_buttons["LFP"], Qt.MouseButton.LeftButton)
    backend.answers["start"] = "run-4"
    QTest.keyClick(page, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: ("start", "4", "rapid", NEW, 35.0, "LFP") in backend.asked)
    qtbot.waitUntil(lambda: not panel.isVisible())


def test_the_panel_takes_no_nonsense_and_never_covers_the_stops(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any
) -> None:
    backend.answers["start"] = MISSING
    page = open_window().page
    page.desk.scan(NEW)
    page.desk.select("1")
    page.desk.start()
    qtbot.waitUntil(page.panel.isVisible)
    for nonsense in ("", "0", "-5", "abc", "nan", "1e9"):
        page.panel.field.setText(nonsense)
        page.panel.submit()
        assert page.panel._problem.text() == "请输入大于 0 的容量"
    assert [asked[0] for asked in backend.asked].count("start") == 1
    assert not page.panel.geometry().intersects(page.buttons.geometry())
    qtbot.mouseClick(page.panel.cancel, Qt.MouseButton.LeftButton)
    assert not page.panel.isVisible()
    assert page.desk.code is None


@pytest.mark.parametrize("count", [1, 3, 5, 8])
def test_one_to_eight_channels(open_window: Opener, backend: ScriptedBackend, count: int) -> None:
    backend.bench_answer = bench(count)
    page = open_window({"1": running("1", 5.0)}).page
    assert len(page.tiles) == count
    widths = {tile.width() for tile in page.tiles.values()}
    assert max(widths) - min(widths) <= 2
    rows = {tile.y() for tile in page.tiles.values()}
    assert len(rows) == (1 if count <= 4 else 2)


def test_a_long_run_keeps_memory_and_work_bounded(open_window: Opener, qtbot: Any) -> None:
    page = open_window({"1": running("1", 1.0)}).page
    slot = page.mirror.slots["1"]
    held = slot.voltage.nbytes
    for hour in range(30):
        t = [hour * 3600 + k * 0.9 for k in range(4000)]
        values = [3.3 + 0.001 * (k % 7) for k in range(4000)]
        page.mirror.apply(samples("1", {"t": t, "voltage_V": values, "current_A": [0.0] * 4000}))
        page.mirror.apply(
            {"type": "event", "channel": "2", "code": f"w.{hour}", "level": "warning", "params": {}}
        )
    page.refresh()
    assert slot.voltage.nbytes == held
    qtbot.waitUntil(lambda: page.tiles["1"].plot.points(0) > 0)
    assert page.tiles["1"].plot.points(0) <= 8 * (page.tiles["1"].plot.width() + 2) + 50


def test_closing_the_window_ends_no_test(open_window: Opener, backend: ScriptedBackend) -> None:
    window = open_window({"1": running("1", 5.0)})
    window.close()
    assert not {"stop", "stop_all"} & {asked[0] for asked in backend.asked}
    assert CODES["1"] in window.page.tiles["1"].accessibleName()


def test_the_next_battery_does_not_stand_beside_the_curve_of_the_last(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any
) -> None:
    page = open_window({"1": running("1", 20.0)}).page
    tile = page.tiles["1"]
    backend.say(samples("1", pulse_curve(18.0)))
    qtbot.waitUntil(lambda: tile.plot.isVisible())
    backend.say({"type": "channel", "channel": "1", "state": verdict("1", "pass")})
    qtbot.waitUntil(lambda: page.mirror.slots["1"].state.state == "verdict")
    page._scanned(NEW)
    page._scanned("#CMD#CHANNEL,1#")
    qtbot.waitUntil(lambda: page.desk.selected == "1" and NEW in words(page))
    page.tick()
    assert page.mirror.slots["1"].has_curve
    assert not tile.plot.isVisible()
