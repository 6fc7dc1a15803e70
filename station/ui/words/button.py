"""Words of the window: button."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "button.start": QT_TRANSLATE_NOOP("button", "Start test"),
    "button.acknowledge": QT_TRANSLATE_NOOP("button", "Acknowledge"),
    "button.stop": QT_TRANSLATE_NOOP("button", "Stop this channel"),
    "button.stop_all": QT_TRANSLATE_NOOP("button", "Stop all tests"),
    "button.profile": QT_TRANSLATE_NOOP("button", "Profile {title}"),
    "button.menu": QT_TRANSLATE_NOOP("button", "Menu"),
    "button.no_code": QT_TRANSLATE_NOOP("button", "No code"),
    "button.pad": QT_TRANSLATE_NOOP("button", "Type code"),
    "button.no_profile": QT_TRANSLATE_NOOP("button", "Profile"),
}
