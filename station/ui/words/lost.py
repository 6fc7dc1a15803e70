"""Words of the window: lost."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "lost.title": QT_TRANSLATE_NOOP("lost", "Service lost"),
    "lost.text": QT_TRANSLATE_NOOP(
        "lost",
        "Outputs are being switched off by the channel workers; reconnecting. Readings on this page "
        "are no longer valid. If in doubt, use the hardware emergency stop.",
    ),
    "lost.connecting": QT_TRANSLATE_NOOP("lost", "Starting the service and connecting"),
    "lost.connecting_text": QT_TRANSLATE_NOOP("lost", "Please wait."),
    "lost.silent": QT_TRANSLATE_NOOP("lost", "No data from the service"),
    "lost.silent_text": QT_TRANSLATE_NOOP(
        "lost",
        "Nothing received for several seconds; the readings may be old. If in doubt, use the "
        "hardware emergency stop.",
    ),
}
