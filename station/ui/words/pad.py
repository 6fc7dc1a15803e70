"""Words of the window: pad."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "pad.title": QT_TRANSLATE_NOOP("pad", "Type the battery code (worn label)"),
    "pad.empty": QT_TRANSLATE_NOOP("pad", "Type it as it stands; do not guess what cannot be read"),
    "pad.part": QT_TRANSLATE_NOOP("pad", "{count} characters, {left} of {length} missing"),
    "pad.free": QT_TRANSLATE_NOOP("pad", "free ID, {count} characters"),
    "pad.no_code": QT_TRANSLATE_NOOP("pad", "not a battery code yet"),
    "pad.confirm": QT_TRANSLATE_NOOP("pad", "Use this code"),
}
