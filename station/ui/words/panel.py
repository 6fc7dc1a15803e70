"""Words of the window: panel."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "panel.close": QT_TRANSLATE_NOOP("panel", "Close"),
}
