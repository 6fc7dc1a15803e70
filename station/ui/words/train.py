"""Words of the window: train."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "train.head": QT_TRANSLATE_NOOP("train", "Training · {title} · step {number} of {of}"),
    "train.left": QT_TRANSLATE_NOOP("train", "{seconds} s"),
    "train.passed": QT_TRANSLATE_NOOP("train", "Passed: no mistakes."),
    "train.mistakes": QT_TRANSLATE_NOOP("train", "Done, with mistakes: {count}"),
    "train.mended": QT_TRANSLATE_NOOP("train", "Mended"),
    "train.estop": QT_TRANSLATE_NOOP("train", "Press the E-stop\n(simulated)"),
    "train.leave": QT_TRANSLATE_NOOP("train", "Leave training"),
    "train.close": QT_TRANSLATE_NOOP("train", "Close"),
    "train.title": QT_TRANSLATE_NOOP("train", "Training"),
    "train.who": QT_TRANSLATE_NOOP("train", "Training · scan or type the trainee's name, then Enter"),
    "train.choose": QT_TRANSLATE_NOOP("train", "Training · {name}: choose a mission"),
    "train.trainee": QT_TRANSLATE_NOOP("train", "Trainee"),
    "train.name_hint": QT_TRANSLATE_NOOP("train", "Name on the result sheet"),
    "train.start": QT_TRANSLATE_NOOP("train", "Start"),
    "train.again": QT_TRANSLATE_NOOP("train", "Again"),
    "train.real": QT_TRANSLATE_NOOP("train", "Training works on simulated benches only."),
    "train.open": QT_TRANSLATE_NOOP("train", "not yet done"),
    "train.outcome_passed": QT_TRANSLATE_NOOP("train", "passed"),
    "train.outcome_mistakes": QT_TRANSLATE_NOOP("train", "with mistakes"),
    "train.outcome_abandoned": QT_TRANSLATE_NOOP("train", "left"),
    "train.begun": QT_TRANSLATE_NOOP(
        "train",
        "Begun: go to the operator page. The card there says what to do.",
    ),
    "train.need_name": QT_TRANSLATE_NOOP("train", "Enter the trainee's name first."),
    "train.attempts": QT_TRANSLATE_NOOP("train", "{count} ×"),
    "train.sheet": QT_TRANSLATE_NOOP("train", "Result sheet of {name}"),
}
