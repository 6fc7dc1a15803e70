"""Words of the window: bar."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "bar.name": QT_TRANSLATE_NOOP("bar", "SOH {estimate} %, 90 % interval {low} to {high} %"),
}
