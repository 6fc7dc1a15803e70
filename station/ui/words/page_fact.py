"""Words of the window: page, fact."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "page.fact.verdict": QT_TRANSLATE_NOOP("page", "Verdict"),
    "page.fact.grade": QT_TRANSLATE_NOOP("page", "Grade"),
    "page.fact.soh": QT_TRANSLATE_NOOP("page", "SOH (90 % interval)"),
    "page.fact.why": QT_TRANSLATE_NOOP("page", "Why there is no SOH"),
    "page.fact.error": QT_TRANSLATE_NOOP("page", "Fault"),
    "page.fact.battery": QT_TRANSLATE_NOOP("page", "Battery code"),
    "page.fact.capacity": QT_TRANSLATE_NOOP("page", "Nominal capacity (one series group)"),
    "page.fact.chemistry": QT_TRANSLATE_NOOP("page", "Chemistry"),
    "page.fact.memory": QT_TRANSLATE_NOOP("page", "Told by the pack"),
    "page.fact.channel": QT_TRANSLATE_NOOP("page", "Bench · channel"),
    "page.fact.profile": QT_TRANSLATE_NOOP("page", "Profile"),
    "page.fact.started": QT_TRANSLATE_NOOP("page", "Began"),
    "page.fact.ended": QT_TRANSLATE_NOOP("page", "Ended"),
    "page.fact.duration": QT_TRANSLATE_NOOP("page", "Recorded time"),
    "page.fact.resumes": QT_TRANSLATE_NOOP("page", "Resumed"),
    "page.fact.simulated": QT_TRANSLATE_NOOP("page", "Simulated instruments"),
    "page.fact.rules": QT_TRANSLATE_NOOP("page", "Rule set"),
    "page.fact.model": QT_TRANSLATE_NOOP("page", "Model"),
    "page.fact.run_id": QT_TRANSLATE_NOOP("page", "Test number"),
}
