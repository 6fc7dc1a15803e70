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
    fullscreen: Annotated[
        bool | None,
        typer.Option("--fullscreen/--windowed", help="[default: the whole screen on a real bench]"),
    ] = None,
    scanner: Annotated[
        str | None,
        typer.Option(
            "--scanner",
            metavar="PORT[@BAUD]",
            help="Serial port of a barcode scanner [default: STATION_SCANNER, or the bench file's].",
        ),
    ] = None,
    json: JsonOption = False,
) -> int:
    """Open the operator window on a bench."""
    exit_code = open_window(bench, data_folder(data), lang or language(), fullscreen, scanner)
    if json:
        print_json({"window": "closed", "exit_code": exit_code})
    return exit_code


def open_window(
    bench: str, data: Path, lang: str, fullscreen: bool | None = None, scanner: str | None = None
) -> int:
    """Open the window; a clear word when the window's libraries are not installed."""
    from station.errors import UsageError

    try:
        from station.ui.app import main
        from station.ui.serialscanner import port_and_baud
    except ImportError as error:
        raise UsageError(
            f"the window's libraries are missing: {error}",
            remedy="install pulse-station[window], on Debian also what run.py installs",
            code="ui.libraries_missing",
        ) from error
    arguments = ["--bench", bench, "--data", str(data), "--lang", lang]
    if fullscreen is not None:
        arguments.append("--fullscreen" if fullscreen else "--windowed")
    if scanner:
        try:
            port_and_baud(scanner)
        except ValueError as error:
            raise UsageError(
                f"{scanner}: not a serial port with its speed",
                remedy="give PORT or PORT@BAUD, for example /dev/ttyACM0@115200",
                code="ui.scanner_port",
                port=scanner,
            ) from error
        arguments += ["--scanner", scanner]
    return main(arguments)
