"""Words of the window: plot."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "plot.voltage": QT_TRANSLATE_NOOP("plot", "Voltage V"),
    "plot.current": QT_TRANSLATE_NOOP("plot", "Current A"),
    "plot.time": QT_TRANSLATE_NOOP("plot", "Time s"),
    "plot.name": QT_TRANSLATE_NOOP("plot", "Voltage and current of channel {channel}"),
}
