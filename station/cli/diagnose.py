"""``station diagnose``: judge recorded tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from station.cli.options import JsonOption, judge_with_adopted_models
from station.cli.output import language, print_error, print_json, say
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


_BLOCK = {
    "zh": "  第 {number:2} 组  OCV {ocv_V:.4f} V  {pulses:3} 个脉冲  {said}{beside}",
    "en": "  block {number:2}  OCV {ocv_V:.4f} V  {pulses:3} pulses  {said}{beside}",
}
_NO_ESTIMATE = {"zh": "无估计：{why}", "en": "no estimate: {why}"}
_MEASURED = {"zh": "   实测 {soh:.1f} %", "en": "   measured {soh:.1f} %"}


def print_blocks(result: dict[str, Any]) -> None:
    """One line per SOC block: what was measured and what it says."""
    if len(result["blocks"]) < 2:
        return
    from station.messages.reasons import reason_of

    lang = language()
    measured = result.get("measured_soh")
    beside = _MEASURED[lang].format(soh=measured * 100) if measured is not None else ""
    for number, block in enumerate(result["blocks"], 1):
        soh, reason = block["soh"], reason_of(block)
        said = (
            f"SOH {soh['estimate'] * 100:5.1f} % [{soh['low90'] * 100:5.1f}, {soh['high90'] * 100:5.1f}]"
            if soh
            else _NO_ESTIMATE[lang].format(why=reason.said(lang).text if reason else "–")
        )
        pulses = len(block["pulses"])
        say(_BLOCK[lang].format(number=number, ocv_V=block["ocv_V"], pulses=pulses, said=said, beside=beside))
