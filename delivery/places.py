"""Where the delivery is made, from what."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from station import __version__

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
DIST = ROOT / "dist"
BUNDLE = DIST / "pulse-station"
WHEELHOUSE = DIST / "pulse-station-wheelhouse"


def archive(kind: str) -> Path:
    """The packed form of ``kind``; its name tells version, system and processor."""
    system = f"{sys.platform}-{platform.machine()}".lower()
    return DIST / f"pulse-station-{kind}-{__version__}-{system}.tar.gz"


def size_bytes(folder: Path) -> int:
    """What the files below ``folder`` hold, links not followed."""
    return sum(item.lstat().st_size for item in folder.rglob("*") if item.is_file() and not item.is_symlink())


def megabytes(size: int) -> str:
    """``size`` in MB of 10⁶ bytes."""
    return f"{size / 1e6:.0f} MB"
