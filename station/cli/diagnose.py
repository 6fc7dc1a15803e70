"""``station diagnose``: judge recorded tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from station.cli.options import JsonOption, judge_with_adopted_models
from station.cli.output import print_error, print_json, say
from station.errors import StationError


def diagnose(
    files: Annotated[
        list[Path],
        typer.Argument(help="Runs, BDF, Nebula, Neware, Arbin, Maccor, BioLogic text, plain tables."),
    ],
    nominal_capacity: Annotated[float | None, typer.Option("--nominal-capacity", help="Ah.")] = None,
    chemistry: Annotated[str | None, typer.Option("--chemistry", help="If known.")] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="YAML: which column is what, unit, sign, clock.")
    ] = None,
    json: JsonOption = False,
) -> int:
    """Find the pulses in recorded files and state resistance, SOH, chemistry and a verdict.

    Of several files, those that cannot be read are named and the others judged; the exit code is the highest.
    """
    from station.cli.run import print_result
    from station.reports.diagnose import diagnose_file
    from station.reports.exit_codes import exit_code_of

    judge_with_adopted_models()
    results: list[dict[str, Any]] = []
    codes: list[int] = []
    for file in files:
        try:
            result = diagnose_file(
                file, nominal_capacity_Ah=nominal_capacity, chemistry=chemistry, mapping=mapping
            )
        except StationError as error:
            if len(files) == 1:
                raise
            # Of several files one that cannot be read takes nothing from the others.
            result = {"source": str(file), "error": error.as_dict()}
        results.append(result)
        codes.append(result["error"]["exit_code"] if "error" in result else exit_code_of(result))
        if not json:
            say(f"{result['source']}")
            if "error" in result:
                say_error(result["error"])
                continue
            print_blocks(result)
            print_result({**result, "blocks": [] if len(result["blocks"]) > 1 else result["blocks"]})
    if json:
        print_json(results[0] if len(results) == 1 else results)
    return max(codes)


def say_error(error: Mapping[str, Any]) -> None:
    """Why one file of several was not read."""
    print_error(
        error["code"], error["message"], error["remedy"], error["params"], error["exit_code"], as_json=False
    )


def print_blocks(result: dict[str, Any]) -> None:
    """One line per SOC block: what was measured and what it says."""
    if len(result["blocks"]) < 2:
        return
    measured = result.get("measured_soh")
    beside = f"   measured {measured * 100:.1f} %" if measured is not None else ""
    for number, block in enumerate(result["blocks"], 1):
        soh = block["soh"]
        said = (
            f"SOH {soh['estimate'] * 100:5.1f} % [{soh['low90'] * 100:5.1f}, {soh['high90'] * 100:5.1f}]"
            if soh
            else f"no estimate: {block['reason']}"
        )
        say(
            f"  block {number:2}  OCV {block['ocv_V']:.4f} V  {len(block['pulses']):3} pulses  {said}{beside}"
        )
