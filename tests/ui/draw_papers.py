"""``python -m tests.ui.draw_papers DATA RUN``: a run on record as report and certificate (docs/pictures)."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import pypdfium2

from tests.ui.flowing import SCREENS

SCALE: Final = 1.18


def main() -> None:
    """The first page of each, in both languages, by the command that a person uses."""
    data, run = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        for paper in ("report", "certificate"):
            for lang in ("en", "zh"):
                pdf = Path(folder) / f"{paper}-{lang}.pdf"
                command = [paper, run, "--lang", lang, "-o", str(pdf), "--data", data]
                subprocess.run([sys.executable, "-m", "station.cli.main", *command], check=True)
                with pypdfium2.PdfDocument(pdf) as document:
                    picture = document[0].render(scale=SCALE).to_pil().convert("P", colors=64)
                picture.save(SCREENS.parent / "pictures" / f"papers-{paper}-{lang}.png", optimize=True)


if __name__ == "__main__":
    main()
