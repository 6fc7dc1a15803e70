"""Words of the window: language."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "language.other": QT_TRANSLATE_NOOP("language", "中文"),
}
