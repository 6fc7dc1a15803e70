"""Error against test time as an SVG drawing: points of fixed protocols, and the adaptive test's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 60, 20, 40, 50
FIRST_S, LAST_S = 0.8, 2000.0
TICKS_S = (1, 3, 10, 30, 100, 300, 1000)

FIXED_COLOUR, ADAPTIVE_COLOUR = "#5b6770", "#c8500a"


def file_name(name: str) -> str:
    """E.g. ``policy-lfp-20-ah.svg``."""
    return f"policy-{name.lower().replace(' ', '-').replace('.', '_')}.svg"


def of_type(name: str, found: Mapping[str, Any]) -> str:
    """One drawing: single charges where there are any, else the ladder."""
    kind = "single charge" if "single charge" in found else "ladder"
    figures = found[kind]
    top = 1.15 * max(figure["mape"] for figure in figures.values())
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="14">{name}: error against test time ({kind})</text>',
        *_axes(top),
    ]
    for label, figure in figures.items():
        x, y = _x(figure["time_mean_s"]), _y(figure["mape"], top)
        if figure["adaptive"]:
            side = 5.0
            parts.append(
                f'<rect x="{x - side:.1f}" y="{y - side:.1f}" width="{2 * side}" height="{2 * side}" '
                f'fill="none" stroke="{ADAPTIVE_COLOUR}" stroke-width="2"><title>adaptive: {label}</title></rect>'
            )
        else:
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{FIXED_COLOUR}"><title>{label}</title></circle>'
            )
    parts += [_legend(), "</svg>"]
    return "\n".join(parts) + "\n"


def _x(time_s: float) -> float:
    share = math.log(time_s / FIRST_S) / math.log(LAST_S / FIRST_S)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(mape: float, top: float) -> float:
    return HEIGHT - BOTTOM - mape / top * (HEIGHT - TOP - BOTTOM)


def _axes(top: float) -> list[str]:
    floor = HEIGHT - BOTTOM
    parts = [
        f'<path d="M{LEFT} {TOP}V{floor}H{WIDTH - RIGHT}" fill="none" stroke="black"/>',
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 12}" text-anchor="middle">mean test time, s</text>',
        f'<text x="14" y="{HEIGHT / 2}" text-anchor="middle" '
        f'transform="rotate(-90 14 {HEIGHT / 2})">MAPE, %</text>',
    ]
    for tick in TICKS_S:
        parts.append(f'<path d="M{_x(tick):.1f} {floor}v5" stroke="black"/>')
        parts.append(f'<text x="{_x(tick):.1f}" y="{floor + 18}" text-anchor="middle">{tick}</text>')
    for value in range(int(top) + 1):
        y = _y(value, top)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value}</text>')
    return parts


def _legend() -> str:
    x, y = WIDTH - 190, 16
    return (
        f'<circle cx="{x}" cy="{y}" r="4" fill="{FIXED_COLOUR}"/><text x="{x + 10}" y="{y + 4}">fixed</text>'
        f'<rect x="{x + 65}" y="{y - 5}" width="10" height="10" fill="none" stroke="{ADAPTIVE_COLOUR}" '
        f'stroke-width="2"/><text x="{x + 82}" y="{y + 4}">adaptive</text>'
    )
