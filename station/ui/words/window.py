"""Words of the window: window."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "window.title": QT_TRANSLATE_NOOP("window", "Pulse Station · {bench}"),
}
