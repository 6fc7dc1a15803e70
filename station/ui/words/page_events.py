"""Words of the window: page, events."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "page.events.code": QT_TRANSLATE_NOOP("page", "Code (beginning)"),
    "page.events.channel": QT_TRANSLATE_NOOP("page", "Channel"),
    "page.events.level": QT_TRANSLATE_NOOP("page", "Level"),
    "page.events.since": QT_TRANSLATE_NOOP("page", "From day"),
    "page.events.until": QT_TRANSLATE_NOOP("page", "To day"),
    "page.events.text": QT_TRANSLATE_NOOP("page.events.text", "Text"),
    "page.events.number": QT_TRANSLATE_NOOP("page", "No."),
    "page.events.time": QT_TRANSLATE_NOOP("page", "Time"),
    "page.events.link": QT_TRANSLATE_NOOP("page", "Chain"),
    "page.events.check": QT_TRANSLATE_NOOP("page", "Check all again"),
    "page.events.checking": QT_TRANSLATE_NOOP("page.events.checking", "Checking …"),
    "page.events.good": QT_TRANSLATE_NOOP("page", "Chain intact: {count} events"),
    "page.events.broken": QT_TRANSLATE_NOOP("page", "Chain broken at event {number}"),
}
