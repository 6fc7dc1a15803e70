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
from station.ui.tileview import TileView

PLOT_LEAST: Final = 84
PLOT_LEAST_COMPACT: Final = 56


class ChannelTile(QFrame):
    """Name, battery, state, readings, verdict or fault, curves. A press or Space chooses the channel."""

    chosen = Signal(str)
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

        self._title, self._name = _label("tile_title"), _label("tile_name")
        self._head = QFrame()
        self._head.setObjectName("tile_head")
        head = QHBoxLayout(self._head)
        head.addWidget(self._title)
        head.addWidget(self._name, 1, Qt.AlignmentFlag.AlignRight)
        self._code, self._plan = _label("tile_code"), _label("tile_plan")
        self._adaptive = _label("tile_fact", wrap=True)
        self.band = StateBand()
        self._progress = QProgressBar()
        self._progress.setRange(0, 200)
        self._progress.setTextVisible(False)
        self._readings = QWidget()
        row = QHBoxLayout(self._readings)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._values = [Reading() for _ in range(3)]
        for reading in self._values:
            row.addWidget(reading, 1)
        self._details = QWidget()
        details = QVBoxLayout(self._details)
        details.setContentsMargins(0, 0, 0, 0)
        self._headline, self._facts = _label("tile_soh"), _label("tile_fact", wrap=True)
        self._bar = LimitBar()
        self._reason, self._remedy = _label("tile_reason", wrap=True), _label("tile_remedy", wrap=True)
        for widget in (self._headline, self._bar, self._facts, self._reason, self._remedy):
            details.addWidget(widget)
        self.plot = CurvePlot()
        self._empty = _label("tile_empty", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.action_row = TileActions()
        self.action_row.acted.connect(lambda action: self.acted.emit(self.channel, action))
        self._box = QVBoxLayout(self)
        for part in (
            self._head,
            self._code,
            self._plan,
            self._adaptive,
            self.band,
            self._progress,
            self._readings,
            self._details,
        ):
            self._box.addWidget(part)
        self._box.addWidget(self.plot, 1)
        self._box.addWidget(self._empty, 1)
        self._box.addStretch(0)
        self._box.addWidget(self.action_row)

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
        details = self._details.layout()
        assert details is not None
        details.setSpacing(s(2 if compact else 4))
        details.setContentsMargins(0, 0 if compact else s(6), 0, 0)
        self.band.set_sizes(sizes, compact)
        for reading in self._values:
            reading.set_sizes(sizes, compact)
        self._bar.set_sizes(sizes)
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
        self._no_curve = (texts("tile.no_curve"), texts("tile.curve_elsewhere"))
        self._view = self._said = None

    def show_view(self, view: TileView, bar_name: str) -> None:
        """Show ``view``; does nothing when it is the one already shown."""
        if view == self._view:
            return
        self._view = view
        self.setAccessibleName(view.accessible)
        for label, text in (
            (self._title, view.title),
            (self._name, view.code if self._compact else view.name),
            (self._code, view.code),
            (self._empty, self._no_curve[view.detail != "none" or view.progress is not None]),
            (self._plan, view.plan),
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
            bar_name,
        )
        if said != self._said:
            self._said = said
            self._show_details(view, bar_name)
        self._mark("selected", "true" if view.selected else "false")
        self._mark("tone", view.tone)

    def _show_progress(self, value: int) -> None:
        if self._progress.value() == value:
            return
        # A progress bar repaints at once, and with it all that waits to be painted anywhere in the window.
        self._progress.setUpdatesEnabled(False)
        self._progress.setValue(value)
        self._progress.setUpdatesEnabled(True)

    def _show_details(self, view: TileView, bar_name: str) -> None:
        self._headline.setText(view.headline)
        self._headline.setVisible(view.detail == "verdict")
        self._bar.setVisible(view.soh is not None)
        if view.soh is not None:
            self._bar.show_soh(view.soh, view.limits, view.grade, bar_name)
        for label, text in (
            (self._facts, view.facts),
            (self._reason, view.reason),
            (self._remedy, view.remedy),
        ):
            label.setText(text)
            label.setVisible(bool(text))
        self._details.setVisible(view.detail != "none")
        self._arrange()

    def _mark(self, name: str, value: str) -> None:
        if self._marks.get(name) != value:
            self._marks[name] = value
            self.setProperty(name, value)
            for widget in (self, self._head, self._title, self._name):
                widget.style().unpolish(widget)
                widget.style().polish(widget)

    # -- curves --------------------------------------------------------------------------------

    def show_curves(self, slot: Slot, gap_s: float) -> None:
        """Draw what is new of the channel's curves."""
        state = slot.state
        if self._has_curve != (slot.voltage.last_s is not None):
            self._has_curve = not self._has_curve
            self._arrange()
        end = None
        if state.active and state.elapsed_s is not None and state.remaining_s is not None:
            # Whole seconds keep the axis still while the estimate of the remaining time settles.
            end = float(round(state.elapsed_s + state.remaining_s))
        now = (slot.curve_version, end, (self.plot.width(), self.plot.height()))
        if not self.plot.isVisible() or now == self._curve_drawn:
            return
        self._curve_drawn = now
        if slot.voltage.last_s is None:
            self.plot.clear_curves()
        else:
            self.plot.show_curves(slot.voltage, slot.current, end or slot.voltage.last_s, gap_s)

    # -- room ----------------------------------------------------------------------------------

    def _arrange(self) -> None:
        """Give the room to what matters: details first, then readings, then curves."""
        detailed = self._view is not None and self._view.detail != "none"
        if self._arranging:
            return
        self._arranging = True
        self._readings.setVisible(not detailed)
        # The bar's place is kept empty, so that nothing jumps, unless details need it.
        keep = self._progress.sizePolicy()
        keep.setRetainSizeWhenHidden(not detailed)
        self._progress.setSizePolicy(keep)
        self._plan.setVisible(not (self._compact and detailed))
        self._code.setVisible(not self._compact)
        self._adaptive.setVisible(bool(self._adaptive.text()))
        self._remedy.setVisible(bool(self._remedy.text()))
        # Where two rows share the height, only the chosen tile has its buttons, and one to be forced.
        chosen = self._view is not None and self._view.selected
        forced = self._view is not None and "force" in self._view.actions
        self.action_row.setVisible(self.action_row.any and (chosen or forced or not self._compact))
        inner = self.width() - self._box.contentsMargins().left() - self._box.contentsMargins().right()
        self._bar.setVisible(self._view is not None and self._view.soh is not None)
        room = self._room(inner)
        # What else is said too gives way: the remedy stands in the alarm list, the bar's figures beside it.
        for spare in (self._remedy, self._bar):
            if room < 0 and not spare.isHidden():
                spare.hide()
                room = self._room(inner)
        roomy = room >= self._sizes.px(PLOT_LEAST_COMPACT if self._compact else PLOT_LEAST)
        self.plot.setVisible(roomy and self._has_curve)
        self._empty.setVisible(roomy and not self._has_curve)
        self._arranging = False

    def _room(self, inner: int) -> int:
        """Pixels of height that the parts shown leave over."""
        used = 0
        for part in (
            self._head,
            self._code,
            self._plan,
            self._adaptive,
            self.band,
            self._progress,
            self._readings,
            self._details,
            self.action_row,
        ):
            if part.isHidden() and not part.sizePolicy().retainSizeWhenHidden():
                continue
            wanted = part.sizeHint().height()
            layout = part.layout()
            if part is self._details and layout is not None:
                layout.invalidate()
                wanted = (
                    layout.heightForWidth(inner) if layout.hasHeightForWidth() else layout.sizeHint().height()
                )
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
        """A press anywhere chooses the channel."""
        event.accept()
        self.chosen.emit(self.channel)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space chooses the channel."""
        if event.key() == Qt.Key.Key_Space:
            self.chosen.emit(self.channel)
        else:
            super().keyPressEvent(event)


def _label(name: str, *, wrap: bool = False) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    label.setIndent(0)
    return label
