"""Words of the window: page, section."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "page.section.verdict": QT_TRANSLATE_NOOP("page", "Verdict"),
    "page.section.use": QT_TRANSLATE_NOOP("page", "Use"),
    "page.section.depth": QT_TRANSLATE_NOOP("page", "Depth"),
    "page.section.value": QT_TRANSLATE_NOOP("page.section.value", "Value"),
}
