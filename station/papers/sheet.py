"""A4 pages with the papers' font: text that fits, tables, and a band on every page of a simulated run."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any, Final

from station.papers.codes import Kind, matrix
from station.papers.fonts import pdf_font
from station.papers.words import Words

MM: Final = 72 / 25.4
INK: Final = (0.13, 0.13, 0.13)
SOFT: Final = (0.38, 0.38, 0.38)
RULE: Final = (0.72, 0.72, 0.72)
ALARM: Final = (0.69, 0.0, 0.13)
WIDTH: Final = 210 * MM
HEIGHT: Final = 297 * MM
MARGIN: Final = 16 * MM
INNER: Final = WIDTH - 2 * MARGIN
BOTTOM: Final = 20 * MM


class Sheet:
    """A PDF in the making; ``y`` is where the next line goes, in points from the bottom.

    ``foot`` stands at the bottom of each page beside its number. ``simulated`` puts a band at the top.
    """

    def __init__(self, words: Words, *, title: str, foot: str, simulated: bool = False) -> None:
        from reportlab.pdfgen.canvas import Canvas

        self.words = words
        self.font = pdf_font()
        self._foot, self._simulated = foot, simulated
        self._buffer = io.BytesIO()
        self.canvas: Any = Canvas(self._buffer, pagesize=(WIDTH, HEIGHT), pageCompression=1, lang=words.lang)
        self.canvas.setTitle(title)
        self.canvas.setCreator("Pulse Station")
        self.page = 0
        self.y = 0.0
        self._begin()

    def _begin(self) -> None:
        self.page += 1
        self.y = HEIGHT - MARGIN
        if self._simulated:
            band = 11 * MM
            self.canvas.setFillColorRGB(*ALARM)
            self.canvas.rect(0, HEIGHT - band, WIDTH, band, stroke=0, fill=1)
            self.at(WIDTH / 2, HEIGHT - 7.2 * MM, self.words("simulated_band"), 12, (1, 1, 1), "middle")
            self.y = HEIGHT - band - 8 * MM
        self.canvas.setStrokeColorRGB(*RULE)
        self.canvas.line(MARGIN, 13 * MM, WIDTH - MARGIN, 13 * MM)
        self.at(MARGIN, 9 * MM, self._foot, 7.5, SOFT)
        self.at(WIDTH - MARGIN, 9 * MM, self.words("page", n=self.page), 7.5, SOFT, "end")

    def new_page(self) -> None:
        """End this page."""
        self.canvas.showPage()
        self._begin()

    def need(self, points: float) -> None:
        """Begin a new page when there is less room than that."""
        if self.y - points < BOTTOM:
            self.new_page()

    def done(self) -> bytes:
        """The finished PDF."""
        self.canvas.showPage()
        self.canvas.save()
        return self._buffer.getvalue()

    # -- text ----------------------------------------------------------------------------------

    def width(self, text: str, size: float) -> float:
        """Width in points."""
        from reportlab.pdfbase.pdfmetrics import stringWidth

        return float(stringWidth(text, self.font, size))

    def at(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        color: tuple[float, float, float] = INK,
        anchor: str = "start",
        room: float | None = None,
    ) -> float:
        """One line at a place, made smaller until it fits into ``room``. Returns the size used."""
        while room is not None and size > 4 and self.width(text, size) > room:
            size -= 0.5
        self.canvas.setFillColorRGB(*color)
        self.canvas.setFont(self.font, size)
        draw: dict[str, Callable[[float, float, str], None]] = {
            "start": self.canvas.drawString,
            "middle": self.canvas.drawCentredString,
            "end": self.canvas.drawRightString,
        }
        draw[anchor](x, y, text)
        return size

    def wrapped(self, text: str, size: float, room: float) -> list[str]:
        """Lines no wider than ``room``: broken at spaces, between Chinese characters, else anywhere."""
        lines: list[str] = []
        for paragraph in text.split("\n"):
            line = ""
            for piece in _pieces(paragraph):
                if self.width(line + piece.rstrip(), size) <= room:
                    line += piece
                    continue
                if line:
                    lines.append(line.rstrip())
                    line = ""
                while self.width(piece, size) > room and len(piece) > 1:
                    cut = next(
                        (n for n in range(len(piece) - 1, 0, -1) if self.width(piece[:n], size) <= room), 1
                    )
                    lines.append(piece[:cut])
                    piece = piece[cut:]
                line = piece
            lines.append(line.rstrip())
        return lines

    def text(
        self, text: str, size: float = 9, color: tuple[float, float, float] = INK, indent: float = 0.0
    ) -> None:
        """A paragraph, over pages if need be."""
        for line in self.wrapped(text, size, INNER - indent):
            self.need(size * 1.5)
            self.y -= size * 1.45
            self.at(MARGIN + indent, self.y, line, size, color)

    def heading(self, text: str, room_below: float = 30) -> None:
        """A section's title, kept together with what follows."""
        self.need(24 + room_below)
        self.y -= 22
        self.at(MARGIN, self.y, text, 11.5)
        self.y -= 4
        self.canvas.setStrokeColorRGB(*RULE)
        self.canvas.line(MARGIN, self.y, WIDTH - MARGIN, self.y)
        self.y -= 2

    def table(
        self, rows: Sequence[Sequence[str]], shares: Sequence[float], *, head: bool = True, size: float = 8
    ) -> None:
        """Rows of text in columns by ``shares`` of the width; long cells wrap; the head comes again."""
        widths = [INNER * share / sum(shares) for share in shares]
        for number, row in enumerate(rows):
            cells = [self.wrapped(cell, size, width - 5) for cell, width in zip(row, widths, strict=True)]
            height = max(map(len, cells)) * size * 1.35 + 3
            if self.y - height < BOTTOM:
                self.new_page()
                if head and number:
                    self._row(
                        [self.wrapped(c, size, w - 5) for c, w in zip(rows[0], widths, strict=True)],
                        widths, size, SOFT,
                    )  # fmt: skip
            self._row(cells, widths, size, SOFT if head and number == 0 else INK)

    def _row(
        self,
        cells: list[list[str]],
        widths: list[float],
        size: float,
        color: tuple[float, float, float],
    ) -> None:
        x, height = MARGIN, max(map(len, cells)) * size * 1.35 + 3
        for lines, width in zip(cells, widths, strict=True):
            for number, line in enumerate(lines):
                self.at(x, self.y - size * (1.2 + 1.35 * number), line, size, color)
            x += width
        self.y -= height
        self.canvas.setStrokeColorRGB(0.88, 0.88, 0.88)
        self.canvas.line(MARGIN, self.y, WIDTH - MARGIN, self.y)

    # -- codes ---------------------------------------------------------------------------------

    def code(self, text: str, kind: Kind, x: float, y: float, side: float, height: float = 0.0) -> None:
        """A code, its lower left corner at a place; ``side``: width without quiet zone, in points."""
        modules = matrix(text, kind)
        unit = side / modules.shape[1]
        tall = height or unit
        self.canvas.setFillColorRGB(0, 0, 0)
        path = self.canvas.beginPath()
        for r, row in enumerate(modules):
            begin = None
            for c, dark in enumerate([*row, False]):
                if dark and begin is None:
                    begin = c
                elif not dark and begin is not None:
                    low = y + (len(modules) - 1 - r) * tall
                    path.rect(x + begin * unit, low, (c - begin) * unit, tall)
                    begin = None
        self.canvas.drawPath(path, stroke=0, fill=1)


def _pieces(text: str) -> list[str]:
    """Where a line may be broken: behind a space, and on both sides of a Chinese character."""
    pieces: list[str] = []
    word = ""
    for character in text:
        if "\u2e80" <= character <= "\uffef":
            if character in "，。；：、！？）】》%" and (word or pieces):  # never at a line's beginning
                if word:
                    word += character
                else:
                    pieces[-1] += character
                continue
            if word:
                pieces.append(word)
                word = ""
            pieces.append(character)
        else:
            word += character
            if character == " ":
                pieces.append(word)
                word = ""
    return [*pieces, word] if word else pieces
