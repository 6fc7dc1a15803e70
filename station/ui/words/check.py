"""Words of the window: check."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "check.yes": QT_TRANSLATE_NOOP("check", "Yes\nCtrl+Y"),
    "check.no": QT_TRANSLATE_NOOP("check", "No\nCtrl+N"),
    "check.back": QT_TRANSLATE_NOOP("check", "Back"),
    "check.attach": QT_TRANSLATE_NOOP("check", "Attach photo"),
    "check.leave": QT_TRANSLATE_NOOP("check", "Close"),
    "check.start": QT_TRANSLATE_NOOP("check", "Start test\nF5"),
    "check.place": QT_TRANSLATE_NOOP("check", "question {at} of {of}"),
    "check.done": QT_TRANSLATE_NOOP("check", "answered"),
    "check.all_answered": QT_TRANSLATE_NOOP("check", "The form is answered"),
    "check.then_start": QT_TRANSLATE_NOOP(
        "check",
        'Look at the voltage, then press F5 to start; a "no" is mended by going back',
    ),
    "check.effect.refuse": QT_TRANSLATE_NOOP("check", "Put right first"),
    "check.effect.quarantine": QT_TRANSLATE_NOOP("check", "Quarantine"),
    "check.effect.note": QT_TRANSLATE_NOOP("check", "Goes on, noted"),
    "check.look_none": QT_TRANSLATE_NOOP("check", "Leads: –"),
    "check.leads": QT_TRANSLATE_NOOP("check", "Leads: {volts}"),
    "check.leads_good": QT_TRANSLATE_NOOP("check", "polarity and voltage are right; output off"),
    "check.photos": QT_TRANSLATE_NOOP("check", "photos: {count}"),
    "check.path": QT_TRANSLATE_NOOP("check", "Photo file: path, then Enter"),
    "check.camera": QT_TRANSLATE_NOOP("check", "camera ready: Attach photo takes a picture"),
    "check.offer": QT_TRANSLATE_NOOP("check", "new photo: {name}"),
}
