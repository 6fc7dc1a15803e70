"""Words of the window: page, history."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "page.history.battery": QT_TRANSLATE_NOOP("page", "Battery code"),
    "page.history.since": QT_TRANSLATE_NOOP("page", "From day"),
    "page.history.until": QT_TRANSLATE_NOOP("page", "To day"),
    "page.history.text": QT_TRANSLATE_NOOP("page.history.text", "Text"),
    "page.history.verdict": QT_TRANSLATE_NOOP("page", "Verdict"),
    "page.history.grade": QT_TRANSLATE_NOOP("page", "Grade"),
    "page.history.profile": QT_TRANSLATE_NOOP("page", "Profile"),
    "page.history.channel": QT_TRANSLATE_NOOP("page", "Channel"),
    "page.history.time": QT_TRANSLATE_NOOP("page", "Time"),
    "page.history.soh": QT_TRANSLATE_NOOP("page", "SOH (90 % interval)"),
    "page.history.error": QT_TRANSLATE_NOOP("page", "Reason"),
    "page.history.bad_day": QT_TRANSLATE_NOOP("page", "A day is written as 2026-01-31"),
    "page.history.found": QT_TRANSLATE_NOOP("page", "{count} tests"),
    "page.history.open": QT_TRANSLATE_NOOP("page", "Open"),
    "page.history.compare": QT_TRANSLATE_NOOP("page.history.compare", "Compare"),
    "page.history.back": QT_TRANSLATE_NOOP("page", "← List"),
}
