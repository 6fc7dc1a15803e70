"""Words of the window: page, level."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "page.level.info": QT_TRANSLATE_NOOP("page", "info"),
    "page.level.warning": QT_TRANSLATE_NOOP("page", "warning"),
    "page.level.alarm": QT_TRANSLATE_NOOP("page", "alarm"),
}
