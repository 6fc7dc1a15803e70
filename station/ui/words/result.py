"""Words of the window: result."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "result.title": QT_TRANSLATE_NOOP("result", "Result"),
    "result.uses": QT_TRANSLATE_NOOP("result", "Second-life uses"),
    "result.no_uses": QT_TRANSLATE_NOOP("result", "No uses were judged"),
    "result.print": QT_TRANSLATE_NOOP("result", "Print label again"),
}
