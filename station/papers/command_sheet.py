"""A sheet of command barcodes: the whole station by scanner, in gloves. Never an emergency stop.

The grammar is the window's (``station.ui.codes``). Forcing a channel off is not on the sheet: it is the last
resort after a stop in vain, and is done at the window, where the channel is in sight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from station.papers.codes import Kind
from station.papers.sheet import BOTTOM, INNER, MARGIN, MM, SOFT, Sheet
from station.papers.words import Words

COMMANDS = ("START", "NEXT", "STOP", "PAUSE", "RESUME", "ACK", "YES", "NO", "REPRINT", "STOPALL")
OF_CHANNEL = ("CHANNEL", "STOP")
_ACROSS = 3
_ROW = 50 * MM


@dataclass(frozen=True)
class Command:
    """One barcode: what it says, and the word of it with its channel, if any."""

    text: str
    word: str
    channel: str = ""


def commands(channels: Sequence[str], profiles: Sequence[str] = ()) -> list[Command]:
    """All commands of a sheet for these channels and profiles."""
    found = [Command(f"#CMD#{word}#", word) for word in COMMANDS]
    found += [Command(f"#CMD#{word},{c.upper()}#", word, c) for c in channels for word in OF_CHANNEL]
    return found + [Command(f"#CMD#PROFILE,{name.upper()}#", "PROFILE", name) for name in profiles]


def command_sheet_pdf(
    channels: Sequence[str], profiles: Sequence[str], lang: str, kind: Kind = "qr"
) -> bytes:
    """The sheet as PDF, both languages under each code, the title in ``lang``. Raises PaperError."""
    words = Words(lang)
    sheet = Sheet(words, title=words("commands"), foot=f"Pulse Station · {words('commands')}")
    _title(sheet, words)
    both = (Words("zh"), Words("en"))
    width = INNER / _ACROSS
    for number, command in enumerate(commands(channels, profiles)):
        column = number % _ACROSS
        if column == 0:
            if number:
                sheet.y -= _ROW
            if sheet.y - _ROW < BOTTOM:
                sheet.new_page()
                _title(sheet, words)
        _cell(sheet, command, MARGIN + column * width, width, both, kind)
    return sheet.done()


def _title(sheet: Sheet, words: Words) -> None:
    sheet.y -= 16
    sheet.at(MARGIN, sheet.y, words("commands"), 16)
    sheet.text(words("commands_note"), 8.5, SOFT)
    sheet.y -= 8


def _cell(
    sheet: Sheet, command: Command, x: float, width: float, both: tuple[Words, Words], kind: Kind
) -> None:
    top = sheet.y
    canvas = sheet.canvas
    canvas.setStrokeColorRGB(0.72, 0.72, 0.72)
    canvas.rect(x + 2, top - _ROW + 4, width - 4, _ROW - 6, stroke=1, fill=0)
    middle = x + width / 2
    if kind == "code128":
        sheet.code(command.text, kind, x + 6 * MM, top - 28 * MM, width - 12 * MM, 18 * MM)
    else:
        side = 23 * MM
        sheet.code(command.text, kind, middle - side / 2, top - side - 5 * MM, side)
    for words, low, size in ((both[0], 36, 14), (both[1], 41.5, 10)):
        said = words(f"command_{command.word}", channel=command.channel)
        if command.word == "STOP" and command.channel:
            said = words("command_STOP_channel", channel=command.channel)
        sheet.at(middle, top - low * MM, said, size, anchor="middle", room=width - 10)
    sheet.at(middle, top - 45.5 * MM, command.text, 6.5, SOFT, "middle", width - 10)
