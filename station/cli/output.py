"""What the commands print: results on stdout, all else on stderr; one JSON object with ``--json``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

LANGUAGES = ("zh", "en")


def language() -> str:
    """``STATION_LANG``, else the locale: Chinese or English."""
    wanted = os.environ.get("STATION_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or "en"
    return "zh" if wanted.lower().startswith("zh") else "en"


def print_json(data: Any) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False) + "\n")
    sys.stdout.flush()


def say(text: str = "") -> None:
    """A line of result on stdout."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """A line for people on stderr."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def progress(text: str) -> None:
    """A line that replaces itself on a terminal; nothing elsewhere."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[2K" + text)
        sys.stderr.flush()


def progress_done() -> None:
    """End the self-replacing line."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[2K")
        sys.stderr.flush()


def print_error(
    code: str, message: str, remedy: str, params: dict[str, Any], exit_code: int, as_json: bool
) -> None:
    """An error in the reader's language with its remedy; as one object on stdout with ``--json``."""
    if as_json:
        body = {"code": code, "message": message, "remedy": remedy, "params": params, "exit_code": exit_code}
        sys.stdout.write(json.dumps({"error": body}, ensure_ascii=False, default=str, indent=2) + "\n")
        return
    from station.messages import say as translate

    told = translate(code, params, language(), fallback=message, fallback_remedy=remedy)
    note(f"error [{code}]: {told.text}")
    own = remedy if code.startswith("profile.") else ""  # says what to write at this very place
    if language() != "en" or told.text != message:
        note(f"  {message}" + (f" ({own})" if own and language() != "en" else ""))
    advice = own if own and language() == "en" else told.remedy
    if advice:
        note(f"  → {advice}")


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table on stdout, as wide as the terminal (120 columns where there is none)."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    wide = None if sys.stdout.isatty() else 120
    Console(file=sys.stdout, width=wide, highlight=False, markup=False).print(table)
