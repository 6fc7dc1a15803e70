"""Words of the window: use."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "use.fits": QT_TRANSLATE_NOOP("use", "✓ fits"),
    "use.conditional": QT_TRANSLATE_NOOP("use", "? on condition"),
    "use.undecided": QT_TRANSLATE_NOOP("use", "? undecided"),
    "use.unfit": QT_TRANSLATE_NOOP("use", "✕ unfit"),
    "use.blocked": QT_TRANSLATE_NOOP("use", "✕ blocked"),
}
