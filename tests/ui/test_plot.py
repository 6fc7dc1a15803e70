"""The picture of the curves: drawn bit by bit it is the one drawn at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect
from PySide6.QtGui import QColor, QImage, QPaintEvent
from PySide6.QtWidgets import QApplication

from station.curves import Pyramid
from station.ui.plot import TIP_S, CurvePlot
from station.ui.style import CURVE_I, CURVE_V, PLOT, Sizes

UNTIL_S = 175.0
Series = tuple[Any, Any, Any]


def pulses(step_s: float, until_s: float) -> Series:
    """Times, volts, amperes; the extremes come first, so that no axis moves later."""
    t = np.arange(0.0, until_s, step_s)
    current = np.where(t % 10 < 5, -87.5, 0.0)
    volts = 3.3 + 8e-4 * current + 0.01 * np.sin(t)
    current[:2], volts[:2] = (-100.0, 90.0), (3.2, 3.32)
    return t, volts, current


def with_gap(series: Series) -> Series:
    t = series[0]
    there = (t < 40.0) | (t > 52.0)
    return tuple(each[there] for each in series)  # type: ignore[return-value]


Maker = Callable[..., CurvePlot]


@pytest.fixture
def plot(qtbot: Any) -> Maker:
    def make(tick: Callable[[], float] = lambda: 0.0) -> CurvePlot:
        made = CurvePlot(tick=tick)
        qtbot.addWidget(made)
        made.set_sizes(Sizes())
        made.set_names("curves", "V", "A")
        made.resize(330, 240)
        made.show()
        QApplication.processEvents()
        return made

    return make


def picture(plot: CurvePlot) -> QImage:
    QApplication.processEvents()
    return plot.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


@pytest.mark.parametrize("gap", [False, True])
@pytest.mark.parametrize("step_s", [0.01, 0.05, 1.0, 7.0])
def test_bit_by_bit_is_as_at_once(plot: Maker, step_s: float, gap: bool) -> None:
    series = pulses(step_s, 118.0)
    if gap:
        series = with_gap(series)
    t, volts, amps = series
    gap_s = 3.0 * max(step_s, 1.0)
    now = [0.0]
    bits, once = plot(lambda: now[0]), plot()
    voltage, current = Pyramid(), Pyramid()
    size = max(round(0.3 / step_s), 1)
    for part in (slice(0, 2), *(slice(begin, begin + size) for begin in range(2, len(t), size))):
        voltage.add(t[part], volts[part])
        current.add(t[part], amps[part])
        bits.show_curves(voltage, current, UNTIL_S, gap_s)
        now[0] += 0.05
    now[0] += TIP_S
    bits.show_curves(voltage, current, UNTIL_S, gap_s)
    assert not bits.owes
    once.show_curves(voltage, current, UNTIL_S, gap_s)
    assert picture(bits) == picture(once)
    assert bits.points(0) == once.points(0) > 0


def test_both_curves_are_drawn_in_their_colours_and_end_with_the_data(plot: Maker) -> None:
    t, volts, amps = pulses(0.05, 60.0)
    voltage, current = Pyramid(), Pyramid()
    voltage.add(t, volts)
    current.add(t, amps)
    shown = plot()
    shown.show_curves(voltage, current, UNTIL_S, 2.0)
    image = picture(shown)
    for index, colour in enumerate((CURVE_V, CURVE_I)):
        area = shown.plot_area(index).toAlignedRect()
        # The curve's name stands in its colour at the top left.
        area.setTop(area.top() + 20)
        columns = [
            x
            for x in range(area.left(), area.right())
            if any(image.pixelColor(x, y) == QColor(colour) for y in range(area.top(), area.bottom()))
        ]
        wide = area.width() / (1.01 * UNTIL_S)
        assert columns[0] <= area.left() + 1
        assert abs(columns[-1] - (area.left() + 60.0 * wide)) <= 2
        assert len(columns) > 0.9 * 60.0 * wide


def test_new_samples_paint_a_strip_only(plot: Maker) -> None:
    t, volts, amps = pulses(0.05, 118.0)
    voltage, current = Pyramid(), Pyramid()
    voltage.add(t[:-4], volts[:-4])
    current.add(t[:-4], amps[:-4])
    shown = plot()
    shown.show_curves(voltage, current, UNTIL_S, 2.0)
    QApplication.processEvents()
    painted: list[QRect] = []

    class Watch(QObject):
        def eventFilter(self, _: QObject, event: QEvent) -> bool:
            if isinstance(event, QPaintEvent):
                painted.append(event.rect())
            return False

    watch = Watch()
    shown.installEventFilter(watch)
    voltage.add(t[-4:], volts[-4:])
    current.add(t[-4:], amps[-4:])
    shown.show_curves(voltage, current, UNTIL_S, 2.0)
    QApplication.processEvents()
    assert len(painted) == 1
    assert painted[0].width() < 12


def test_samples_that_change_no_pixel_paint_nothing_and_the_tip_comes_later(plot: Maker) -> None:
    now = [0.0]
    shown = plot(lambda: now[0])
    voltage, current = Pyramid(), Pyramid()
    t = np.arange(0.0, 3000.0, 0.05)
    wave = np.sin(t)
    for pyramid in (voltage, current):
        pyramid.add(t[:-400], wave[:-400])
    shown.show_curves(voltage, current, 6000.0, 2.0)
    painted = 0
    for at in range(len(t) - 400, len(t), 4):
        for pyramid in (voltage, current):
            pyramid.add(t[at : at + 4], wave[at : at + 4])
        before = shown._picture.cacheKey() if shown._picture else 0
        shown.show_curves(voltage, current, 6000.0, 2.0)
        painted += shown._picture is not None and shown._picture.cacheKey() != before
    # 20 s are one or two of the picture's columns: new extremes and the next bucket are painted at once.
    assert 1 <= painted <= 60
    now[0] += TIP_S
    shown.show_curves(voltage, current, 6000.0, 2.0)
    fresh = plot()
    fresh.show_curves(voltage, current, 6000.0, 2.0)
    assert picture(shown) == picture(fresh)


def test_a_test_that_outlasts_what_was_foreseen_moves_its_axis_seldom(plot: Maker) -> None:
    shown, now = plot(), 0
    voltage, current = Pyramid(), Pyramid()
    spans = set()
    for now in range(300):
        for pyramid in (voltage, current):
            pyramid.add(np.array([float(now)]), np.array([1.0]))
        shown.show_curves(voltage, current, 120.0, 2.0)
        spans.add(shown._span)
        assert shown._span is not None
        assert now <= shown._span[1]
    assert 3 <= len(spans) <= 10


def test_cleared_curves_leave_the_ground(plot: Maker) -> None:
    t, volts, amps = pulses(0.05, 60.0)
    voltage, current = Pyramid(), Pyramid()
    voltage.add(t, volts)
    current.add(t, amps)
    shown = plot()
    shown.show_curves(voltage, current, UNTIL_S, 2.0)
    shown.clear_curves()
    image = picture(shown)
    colours = {image.pixel(QPoint(x, y)) for x in range(image.width()) for y in range(image.height())}
    assert colours == {QColor(PLOT).rgb()}
    assert shown.points(0) == 0
