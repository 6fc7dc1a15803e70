"""Words of the window: action."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "action.pause": QT_TRANSLATE_NOOP("action", "Pause"),
    "action.resume": QT_TRANSLATE_NOOP("action.resume", "Go on"),
    "action.skip": QT_TRANSLATE_NOOP("action", "Skip step"),
    "action.stop": QT_TRANSLATE_NOOP("action", "Stop"),
    "action.force": QT_TRANSLATE_NOOP("action", "Force off"),
    "action.go_on": QT_TRANSLATE_NOOP("action.go_on", "Go on"),
    "action.close": QT_TRANSLATE_NOOP("action", "Close test"),
}
