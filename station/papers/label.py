"""Labels as bitmaps of one bit: what the printer gets is what the preview shows.

No printer font is used, so Chinese looks the same on every printer. Text is made smaller until it fits, and
broken over lines when it would become too small; what cannot fit at all raises, and nothing is cut.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from station.papers.codes import QUIET, Kind, matrix
from station.papers.errors import PaperError
from station.papers.facts import RunFacts
from station.papers.fonts import bitmap_font
from station.papers.words import Words

if TYPE_CHECKING:
    from PIL import Image

SMALLEST_MM = 1.5
"""Height of the smallest text, in mm of type size."""


@dataclass(frozen=True)
class LabelSize:
    """A label in mm and its printer's dots per inch."""

    width_mm: float = 60.0
    height_mm: float = 40.0
    dpi: int = 203

    @property
    def dots_per_mm(self) -> float:
        """203 dpi are 8 dots per mm on every such printer, 300 dpi 12 (11.8 in truth)."""
        return {203: 8.0, 300: 11.8, 600: 23.6}.get(self.dpi, self.dpi / 25.4)

    @property
    def dots(self) -> tuple[int, int]:
        """Width and height in dots; the width a multiple of 8, rounded down."""
        per_mm = self.dots_per_mm
        return int(self.width_mm * per_mm) // 8 * 8, int(self.height_mm * per_mm)


@dataclass(frozen=True)
class LabelText:
    """What stands on a label; ``code`` goes into the symbol as it is."""

    code: str
    big_zh: str
    big_en: str
    grade: str = ""
    number: str = ""
    interval: str = ""
    foot: str = ""
    simulated: bool = False


def run_label(facts: RunFacts) -> LabelText:
    """The label of a tested battery."""
    soh = facts.soh
    return LabelText(
        code=facts.battery,
        big_zh=Words("zh")(f"verdict_{facts.kind}"),
        big_en=Words("en")(f"verdict_{facts.kind}"),
        grade=facts.grade or "",
        number=f"SOH {soh.estimate * 100:.1f} %" if soh else "SOH –",
        interval=f"{soh.coverage:.0%}: {soh.low * 100:.1f}–{soh.high * 100:.1f} %" if soh else "",
        foot=f"{facts.started.astimezone():%Y-%m-%d} · {facts.run_id[-6:]}",
        simulated=facts.simulated,
    )


def own_id_label(code: str, made: date, *, simulated: bool = False) -> LabelText:
    """The label of a battery without a code, printed before its test."""
    return LabelText(
        code=code,
        big_zh=Words("zh")("own_id"),
        big_en=Words("en")("own_id"),
        foot=f"{made:%Y-%m-%d} · {Words('zh')('not_tested')} {Words('en')('not_tested')}",
        simulated=simulated,
    )


