"""Words of the window: sim."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "sim.banner": QT_TRANSLATE_NOOP("sim", "SIMULATED 模拟"),
    "sim.speed": QT_TRANSLATE_NOOP("sim", "readings come from simulated instruments · speed ×{speed}"),
}
