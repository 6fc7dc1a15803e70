"""Which panel is open, as the desk says, and where it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from station.ui.codepad import CodePad
from station.ui.desk import Desk
from station.ui.menus import fill_profiles, menu_panel, profile_panel
from station.ui.missing import MissingPanel
from station.ui.panels import Panel, place
from station.ui.resultpanel import ResultPanel
from station.ui.style import Sizes
from station.ui.texts import Texts
from station.ui.tileview import tile_view
from station.ui.views import BenchInfo

if TYPE_CHECKING:
    from station.ui.training.choice import TrainingChoice


class PanelHost:
    """``add`` gives a panel of another page its place; ``desk.open_panel`` with its name opens it.

    ``area`` gives where the tiles are and how far a panel may reach; the stop buttons are never in it.
    """

    def __init__(
        self,
        page: QWidget,
        desk: Desk,
        texts: Texts,
        area: Callable[[], tuple[QRect, QRect]],
        refresh: Callable[[], None],
        switch_language: Callable[[], None],
    ) -> None:
        self._desk, self._texts, self._area, self._refresh = desk, texts, area, refresh
        self._sizes = Sizes()
        self.panels: dict[str, Panel] = {}
        self.missing = MissingPanel(page)
        self.pad, self.result = CodePad(page), ResultPanel(page)
        self.profiles = profile_panel(page)
        self.menu = menu_panel(page, desk, switch_language, lambda: full_screen(page))
        for panel in (self.pad, self.result, self.profiles, self.menu):
            self.add(panel)
        self.missing.confirmed.connect(self._facts_given)
        self.missing.cancelled.connect(self._after(desk.clear))
        self.pad.typed.connect(self._typed)
        self.result.reprint.connect(self._after(desk.print_label))
        desk.on_key, desk.on_chemistry, desk.on_submit = self.key, self.chemistry, self.submit
        self._open: Panel | MissingPanel | None = None
        self.free: Callable[[QRect], QRect] = lambda area: area
        """What of the tiles' place nothing else takes that must be read beside the battery's data."""
        self.before_refresh: Callable[[], None] = lambda: None
        """Asked first: what may open a panel by itself."""

    def add(self, panel: Panel) -> None:
        """One more panel, known by its name."""
        self.panels[panel.name] = panel
        panel.closed.connect(self._after(self._desk.close_panel))
        for button in panel.findChildren(QWidget):
            clicked = getattr(button, "clicked", None)
            if clicked is not None and button is not panel.cancel:
                clicked.connect(self._refresh)

    def menu_entry(self, key: str, action: Callable[[], None]) -> None:
        """One more button of the menu, for what opens more than a panel: it closes the menu first."""

        def act() -> None:
            self._after(self._desk.close_panel)()
            action()

        self.menu.add(key, lambda texts: texts(f"menu.{key}"), act)

    def add_from_menu(self, panel: TrainingChoice, key: str, sizes: Sizes) -> None:
        """One more panel, with its button in the menu, after all others have their sizes and words."""

        def resized() -> None:
            panel.set_sizes(self._sizes)
            self.place()

        panel.resized = resized  # type: ignore[method-assign]
        self.add(panel)
        self.menu_entry(key, self._after(lambda: self._desk.open_panel(panel.name)))
        for each in (panel, self.menu):
            each.set_texts(self._texts)
            each.set_sizes(sizes)

    def bench_seen(self, bench: BenchInfo) -> None:
        """The profiles there are."""
        fill_profiles(
            self.profiles, bench, lambda name: self._after(lambda: self._desk.choose_profile(name))()
        )
        self.profiles.set_sizes(self._sizes)
        self.profiles.set_texts(self._texts)

    def refresh(self) -> None:
        """Show what the desk says is open; what a start has asked for goes before everything."""
        desk = self._desk
        self.before_refresh()
        wanted: Panel | MissingPanel | None = self.panels.get(desk.panel or "")
        if wanted is self.result:
            slot = desk.mirror.slots.get(desk.selected or "")
            if slot is None or slot.state.state != "verdict":
                desk.close_panel()
                wanted = None
            else:
                self.result.show_slot(slot, tile_view(slot, desk, self._texts), self._texts)
        if desk.missing:
            wanted = self.missing
        self.profiles.choose(desk.profile)
        if wanted is not self._open:
            self._show(wanted)
        elif isinstance(wanted, Panel):
            wanted.refresh()

    def _show(self, wanted: Panel | MissingPanel | None) -> None:
        if self._open is not None:
            self._open.hide()
        self._open, desk = wanted, self._desk
        if isinstance(wanted, MissingPanel):
            wanted.ask(desk.missing, desk.code or "", desk.chemistries, self._texts)
            self.place()
        elif wanted is not None:
            if wanted is self.pad:
                self.pad.begin(desk.part.text if desk.part else "")
            self.place()
            wanted.show()
            wanted.raise_()
            wanted.opened()

    def place(self) -> None:
        """Put the open panel where it belongs."""
        if self._open is None:
            return
        area, most = self._area()
        if self._open is self.result:
            self._open.setGeometry(most)
        elif isinstance(self._open, Panel):
            self._open.stand(area, most)
        else:
            place(self._open, self.free(area), most)

    # -- what is done with the open one --------------------------------------------------------

    def submit(self) -> bool:
        """Confirm the open panel; whether it was one that can be."""
        if isinstance(self._open, MissingPanel):
            self._open.submit()
            return True
        return self._open is not None and self._open.submit()

    def key(self, key: str) -> bool:
        """A key by barcode."""
        return self._open is not None and self._open.key(key)

    def chemistry(self, name: str) -> bool:
        """A chemistry by barcode."""
        return isinstance(self._open, MissingPanel) and self._open.choose(name)

    def _facts_given(self, capacity_Ah: float | None, chemistry: str) -> None:
        self._desk.start(capacity_Ah, chemistry or None)
        self._refresh()

    def _typed(self, code: str) -> None:
        self._desk.close_panel("pad")
        self._desk.part = None
        self._desk.scan(code)
        self._refresh()

    def _after(self, action: Callable[[], None]) -> Callable[[], None]:
        def act() -> None:
            action()
            self._refresh()

        return act

    # -- words and sizes -----------------------------------------------------------------------

    def set_texts(self, texts: Texts) -> None:
        """Words."""
        self.missing.set_texts(texts)
        for panel in self.panels.values():
            panel.set_texts(texts)

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit all to the window."""
        self._sizes = sizes
        self.missing.set_sizes(sizes)
        for panel in self.panels.values():
            panel.set_sizes(sizes)


def full_screen(page: QWidget) -> None:
    """Cover the whole screen, or leave it free again."""
    window = page.window()
    if window.isFullScreen():
        window.showMaximized()
    else:
        window.showFullScreen()
