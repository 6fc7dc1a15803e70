"""Words of the window: edit, calibration."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "edit.calibration.counts": QT_TRANSLATE_NOOP(
        "edit",
        "{ok} good · {soon} due soon · {overdue} overdue · {unknown} without a date",
    ),
}
