"""The whole flow by scans alone, in a real window: four channels interleaved, every verdict and fault.

Each state is saved in ``docs/screens``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QApplication

from station.ui.app import OperatorWindow, application
from station.ui.style import CHINESE_FONTS
from station.ui.texts import Texts
from tests.ui.flowing import FlowBackend, Pistol, Wedge, press, save
from tests.ui.scripted import MISSING, fault, interrupted, pulse_curve, running, samples

pytestmark = [pytest.mark.window, pytest.mark.timeout(120)]
BATTERIES = {
    "1": "04QCB76G88201JD1A0000017",
    "2": "08RPE21B55103KA4C0000209",
    "3": "0B2CB43H10077LC9D0000388",
    "4": "02LCB01D150000123RC",
}
CONTACT = {
    "code": "safety.check.contact_resistance", "message": "poor contact", "remedy": "clean the clamp",
    "params": {"value": 0.0109, "limit": 0.005},
}  # fmt: skip
Scan = Callable[[str], None]


@pytest.fixture(autouse=True)
def able_to_draw(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    del qapp
    fonts = set(CHINESE_FONTS) & set(QFontDatabase.families())
    if QGuiApplication.platformName() == "offscreen" or not fonts or not Wedge.available():
        pytest.skip("needs a virtual display, xdotool and a font with Chinese")
    monkeypatch.setattr("station.ui.alarmview.time.strftime", lambda *_: "14:23:05")


class Bench:
    """A window, its service, and a scanner of one kind."""

    def __init__(self, qtbot: Any, scanner: str, lang: str, size: tuple[int, int] = (1366, 768)) -> None:
        self._qtbot = qtbot
        self.backend = FlowBackend()
        self.pistol = Pistol() if scanner == "serial" else None
        port = self.pistol.port if self.pistol else None
        self.window = OperatorWindow(lambda: self.backend, Texts(lang), scanner=port)
        self.window.resize(*size)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitActive(self.window)
        self.page, self.desk = self.window.page, self.window.page.desk
        self.page.open()
        self.backend.greet()
        self.until(lambda: self.page.mirror.guard.relay_ok)
        if self.pistol is not None:
            self.until(lambda: self.page.serial.connected)
        wedge = Wedge(self.window, qtbot)
        self.scan: Scan = self.pistol.scan if self.pistol else wedge.scan

    def until(self, condition: Callable[[], Any]) -> None:
        self._qtbot.waitUntil(condition)

    def tile(self, channel: str) -> str:
        return str(self.page.tiles[channel].accessibleName())

    def begin(self, channel: str, code: str) -> None:
        """The three actions: battery, channel, start."""
        self.scan(code)
        self.until(lambda: self.desk.code == code)
        self.scan(f"#CMD#CHANNEL,{channel}#")
        self.until(lambda: self.desk.selected == channel)
        assert not [one for one in self.backend.asked if one[:2] == ("start", channel)]
        self.scan("#CMD#START#")
        self.until(lambda: any(one[:2] == ("start", channel) for one in self.backend.asked))
        self.until(lambda: self.page.mirror.slots[channel].state.state == "running")

    def curve(self, channel: str, until_s: float, **how: Any) -> None:
        self.backend.say(samples(channel, pulse_curve(until_s, **how)))
        self.until(lambda: self.page.mirror.slots[channel].voltage.last_s == until_s)

    def close(self) -> None:
        self.window.close()
        self.window.deleteLater()
        QApplication.processEvents()


@pytest.fixture
def open_bench(qtbot: Any) -> Iterator[Callable[..., Bench]]:
    opened: list[Bench] = []
    application([])

    def make(scanner: str = "serial", lang: str = "zh", **options: Any) -> Bench:
        opened.append(Bench(qtbot, scanner, lang, **options))
        return opened[-1]

    yield make
    for bench in opened:
        bench.close()


@pytest.mark.parametrize(("scanner", "lang"), [("serial", "zh"), ("wedge", "en")])
def test_four_channels_interleaved_by_scans_alone(open_bench: Any, scanner: str, lang: str) -> None:
    bench = open_bench(scanner, lang)
    backend, desk = bench.backend, bench.desk
    save(bench.window, f"01-idle-{lang}")
    bench.scan(BATTERIES["1"])
    bench.until(lambda: desk.code == BATTERIES["1"])
    save(bench.window, f"02-choose-channel-{lang}")
    desk.clear()
    for channel, code in BATTERIES.items():
        bench.begin(channel, code)
    starts = [one[1:4] for one in backend.asked if one[0] == "start"]
    assert starts == [(channel, "rapid", code) for channel, code in BATTERIES.items()]
    for channel, until_s in (("1", 118.0), ("2", 60.0), ("3", 32.0), ("4", 18.0)):
        state = running(channel if channel != "4" else "1", until_s)
        backend.shows(channel, {**state, "run_id": f"run-{channel}", "battery": BATTERIES[channel]})
        bench.curve(channel, until_s)
    bench.scan("#CMD#PAUSE,2#")
    bench.until(lambda: ("pause", "2") in backend.asked)
    desk._said = None  # the sentence leaves by itself after some seconds; the pictures are of what stays
    save(bench.window, f"03-four-running-{lang}")
    backend.judges("1", BATTERIES["1"], 0.861)
    backend.judges("2", BATTERIES["2"], 0.44)
    backend.judges("3", BATTERIES["3"], None)
    backend.judges("4", BATTERIES["4"], 0.75, findings=("swollen",))
    words = {
        "zh": {"1": "合格", "2": "不合格", "3": "重测", "4": "隔离"},
        "en": {"1": "PASS", "2": "FAIL", "3": "RETEST", "4": "QUARANTINE"},
    }[lang]
    for channel, word in words.items():
        bench.until(lambda channel=channel, word=word: word in bench.tile(channel))
        bench.until(lambda channel=channel: bench.page.mirror.slots[channel].result is not None)
    heard = bench.page.sounds.played
    assert heard.count("done") == 1
    assert heard[-4:].count("attention") == 3
    save(bench.window, f"04-four-verdicts-{lang}")
    # A pass makes room at the next scan; whatever else ended stays until somebody has seen it.
    bench.scan("#CMD#SHOW,1#")
    bench.until(lambda: bench.page.host.result.isVisible())
    save(bench.window, f"05-result-{lang}")
    bench.scan("#CMD#NO#")
    bench.until(lambda: not bench.page.host.result.isVisible())
    bench.scan("#CMD#REPRINT,1#")
    bench.until(lambda: ("print_label", "run-1") in backend.asked)
    bench.scan("#CMD#CHANNEL,2#")
    bench.scan("04QCB76G88201JD1A0000777")
    bench.until(lambda: desk.prompt().key == "refuse.unacknowledged")
    assert not [one for one in backend.asked if one[0] == "acknowledge"]
    save(bench.window, f"06-unacknowledged-{lang}")
    for channel in ("2", "3", "4"):
        bench.scan(f"#CMD#ACK,{channel}#")
        bench.until(lambda channel=channel: ("acknowledge", channel) in backend.asked)
    bench.scan("#CMD#NEXT,1#")
    bench.until(lambda: ("acknowledge", "1") in backend.asked)
    bench.until(lambda: all(slot.state.state == "idle" for slot in bench.page.mirror.slots.values()))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_faults_and_what_is_not_a_battery(open_bench: Any, lang: str) -> None:
    bench = open_bench("serial", lang)
    backend, desk, scan = bench.backend, bench.desk, bench.scan
    backend.shows("1", fault("1", **CONTACT))
    backend.shows("2", interrupted("2"))
    backend.shows("3", running("3", 60.0))
    bench.until(lambda: bench.page.mirror.slots["3"].state.state == "running")
    bench.curve("3", 60.0)
    save(bench.window, f"07-faults-{lang}")
    for raw, key in (
        (BATTERIES["3"], "refuse.code_on_channel"),
        ("]E04006381333931", "refuse.foreign_goods"),
        ("https://example.com/b/1", "refuse.foreign_link"),
        ("20261128T142305-1-0a1b2c", "refuse.foreign_report"),
        ("%%%%", "refuse.malformed_code"),
        ("#CMD#YES#", "refuse.no_question"),
    ):
        before = len(bench.page.sounds.played)
        scan(raw)
        bench.until(lambda key=key: desk.prompt().key == key)
        assert bench.page.sounds.played[before:] in (["attention"], bench.page.sounds.played)
    save(bench.window, f"08-foreign-scan-{lang}")
    assert not [one for one in backend.asked if one[0] == "start"]
    scan("#CMD#ACK,1#")
    bench.until(lambda: ("acknowledge", "1") in backend.asked)
    scan("#CMD#RESUME,2#")
    bench.until(lambda: ("resume", "2") in backend.asked)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_split_worn_missing_and_tested_labels(open_bench: Any, lang: str) -> None:
    bench = open_bench("serial", lang)
    backend, desk, scan = bench.backend, bench.desk, bench.scan
    scan("]C102LCC02100101A")
    bench.until(lambda: desk.part is not None)
    save(bench.window, f"09-half-a-label-{lang}")
    scan("87Y0026421")
    bench.until(lambda: desk.code == "02LCC02100101A87Y0026421")
    save(bench.window, f"10-joined-{lang}")
    scan("#CMD#NO#")
    # The pad, by scanned keys.
    scan("#CMD#PAD#")
    bench.until(lambda: bench.page.host.pad.isVisible())
    for key in "04QCB76G88":
        scan(f"#CMD#KEY,{key}#")
    bench.until(lambda: bench.page.host.pad.field.text() == "04QCB76G88")
    save(bench.window, f"11-pad-{lang}")
    bench.page.host.pad.field.setText("04QCB76G88201JD1A0000017")
    runs = [{"verdict": "fail", "started_utc": "2026-11-20T08:00:00.000Z", "run_id": "run-0"}]
    backend.answers["battery"] = {"code": "X", "runs": runs}
    scan("#CMD#START#")
    bench.until(lambda: desk.at_hand is not None and desk.at_hand.needs_yes)
    save(bench.window, f"12-tested-already-{lang}")
    scan("#CMD#CHANNEL,1#")
    scan("#CMD#START#")
    bench.until(lambda: desk.prompt().key == "refuse.answer_first")
    assert not [one for one in backend.asked if one[0] == "start"]
    scan("#CMD#YES#")
    bench.until(lambda: desk.prompt().key == "prompt.ready")
    # Its capacity is asked for, and given by scans.
    backend.answers["start"] = MISSING
    scan("#CMD#START#")
    bench.until(lambda: bench.page.panel.isVisible())
    save(bench.window, f"13-missing-data-{lang}")
    backend.answers.clear()
    for key in ("3", "5"):
        scan(f"#CMD#KEY,{key}#")
    scan("#CMD#CHEMISTRY,LFP#")
    scan("#CMD#START#")
    wanted = ("start", "1", "rapid", "04QCB76G88201JD1A0000017", 35.0, "LFP")
    bench.until(lambda: wanted in backend.asked)
    bench.until(lambda: desk.code is None)
    # No code at all.
    scan("#CMD#NOCODE#")
    bench.until(lambda: desk.code == "OWN-20261128-0007")
    scan("#CMD#CHANNEL,2#")
    bench.until(lambda: desk.prompt().key == "prompt.own_ready")
    save(bench.window, f"14-no-code-{lang}")
    scan("#CMD#START#")
    bench.until(lambda: ("start", "2", "rapid", "OWN-20261128-0007", None, None) in backend.asked)
    # The two pages of big buttons.
    press(bench.window, Qt.Key.Key_F3)
    save(bench.window, f"15-profiles-{lang}")
    scan("#CMD#PROFILE,screen#")
    bench.until(lambda: desk.profile == "screen" and desk.panel is None)
    press(bench.window, Qt.Key.Key_F1)
    save(bench.window, f"16-menu-{lang}")
    scan("#CMD#LANGUAGE#")
    bench.until(lambda: bench.page.texts.lang != lang)


def test_a_scanner_that_is_pulled_out_is_told_and_the_keyboard_goes_on(open_bench: Any, qtbot: Any) -> None:
    bench = open_bench("serial", "zh")
    bench.pistol.unplug()
    bench.until(lambda: not bench.page.serial.connected)
    bench.until(lambda: "扫码枪未连接" in bench.page.top._more.text())
    Wedge(bench.window, qtbot).scan(BATTERIES["1"])
    bench.until(lambda: bench.desk.code == BATTERIES["1"])
