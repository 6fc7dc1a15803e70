"""What a scanner delivers: a battery's code or a command barcode, and what is neither.

Command barcodes (upper or lower case):

=======================  ==============================================
``#CMD#START#``          start the test that is ready, like F5
``#CMD#STOP#``           stop the selected channel, like F8
``#CMD#STOP,2#``         stop channel 2
``#CMD#PAUSE,2#``        pause channel 2; without number the selected one, like F7
``#CMD#RESUME,2#``       let channel 2 go on, paused or interrupted, like F7
``#CMD#SKIP,2#``         skip the present step of channel 2, like F9
``#CMD#CLOSE,2#``        close the interrupted test of channel 2, like F6
``#CMD#STOPALL#``        stop all tests, like Esc
``#CMD#ACK#``            acknowledge the selected channel, like F6
``#CMD#ACK,2#``          acknowledge channel 2
``#CMD#CHANNEL,2#``      select channel 2
``#CMD#PROFILE,rapid#``  choose the test profile ``rapid``
=======================  ==============================================

None of them is an emergency stop.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from station.reports.battery_code import read_code

CODE_MIN: Final = 3
CODE_MAX: Final = 40
"""Shorter is a mis-read, longer is two scans in one; GB/T 34014 codes have 24 characters, own labels less."""

_CODE = re.compile(rf"\w[\w .:/+()-]{{{CODE_MIN - 1},{CODE_MAX - 1}}}")
_COMMAND = re.compile(r"#CMD#([A-Z]+)(?:,([A-Z0-9_-]+))?#(?:CMD#)?")
_TAKES: Final = {
    "START": "none",
    "STOP": "optional",
    "FORCE": "needed",
    "PAUSE": "optional",
    "RESUME": "optional",
    "SKIP": "optional",
    "CLOSE": "optional",
    "STOPALL": "none",
    "ACK": "optional",
    "CHANNEL": "needed",
    "PROFILE": "needed",
}


@dataclass(frozen=True)
class BatteryCode:
    """A battery's code, folded to plain upper-case characters."""

    code: str


@dataclass(frozen=True)
class Command:
    """A command barcode: word and, for some, which channel or profile."""

    word: str
    argument: str | None = None


@dataclass(frozen=True)
class BadScan:
    """Nothing usable was read; ``key`` names the refusal in the texts."""

    key: str
    raw: str


def read_scan(raw: str) -> BatteryCode | Command | BadScan:
    """Tell what ``raw`` is. Full-width characters are folded (NFKC), case is ignored, carrier prefixes cut.

    A battery's code is folded just as the service folds it, so that the two can be compared. The service
    takes any printable text; here, where a scanner may mis-read, a code must look like one.
    """
    text = unicodedata.normalize("NFKC", raw).strip().upper()
    # AIM identifiers such as "]C1" or "]Q3" name the barcode's kind, not the battery.
    text = re.sub(r"^\][A-Z][0-9A-Z]", "", text)
    if not text:
        return BadScan("refuse.empty_code", raw)
    if text.startswith("#"):
        match = _COMMAND.fullmatch(text)
        if match is None or match[1] not in _TAKES:
            return BadScan("refuse.unknown_command", text)
        takes = _TAKES[match[1]]
        if (takes == "none" and match[2]) or (takes == "needed" and not match[2]):
            return BadScan("refuse.unknown_command", text)
        return Command(match[1], match[2])
    if len(text) > CODE_MAX:
        return BadScan("refuse.long_code", text)
    if not _CODE.fullmatch(text):
        return BadScan("refuse.malformed_code", text)
    return BatteryCode(read_code(text).text)
