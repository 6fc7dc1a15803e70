"""Words of the window: page, run."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "page.run.running": QT_TRANSLATE_NOOP("page", "Testing"),
    "page.run.analysis": QT_TRANSLATE_NOOP("page", "Analysis"),
    "page.run.interrupted": QT_TRANSLATE_NOOP("page", "Interrupted"),
    "page.run.stopped": QT_TRANSLATE_NOOP("page", "Stopped"),
    "page.run.summary": QT_TRANSLATE_NOOP("page", "Result"),
    "page.run.decision": QT_TRANSLATE_NOOP("page", "Decision"),
    "page.run.curves": QT_TRANSLATE_NOOP("page", "Curves"),
    "page.run.resistances": QT_TRANSLATE_NOOP("page", "Resistances"),
    "page.run.cells": QT_TRANSLATE_NOOP("page", "Every cell"),
    "page.run.log": QT_TRANSLATE_NOOP("page", "Events"),
    "page.run.files": QT_TRANSLATE_NOOP("page", "Files"),
    "page.run.damaged": QT_TRANSLATE_NOOP("page", "the recorded decision cannot be read"),
}
