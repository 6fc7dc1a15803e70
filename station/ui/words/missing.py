"""Words of the window: missing."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "missing.title": QT_TRANSLATE_NOOP("missing", "Battery data needed"),
    "missing.text": QT_TRANSLATE_NOOP("missing", "Asked once, then remembered for {code}"),
    "missing.capacity": QT_TRANSLATE_NOOP("missing", "Nominal capacity Ah"),
    "missing.chemistry": QT_TRANSLATE_NOOP("missing", "Chemistry"),
    "missing.unknown": QT_TRANSLATE_NOOP("missing", "Not known"),
    "missing.back": QT_TRANSLATE_NOOP("missing", "Delete"),
    "missing.confirm": QT_TRANSLATE_NOOP("missing", "Start test"),
    "missing.cancel": QT_TRANSLATE_NOOP("missing", "Cancel"),
    "missing.bad_capacity": QT_TRANSLATE_NOOP("missing", "Enter a capacity above 0"),
    "missing.no_chemistry": QT_TRANSLATE_NOOP("missing", "Choose the chemistry"),
}
