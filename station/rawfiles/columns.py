"""Recognises time, current, voltage, temperature and step columns by their headers, units included.

Understood are ``Name / unit`` (BDF), ``Name (unit)``, ``Name [unit]``, ``name_unit`` (BDF machine names, such
as ``test_time_second``) and ``Name`` alone, which is taken as s, A, V and °C and noted.
Current is taken as positive for charge, as BDF has it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

#: Names of each quantity, best first. Compared in lower case with single spaces.
NAMES: dict[str, tuple[str, ...]] = {
    "time": (
        "test time",
        "total time",
        "testtime",
        "elapsed time",
        "run time",
        "test",
        "time",
        "t",
        "测试时间",
        "总时间",
        "时间",
        "相对时间",
    ),
    "current": ("current", "i", "<i>", "amps", "cur", "cell current", "pack current", "电流"),
    "voltage": (
        "voltage",
        "v",
        "u",
        "cell voltage",
        "pack voltage",
        "terminal voltage",
        "volts",
        "ecell",
        "ewe-ece",
        "ewe",
        "电压",
    ),
    "temperature": (
        "surface temperature",
        "cell temperature",
        "temperature t1",
        "temperature",
        "temp",
        "温度",
        "温度1",
        "ambient temperature",
    ),
    "step": ("step count", "step", "step index", "step id", "ns", "工步序号", "工步号", "步次"),
}
UNITS: dict[str, dict[str, float]] = {
    "time": {
        **dict.fromkeys(
            ("s", "sec", "second", "seconds", "秒", "h:min:s.ms", "h:min:s", "h:m:s", "hh:mm:ss"), 1.0
        ),
        **dict.fromkeys(("ms", "millisecond", "milliseconds"), 1e-3),
        **dict.fromkeys(("min", "minute", "minutes"), 60.0),
        **dict.fromkeys(("h", "hr", "hour", "hours"), 3600.0),
    },
    "current": {
        **dict.fromkeys(("a", "amp", "amps", "ampere"), 1.0),
        **dict.fromkeys(("ma", "milliampere"), 1e-3),
        **dict.fromkeys(("ua", "µa", "μa", "microampere"), 1e-6),
    },
    "voltage": {
        **dict.fromkeys(("v", "volt", "volts"), 1.0),
        **dict.fromkeys(("mv", "millivolt"), 1e-3),
        **dict.fromkeys(("uv", "µv", "μv", "microvolt"), 1e-6),
    },
    "temperature": dict.fromkeys(("deg c", "degc", "celsius", "c", "°c", "℃"), 1.0),
    "step": dict.fromkeys(("1", "dimensionless", "count"), 1.0),
}
#: Shown with an error when a header is not understood.
HEADER_HELP = (
    "name the columns 'Test Time / s', 'Current / A', 'Voltage / V' (BDF), or time_s, current_A, voltage_V; "
    "ms, min, h, mA and mV are understood too"
)


@dataclass(frozen=True)
class Column:
    """One recognised column: its position, its header as written, and the factor to SI."""

    index: int
    header: str
    factor: float
    unit_given: bool


def split_header(header: str) -> tuple[str, str | None]:
    """Name and unit of a header, both in lower case; the unit is None when there is none."""
    text = header.strip().strip('"').strip().lower()
    slash, square, round_ = r"/\s*([^/]+)", r"\[([^\]]*)\]", r"[((]([^))]*)[))]"
    bracketed = re.fullmatch(rf"(.+?)\s*(?:{slash}|{square}|{round_})", text)
    if bracketed:
        unit = next(part for part in bracketed.groups()[1:] if part is not None)
        return _tidy(bracketed.group(1)), unit.strip()
    head, separator, tail = text.rpartition("_")
    if separator and any(tail in units for units in UNITS.values()):
        return _tidy(head), tail
    return _tidy(text), None


def _tidy(name: str) -> str:
    return re.sub(r"[\s_]+", " ", name).strip()


def recognise(headers: Sequence[str]) -> dict[str, Column]:
    """The best column for each quantity that the headers offer, by quantity name."""
    found: dict[str, tuple[int, Column]] = {}
    for index, header in enumerate(headers):
        name, unit = split_header(header)
        for quantity, names in NAMES.items():
            if name not in names:
                continue
            if unit is not None and unit not in UNITS[quantity]:
                continue
            factor = 1.0 if unit is None else UNITS[quantity][unit]
            rank = names.index(name)
            if quantity not in found or rank < found[quantity][0]:
                found[quantity] = (rank, Column(index, header.strip(), factor, unit is not None))
    return {quantity: column for quantity, (_, column) in found.items()}


def unit_notes(columns: dict[str, Column]) -> tuple[str, ...]:
    """A note per required column whose header gives no unit."""
    return tuple(
        f"column {columns[quantity].header!r} gives no unit; taken as {unit}"
        for quantity, unit in (("time", "s"), ("current", "A"), ("voltage", "V"))
        if not columns[quantity].unit_given
    )


def missing_columns(columns: dict[str, Column]) -> list[str]:
    """The required quantities that were not found."""
    return [quantity for quantity in ("time", "current", "voltage") if quantity not in columns]


def is_bdf(columns: dict[str, Column]) -> bool:
    """True when the required columns carry BDF labels or BDF machine names."""
    labels = {"Test Time / s", "Current / A", "Voltage / V"}
    machine = {"test_time_second", "test_time_millisecond", "current_ampere", "voltage_volt"}
    required = {columns[quantity].header for quantity in ("time", "current", "voltage")}
    return required <= labels or required <= machine
