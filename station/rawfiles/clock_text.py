"""Times written as clocks: ``00:03:00.000``, ``1:02:03:250``, ``2023-12-06 09:17:53.520``."""

from __future__ import annotations

import datetime as dt
import re


def clock_seconds(value: object) -> float | None:
    """Seconds of a duration written ``h:m:s``, ``h:m:s.ms``, ``h:m:s:ms`` or ``d-h:m:s``, else None."""
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, dt.time):
        return value.hour * 3600.0 + value.minute * 60.0 + value.second + value.microsecond * 1e-6
    if not isinstance(value, str):
        return None
    match = re.fullmatch(
        r"\s*(?:(\d{1,5})[-d ]\s*)?(\d{1,9}):(\d{1,2}):(\d{1,2})(?:[.:](\d{1,6}))?\s*", value
    )
    if match is None:
        return None
    days, hours, minutes, seconds, fraction = match.groups()
    part = float(f"0.{fraction}") if fraction else 0.0
    return int(days or 0) * 86400.0 + int(hours) * 3600.0 + int(minutes) * 60.0 + int(seconds) + part


def instant(value: object) -> dt.datetime | None:
    """The date and time of a cell; None when it holds none."""
    if isinstance(value, dt.datetime):
        return value
    if not isinstance(value, str):
        return None
    try:
        return dt.datetime.fromisoformat(value.strip().replace("/", "-"))
    except ValueError:
        return None
