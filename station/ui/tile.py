"""One channel on the page."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from station.ui.band import StateBand
from station.ui.limitbar import LimitBar
from station.ui.mirror import Slot
from station.ui.plot import CurvePlot
from station.ui.reading import Reading
from station.ui.style import Sizes
from station.ui.texts import Texts
from station.ui.tileactions import TileActions
from station.ui.tiledetails import TileDetails, tile_label
from station.ui.tileview import TileView

PLOT_LEAST: Final = 84
PLOT_LEAST_COMPACT: Final = 56


class ChannelTile(QFrame):
    """Name, battery, state, readings, verdict or fault, curves. A press or Space chooses the channel.

    A press on the chosen tile asks for the whole result (``opened``).
    """

    chosen = Signal(str)
    opened = Signal(str)
    acted = Signal(str, str)

    def __init__(self, channel: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.channel = channel
        self.setObjectName("tile")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        # All tiles alike, whatever they say.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._sizes = Sizes()
        self._compact = False
        self._view: TileView | None = None
        self._said: tuple[object, ...] | None = None
        self._words: dict[QLabel, str] = {}
        self._marks: dict[str, str] = {}
        self._has_curve = False
        self._arranging = False
        self._curve_drawn: tuple[int, float | None, tuple[int, int]] = (-1, None, (0, 0))

        self._title, self._name = tile_label("tile_title"), tile_label("tile_name")
        self._head = QFrame()
        self._head.setObjectName("tile_head")
        head = QHBoxLayout(self._head)
        head.addWidget(self._title)
        head.addWidget(self._name, 1, Qt.AlignmentFlag.AlignRight)
        self._code, self._plan = tile_label("tile_code"), tile_label("tile_plan")
        self._adaptive = tile_label("tile_fact", wrap=True)
        self.band = StateBand()
        self._progress = QProgressBar()
        self._progress.setRange(0, 200)
        self._progress.setTextVisible(False)
        self._remaining = tile_label("tile_remaining")
        self._progress_row = QWidget()
        progress = QHBoxLayout(self._progress_row)
        progress.setContentsMargins(0, 0, 0, 0)
        progress.addWidget(self._progress, 1, Qt.AlignmentFlag.AlignVCenter)
        progress.addWidget(self._remaining)
        self._readings = QWidget()
        row = QHBoxLayout(self._readings)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._values = [Reading() for _ in range(3)]
        for reading in self._values:
            row.addWidget(reading, 1)
        self._details = TileDetails()
        self.plot = CurvePlot()
        self._empty = tile_label("tile_empty", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.action_row = TileActions()
        self.action_row.acted.connect(lambda action: self.acted.emit(self.channel, action))
        self._box = QVBoxLayout(self)
        self._parts = (
            self._head,
            self._code,
            self._plan,
            self._adaptive,
            self.band,
            self._progress_row,
            self._readings,
            self._details,
        )
        for part in self._parts:
            self._box.addWidget(part)
        self._box.addWidget(self.plot, 1)
        self._box.addWidget(self._empty, 1)
        self._box.addStretch(0)
        self._box.addWidget(self.action_row)

    @property
    def _bar(self) -> LimitBar:
        return self._details.bar

    # -- sizes and words -----------------------------------------------------------------------

    def set_sizes(self, sizes: Sizes, compact: bool) -> None:
        """Fit the tile to the window; ``compact`` when two rows share the height."""
        self._sizes, self._compact = sizes, compact
        s = sizes.px
        margin = s(3 if compact else 6)
        self._box.setContentsMargins(s(8), margin, s(8), margin)
        self._box.setSpacing(s(2 if compact else 4))
        head = self._head.layout()
        assert head is not None
        head.setContentsMargins(s(6), s(2), s(6), s(2))
        self._details.set_sizes(sizes, compact)
        self.band.set_sizes(sizes, compact)
        for reading in self._values:
            reading.set_sizes(sizes, compact)
        self.plot.set_sizes(sizes)
        self.action_row.set_sizes(sizes)
        self._arrange()

    def set_texts(self, texts: Texts) -> None:
        """Words that do not depend on the state."""
        for reading, key in zip(self._values, ("voltage", "current", "temperature"), strict=True):
            reading.set_name(texts(f"tile.{key}"))
        name = texts("plot.name", channel=self.channel)
        self.plot.set_names(name, texts("plot.voltage"), texts("plot.current"))
        self._progress.setAccessibleName(
            f"{texts('tile.channel', channel=self.channel)} {texts('state.running')}"
        )
        self.action_row.set_texts(texts, self.channel)
        self._no_curve = {
            "idle": texts("tile.no_curve"),
            "active": texts("tile.curve_soon"),
            "over": texts("tile.curve_elsewhere"),
        }
        self._view = self._said = None

    def show_view(self, view: TileView) -> None:
        """Show ``view``; does nothing when it is the one already shown."""
        if view == self._view:
            return
        self._view = view
        self.setAccessibleName(view.accessible)
        for label, text in (
            (self._title, self._short_title(view)),
            (self._name, view.code if self._compact else view.name),
            (self._code, view.code),
            (self._empty, self._no_curve[_stage(view)]),
            (self._plan, view.plan),
            (self._remaining, view.remaining),
        ):
            # Asking Qt for a text costs as much as painting a figure.
            if self._words.get(label) != text:
                self._words[label] = text
                label.setText(text)
        if self._adaptive.text() != view.adaptive:
            self._adaptive.setText(view.adaptive)
            self._arrange()
        self.band.show_state(view.glyph, view.word, view.caption, view.tone)
        self._progress.setVisible(view.progress is not None)
        self._progress_row.setVisible(view.progress is not None)
        if view.progress is not None:
            self._show_progress(round(min(max(view.progress, 0.0), 1.0) * 200))
        for reading, text in zip(self._values, (view.voltage, view.current, view.temperature), strict=True):
            reading.show_value(text)
        self.action_row.show_actions(view.actions, with_keys=view.selected)
        said = (
            view.detail,
            view.soh,
            view.headline,
            view.facts,
            view.reason,
            view.remedy,
            view.limits,
            view.actions,
            view.selected,
            view.bar_name,
            view.fits,
            view.conditional,
            view.blocked,
            view.next,
        )
        if said != self._said:
            self._said = said
            self._details.show_view(view)
            self._arrange()
        self._mark("selected", "true" if view.selected else "false")
        self._mark("tone", view.tone)

    def _short_title(self, view: TileView) -> str:
        """In a compact head the code goes before the word for a channel; its number is always there."""
        if not self._compact:
            return view.title
        needed = sum(
            label.fontMetrics().horizontalAdvance(text)
            for label, text in ((self._title, view.title), (self._name, view.code))
        )
        return view.title if needed + self._sizes.px(36) <= self.width() else view.channel

    def _show_progress(self, value: int) -> None:
        if self._progress.value() == value:
            return
        # A progress bar repaints at once, and with it all that waits to be painted anywhere in the window.
        self._progress.setUpdatesEnabled(False)
        self._progress.setValue(value)
        self._progress.setUpdatesEnabled(True)

    def _mark(self, name: str, value: str) -> None:
        if self._marks.get(name) != value:
            self._marks[name] = value
            self.setProperty(name, value)
            for widget in (self, self._head, self._title, self._name):
                widget.style().unpolish(widget)
                widget.style().polish(widget)

    # -- curves --------------------------------------------------------------------------------

    def show_curves(self, slot: Slot, gap_s: float) -> None:
        """Draw what is new of the curves; never those of the last battery beside the code of the next.

        An idle channel has none: its last battery is off it.
        """
        state = slot.state
        another = self._view is not None and state.battery not in (None, self._view.code)
        has_curve = slot.has_curve and not another and state.state != "idle"
        if self._has_curve != has_curve:
            self._has_curve = not self._has_curve
            self._arrange()
        end = None
        if state.active and state.elapsed_s is not None and state.remaining_s is not None:
            # Whole seconds keep the axis still while the estimate of the remaining time settles.
            end = float(round(state.elapsed_s + state.remaining_s))
        now = (slot.curve_version, end, (self.plot.width(), self.plot.height()))
        if not self.plot.isVisible() or (now == self._curve_drawn and not self.plot.owes):
            return
        self._curve_drawn = now
        last_s = slot.voltage.last_s if has_curve else None
        if last_s is None:
            self.plot.clear_curves()
        else:
            self.plot.show_curves(slot.voltage, slot.current, end or last_s, gap_s)

    # -- room ----------------------------------------------------------------------------------

    def _arrange(self) -> None:
        """Give the room to what matters: details first, then readings, then curves."""
        detailed = self._view is not None and self._view.detail != "none"
        if self._arranging:
            return
        self._arranging = True
        self._readings.setVisible(not detailed)
        # The bar's place is kept empty, so that nothing jumps, unless details need it.
        keep = self._progress_row.sizePolicy()
        keep.setRetainSizeWhenHidden(not detailed)
        self._progress_row.setSizePolicy(keep)
        self._plan.setVisible(not detailed)
        self._code.setVisible(not self._compact)
        self._adaptive.setVisible(bool(self._adaptive.text()))
        # Where two rows share the height, only the chosen tile has its buttons, and one to be forced.
        chosen = self._view is not None and self._view.selected
        forced = self._view is not None and "force" in self._view.actions
        self.action_row.setVisible(self.action_row.any and (chosen or forced or not self._compact))
        inner = self.width() - self._box.contentsMargins().left() - self._box.contentsMargins().right()
        self._details.all_wanted()
        room = self._room(inner)
        while room < 0 and self._details.spare_one():
            room = self._room(inner)
        if room < 0 and self._compact:
            self._plan.hide()
            room = self._room(inner)
        roomy = room >= self._sizes.px(PLOT_LEAST_COMPACT if self._compact else PLOT_LEAST)
        self.plot.setVisible(roomy and self._has_curve)
        self._empty.setVisible(roomy and not self._has_curve and not detailed)
        self._arranging = False

    def _room(self, inner: int) -> int:
        """Pixels of height that the parts shown leave over."""
        used = 0
        for part in (*self._parts, self.action_row):
            if part.isHidden() and not part.sizePolicy().retainSizeWhenHidden():
                continue
            wanted = part.sizeHint().height()
            if part is self._details:
                wanted = self._details.height_for(inner)
            elif part is self._adaptive:
                wanted = part.heightForWidth(inner)
            used += wanted + self._box.spacing()
        margins = self._box.contentsMargins()
        frame = 2 * self._sizes.px(3)
        return self.height() - used - margins.top() - margins.bottom() - frame

    def hasHeightForWidth(self) -> bool:
        """The page gives the room, all tiles alike; what a tile says never asks for more."""
        return False

    def minimumSizeHint(self) -> QSize:
        """As small as the page likes."""
        return QSize(80, 80)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Decide anew what fits."""
        super().resizeEvent(event)
        self._arrange()

    # -- choosing ------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press anywhere chooses the channel; on the chosen one it asks for the whole result."""
        event.accept()
        self._choose()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space does what a press does."""
        if event.key() == Qt.Key.Key_Space:
            self._choose()
        else:
            super().keyPressEvent(event)

    def _choose(self) -> None:
        if self._view is not None and self._view.selected and self._view.detail == "verdict":
            self.opened.emit(self.channel)
        else:
            self.chosen.emit(self.channel)


def _stage(view: TileView) -> str:
    """What an empty plot has to say: nothing has begun, nothing has come yet, or it was not followed here."""
    if view.progress is not None:
        return "active"
    return "idle" if view.detail == "none" else "over"
