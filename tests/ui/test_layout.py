"""Sizes for gloves, whole texts, names for screen readers, keys to everything."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QPushButton, QWidget

from station.ui.page import OperatorPage
from station.ui.style import ORANGE, RED, Sizes, contrast
from tests.ui.conftest import Opener
from tests.ui.scripted import (
    ADAPTIVE,
    MISSING,
    ScriptedBackend,
    bench,
    fault,
    interrupted,
    paused,
    pulse_curve,
    running,
    samples,
    verdict,
)  # fmt: skip

SIZES = [(1366, 768), (1920, 1080)]
STATES = [
    {"1": running("1", 47.0), "2": verdict("2", "pass"), "3": fault("3")},
    {"1": verdict("1", "fail", 0.47, 0.05, grade="R"), "2": verdict("2", "quarantine", None),
     "3": verdict("3", "no_verdict", None), "4": verdict("4", "pass", 0.66, 0.05, grade="C")},
    {"1": running("1", 47.0), "2": paused("2", 60.0), "3": interrupted("3"),
     "4": running("4", 0.2, state="ready")},
    {"1": running("1", 47.0, adaptive=ADAPTIVE), "2": running("2", 47.0, adaptive=ADAPTIVE)},
]  # fmt: skip


def millimetres(page: OperatorPage, pixels: float) -> float:
    return pixels / page.screen().physicalDotsPerInch() * 25.4


def visible(page: QWidget, kind: type[Any]) -> Iterator[Any]:
    return (widget for widget in page.findChildren(kind) if widget.isVisible())


def settle(page: OperatorPage) -> None:
    """Lets layouts and paint events run to their end."""
    page.refresh()
    for _ in range(3):
        QApplication.sendPostedEvents()
        QApplication.processEvents()


def cut_texts(page: OperatorPage) -> list[str]:
    """Texts that do not fit where they stand."""
    cut = []
    for label in visible(page, QLabel):
        if not label.text():
            continue
        room = label.contentsRect()
        flags = Qt.TextFlag.TextWordWrap if label.wordWrap() else Qt.TextFlag.TextSingleLine
        around = QFontMetrics(label.font()).boundingRect(
            QRect(0, 0, room.width() if label.wordWrap() else 100_000, 100_000), flags, label.text()
        )
        if around.width() > room.width() + 1 or around.height() > room.height() + 2:
            cut.append(f"{label.objectName()}: {label.text()} {around.size()} in {room.size()}")
    for button in visible(page, QPushButton):
        lines = button.text().split("\n")
        metrics = QFontMetrics(button.font())
        wide = max(metrics.horizontalAdvance(line) for line in lines)
        if wide > button.width() - 8 or metrics.height() * len(lines) > button.height():
            cut.append(f"button: {button.text()!r}")
    for tile in page.tiles.values():
        if not tile.band.fits():
            cut.append(f"band {tile.channel}: {tile.band.accessibleName()}")
        cut += [f"reading {r.accessibleName()}" for r in tile._values if r.isVisible() and not r.fits()]
        shown = [
            child for child in tile.findChildren(QWidget) if child.isVisible() and child.parent() is tile
        ]
        for child in shown:
            if not tile.rect().contains(child.geometry()):
                cut.append(f"tile {tile.channel}: {type(child).__name__} outside")
        for one, other in itertools.combinations(shown, 2):
            if one.geometry().intersects(other.geometry()):
                cut.append(f"tile {tile.channel}: {type(one).__name__} over {type(other).__name__}")
    table = page.alarms.table
    for row, column in itertools.product(range(table.rowCount()), range(table.columnCount())):
        item = table.item(row, column)
        longest = max(
            (
                QFontMetrics(item.font()).horizontalAdvance(w)
                for w in item.text().replace("\u200b", " ").split()
            ),
            default=0,
        )
        if longest > table.columnWidth(column) - 6:
            cut.append(f"alarm: {item.text()}")
    return cut


@pytest.mark.parametrize("count", [4, 8])
@pytest.mark.parametrize("states", STATES)
def test_no_text_is_cut(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any, states: Any, count: int
) -> None:
    backend.bench_answer = bench(count)
    window = open_window(states)
    page = window.page
    if states["1"]["state"] == "running":
        backend.say(samples("1", pulse_curve(47.0, cells=96)))
        qtbot.waitUntil(lambda: page.mirror.slots["1"].voltage.last_s == 47.0)
    for size in SIZES:
        window.resize(*size)
        for _ in range(2):
            qtbot.waitUntil(lambda size=size: (page.width(), page.height()) == size)
            for channel in ("1", "3"):
                page.desk.select(channel)
                settle(page)
                assert (page.texts.lang, size, channel, cut_texts(page)) == (
                    page.texts.lang,
                    size,
                    channel,
                    [],
                )
            page.switch_language()


LONGEST = (
    "refuse.malformed_code",
    "refuse.long_code",
    "refuse.unacknowledged",
    "refuse.interrupted",
    "prompt.estop",
)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_longest_prompts_are_whole(open_window: Opener, lang: str) -> None:
    page = open_window(lang=lang).page
    page._timer.stop()
    page.link.on_news = None  # nothing else comes into the line
    for key in LONGEST:
        texts = page.texts(key, raw="X" * 40, channel="4")
        page.top.show_prompt("refusal", texts, "")
        QApplication.processEvents()
        assert texts in [label.text() for label in visible(page.top, QLabel)]
        assert [cut for cut in cut_texts(page) if cut.startswith("prompt")] == [], key


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_lost_page_is_whole(open_window: Opener, backend: ScriptedBackend, qtbot: Any, lang: str) -> None:
    page = open_window({"1": running("1", 5.0), "3": fault("3")}, lang=lang).page

    def nobody() -> ScriptedBackend:
        raise ConnectionRefusedError

    page.link._connect = nobody
    backend.say(ConnectionResetError())
    qtbot.waitUntil(lambda: not page.mirror.connected)
    settle(page)
    assert page._lost.isVisible()
    assert cut_texts(page) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("panel", [False, True])
def test_buttons_are_for_gloves(
    open_window: Opener, backend: ScriptedBackend, qtbot: Any, size: Any, panel: bool
) -> None:
    backend.answers["start"] = MISSING
    page = open_window({"2": paused("2", 60.0), "3": interrupted("3")}, size=size).page
    if panel:
        page.desk.scan("NEW-1")
        page.desk.select("1")
        page.desk.start()
        qtbot.waitUntil(page.panel.isVisible)
        settle(page)
    buttons = list(visible(page, QAbstractButton))
    assert len(buttons) >= 8
    for button in buttons:
        assert millimetres(page, button.height()) >= 20, button.text()
        assert millimetres(page, button.width()) >= 20, button.text()


@pytest.mark.parametrize("size", SIZES)
def test_stops_stand_apart(open_window: Opener, size: Any) -> None:
    page = open_window({"2": paused("2", 60.0), "3": interrupted("3")}, size=size).page
    row = page.buttons

    def gap(left: QWidget, right: QWidget) -> float:
        begin = left.mapTo(page, QPoint(left.width(), 0)).x()
        return millimetres(page, right.mapTo(page, QPoint(0, 0)).x() - begin)

    assert gap(row.acknowledge, row.stop) >= 13
    assert gap(row.stop, row.stop_all) >= 13
    for channel, words in (
        ("2", ("tile_resume", "tile_stop")),
        ("3", ("tile_go_on", "tile_close")),
    ):
        buttons = [page.tiles[channel].findChild(QPushButton, word) for word in words]
        assert all(button.isVisible() for button in buttons)
        assert gap(buttons[-2], buttons[-1]) >= 13
    slot = page.mirror.slots["2"]
    slot.stop_asked_s = -1e9  # the stop was in vain: now it can be cut by force
    settle(page)
    stop, force = (page.tiles["2"].findChild(QPushButton, name) for name in ("tile_stop", "tile_force"))
    assert force.isVisible()
    assert gap(stop, force) >= 13


@pytest.mark.parametrize("count", [4, 8])
def test_a_verdict_is_twenty_millimetres_high(
    open_window: Opener, backend: ScriptedBackend, count: int
) -> None:
    backend.bench_answer = bench(count)
    words = ("pass", "fail", "quarantine", "no_verdict")
    page = open_window({str(n + 1): verdict(str(n + 1), word) for n, word in enumerate(words)}).page
    for channel in ("1", "2", "3", "4"):
        band = page.tiles[channel].band
        assert millimetres(page, band.glyph_px) >= 20
        assert band.height() >= band.glyph_px


def test_grey_unless_abnormal(open_window: Opener) -> None:
    page = open_window({"1": running("1", 3.0), "2": verdict("2", "pass"), "3": fault("3")}).page
    picture = QImage(page.size(), QImage.Format.Format_RGB32)
    page.render(picture)

    def colourful(channel: str) -> int:
        tile = page.tiles[channel].band
        at = tile.mapTo(page, QPoint(0, 0))
        count = 0
        for x in range(at.x(), at.x() + tile.width(), 3):
            for y in range(at.y(), at.y() + tile.height(), 3):
                count += picture.pixelColor(x, y).hslSaturationF() > 0.25
        return count

    assert colourful("1") == 0
    assert colourful("2") == 0
    assert colourful("3") > 300


def test_advice_is_not_red(open_window: Opener, backend: ScriptedBackend, qtbot: Any) -> None:
    """How many wait stands on grey for advice, on orange for an alarm, on red for what cannot wait."""
    page = open_window({"1": running("1", 3.0)}).page

    def ground() -> QColor:
        page.tick()
        badge = page.alarms._count
        picture = badge.grab().toImage()
        return picture.pixelColor(3, badge.height() // 2)

    def say(code: str, level: str, count: int) -> None:
        backend.say({"type": "event", "channel": None, "t": 1.0, "code": code, "level": level, "params": {}})
        qtbot.waitUntil(lambda: len(page.mirror.alarms) == count)

    say("engine.no_precharge", "warning", 1)
    assert ground().hslSaturationF() < 0.1
    say("paper.print_failed", "alarm", 2)
    assert ground() == QColor(ORANGE)
    say("guard.estop_open", "alarm", 3)
    assert ground() == QColor(RED)


def test_axes_can_be_read(open_window: Opener) -> None:
    page = open_window().page
    ink, paper = page.tiles["1"].plot.colours()
    assert contrast(ink.name(), paper.name()) >= 4.5


def test_every_control_has_a_name(open_window: Opener, backend: ScriptedBackend, qtbot: Any) -> None:
    backend.answers["start"] = MISSING
    page = open_window(STATES[0]).page
    page.desk.scan("NEW-1")
    page.desk.select("4")
    page.desk.start()
    qtbot.waitUntil(page.panel.isVisible)
    controls = [
        *visible(page, QAbstractButton),
        *visible(page, QLineEdit),
        *page.tiles.values(),
        page.alarms.table,
    ]
    assert [type(control).__name__ for control in controls if not control.accessibleName().strip()] == []
    assert "已选" in page.tiles["4"].accessibleName()


def test_tab_reaches_everything(open_window: Opener, qtbot: Any) -> None:
    window = open_window(STATES[0])
    window.activateWindow()
    qtbot.waitActive(window)
    page = window.page
    page.top.field.setFocus()
    wanted = {page.top.field, page.alarms.table, *page.tiles.values(), *visible(page, QPushButton)}
    reached = set()
    for _ in range(40):
        focus = QApplication.focusWidget()
        assert focus is not None
        reached.add(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    assert wanted - reached == set()


def test_space_on_a_tile_chooses_it(open_window: Opener, qtbot: Any) -> None:
    window = open_window()
    qtbot.waitActive(window)
    tile = window.page.tiles["3"]
    tile.setFocus()
    QTest.keyClick(tile, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.page.desk.selected == "3")


def test_sizes_follow_the_glass_and_the_window() -> None:
    coarse, fine = Sizes.of(1366, 768, 96.0), Sizes.of(1920, 1080, 141.0)
    assert coarse.button >= 76
    assert fine.button >= 111
    assert fine.px(15) > coarse.px(15)
    assert Sizes.of(800, 600, 0.0).dpi == 96.0
    assert Sizes.of(800, 600, 12_700.0).dpi == 96.0
