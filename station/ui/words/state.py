"""Words of the window: state."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "state.idle": QT_TRANSLATE_NOOP("state", "Idle"),
    "state.ready": QT_TRANSLATE_NOOP("state", "Ready"),
    "state.starting": QT_TRANSLATE_NOOP("state", "Starting"),
    "state.checks": QT_TRANSLATE_NOOP("state", "Checks"),
    "state.passed": QT_TRANSLATE_NOOP("state", "Checked"),
    "state.running": QT_TRANSLATE_NOOP("state", "Testing"),
    "state.paused": QT_TRANSLATE_NOOP("state", "Paused"),
    "state.stopping": QT_TRANSLATE_NOOP("state", "Stopping"),
    "state.safe": QT_TRANSLATE_NOOP("state", "Output off"),
    "state.analysis": QT_TRANSLATE_NOOP("state", "Analysis"),
    "state.fault": QT_TRANSLATE_NOOP("state", "FAULT"),
    "state.interrupted": QT_TRANSLATE_NOOP("state", "INTERRUPTED"),
    "state.lost": QT_TRANSLATE_NOOP("state", "Unknown"),
}
