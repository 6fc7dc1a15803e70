"""The operator page: puts the parts together and keeps them in step with the mirror and the desk."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from station.errors import StationError
from station.ui.alarmcontrol import AlarmControl
from station.ui.alarmview import AlarmView
from station.ui.bell import Bell
from station.ui.buttons import ButtonRow
from station.ui.connectioncontrol import ConnectionControl
from station.ui.desk import Desk, Request
from station.ui.endings import Endings
from station.ui.engineer.badge import is_badge
from station.ui.gather import gathered
from station.ui.intake import Intake
from station.ui.link import Link
from station.ui.lostbanner import LostBanner, SimulationBanner
from station.ui.mirror import Mirror
from station.ui.panelhost import PanelHost
from station.ui.questioncontrol import QuestionControl
from station.ui.scanner import ScanFilter
from station.ui.serialscanner import SerialScanner
from station.ui.sounds import Sounds
from station.ui.style import Sizes, sheet
from station.ui.texts import Texts
from station.ui.tile import ChannelTile
from station.ui.tileboard import TileBoard
from station.ui.topbar import TopBar
from station.ui.topline import show_top
from station.ui.upkeep import Upkeep

if TYPE_CHECKING:
    from station.ui.training.choice import TrainingChoice

PERIOD_MS = 100
"""Figures and curves move on this often; what is news is shown as soon as it comes."""


class OperatorPage(QWidget):
    """One page, one window: everything an operator needs and nothing to search for.

    ``scan_takers`` are asked first about every scan: one that gives True has taken it.
    """

    bench_known = Signal()
    engineer_wanted = Signal(str)
    """The engineer pages are asked for: by a badge (its code), or by their key (nothing)."""

    def __init__(
        self,
        link: Link,
        texts: Texts,
        *,
        now: Callable[[], float] = time.time,
        tick: Callable[[], float] = time.monotonic,
        period_ms: int = PERIOD_MS,
        scanner: str | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.link, self.texts = link, texts
        self.mirror = Mirror(now, tick)
        self.desk = Desk(self.mirror, link.ask, tick)
        self.sounds = Sounds()
        self.desk.on_sound = self.sounds.play
        self._endings = Endings(self.sounds.play)
        self.scan_takers: list[Callable[[str], bool]] = []
        self.sizes = Sizes()
        self.scans_go: Callable[[str], None] | None = None
        """Where scans go while something else stands in front of this page."""
        self._bench_version = -1
        self._upkeep = Upkeep(self.mirror, link.ask, tick)
        self._simulation, self._lost = SimulationBanner(), LostBanner()
        self.top, self.alarms, self.buttons = TopBar(), AlarmView(), ButtonRow()
        self.board = TileBoard()
        self._box = QVBoxLayout(self)
        for part in (self._simulation, self.top, self._lost):
            self._box.addWidget(part)
        self._box.addWidget(self.board, 1)
        self._box.addWidget(self.alarms)
        self._box.addWidget(self.buttons)
        self.host = PanelHost(self, self.desk, texts, self._panel_area, self.refresh, self.switch_language)
        self.panel = self.host.missing
        self.desk.on_language = self.switch_language
        self.scanner = ScanFilter(self.top.field, self._scanned, self.top.field)
        self._connect_actions()
        self.alarm_control = AlarmControl(self, link, self.mirror.alarms, self.tile_area, self._complain)
        self.alarms.opened.connect(self.alarm_control.toggle)
        self.connection_control = ConnectionControl(
            self, link, self.mirror, self.desk,
            area=self.tile_area, complain=self._complain, start=self._then_refresh(self.desk.start),
            confirm=self.host.submit,
        )  # fmt: skip
        self.scan_takers.append(self.connection_control.scanned)
        self.desk.asked_first = self.connection_control.prompt
        self.question_control = QuestionControl(
            self, link, self.desk, self.host,
            complain=self._complain, typing=lambda: bool(self.top.field.text()),
            left=self.board.in_left_half,
        )  # fmt: skip
        self.board.chosen.connect(self._chosen)
        self.board.opened.connect(self._opened)
        self.board.acted.connect(self._acted)
        self.host.menu_entry("alarms", self.alarm_control.toggle)
        self.host.menu_entry("engineer", lambda: self.engineer_wanted.emit(""))
        self._timer = QTimer(self)
        self._timer.setInterval(period_ms)
        self._timer.timeout.connect(self.tick)
        self._bell = Bell(self, self.tick)
        link.on_news = self._bell.ring
        self.serial = SerialScanner(scanner, self._bell.ring)
        self._intake = Intake(self.desk, self._upkeep, self.serial, self.connection_control.heard)
        self._sized = False  # all is fitted once, when the window has its size
        self.set_texts()
        self.refresh()

    def _connect_actions(self) -> None:
        row, desk = self.buttons, self.desk
        for key, button, action in (
            (Qt.Key.Key_F1, row.menu, lambda: desk.open_panel("menu")),
            (Qt.Key.Key_F2, None, lambda: self.engineer_wanted.emit("")),
            (Qt.Key.Key_F3, row.profile, lambda: desk.open_panel("profiles")),
            (Qt.Key.Key_F4, row.pad, lambda: desk.open_panel("pad")),
            (Qt.Key.Key_F5, row.start, self._start),
            (Qt.Key.Key_F6, row.acknowledge, lambda: desk.acknowledge()),
            (Qt.Key.Key_F7, None, desk.hold),
            (Qt.Key.Key_F9, None, lambda: desk.ask_channel("skip")),
            (Qt.Key.Key_F10, None, lambda: desk.force()),
            (Qt.Key.Key_F11, None, lambda: self.alarm_control.toggle()),
            (Qt.Key.Key_Home, None, lambda: desk.open_panel("result")),
            (Qt.Key.Key_F12, row.no_code, desk.no_code),
            (Qt.Key.Key_F8, row.stop, lambda: desk.stop()),
            (Qt.Key.Key_Escape, row.stop_all, desk.stop_all),
        ):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setAutoRepeat(False)
            act = self._then_refresh(action)
            shortcut.activated.connect(act)
            self.scanner.commands[key] = act
            if button is not None:
                button.clicked.connect(act)

    def add_panel(self, panel: TrainingChoice, key: str) -> None:
        """One more panel, opened from the menu by the button ``key``; it is offered scans first."""
        self.host.add_from_menu(panel, key, self.sizes)
        self.scan_takers.insert(0, panel.scanned)

    def _then_refresh(self, action: Callable[[], None]) -> Callable[[], None]:
        def act() -> None:
            action()
            self.refresh()

        return act

    # -- life ----------------------------------------------------------------------------------

    def open(self) -> None:
        """Begin to follow the service and to listen for scans."""
        self.scanner.install()
        self.link.open()
        self.serial.open()
        self._timer.start()

    def shut(self) -> None:
        """Stop following. Tests go on in the service."""
        self._timer.stop()
        self.scanner.remove()
        self.serial.close()
        self.link.close()
        self._bell.close()
        self.sounds.close()

    def tick(self) -> None:
        """Take in what has come and show it."""
        for line in self.serial.lines():
            self._take(line)
        self._intake.take(gathered(self.link.poll()))
        self._endings.look(self.mirror)
        self._upkeep.ask()
        self.refresh()

    # -- actions -------------------------------------------------------------------------------

    def _scanned(self, raw: str) -> None:
        self._take(raw)
        self.refresh()

    def _take(self, raw: str) -> None:
        if self.scans_go is not None:
            self.scans_go(raw)
        elif is_badge(raw):  # a badge is shown and kept nowhere
            self.engineer_wanted.emit(raw)
        elif not any(taker(raw) for taker in self.scan_takers):
            self.desk.scan(raw)

    def _start(self) -> None:
        if not self.host.submit() and not self.connection_control.take_start():
            self.desk.start()

    def _chosen(self, channel: str) -> None:
        self.question_control.chosen(channel)
        self.refresh()

    def _opened(self, channel: str) -> None:
        self.desk.select(channel)
        self.desk.open_panel("result")
        self.refresh()

    def _acted(self, channel: str, action: str) -> None:
        self.desk.act(channel, action)
        self.refresh()

    def _complain(self, error: StationError) -> None:
        """What an errand came back with, in the line that tells what to do."""
        self.desk.answered(Request("acknowledge"), error)
        self.refresh()

    def switch_language(self) -> None:
        """Go on in the other language."""
        self.texts.switch()
        self.set_texts()
        self.bench_known.emit()
        self.refresh()

    # -- showing -------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Bring every part up to date; cheap when nothing changed."""
        mirror, desk, texts = self.mirror, self.desk, self.texts
        if mirror.bench_version != self._bench_version:
            self._bench_version = mirror.bench_version
            self._rebuild()
        bench = mirror.bench
        self.board.refresh(mirror, desk, texts)
        show_top(self.top, desk, texts, self.sizes, self.serial, self.link.dropped)
        self._simulation.refresh(mirror, texts)
        self._lost.refresh(mirror, texts)
        self.alarms.show_alarms(mirror.alarms, texts, known=mirror.ever_connected)
        self.alarm_control.refresh()
        chosen = next((p for p in bench.profiles if p.name == desk.profile), None) if bench else None
        self.buttons.show_choice(chosen, desk.prompt().level == "ready", texts)
        self.host.refresh()

    def tile_area(self) -> QRect:
        """Where the tiles are: room for a panel that hides no stop button."""
        return self.board.geometry()

    def _panel_area(self) -> tuple[QRect, QRect]:
        """Above the tiles, at most down to the buttons, never above them."""
        return self.tile_area(), self.tile_area().united(self.alarms.geometry())

    @property
    def tiles(self) -> dict[str, ChannelTile]:
        """The tile of each channel."""
        return self.board.tiles

    # -- sizes and words -----------------------------------------------------------------------

    def _rebuild(self) -> None:
        bench = self.mirror.bench
        self.board.build(bench)
        if bench is None:
            return
        self.host.bench_seen(bench)
        self._order_tabs()
        self._fit_tiles(self.sizes)
        self.host.set_sizes(self.sizes)
        self.set_texts()
        self.bench_known.emit()

    def _order_tabs(self) -> None:
        """Tab goes as the eye does: code, tiles, alarms, buttons."""
        tiles = self.board.in_tab_order()
        for one, other in pairwise([self.top.field, *tiles, self.alarms.table, *self.buttons.in_order()]):
            QWidget.setTabOrder(one, other)

    def set_texts(self) -> None:
        """Every fixed word in the current language."""
        for part in self._parts():
            part.set_texts(self.texts)
        self.board.set_texts(self.texts)

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit everything to the window."""
        self.sizes = sizes
        s = sizes.px
        self.setStyleSheet(sheet(sizes))
        self._box.setContentsMargins(s(10), s(8), s(10), s(10))
        self._box.setSpacing(s(7))
        self._fit_tiles(sizes)
        for part in self._parts():
            part.set_sizes(sizes)

    def _parts(self) -> tuple[TopBar | ButtonRow | PanelHost | AlarmControl | ConnectionControl, ...]:
        return (self.top, self.buttons, self.host, self.alarm_control, self.connection_control)

    def _fit_tiles(self, sizes: Sizes) -> None:
        self.board.set_sizes(sizes)
        self.alarms.set_sizes(sizes, self.board.compact)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fonts and spacing follow the window, touch sizes follow the screen."""
        super().resizeEvent(event)
        sizes = Sizes.of(self.width(), self.height(), self.screen().physicalDotsPerInch())
        if sizes != self.sizes or not self._sized:
            self._sized = True
            self.set_sizes(sizes)
            self.refresh()
        self.alarm_control.place()
        self.connection_control.place()
        self.host.place()
