"""Words of the window: page, file."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "page.file.run": QT_TRANSLATE_NOOP("page", "recording"),
    "page.file.journal": QT_TRANSLATE_NOOP("page", "journal"),
    "page.file.result": QT_TRANSLATE_NOOP("page", "result"),
    "page.file.signed": QT_TRANSLATE_NOOP("page", "signed result"),
    "page.file.decision": QT_TRANSLATE_NOOP("page", "decision"),
    "page.file.photo": QT_TRANSLATE_NOOP("page", "photo"),
}
