"""Numbers as people say them."""

from __future__ import annotations

from typing import Any, Literal

Lang = Literal["en", "zh"]
_UNITS = {"en": ("s", "min", "h"), "zh": ("秒", "分钟", "小时")}


def span(seconds: float, lang: Lang) -> str:
    """``90 s``, ``12 min``, ``40 h``."""
    second, minute, hour = _UNITS[lang]
    if seconds >= 7200 or (seconds >= 3600 and seconds % 3600 == 0):
        return f"{seconds / 3600:.4g} {hour}"
    if seconds > 120:
        return f"{seconds / 60:.4g} {minute}"
    return f"{seconds:.4g} {second}"


def current(step: Any) -> str:
    """In C or in A, as the step has it."""
    if getattr(step, "current_A", None) is not None:
        return f"{step.current_A:g} A"
    return f"{step.current_C:g} C"


def volts(value: float | str, lang: Lang) -> str:
    """A number per cell, or the chemistry's limit by name."""
    if not isinstance(value, str):
        return f"{value:g} V"
    names = {
        "charge_max": {"en": "the chemistry's upper voltage", "zh": "该体系的充电上限电压"},
        "discharge_min": {"en": "the chemistry's lower voltage", "zh": "该体系的放电下限电压"},
    }
    return names[value][lang] if value in names else value
