"""Words of the window: top."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "top.code": QT_TRANSLATE_NOOP("top", "Battery code"),
    "top.code_placeholder": QT_TRANSLATE_NOOP("top", "Scan, or type here and press Enter"),
    "top.channel": QT_TRANSLATE_NOOP("top", "Channel"),
    "top.no_channel": QT_TRANSLATE_NOOP("top", "–"),
    "top.known": QT_TRANSLATE_NOOP("top", "Known battery: {facts}"),
    "top.unknown": QT_TRANSLATE_NOOP("top", "New battery: no records yet"),
    "top.dropped": QT_TRANSLATE_NOOP("top", "{count} blocks not drawn (records are complete)"),
    "top.own": QT_TRANSLATE_NOOP("top", "own ID"),
    "top.own_printed": QT_TRANSLATE_NOOP("top", "own ID, label printed"),
    "top.joined": QT_TRANSLATE_NOOP("top", "joined from two"),
    "top.no_scanner": QT_TRANSLATE_NOOP("top", "Scanner not connected: {port} (the keyboard works)"),
}
