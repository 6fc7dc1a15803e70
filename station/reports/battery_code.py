"""From what a scanner or a person gives to a battery code, and what a GB/T 34014-2017 code says.

Old cells carry free IDs, so any printable text is a code. The decoded fields are facts of the
label: the type letter is a hint and never the chemistry of record (of 52 real cells sold as NMC
all carry the letter that the table gives to LMO).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

from station.errors import UsageError

LENGTH_MAX = 64

# ISO/IEC 15424: a scanner set to send it puts "]", a letter for the symbology and a modifier first.
_AIM_PREFIX = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
_DATE_SYMBOLS = "123456789ABCDEFGHJKLMNPRSTUVWXY"
_YEARS = {symbol: 2011 + n for n, symbol in enumerate(_DATE_SYMBOLS) if n < 26}
"""1 = 2011 … T = 2036; sources differ on the symbols after it."""
_DAYS = {symbol: 1 + n for n, symbol in enumerate(_DATE_SYMBOLS)}
_LEVELS = {"P": "pack", "M": "module", "C": "cell"}
_TYPE_HINTS = {"B": "LFP", "C": "LMO", "D": "LCO", "E": "NMC", "G": "LTO"}
"""B and E are confirmed by real labels; the others are not verified."""
_HEAD = r"(?P<maker>[A-Z0-9]{3})(?P<level>[PMC])(?P<type>[A-GZ])(?P<spec>[A-Z0-9]{2})"
_TAIL = r"(?P<year>[1-9A-HJ-NPR-Y])(?P<month>[1-9A-C])(?P<day>[0-9A-HJ-NPR-Y])(?P<serial>[A-Z0-9]{7})"
_NEW = re.compile(_HEAD + r"(?P<trace>[A-Z0-9]{7})" + _TAIL + r"(?P<extra>[A-Z0-9]{0,2})")
_REUSE = re.compile(_HEAD + _TAIL + r"R(?P<reuse>[PMC])")
PART_MIN = 10
"""The first part of a split label has at least so many characters: 12 + 12 and 14 + 10 are known."""
_ANY = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DESIGN = [_ANY] * 3 + ["PMC", "ABCDEFGZ"] + [_ANY] * 2
_MADE = [_DATE_SYMBOLS, "123456789ABC", "0" + _DATE_SYMBOLS] + [_ANY] * 7
_PLACES = (_DESIGN + [_ANY] * 7 + _MADE, _DESIGN + _MADE + ["R", "PMC"])
"""What may stand where in a code of 24 and of 19 characters."""


@dataclass(frozen=True)
class BatteryCode:
    """A code as it is kept and compared: ``text``. The rest is None where the text does not say it.

    ``made_on`` is ISO 8601, ``2018-07-31`` or ``2022-07`` when the day is not stated.
    """

    text: str
    maker: str | None = None
    level: str | None = None
    type_letter: str | None = None
    spec: str | None = None
    trace: str | None = None
    made_on: str | None = None
    serial: str | None = None
    reuse_level: str | None = None
    extra: str = ""

    @property
    def standard(self) -> bool:
        """True when the text has the form of GB/T 34014-2017."""
        return self.maker is not None

    @property
    def chemistry_hint(self) -> str | None:
        """What the type letter stands for; a hint to compare with, never the chemistry of record."""
        return _TYPE_HINTS.get(self.type_letter or "")

    def warnings(self, *, level: str, chemistry: str | None) -> list[tuple[str, dict[str, Any]]]:
        """What the label says against what is being tested: event codes with params. Never a refusal."""
        found: list[tuple[str, dict[str, Any]]] = []
        if self.level is not None and self.level != level:
            found.append(("battery.level_differs", {"label": self.level, "channel": level}))
        if self.chemistry_hint and chemistry and self.chemistry_hint != chemistry:
            found.append(("battery.chemistry_differs", {"label": self.chemistry_hint, "given": chemistry}))
        if self.standard and self.made_on is None:
            found.append(("battery.date_impossible", {"code": self.text}))
        return found


def read_code(scanned: str) -> BatteryCode:
    """Normalise and decode what was scanned or typed.

    Strips the AIM prefix, line ends and outer spaces; folds full-width characters (NFKC); upper case.
    Raises UsageError: empty, control characters, longer than 64 characters.
    """
    text = _normalise(scanned)
    if not text:
        raise UsageError(
            "the battery code is empty",
            remedy="scan the code again, or print a label of your own for a battery without one",
            code="battery.code_empty",
        )
    if len(text) > LENGTH_MAX:
        raise UsageError(
            f"the battery code has {len(text)} characters; at most {LENGTH_MAX} are kept",
            remedy="scan one code at a time",
            code="battery.code_too_long",
            length=len(text),
            length_max=LENGTH_MAX,
        )
    bad = [character for character in text if not character.isprintable()]
    if bad:
        raise UsageError(
            f"the battery code holds a character that cannot be printed (U+{ord(bad[0]):04X})",
            remedy="scan the code again; set the scanner to send no function characters",
            code="battery.code_unprintable",
            character=f"U+{ord(bad[0]):04X}",
        )
    return _decode(text)


def _normalise(text: str) -> str:
    """Repeated until nothing changes, so that a code that was kept reads as itself."""
    for _ in range(8):
        before = text
        text = _AIM_PREFIX.sub("", unicodedata.normalize("NFKC", text).strip())
        text = unicodedata.normalize("NFKC", text.upper()).strip()
        joined = re.sub(r"[\r\n]+", "", text)
        if joined != text and _standard(joined) is not None:
            text = joined  # a label in two lines, read in one go
        if text == before:
            break
    return text


def _standard(text: str) -> re.Match[str] | None:
    """GB/T 34014-2017: 24 characters (some makers append one or two), 19 for a reused product."""
    return _NEW.fullmatch(text) or _REUSE.fullmatch(text)


def begins(text: str) -> int | None:
    """How long the whole code is (24 or 19) that ``text`` is the first part of; None when it is none.

    The first part of a split label is told by its form; the second alone could be any free ID.
    """
    compact = re.sub(r"[\s-]", "", text)
    if len(compact) < PART_MIN or _standard(compact) is not None:
        return None
    for places in _PLACES:
        if len(compact) < len(places) and all(a in b for a, b in zip(compact, places, strict=False)):
            return len(places)
    return None


def join(one: str, other: str) -> BatteryCode | None:
    """The code whose label is split into these two, in whatever order; None when there is none.

    Only a whole code of the standard, 24 or 19 characters long: nothing else tells what belongs together.
    """
    for text in (one + other, other + one):
        code = _decode(text)
        if code.standard and not code.extra:
            return code
    return None


def _decode(text: str) -> BatteryCode:
    # Label printers break the code into groups; the groups are no part of it.
    compact = re.sub(r"[\s-]", "", text)
    match = _standard(compact)
    if match is None:
        return BatteryCode(text)
    part = match.groupdict()
    return BatteryCode(
        text=compact,
        maker=part["maker"],
        level=_LEVELS[part["level"]],
        type_letter=part["type"],
        spec=part["spec"],
        trace=part.get("trace"),
        made_on=_made_on(part["year"], part["month"], part["day"]),
        serial=part["serial"],
        reuse_level=_LEVELS.get(part.get("reuse") or ""),
        extra=part.get("extra") or "",
    )


def _made_on(year: str, month: str, day: str) -> str | None:
    """None for a year that sources read differently and for a day that the month does not have."""
    if year not in _YEARS:
        return None
    if day == "0":  # seen on real labels: only the month is stated
        return f"{_YEARS[year]}-{_DAYS[month]:02}"
    try:
        return date(_YEARS[year], _DAYS[month], _DAYS[day]).isoformat()
    except ValueError:
        return None
