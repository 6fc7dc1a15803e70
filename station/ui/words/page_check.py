"""Words of the window: page, check."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "page.check.ok": QT_TRANSLATE_NOOP("page", "✓ as recorded"),
    "page.check.changed": QT_TRANSLATE_NOOP("page", "✕ changed"),
    "page.check.missing": QT_TRANSLATE_NOOP("page", "✕ missing"),
    "page.check.unknown": QT_TRANSLATE_NOOP("page", "–"),
}
