"""Words of the window: label."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "label.cell": QT_TRANSLATE_NOOP("label", "cell"),
    "label.module": QT_TRANSLATE_NOOP("label", "module"),
    "label.pack": QT_TRANSLATE_NOOP("label", "pack"),
    "label.reuse": QT_TRANSLATE_NOOP("label", "second life"),
    "label.no_date": QT_TRANSLATE_NOOP("label", "date not readable"),
    "label.hint": QT_TRANSLATE_NOOP("label", "label says {chemistry} (a hint)"),
    "label.differs": QT_TRANSLATE_NOOP(
        "label",
        "Note: the label says {label}, the channel is for a {channel}",
    ),
}
