"""Words of the window: menu."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "menu.title": QT_TRANSLATE_NOOP("menu", "Menu"),
    "menu.result": QT_TRANSLATE_NOOP("menu", "Whole result\nHome"),
    "menu.reprint": QT_TRANSLATE_NOOP("menu", "Print label again"),
    "menu.next": QT_TRANSLATE_NOOP("menu", "Next battery"),
    "menu.yes": QT_TRANSLATE_NOOP("menu", "Yes"),
    "menu.no": QT_TRANSLATE_NOOP("menu", "No / put away"),
    "menu.alarms": QT_TRANSLATE_NOOP("menu", "Alarm list\nF11"),
    "menu.engineer": QT_TRANSLATE_NOOP("menu", "Engineer's pages\nF2"),
    "menu.training": QT_TRANSLATE_NOOP("menu", "Training"),
    "menu.full_screen": QT_TRANSLATE_NOOP("menu", "Full screen"),
}
