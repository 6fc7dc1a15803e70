"""Words of the window: page, do."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "page.do.report": QT_TRANSLATE_NOOP("page", "Save report"),
    "page.do.certificate": QT_TRANSLATE_NOOP("page", "Save certificate"),
    "page.do.label": QT_TRANSLATE_NOOP("page", "Print label"),
    "page.do.saved": QT_TRANSLATE_NOOP("page", "Saved: {file}"),
    "page.do.printed": QT_TRANSLATE_NOOP("page", "The label is printed"),
}
