"""``python -m tests.soak [--hours 8] [--speed 100] [--report FILE]``; exit code 1 with any finding."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.soak.report import markdown, problems
from tests.soak.soak import soak


def main() -> int:
    """Run the soak, print and write the page; with ``--window`` that of the operator window alone."""
    if "--window" in sys.argv[1:]:
        from tests.soak.window import main as of_window

        return of_window([word for word in sys.argv[1:] if word != "--window"])
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--hours", type=float, default=8.0, help="bench hours")
    parser.add_argument("--speed", type=float, default=100.0, help="bench seconds per real second")
    parser.add_argument("--channels", type=int, default=2)
    parser.add_argument("--report", type=Path, default=None, help="write the page there")
    options = parser.parse_args()

    def tell(text: str) -> None:
        sys.stderr.write(f"\r{text} ")
        sys.stderr.flush()

    found = soak(options.hours, speed=options.speed, channels=options.channels, tell=tell)
    page = markdown(found)
    sys.stderr.write("\n")
    sys.stdout.write(page)
    if options.report is not None:
        options.report.write_text(page, encoding="utf-8")
    return 1 if problems(found) else 0


if __name__ == "__main__":
    sys.exit(main())
