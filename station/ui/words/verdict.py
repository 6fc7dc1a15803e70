"""Words of the window: verdict."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "verdict.pass": QT_TRANSLATE_NOOP("verdict", "PASS"),
    "verdict.fail": QT_TRANSLATE_NOOP("verdict", "FAIL"),
    "verdict.quarantine": QT_TRANSLATE_NOOP("verdict", "QUARANTINE"),
    "verdict.no_verdict": QT_TRANSLATE_NOOP("verdict", "RETEST"),
}
