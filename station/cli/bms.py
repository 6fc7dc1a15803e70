"""``station bms``: recordings, what a pack remembers, its signals live. Nothing is ever written to a pack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from station.cli.options import JsonOption
from station.cli.output import language, note, print_json, progress, progress_done, say

if TYPE_CHECKING:
    from drivers.bms.family import Family

app = typer.Typer(help="Packs' own management systems.", no_args_is_help=True)
FamilyOption = Annotated[
    str, typer.Option("--family", help="Family of packs, or a YAML file describing one.")
]
ChannelOption = Annotated[str, typer.Option("--channel", help="Bus in the recording [default: what fits].")]


@app.command("families")
def families(json: JsonOption = False) -> None:
    """The families that are described, and how well their facts are known."""
    from drivers.bms.family import families, load_family

    rows = [_row(load_family(name)) for name in families()]
    if json:
        print_json({"families": rows})
        return
    for row in rows:
        say(f"{row['family']:18} {row['bus']:7} {row['evidence']:10} {row['title']}")


def _row(family: Family) -> dict[str, Any]:
    model = family.model
    names = {field.name: field for field in family.fields()}
    cells = names.get("cell_voltage_V")
    return {
        "family": model.family,
        "title": model.title,
        "bus": model.bus,
        "bitrate": model.line.baudrate if model.line else model.bitrate,
        "evidence": model.evidence,
        "evidence_note": model.evidence_note,
        "proved_by": model.proved_by,
        "cells": model.cells,
        "cell_resolution_V": None if cells is None else cells.resolution,
        "cell_refresh_s": model.cell_refresh_s,
        "keep_alive": bool(model.keep_alive),
        "signals": sorted(names),
    }


@app.command("decode")
def decode(
    log: Annotated[Path, typer.Argument(help="Recording of a CAN bus or of a serial line.")],
    family: Annotated[
        str,
        typer.Option("--family", help="Family of packs, or a YAML file [default: propose those that fit]."),
    ] = "",
    channel: ChannelOption = "",
    series: Annotated[bool, typer.Option("--series", help="With --json: every value with its time.")] = False,
    json: JsonOption = False,
) -> None:
    """Decode a recording; currents are positive while charging."""
    if not family:
        _propose(log, json)
        return
    from drivers.bms.family import load_family
    from drivers.bms.log_decode import decode_log, summary

    body = summary(decode_log(load_family(family), log, channel), series)
    if json:
        print_json(body)
        return
    received = body["frames"].get("received", 0)
    say(f"{body['title']}: {received} frames in {body['duration_s']:g} s ({body['form']})")
    for name, row in body["signals"].items():
        span = f"  {row['min']:g} … {row['max']:g}" if row.get("min") != row.get("max") else ""
        say(f"{name:34} {_text(row['value'])} {row['unit']}{span}  ×{row['count']}  {row['evidence']}")
    for name, row in body["members"].items():
        values = ", ".join(_text(value) for value in row["values"])
        say(f"{name:34} {row['count']} values  {values} {row['unit']}")
    for fault in body["faults"]:
        say(f"fault: {_word(fault)}")
    _say_findings(body["findings"])


def _propose(log: Path, json: bool) -> None:
    from drivers.bms.log_families import proposals

    found = proposals(log)
    if json:
        print_json({"proposals": [row.plain() for row in found]})
        return
    for row in found:
        wrong = f", {row.wrong} wrong" if row.wrong else ""
        heard = f"{row.kinds} of {row.known} kinds, {row.used} frames{wrong}"
        say(f"{row.family:18} {heard}  {row.title}")
    if found:
        note(f"station bms decode {log} --family {found[0].family}")
    else:
        note("No described family fits: a description of your own may (docs/bms.md).")


def _text(value: object) -> str:
    return "not available" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _say_findings(findings: list[dict[str, Any]]) -> None:
    """Each finding with its name and words; once for each kind what to do."""
    from station.messages import say as translate

    remedies: dict[str, str] = {}
    for found in findings:
        told = translate(f"bms.{found['kind']}", {"where": found["where"]}, language())
        detail = f" [{found['detail']}]" if found["detail"] else ""
        say(f"! {found['kind']} ×{found['count']}: {told.text}{detail}")
        remedies[found["kind"]] = told.remedy
    for kind, remedy in remedies.items():
        say(f"  → {kind}: {remedy}")


def _word(fault: str) -> str:
    from station.messages import word

    head, colon, rest = fault.partition(": ")
    return f"{word(head, language())}: {rest}" if colon else word(fault, language())


@app.command("history")
def history(
    source: Annotated[str, typer.Argument(help="Recording, or the address of a pack.")],
    family: FamilyOption,
    channel: ChannelOption = "",
    json: JsonOption = False,
) -> None:
    """What a pack remembers of its life; asked by reading requests only."""
    from drivers.bms.family import load_family
    from drivers.bms.history import contradictions_of, history_of

    described = load_family(family)
    source = source.removeprefix("replay:").partition("?")[0] if source.startswith("replay:") else source
    if ":" not in source or Path(source).is_file():  # no address: a file, or the error that there is none
        from drivers.bms.log_decode import decode_log

        body = history_of(decode_log(described, Path(source), channel).store.readings())
    else:
        from drivers.bms.live import open_pack

        with open_pack(described, source) as pack:
            body = history_of(pack.read_history())
    body["family"] = described.name
    if json:
        print_json(body)
        return
    for part in ("identity", "history"):
        for name, row in body[part].items():
            shown = ", ".join(map(_text, row["values"])) if "values" in row else _text(row["value"])
            say(f"{name:34} {shown} {row['unit']}  {row['evidence']}")
    from station.messages import say as translate

    told = {name: row.get("value") for name, row in body["history"].items()}
    counted = {name: value for name, value in told.items() if isinstance(value, float)}
    for name, figures in contradictions_of(counted):
        doubt = translate(f"bms.doubt_{name}", figures, language())
        say(f"! {doubt.text}\n  → {doubt.remedy}")
    note(translate("bms.history_note", {}, language(), fallback=body["note"]).text)


@app.command("watch")
def watch(
    address: Annotated[
        str, typer.Argument(help="socketcand://…, can://…, serial:…, tcp://… or replay:FILE.")
    ],
    family: FamilyOption,
    seconds: Annotated[float, typer.Option("--seconds", help="How long; 0: until Ctrl+C.", min=0)] = 0.0,
    record: Annotated[Path | None, typer.Option("--record", help="Write what is heard to this file.")] = None,
    keep_awake: Annotated[
        bool, typer.Option("--keep-awake", help="Send the frames that keep it awake.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """A pack's signals as they come."""
    import time

    from drivers.bms.family import load_family
    from drivers.bms.live import open_pack

    with open_pack(load_family(family), address, record=record, keep_awake=keep_awake) as pack:
        pack.start()
        end_s = time.monotonic() + seconds if seconds else float("inf")
        try:
            while (left_s := end_s - time.monotonic()) > 0 and not pack.wait(min(0.5, left_s)):
                progress(_line(pack.table()))
        except KeyboardInterrupt:
            pass
        progress_done()
        body = pack.table()
    if json:
        print_json(body)
        return
    for row in body["signals"]:
        number = "" if row["number"] is None else f"[{row['number']}]"
        name, age_s = row["name"] + number, row["age_s"]
        say(f"{name:34} {_text(row['value'])} {row['unit']}  {age_s:.2f} s ago  {row['evidence']}")
    for fault in body["faults"]:
        say(f"fault: {_word(fault)}")
    _say_findings(body["findings"])


def _line(body: dict[str, Any]) -> str:
    shown = {row["name"]: row for row in body["signals"] if row["number"] is None}
    parts = [
        f"{name} {_text(shown[name]['value'])} {shown[name]['unit']}"
        for name in ("pack_voltage_V", "current_A", "soc_pct")
        if name in shown
    ]
    cells = sum(row["name"] == "cell_voltage_V" for row in body["signals"])
    return "  ".join([*parts, f"{cells} cells", f"{len(body['findings'])} findings"])


@app.command("convert")
def convert(
    log: Annotated[Path, typer.Argument(help="Recording of a CAN bus.")],
    out: Annotated[Path, typer.Argument(help="New file: .log, .asc, .blf, .csv or .trc.")],
) -> None:
    """Write a recording in another form."""
    from drivers.bms.log_files import read_log, write_log

    frames = read_log(log).frames
    written = write_log(out, frames)
    say(f"{written} frames in {out}")
    if written < len(frames):
        note(f"left out: {len(frames) - written} errors and remote frames, for which that form has no place")
