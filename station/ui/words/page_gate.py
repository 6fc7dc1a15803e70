"""Words of the window: page, gate."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "page.gate.title": QT_TRANSLATE_NOOP("page", "Engineer pages"),
    "page.gate.hint": QT_TRANSLATE_NOOP("page", "Scan a badge, or choose a name and type the PIN"),
    "page.gate.name": QT_TRANSLATE_NOOP("page", "Name"),
    "page.gate.pin": QT_TRANSLATE_NOOP("page", "PIN"),
    "page.gate.badge": QT_TRANSLATE_NOOP("page", "Badge"),
    "page.gate.go": QT_TRANSLATE_NOOP("page", "Log in"),
    "page.gate.wait": QT_TRANSLATE_NOOP("page.gate.wait", "Checking …"),
    "page.gate.idle": QT_TRANSLATE_NOOP("page", "Locked: nobody was here for a while"),
    "page.gate.not_for": QT_TRANSLATE_NOOP("page", "{name} is not an engineer"),
    "page.gate.nobody": QT_TRANSLATE_NOOP(
        "page",
        "Nobody is on record yet. Make the first administrator on this computer's command line:\n"
        "station person add NAME --role admin",
    ),
}
