"""Words of the window: question."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "question.title": QT_TRANSLATE_NOOP("question", "Channel {channel} asks"),
    "question.between": QT_TRANSLATE_NOOP("question", "From {low} to {high}"),
    "question.at_least": QT_TRANSLATE_NOOP("question", "At least {low}"),
    "question.at_most": QT_TRANSLATE_NOOP("question", "At most {high}"),
    "question.bad_number": QT_TRANSLATE_NOOP("question", "Enter a number within the limits"),
    "question.done": QT_TRANSLATE_NOOP("question", "Done"),
    "question.enter": QT_TRANSLATE_NOOP("question", "Enter"),
    "question.later": QT_TRANSLATE_NOOP("question", "Later"),
    "question.picture": QT_TRANSLATE_NOOP("question", "Picture of what to do"),
    "question.no_picture": QT_TRANSLATE_NOOP("question", "The picture cannot be shown"),
}
