"""The two pages of big buttons: the profiles, and everything that is not needed for every battery."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QWidget

from station.ui.desk import Desk
from station.ui.panels import ChoicePanel
from station.ui.texts import Texts
from station.ui.views import BenchInfo, ProfileInfo, local


def profile_panel(parent: QWidget) -> ChoicePanel:
    """The page of profiles; ``fill_profiles`` puts them in."""
    return ChoicePanel("profiles", parent, "profiles.title")


def fill_profiles(panel: ChoicePanel, bench: BenchInfo, choose: Callable[[str], None]) -> None:
    """One button for each test there is, the shortest first."""
    panel.clear()
    for info in sorted(bench.profiles, key=lambda one: one.duration_s or 0.0):
        panel.add(info.name, partial(_two_lines, info), partial(choose, info.name))


def _two_lines(info: ProfileInfo, texts: Texts) -> str:
    """``Rapid (3 min)`` as name above and length below."""
    title = local(info.title, texts.lang) or info.name
    return title.replace(" (", "\n").replace("（", "\n").replace(")", "").replace("）", "")


def menu_panel(
    parent: QWidget, desk: Desk, switch_language: Callable[[], None], full_screen: Callable[[], None]
) -> ChoicePanel:
    """The menu. Other pages add their own buttons by ``add``."""
    panel = ChoicePanel("menu", parent, "menu.title")

    def then(action: Callable[[], None]) -> Callable[[], None]:
        def act() -> None:
            desk.close_panel()
            action()

        return act

    panel.add("result", lambda texts: texts("menu.result"), lambda: desk.open_panel("result"))
    panel.add("reprint", lambda texts: texts("menu.reprint"), then(desk.print_label))
    panel.add("next", lambda texts: texts("menu.next"), then(desk.next))
    panel.add("yes", lambda texts: texts("menu.yes"), then(desk.yes))
    panel.add("no", lambda texts: texts("menu.no"), then(desk.no))
    panel.add("language", lambda texts: texts("language.other"), then(switch_language))
    panel.add("full_screen", lambda texts: texts("menu.full_screen"), then(full_screen))
    return panel
