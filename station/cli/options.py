"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

BenchOption = Annotated[str, typer.Option("--bench", help="Bench file, or the name of one that ships.")]
DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="Folder for records and runs [default: STATION_DATA or the user's]."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
WhoOption = Annotated[str, typer.Option("--who", help="Who decides.")]
WhyOption = Annotated[str, typer.Option("--why", help="Why.")]
SpeedOption = Annotated[
    float | None, typer.Option("--speed", help="Times real time; simulated benches only.", min=0.1, max=1000)
]


def data_folder(given: Path | None) -> Path:
    """The folder for records and runs: the option, the environment, or the user's data folder."""
    import os

    if given is not None:
        return given.expanduser().resolve()
    if os.environ.get("STATION_DATA"):
        return Path(os.environ["STATION_DATA"]).expanduser().resolve()
    from platformdirs import user_data_path

    return user_data_path("pulse-station", appauthor=False)


def judge_with_adopted_models() -> None:
    """In this process the models and rules adopted in the data folder judge, unless STATION_MODELS and
    STATION_RULES say otherwise."""
    import os

    os.environ.setdefault("STATION_MODELS", str(data_folder(None) / "models"))
    os.environ.setdefault("STATION_RULES", str(data_folder(None) / "rules"))
