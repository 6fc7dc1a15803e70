"""What a battery's code says of itself, in words. A hint for eyes, never the truth on the battery."""

from __future__ import annotations

from station.reports.battery_code import read_code
from station.ui.texts import Texts


def label_words(code: str, texts: Texts) -> str:
    """Level, day of making and the type that the letter stands for; empty for an ID that says nothing."""
    label = read_code(code)
    if not label.standard:
        return ""
    parts = [texts(f"label.{label.level}")]
    if label.reuse_level is not None:
        parts.append(texts("label.reuse"))
    parts.append(label.made_on or texts("label.no_date"))
    if label.chemistry_hint is not None:
        parts.append(texts("label.hint", chemistry=label.chemistry_hint))
    return " · ".join(parts)


def wrong_level(code: str, level: str, texts: Texts) -> str:
    """That the label names another kind of product than the channel is for; empty when it does not."""
    label = read_code(code)
    if label.level is None or label.level == level:
        return ""
    return texts("label.differs", label=texts(f"label.{label.level}"), channel=texts(f"label.{level}"))
