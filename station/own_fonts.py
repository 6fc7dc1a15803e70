"""Fonts that a bundle brings along, for computers without a Chinese one."""

from __future__ import annotations

import sys
from pathlib import Path

from station.child_program import bundled


def own_fonts() -> list[Path]:
    """Font files of the bundle; none when the program does not run from one."""
    if not bundled():
        return []
    folder = Path(str(getattr(sys, "_MEIPASS", "."))) / "fonts"
    return sorted([*folder.glob("*.ttc"), *folder.glob("*.ttf")])
