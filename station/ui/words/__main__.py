"""``python -m station.ui.words``: bring the translation up to date after words were added or changed.

Collects the words of this package into ``station_zh_CN.ts`` and compiles that into ``station_zh_CN.qm``, both
by Qt's own tools. Exit code 1 while a translation is missing: fill it in with ``pyside6-linguist`` or an
editor, then run this again.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).parent
TS, QM = "station_zh_CN.ts", "station_zh_CN.qm"


def collect(folder: Path) -> None:
    """Let the list of words in ``folder`` be exactly those of the sources: new ones come, unused ones go."""
    words = sorted(str(path) for path in HERE.glob("*.py"))
    languages = ("-source-language", "en", "-target-language", "zh_CN")
    _tool("lupdate", *words, "-no-obsolete", "-locations", "none", *languages, "-ts", str(folder / TS))


def release(folder: Path) -> str:
    """Compile the translation in ``folder``; what the tool says of it."""
    return _tool("lrelease", str(folder / TS), "-qm", str(folder / QM))


def _tool(name: str, *arguments: str) -> str:
    program = Path(sysconfig.get_path("scripts")) / f"pyside6-{name}"
    done = subprocess.run([program, *arguments], check=True, capture_output=True, text=True, encoding="utf-8")
    return done.stdout + done.stderr


def main() -> int:
    """Both steps; prints what was compiled."""
    collect(HERE)
    said = release(HERE)
    sys.stdout.write(said)
    return 0 if "(" in said and " 0 unfinished" in said and "Ignored" not in said else 1


if __name__ == "__main__":
    sys.exit(main())
