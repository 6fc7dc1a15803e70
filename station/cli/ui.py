"""``station ui``: the operator window."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from station.cli.options import BenchOption, DataOption, JsonOption, data_folder
from station.cli.output import language, print_json


def ui(
    bench: BenchOption = "demo",
    data: DataOption = None,
    lang: Annotated[str, typer.Option("--lang", help="zh or en.")] = "",
    fullscreen: Annotated[bool, typer.Option("--fullscreen")] = False,
    json: JsonOption = False,
) -> int:
    """Open the operator window on a bench."""
    exit_code = open_window(bench, data_folder(data), lang or language(), fullscreen)
    if json:
        print_json({"window": "closed", "exit_code": exit_code})
    return exit_code


def open_window(bench: str, data: Path, lang: str, fullscreen: bool) -> int:
    """Open the window; a clear word when the window's libraries are not installed."""
    from station.errors import UsageError

    try:
        from station.ui.app import main
    except ImportError as error:
        raise UsageError(
            f"the window's libraries are missing: {error}",
            remedy="install pulse-station[window], on Debian also what run.py installs",
            code="ui.libraries_missing",
        ) from error
    arguments = ["--bench", bench, "--data", str(data), "--lang", lang]
    return main(arguments + (["--fullscreen"] if fullscreen else []))
