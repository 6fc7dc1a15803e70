"""``station learn compare`` and ``adopt``: a person looks at both, then puts the candidate into use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from station.cli.options import DataOption, JsonOption, data_folder
from station.cli.output import note, print_json, say


def compare(
    candidate: Annotated[Path, typer.Option("--candidate", help="Folder of the candidate's model files.")],
    cells: Annotated[Path, typer.Option("--cells", help="Pulse table of labelled cells.")],
    running: Annotated[
        Path | None, typer.Option("--running", help="Models to compare with [default: those in use].")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="Labels, where the table itself has no capacity_Ah.")
    ] = None,
    width_s: Annotated[float, typer.Option("--width", help="Pulse width, s [0: the longest].", min=0)] = 0.0,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Both models on the cells that neither has seen; refused when there are none."""
    from station.models.compare import compare as judged
    from station.models.in_use import adoptions_in
    from station.models.labels import join, read_labels
    from station.models.store import load_models
    from station.models.training.table import read_labelled, read_pulses

    rows = read_labelled(cells) if labels is None else join(read_pulses(cells), read_labels(labels))
    rows = rows.where(rows.width_s == (width_s or rows.width_s.max()))
    other = load_models(running) if running is not None else adoptions_in(data_folder(data)).load()
    found = judged(load_models(candidate), other, rows)
    if json:
        print_json(found.as_dict())
        return
    say(f"{len(found.cells)} cells unseen by both, {found.rows} rows; {len(found.seen)} seen cells left out")
    say(f"{'':12} {'candidate':>14} {'running':>14}")
    for name, text in _FIGURES:
        pair = (getattr(found.candidate, name), getattr(found.running, name))
        say(f"{text:12} " + " ".join(f"{_number(value):>14}" for value in pair))
    if found.difference is None:
        say("no row is estimated by both: their errors cannot be compared")
    else:
        low, high = _number(found.difference_low90), _number(found.difference_high90)
        say(
            f"absolute error, candidate minus running, {found.shared_cells} cells: "
            f"{found.difference:+.2f} pp [{low}, {high}] (90 %)"
        )
    say("cells: " + ", ".join(found.cells))


_FIGURES = (
    ("model_id", "model"),
    ("mape", "MAPE %"),
    ("p95", "p95 pp"),
    ("coverage", "coverage %"),
    ("half_width", "half-width pp"),
    ("abstained", "abstained %"),
)


def _number(value: Any) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:.2f}"


def adopt(
    candidate: Annotated[Path | None, typer.Argument(help="Folder of the candidate's model files.")] = None,
    who: Annotated[str, typer.Option("--who", help="Who decides.")] = "",
    why: Annotated[str, typer.Option("--why", help="Why.")] = "",
    back: Annotated[bool, typer.Option("--back", help="Put what was in use before into use again.")] = False,
    log: Annotated[bool, typer.Option("--log", help="Show all adoptions.")] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Put a candidate into use for every later verdict; the former models stay."""
    from station.errors import UsageError
    from station.models.adoption import SHIPPED
    from station.models.in_use import adoptions_in

    adoptions = adoptions_in(data_folder(data))
    if log:
        rows = [vars(item) for item in adoptions.log()]
        if json:
            print_json({"in_use": adoptions.in_use(), "adoptions": rows})
            return
        for row in rows:
            say(f"{row['t_utc']}  {row['former']} → {row['model_id']}  {row['who']}: {row['why']}")
        say(f"in use: {adoptions.in_use()}")
        return
    if back == (candidate is not None):
        raise UsageError(
            "say which: a candidate's folder, or --back", remedy="see: station learn adopt --help"
        )
    done = adoptions.adopt(candidate, who, why) if candidate is not None else adoptions.back(who, why)
    if json:
        print_json(vars(done))
    else:
        say(f"in use: {done.model_id} (before: {done.former})")
        if done.model_id != SHIPPED and adoptions.gains_folder(done.model_id) is None:
            note(
                "it has no gains of an adaptive test, which will end at once; to make them, before adopting: "
                "station learn TABLE -o CANDIDATE --gains-only"
            )
