"""Words of the window: profiles."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "profiles.title": QT_TRANSLATE_NOOP("profiles", "Choose the profile"),
}
