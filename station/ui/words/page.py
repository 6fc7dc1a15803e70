"""Words of the window: page."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "page.history": QT_TRANSLATE_NOOP("page", "History"),
    "page.compare": QT_TRANSLATE_NOOP("page.compare", "Compare"),
    "page.alarms": QT_TRANSLATE_NOOP("page", "Alarms"),
    "page.events": QT_TRANSLATE_NOOP("page", "Events"),
    "page.users": QT_TRANSLATE_NOOP("page", "People"),
    "page.open": QT_TRANSLATE_NOOP("page", "Open page: {page}"),
    "page.back": QT_TRANSLATE_NOOP("page", "Back"),
    "page.lock": QT_TRANSLATE_NOOP("page", "Lock"),
    "page.lost": QT_TRANSLATE_NOOP("page", "Service lost: states are not known"),
    "page.channel": QT_TRANSLATE_NOOP("page", "Channel"),
    "page.scan_unused": QT_TRANSLATE_NOOP("page", "This page has no use for a scan"),
    "page.newer": QT_TRANSLATE_NOOP("page", "Newer"),
    "page.older": QT_TRANSLATE_NOOP("page", "Older"),
    "page.search": QT_TRANSLATE_NOOP("page", "Search"),
    "page.clear": QT_TRANSLATE_NOOP("page", "Clear"),
    "page.every": QT_TRANSLATE_NOOP("page", "All"),
    "page.yes": QT_TRANSLATE_NOOP("page", "yes"),
    "page.volts": QT_TRANSLATE_NOOP("page", "Voltage / V"),
    "page.amperes": QT_TRANSLATE_NOOP("page", "Current / A"),
    "page.profiles": QT_TRANSLATE_NOOP("page", "Profiles"),
    "page.setup": QT_TRANSLATE_NOOP("page", "Bench set-up"),
    "page.calibration": QT_TRANSLATE_NOOP("page", "Calibration"),
    "page.rules": QT_TRANSLATE_NOOP("page", "Rules, prices"),
    "page.models": QT_TRANSLATE_NOOP("page", "Models"),
    "page.training": QT_TRANSLATE_NOOP("page", "Training"),
    "page.statistics": QT_TRANSLATE_NOOP("page", "Statistics"),
    "page.identity": QT_TRANSLATE_NOOP("page", "Identity"),
    "page.trace": QT_TRANSLATE_NOOP("page", "Traceability"),
    "page.day": QT_TRANSLATE_NOOP("page", "year-month-day"),
}
