"""Words of the window: pill."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "pill.estop": QT_TRANSLATE_NOOP("pill", "E-stop"),
    "pill.interlock": QT_TRANSLATE_NOOP("pill", "Interlock"),
    "pill.guard": QT_TRANSLATE_NOOP("pill", "Guard"),
    "pill.service": QT_TRANSLATE_NOOP("pill", "Service"),
    "pill.estop.ok": QT_TRANSLATE_NOOP("pill", "released"),
    "pill.estop.bad": QT_TRANSLATE_NOOP("pill", "PRESSED"),
    "pill.interlock.ok": QT_TRANSLATE_NOOP("pill", "closed"),
    "pill.interlock.bad": QT_TRANSLATE_NOOP("pill", "OPEN"),
    "pill.guard.ok": QT_TRANSLATE_NOOP("pill", "ready"),
    "pill.guard.bad": QT_TRANSLATE_NOOP("pill", "FAILED"),
    "pill.service.ok": QT_TRANSLATE_NOOP("pill", "connected"),
    "pill.service.bad": QT_TRANSLATE_NOOP("pill", "LOST"),
    "pill.absent": QT_TRANSLATE_NOOP("pill", "not fitted"),
    "pill.unknown": QT_TRANSLATE_NOOP("pill", "unknown"),
}
