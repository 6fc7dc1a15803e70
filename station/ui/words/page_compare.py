"""Words of the window: page, compare."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "page.compare.hint": QT_TRANSLATE_NOOP("page", "Choose tests in the history, then press Compare"),
    "page.compare.too_many": QT_TRANSLATE_NOOP(
        "page",
        "At most {most} tests side by side: the newest are kept",
    ),
    "page.compare.at_start": QT_TRANSLATE_NOOP("page", "Align at start"),
    "page.compare.at_pulse": QT_TRANSLATE_NOOP("page", "Align at first pulse"),
    "page.compare.add": QT_TRANSLATE_NOOP("page", "Add …"),
    "page.compare.curves": QT_TRANSLATE_NOOP("page", "Curves"),
    "page.compare.resistances": QT_TRANSLATE_NOOP("page", "Resistances"),
    "page.compare.summary": QT_TRANSLATE_NOOP("page", "Overview"),
    "page.compare.soh": QT_TRANSLATE_NOOP("page", "SOH"),
    "page.compare.no_soh": QT_TRANSLATE_NOOP("page", "no SOH"),
    "page.compare.no_curve": QT_TRANSLATE_NOOP("page", "no curve"),
}
