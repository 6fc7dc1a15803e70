"""Words of the window: tile."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "tile.channel": QT_TRANSLATE_NOOP("tile", "Channel {channel}"),
    "tile.selected": QT_TRANSLATE_NOOP("tile", "selected"),
    "tile.acknowledged": QT_TRANSLATE_NOOP("tile", "acknowledged"),
    "tile.unacknowledged": QT_TRANSLATE_NOOP("tile", "F6 to acknowledge"),
    "tile.interrupted": QT_TRANSLATE_NOOP("tile", "F7 go on · F6 close"),
    "tile.grade": QT_TRANSLATE_NOOP("tile", "Grade {grade}"),
    "tile.no_battery": QT_TRANSLATE_NOOP("tile", "no battery scanned"),
    "tile.remaining": QT_TRANSLATE_NOOP("tile", "{time} left"),
    "tile.voltage": QT_TRANSLATE_NOOP("tile", "Voltage"),
    "tile.current": QT_TRANSLATE_NOOP("tile", "Current"),
    "tile.temperature": QT_TRANSLATE_NOOP("tile", "Temp."),
    "tile.soh": QT_TRANSLATE_NOOP("tile", "SOH"),
    "tile.soh_none": QT_TRANSLATE_NOOP("tile", "SOH not estimated"),
    "tile.interval": QT_TRANSLATE_NOOP("tile", "90 % interval {low}–{high} %"),
    "tile.resistance": QT_TRANSLATE_NOOP("tile", "R"),
    "tile.remedy": QT_TRANSLATE_NOOP("tile", "Do: "),
    "tile.reason": QT_TRANSLATE_NOOP("tile", "Reason: "),
    "tile.history_supported": QT_TRANSLATE_NOOP("tile", "history agrees"),
    "tile.history_contradicted": QT_TRANSLATE_NOOP("tile", "history contradicts"),
    "tile.history_history_only": QT_TRANSLATE_NOOP("tile", "history only: no grade"),
    "tile.reason_limit": QT_TRANSLATE_NOOP(
        "tile",
        "The SOH interval holds the limit between reuse and recycling",
    ),
    "tile.grade_not": QT_TRANSLATE_NOOP("tile", "Not grade {grade}: {why}"),
    "tile.grade_unknown": QT_TRANSLATE_NOOP("tile", "Not grade {grade}: no data on {names}"),
    "tile.history_of_it": QT_TRANSLATE_NOOP("tile", "its history"),
    "tile.consistency_of_it": QT_TRANSLATE_NOOP("tile", "how alike its parts are"),
    "tile.no_curve": QT_TRANSLATE_NOOP("tile", "Curves appear when a test runs"),
    "tile.curve_soon": QT_TRANSLATE_NOOP("tile", "Waiting for the first readings"),
    "tile.curve_elsewhere": QT_TRANSLATE_NOOP("tile", "The curve is in the run's record"),
}
