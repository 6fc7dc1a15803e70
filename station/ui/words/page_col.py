"""Words of the window: page, col."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "page.col.what": QT_TRANSLATE_NOOP("page", "What"),
    "page.col.value": QT_TRANSLATE_NOOP("page.col.value", "Value"),
    "page.col.about": QT_TRANSLATE_NOOP("page", "About"),
    "page.col.outcome": QT_TRANSLATE_NOOP("page", "Outcome"),
    "page.col.rule": QT_TRANSLATE_NOOP("page", "Rule"),
    "page.col.source": QT_TRANSLATE_NOOP("page", "Source"),
    "page.col.block": QT_TRANSLATE_NOOP("page", "Block"),
    "page.col.start": QT_TRANSLATE_NOOP("page", "Start"),
    "page.col.current": QT_TRANSLATE_NOOP("page", "Current"),
    "page.col.r001": QT_TRANSLATE_NOOP("page", "10 ms / mΩ"),
    "page.col.r01": QT_TRANSLATE_NOOP("page", "0.1 s / mΩ"),
    "page.col.r1": QT_TRANSLATE_NOOP("page", "1 s / mΩ"),
    "page.col.r5": QT_TRANSLATE_NOOP("page", "5 s / mΩ"),
    "page.col.r10": QT_TRANSLATE_NOOP("page", "10 s / mΩ"),
    "page.col.time": QT_TRANSLATE_NOOP("page", "Time"),
    "page.col.level": QT_TRANSLATE_NOOP("page", "Level"),
    "page.col.text": QT_TRANSLATE_NOOP("page.col.text", "Text"),
    "page.col.code": QT_TRANSLATE_NOOP("page", "Code"),
    "page.col.battery": QT_TRANSLATE_NOOP("page", "Battery code"),
    "page.col.kind": QT_TRANSLATE_NOOP("page", "Kind"),
    "page.col.file": QT_TRANSLATE_NOOP("page", "File"),
    "page.col.bytes": QT_TRANSLATE_NOOP("page", "Bytes"),
    "page.col.check": QT_TRANSLATE_NOOP("page", "Check"),
    "page.col.sha256": QT_TRANSLATE_NOOP("page", "SHA-256"),
}