def draw_label(text: LabelText, size: LabelSize | None = None, kind: Kind = "datamatrix") -> Image.Image:
    """The label as an image of mode ``1`` (0 is black). Raises PaperError (``paper.label_too_small``)."""
    from PIL import Image, ImageDraw

    size = size or LabelSize()
    width, height = size.dots
    image = Image.new("1", (width, height), 1)
    pen = _Pen(ImageDraw.Draw(image), size)
    per_mm = size.dots_per_mm
    edge = round(1.5 * per_mm)
    left, right, y, bottom = edge, width - edge, edge, height - edge
    if text.simulated:
        band = round(height * 0.12)
        pen.draw.rectangle((0, height - band, width, height), fill=0)
        pen.line("模拟 SIMULATED 模拟", (edge, height - band + 1, right, height - 1), fill=1, middle=True)
        bottom = height - band - round(0.5 * per_mm)
    room = bottom - y
    head = y + round(room * 0.36)
    if text.grade:
        box = head - y
        pen.draw.rectangle((right - box, y, right, head), outline=0, width=max(2, round(0.35 * per_mm)))
        pen.line(
            text.grade, (right - box * 5 // 6, y + box // 6, right - box // 6, head - box // 6), middle=True
        )
        right_of_head = right - box - round(per_mm)
    else:
        right_of_head = right
    # 合格 is short, QUARANTINE long: each line takes the size that its own length allows.
    split = y + round((head - y) * 0.66)
    pen.line(text.big_zh, (left, y, right_of_head, split - round(0.4 * per_mm)))
    pen.line(text.big_en, (left, split + round(0.4 * per_mm), right_of_head, head))
    below = head + round(0.8 * per_mm)
    symbol_right = left + pen.symbol(
        image, text.code, kind, (left, below, left + round((right - left) * 0.42), bottom)
    )
    x = symbol_right + round(1.2 * per_mm)
    rows: list[tuple[str, float]] = [(text.number, 1.25), (text.interval, 0.85)] if text.number else []
    code_weight = 1.0 if len(text.code) <= 16 else 1.9
    shares = [*(row for row in rows if row[0]), (text.code, code_weight if rows else 2.4), (text.foot, 0.75)]
    step = (bottom - below) / sum(share for _, share in shares)
    at = float(below)
    for said, share in shares:
        place = (x, round(at), right, round(at + step * share))
        if said is text.code:
            pen.lines(said, place)
        else:
            pen.line(said, place)
        at += step * share
    return image


def png(image: Image.Image) -> bytes:
    """The very bitmap as PNG, for a preview."""
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def packed(image: Image.Image) -> tuple[int, int, bytes]:
    """Width, height and rows of whole bytes in which 1 is black, as printers want them."""
    return image.width, image.height, bytes(byte ^ 0xFF for byte in image.tobytes())


class _Pen:
    def __init__(self, draw: Any, size: LabelSize) -> None:
        self.draw = draw
        draw.fontmode = "1"
        self._smallest = max(8, round(SMALLEST_MM * size.dots_per_mm))
        self._size = size

    def line(self, text: str, box: tuple[int, int, int, int], *, fill: int = 0, middle: bool = False) -> None:
        """One line, as large as the box allows."""
        left, top, right, bottom = box
        px = self._largest(text, right - left, bottom - top)
        if px is None:
            raise self._too_small(text)
        inked = self.draw.textbbox((0, 0), text, font=bitmap_font(px))
        x = left + ((right - left) - (inked[2] - inked[0])) // 2 if middle else left
        y = top + ((bottom - top) - (inked[3] - inked[1])) // 2
        self.draw.text((x - inked[0], y - inked[1]), text, font=bitmap_font(px), fill=fill)

    def _largest(self, text: str, width: int, height: int) -> int | None:
        """The largest type size (px) at which the ink fits; None when even the smallest does not."""
        low, high, found = self._smallest, max(height, self._smallest) * 2, None
        while low <= high:
            px = (low + high) // 2
            inked = self.draw.textbbox((0, 0), text, font=bitmap_font(px))
            if inked[2] - inked[0] <= width and inked[3] - inked[1] <= height:
                low, found = px + 1, px
            else:
                high = px - 1
        return found

    def lines(self, text: str, box: tuple[int, int, int, int]) -> None:
        """A code over as many lines of equal length as make it largest."""
        left, top, right, bottom = box
        best: tuple[int, list[str]] = (0, [])
        for count in range(1, 6):
            length = -(-len(text) // count)
            parts = [text[n : n + length] for n in range(0, len(text), length)]
            # An eighth of a line's height stays free between two lines.
            height = (bottom - top) // len(parts) * 7 // 8
            sizes = [self._largest(part, right - left, height) for part in parts]
            px = min((size for size in sizes if size is not None), default=0)
            if None not in sizes and px > best[0]:
                best = (px, parts)
        px, parts = best
        if not parts:
            raise self._too_small(text)
        step = (bottom - top) / len(parts)
        for number, part in enumerate(parts):
            inked = self.draw.textbbox((0, 0), part, font=bitmap_font(px))
            y = round(top + number * step + (step - (inked[3] - inked[1])) / 2)
            self.draw.text((left - inked[0], y - inked[1]), part, font=bitmap_font(px), fill=0)

    def symbol(self, image: Any, text: str, kind: Kind, box: tuple[int, int, int, int]) -> int:
        """A code, as large as whole dots per module allow. Returns its width with quiet zone, in dots."""
        from PIL import Image

        modules = matrix(text, kind)
        quiet = QUIET[kind]
        rows, columns = modules.shape
        dots = min((box[2] - box[0]) // (columns + quiet), (box[3] - box[1]) // (rows + quiet))
        if dots < max(2, round(0.25 * self._size.dots_per_mm)):
            raise self._too_small(text)
        drawn = Image.fromarray((~modules).astype("uint8") * 255).convert("1")
        drawn = drawn.resize((columns * dots, rows * dots), Image.Resampling.NEAREST)
        y = box[1] + ((box[3] - box[1]) - rows * dots) // 2
        image.paste(drawn, (box[0], y))
        return int((columns + quiet) * dots)

    def _too_small(self, text: str) -> PaperError:
        return PaperError(
            f"{text!r} does not fit on a label of {self._size.width_mm:g} mm x {self._size.height_mm:g} mm",
            remedy="use a larger label or a shorter code",
            code="paper.label_too_small",
            text=text,
            width_mm=self._size.width_mm,
            height_mm=self._size.height_mm,
        )
