"""Words of the window: time."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "time.seconds": QT_TRANSLATE_NOOP("time", "{seconds} s"),
    "time.hours": QT_TRANSLATE_NOOP("time", "{hours} h {minutes} min"),
}
