"""What the command line tells of a battery's past: a file, single options, or both."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

IntakeOption = Annotated[Path | None, typer.Option("--intake", help="YAML: what is known of its past.")]
AgeOption = Annotated[float | None, typer.Option("--age-years", help="Since it was made.")]
MadeOnOption = Annotated[str | None, typer.Option("--made-on", help="2021-03-12 or 2021-03.")]
MileageOption = Annotated[float | None, typer.Option("--mileage-km", help="Of its vehicle.")]
UseOption = Annotated[str | None, typer.Option("--use", help="private, taxi, bus or storage.")]
ClimateOption = Annotated[str | None, typer.Option("--climate", help="temperate, hot or cold.")]
StorageOption = Annotated[float | None, typer.Option("--storage-years", help="Of its age, unused.")]
PrintedOption = Annotated[
    float | None, typer.Option("--printed-capacity", help="Ah on its label, of one series group.")
]


def told(file: Path | None, **options: Any) -> dict[str, Any] | None:
    """The intake data, None where there are none; an option goes before the file.

    Raises DataError for the file, UsageError for the whole.
    """
    from station.models.rulebook import load_intake
    from station.reports.decision import today
    from station.reports.history import check_intake

    data = load_intake(file).model_dump(exclude_defaults=True) if file else {}
    data |= {name: value for name, value in options.items() if value is not None}
    return check_intake(data, today=today())
