"""A drawing of lines, boxes and words that becomes SVG or PNG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Box:
    """Filled, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    fill: str


@dataclass(frozen=True)
class Line:
    """Through ``points``; ``dashed`` for limits."""

    points: Sequence[Point]
    colour: str
    width: float = 1.0
    dashed: bool = False


@dataclass(frozen=True)
class Word:
    """Its base line begins, has its middle or ends at ``x``, ``y``."""

    x: float
    y: float
    text: str
    size: float = 11.0
    anchor: Anchor = "start"
    colour: str = "#333333"


@dataclass
class Sketch:
    """``width`` and ``height`` in pixels; y grows downwards. Parts are drawn in their order."""

    width: int
    height: int
    parts: list[Box | Line | Word] = field(default_factory=list)

    def add(self, *parts: Box | Line | Word) -> None:
        """Draw these on top."""
        self.parts.extend(parts)

    def save(self, path: Path) -> None:
        """Write ``path`` as its ending says: .svg or .png. Raises ValueError, OSError."""
        if path.suffix == ".svg":
            path.write_text(self.svg(), encoding="utf-8")
        elif path.suffix == ".png":
            _png(self, path)
        else:
            raise ValueError(f"{path}: a picture is .svg or .png")

    def svg(self) -> str:
        """The drawing as SVG text."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" '
            f'viewBox="0 0 {self.width} {self.height}" font-family="sans-serif">'
        )
        body = "\n".join(_element(part) for part in self.parts)
        return f'{head}\n<rect width="100%" height="100%" fill="#ffffff"/>\n{body}\n</svg>\n'


def _element(part: Box | Line | Word) -> str:
    if isinstance(part, Box):
        return (
            f'<rect x="{part.x:.1f}" y="{part.y:.1f}" width="{part.width:.1f}" '
            f'height="{part.height:.1f}" fill="{part.fill}"/>'
        )
    if isinstance(part, Line):
        dash = ' stroke-dasharray="4 3"' if part.dashed else ""
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in part.points)
        return (
            f'<polyline points="{points}" fill="none" stroke="{part.colour}" '
            f'stroke-width="{part.width:g}" stroke-linejoin="round"{dash}/>'
        )
    return (
        f'<text x="{part.x:.1f}" y="{part.y:.1f}" font-size="{part.size:g}" text-anchor="{part.anchor}" '
        f'fill="{part.colour}">{escape(part.text)}</text>'
    )


SCALE = 2
"""A PNG has this many dots to a pixel of the drawing."""


def _png(sketch: Sketch, path: Path) -> None:
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (sketch.width * SCALE, sketch.height * SCALE), "#ffffff")
    draw = ImageDraw.Draw(image)
    for part in sketch.parts:
        if isinstance(part, Box):
            corner = ((part.x + part.width) * SCALE, (part.y + part.height) * SCALE)
            draw.rectangle((part.x * SCALE, part.y * SCALE, *corner), fill=part.fill)
        elif isinstance(part, Line):
            points = [(x * SCALE, y * SCALE) for x, y in part.points]
            for begin, end in _dashes(points) if part.dashed else [(points, None)]:
                line = begin if end is None else [begin, end]
                draw.line(line, fill=part.colour, width=max(1, round(part.width * SCALE)))  # type: ignore[arg-type]
        else:
            font = ImageFont.load_default(part.size * SCALE)
            anchor = {"start": "ls", "middle": "ms", "end": "rs"}[part.anchor]
            draw.text((part.x * SCALE, part.y * SCALE), part.text, fill=part.colour, font=font, anchor=anchor)
    image.save(path, optimize=True)


def _dashes(points: Sequence[Point]) -> list[tuple[Point, Point]]:
    """Straight pieces of a line from its first to its last point."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    length = max(abs(x1 - x0), abs(y1 - y0))
    count = max(1, int(length / (7 * SCALE)))
    pieces = []
    for n in range(count):
        a, b = n / count, (n + 0.55) / count
        pieces.append(((x0 + (x1 - x0) * a, y0 + (y1 - y0) * a), (x0 + (x1 - x0) * b, y0 + (y1 - y0) * b)))
    return pieces
