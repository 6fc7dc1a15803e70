"""The one font of all papers: WenQuanYi Micro Hei, a TrueType font with Chinese and Latin glyphs.

It is embedded in every PDF. TrueType outlines are needed: Noto's CJK fonts have PostScript outlines, which
cannot be embedded here, and make text extraction turn 力 into a radical in other programs.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any, Final

from station.papers.errors import PaperError

FONT_SETTING: Final = "STATION_FONT"
NAME: Final = "MicroHei"
_PLACES: Final = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc",
    "/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc",
    "/usr/local/share/fonts/wqy-microhei.ttc",
    "~/.local/share/fonts/wqy-microhei.ttc",
    "~/.fonts/wqy-microhei.ttc",
    "C:/Windows/Fonts/wqy-microhei.ttc",
    "C:/Windows/Fonts/simhei.ttf",
)


def font_file() -> Path:
    """By ``STATION_FONT``, else where systems keep it. Raises PaperError (``paper.font_missing``)."""
    wanted = os.environ.get(FONT_SETTING)
    places = [wanted] if wanted else list(_PLACES)
    for place in places:
        path = Path(place).expanduser()
        if path.is_file():
            return path
    raise PaperError(
        f"there is no font with Chinese characters at {wanted}"
        if wanted
        else "the font WenQuanYi Micro Hei is not installed",
        remedy="install the package fonts-wqy-microhei, or name a TrueType font with Chinese glyphs in "
        f"{FONT_SETTING}",
        code="paper.font_missing",
        place=wanted or "",
    )


@cache
def _registered(path: str) -> str:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    try:
        pdfmetrics.registerFont(TTFont(NAME, path, subfontIndex=0))
    except (TTFError, OSError) as error:
        raise PaperError(
            f"the font {path} cannot be embedded: {error}",
            remedy=f"name a TrueType font with Chinese glyphs in {FONT_SETTING}",
            code="paper.font_unusable",
            file=path,
            reason=str(error),
        ) from error
    return NAME


def pdf_font() -> str:
    """The font's name for reportlab, registered. Raises PaperError."""
    return _registered(str(font_file()))


@cache
def _loaded(path: str, size_px: int) -> Any:
    from PIL import ImageFont

    try:
        return ImageFont.truetype(path, size_px)
    except OSError as error:
        raise PaperError(
            f"the font {path} cannot be read: {error}",
            remedy=f"name a TrueType font with Chinese glyphs in {FONT_SETTING}",
            code="paper.font_unusable",
            file=path,
            reason=str(error),
        ) from error


def bitmap_font(size_px: int) -> Any:
    """The font for bitmaps at ``size_px`` pixels. Raises PaperError."""
    return _loaded(str(font_file()), size_px)
