"""Calendar days as ISO text and as numbers, without a clock."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def day_number(day: str) -> int:
    """Days since 0001-01-01 of the Gregorian calendar. Raises ValueError for what is no day."""
    match = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", day)
    if match is None:
        raise ValueError("a day is written as 2026-04-01")
    year, month, date = (int(part) for part in match.groups())
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= month <= 12 or not 1 <= date <= _MONTH_DAYS[month - 1] + (leap and month == 2) or year < 1:
        raise ValueError(f"{day} is not in the calendar")
    before = year - 1
    return (
        before * 365
        + before // 4
        - before // 100
        + before // 400
        + sum(_MONTH_DAYS[: month - 1])
        + (leap and month > 2)
        + date
        - 1
    )


def _checked(day: str) -> str:
    day_number(day)
    return day


Day = Annotated[str, AfterValidator(_checked)]
"""A calendar day, ``2026-04-01``."""
