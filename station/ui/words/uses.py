"""Words of the window: uses."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "uses.fits": QT_TRANSLATE_NOOP("uses", "Fits: {uses}"),
    "uses.conditional": QT_TRANSLATE_NOOP("uses", "If data are added: {uses}"),
    "uses.undecided": QT_TRANSLATE_NOOP("uses", "Undecided: {uses}"),
    "uses.unfit": QT_TRANSLATE_NOOP("uses", "Unfit: {uses}"),
    "uses.blocked": QT_TRANSLATE_NOOP("uses", "Blocked: {uses}"),
}
