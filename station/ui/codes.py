"""What a scanner delivers: a battery's code, a part of one, a command barcode, and what is none of them.

Command barcodes (upper or lower case); ``c`` is a channel and may be left out: then the chosen one is meant.

=========================  ====================================================================
``#CMD#START#``            start the test that is ready, confirm a panel (F5)
``#CMD#NEXT#``             the battery on the channel is dealt with; ``#CMD#NEXT,c#``
``#CMD#YES#``              answer yes: test again, take the part of a label as it is
``#CMD#NO#``               answer no: put the code away, close the panel
``#CMD#NOCODE#``           a battery without a code: give it an ID of its own (F12)
``#CMD#PAD#``              type a worn label on the screen (F4)
``#CMD#REPRINT#``          print the label of the channel's result again; ``#CMD#REPRINT,c#``
``#CMD#SHOW#``             the whole result of the channel (Home); ``#CMD#SHOW,c#``
``#CMD#CHANNEL,c#``        choose channel ``c``
``#CMD#PROFILE,rapid#``    choose the test profile ``rapid``
``#CMD#ACK#``              acknowledge (F6); ``#CMD#ACK,c#``
``#CMD#STOP#``             stop (F8); ``#CMD#STOP,c#``
``#CMD#STOPALL#``          stop all tests (Esc)
``#CMD#FORCE,c#``          cut channel ``c`` by force after a stop in vain (F10)
``#CMD#PAUSE#``            pause (F7); ``#CMD#PAUSE,c#``
``#CMD#RESUME#``           let a paused or interrupted test go on (F7); ``#CMD#RESUME,c#``
``#CMD#SKIP#``             skip the present step (F9); ``#CMD#SKIP,c#``
``#CMD#CLOSE#``            close the interrupted test (F6); ``#CMD#CLOSE,c#``
``#CMD#KEY,5#``            a key of the open panel: ``0``–``9``, ``A``–``Z``, ``DOT``, ``DASH``, ``BACK``
``#CMD#CHEMISTRY,LFP#``    the chemistry in the open panel, or ``UNKNOWN``
``#CMD#LANGUAGE#``         go on in the other language
=========================  ====================================================================

None of them is an emergency stop.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from station.reports.battery_code import begins, read_code

CODE_MIN: Final = 3
CODE_MAX: Final = 40
"""Shorter is a mis-read, longer is two scans in one; GB/T 34014 codes have 24 characters, own labels less."""

_CODE = re.compile(rf"\w[\w .:/+()-]{{{CODE_MIN - 1},{CODE_MAX - 1}}}")
_COMMAND = re.compile(r"#CMD#([A-Z]+)(?:,([A-Z0-9_.-]+))?#(?:CMD#)?")
_LINK = re.compile(r"[A-Z][A-Z0-9+.-]*://|WWW\.")
_RUN = re.compile(r"\d{8}T\d{6}-.+-[0-9A-F]{6}")
TAKES: Final[dict[str, Literal["none", "optional", "needed"]]] = {
    "START": "none",
    "NEXT": "optional",
    "YES": "none",
    "NO": "none",
    "NOCODE": "none",
    "PAD": "none",
    "REPRINT": "optional",
    "SHOW": "optional",
    "CHANNEL": "needed",
    "PROFILE": "needed",
    "ACK": "optional",
    "STOP": "optional",
    "STOPALL": "none",
    "FORCE": "needed",
    "PAUSE": "optional",
    "RESUME": "optional",
    "SKIP": "optional",
    "CLOSE": "optional",
    "KEY": "needed",
    "CHEMISTRY": "needed",
    "LANGUAGE": "none",
}
"""Every command word, and whether it takes an argument."""


@dataclass(frozen=True)
class BatteryCode:
    """A battery's code, folded to plain upper-case characters."""

    code: str


@dataclass(frozen=True)
class LabelPart:
    """The first part of a label in two, of a code with ``length`` characters."""

    text: str
    length: int

    @property
    def left(self) -> int:
        """How many characters are still missing."""
        return self.length - len(self.text)


@dataclass(frozen=True)
class Command:
    """A command barcode: word and, for some, which channel, profile or key."""

    word: str
    argument: str | None = None


@dataclass(frozen=True)
class BadScan:
    """Nothing usable was read; ``key`` names the refusal in the texts."""

    key: str
    raw: str


Scan = BatteryCode | LabelPart | Command | BadScan


def read_scan(raw: str) -> Scan:
    """Tell what ``raw`` is. Full-width characters are folded (NFKC), case is ignored, carrier prefixes cut.

    A battery's code is folded just as the service folds it, so that the two can be compared. The service
    takes any printable text; here, where a scanner may mis-read, a code must look like one.
    """
    text = unicodedata.normalize("NFKC", raw).strip().upper()
    # AIM identifiers such as "]C1" or "]Q3" name the barcode's kind, not the battery.
    carrier = re.match(r"\]([A-Z])[0-9A-Z]", text)
    text = text[carrier.end() :] if carrier else text
    if not text:
        return BadScan("refuse.empty_code", raw)
    if text.startswith("#"):
        return _command(text)
    if carrier and carrier[1] == "E":  # EAN and UPC: what is sold, never a battery of a vehicle
        return BadScan("refuse.foreign_goods", text)
    if _LINK.match(text):
        return BadScan("refuse.foreign_link", text)
    if _RUN.fullmatch(text):
        return BadScan("refuse.foreign_report", text)
    if len(text) > CODE_MAX:
        return BadScan("refuse.long_code", text)
    if not _CODE.fullmatch(text):
        return BadScan("refuse.malformed_code", text)
    length = begins(text)
    if length is not None:
        return LabelPart(re.sub(r"[\s-]", "", text), length)
    return BatteryCode(read_code(text).text)


def like_goods(code: str) -> bool:
    """Whether ``code`` could be the number on goods that are sold: EAN-13 or UPC-A with a right check digit.

    A keyboard scanner does not say which kind of barcode it has read, so the digits have to. One in ten
    serial numbers of as many digits looks like it, too: the operator is asked, nothing is refused.
    """
    if not re.fullmatch(r"[0-9]{12,13}", code):
        return False
    # GS1 General Specifications, check digit: weights 3 and 1 alternate, from the right.
    weighted = sum(int(digit) * (1 + 2 * (place % 2)) for place, digit in enumerate(reversed(code)))
    return weighted % 10 == 0


def _command(text: str) -> Command | BadScan:
    match = _COMMAND.fullmatch(text)
    takes = TAKES.get(match[1]) if match else None
    if match is None or takes is None:
        return BadScan("refuse.unknown_command", text)
    if (takes == "none" and match[2]) or (takes == "needed" and not match[2]):
        return BadScan("refuse.unknown_command", text)
    return Command(match[1], match[2])
