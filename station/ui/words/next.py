"""Words of the window: next."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "next.pass": QT_TRANSLATE_NOOP("next", "Take it off, put it with grade {grade}; scan the next one"),
    "next.pass_no_grade": QT_TRANSLATE_NOOP("next", "Take it off; scan the next one"),
    "next.fail": QT_TRANSLATE_NOOP("next", "Take it off, to recycling; F6, then scan the next one"),
    "next.quarantine": QT_TRANSLATE_NOOP("next", "Do not open it. Move it to quarantine, then F6"),
    "next.no_verdict": QT_TRANSLATE_NOOP("next", "Check the leads, F6, then scan this battery again"),
    "next.no_verdict_reference": QT_TRANSLATE_NOOP(
        "next", "F6, then the reference test (F3) on this battery"
    ),
    "next.no_verdict_capacity": QT_TRANSLATE_NOOP("next", "F6, then the capacity test (F3) on this battery"),
    "next.no_verdict_nominal_capacity": QT_TRANSLATE_NOOP(
        "next", "F6, then scan this battery again and give its capacity from the nameplate"
    ),
    "next.no_verdict_more": QT_TRANSLATE_NOOP(
        "next", "F6, then a reference or capacity test (F3) on this battery"
    ),
    "next.acknowledged": QT_TRANSLATE_NOOP("next", "Scan the next battery"),
}
