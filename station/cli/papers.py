"""``station report``, ``certificate``, ``batch``, ``label``, ``command-sheet``: what leaves on paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from station.cli.options import DataOption, JsonOption, data_folder
from station.cli.output import language, print_json, say

RunArgument = Annotated[str, typer.Argument(help="Run on record.")]
OutputOption = Annotated[Path | None, typer.Option("-o", "--output", help="Write here.")]
LangOption = Annotated[Literal["zh", "en"] | None, typer.Option("--lang", help="Language of the paper.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("report")(report)
    app.command("certificate")(certificate)
    app.command("batch")(batch)
    app.command("label")(label)
    app.command("command-sheet")(command_sheet)


def report(
    run: RunArgument,
    output: OutputOption = None,
    lang: LangOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """The PDF report of a run: verdict, uses, curves, instruments, checksums."""
    _pdf(run, "report", output, lang, data, json)


def certificate(
    run: RunArgument,
    output: OutputOption = None,
    lang: LangOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """The one-page certificate of a run."""
    _pdf(run, "certificate", output, lang, data, json)


def batch(
    runs: Annotated[list[str] | None, typer.Argument(help="Runs on record [default: the newest].")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many of the newest.")] = 50,
    output: OutputOption = None,
    lang: LangOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """One PDF over several runs: a table, and counts by verdict and grade."""
    from datetime import datetime

    from station.papers.batch import batch_pdf, counts
    from station.papers.facts import facts_of
    from station.records import open_records

    with open_records(data_folder(data)) as records:
        names = runs or [row["run_id"] for row in records.list_runs(limit=limit, state="ended")]
        facts = [facts_of(records.show_run(name)) for name in names]
    made = datetime.now().astimezone()
    path = _write(
        output or Path(f"batch-{made:%Y%m%d-%H%M%S}.pdf"), batch_pdf(facts, made, lang or language())
    )
    by_verdict, by_grade = counts(facts)
    _said(path, json, runs=len(facts), verdicts=dict(by_verdict), grades=dict(by_grade))


def label(
    run: Annotated[str | None, typer.Argument(help="Run on record; none with --own-id.")] = None,
    own_id: Annotated[bool, typer.Option("--own-id", help="A new code for a battery without one.")] = False,
    print_it: Annotated[bool, typer.Option("--print", help="Print on the bench's label printer.")] = False,
    png: Annotated[Path | None, typer.Option("--png", help="Write the very bitmap here.")] = None,
    size: Annotated[str, typer.Option("--size", help="Width x height in mm, for --png.")] = "60x40",
    dpi: Annotated[Literal["203", "300", "600"], typer.Option("--dpi")] = "203",
    bench: Annotated[str, typer.Option("--bench", help="Whose printer.")] = "demo",
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """The label of a run, or of a battery without a code: print it, or write its bitmap."""
    from station.errors import UsageError

    if (run is None) == (not own_id) or not (print_it or png):
        raise UsageError(
            "it is not clear what to do",
            remedy="give a run or --own-id, and --print or --png FILE",
            code="usage.request",
        )
    done: dict[str, Any] = {}
    if print_it:
        done = _printed(run, bench, data_folder(data))
    if png is not None:
        done |= _drawn(run, done.get("code"), png, size, int(dpi), data_folder(data))
    if json:
        print_json(done)
    else:
        say("  ".join(f"{key} {value}" for key, value in done.items()))


def command_sheet(
    output: OutputOption = None,
    bench: Annotated[str, typer.Option("--bench", help="Whose channels.")] = "demo",
    profile: Annotated[list[str] | None, typer.Option("--profile", help="On the sheet, too.")] = None,
    code: Annotated[Literal["qr", "datamatrix", "code128"], typer.Option("--code")] = "qr",
    lang: LangOption = None,
    json: JsonOption = False,
) -> None:
    """A PDF of command barcodes for the scanner: start, next, stop, channel … Never an emergency stop."""
    from station.bench import load_bench
    from station.papers.command_sheet import command_sheet_pdf, commands

    channels = [channel.id for channel in load_bench(bench).channels]
    names = profile or []
    pdf = command_sheet_pdf(channels, names, lang or language(), code)
    path = _write(output or Path("command-sheet.pdf"), pdf)
    _said(path, json, commands=[command.text for command in commands(channels, names)])


def _pdf(run: str, kind: str, output: Path | None, lang: str | None, data: Path | None, json: bool) -> None:
    from station.records import open_records
    from station.service.papers import make_pdf

    with open_records(data_folder(data)) as records:
        pdf = make_pdf(records, data_folder(data), run, kind, lang or language())
    _said(_write(output or Path(f"{kind}-{run}.pdf"), pdf), json, run_id=run)


def _printed(run: str | None, bench: str, data: Path) -> dict[str, Any]:
    """Through the bench's service, which keeps the printers and the records."""
    from station.bench import locate_bench
    from station.service.launcher import ensure_service

    with ensure_service(str(locate_bench(bench)), data) as client:
        return client.own_id() if run is None else client.print_label(run_id=run)


def _drawn(run: str | None, code: str | None, png: Path, size: str, dpi: int, data: Path) -> dict[str, Any]:
    from datetime import datetime

    from station.papers import label as labels
    from station.papers.facts import facts_of
    from station.papers.own_id import new_own_id
    from station.records import open_records

    if run is None:
        today = datetime.now().astimezone().date()
        text = labels.own_id_label(code or new_own_id(today), today)
    else:
        with open_records(data) as records:
            text = labels.run_label(facts_of(records.show_run(run)))
    width, height = _millimetres(size)
    _write(png, labels.png(labels.draw_label(text, labels.LabelSize(width, height, dpi))))
    return {"code": text.code, "png": str(png)}


def _millimetres(size: str) -> tuple[float, float]:
    from station.errors import UsageError

    width, _, height = size.lower().partition("x")
    try:
        wanted = float(width), float(height)
        if min(wanted) < 10 or max(wanted) > 300:
            raise ValueError("out of range")
    except ValueError as error:
        raise UsageError(
            f"{size!r} is no size of a label", remedy="write it as 60x40, in mm", code="usage.request"
        ) from error
    return wanted


def _write(path: Path, content: bytes) -> Path:
    from station.errors import DataError

    try:
        path.write_bytes(content)
    except OSError as error:
        raise DataError(
            f"{path} cannot be written: {error.strerror or error}",
            remedy="choose another place with -o",
            file=str(path),
        ) from error
    return path


def _said(path: Path, json: bool, **more: Any) -> None:
    if json:
        print_json({"file": str(path), **more})
    else:
        say(str(path))
