"""The label table: JSON lines that are only ever appended; CSV and Parquet for the way out and in."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from station.errors import DataError, UsageError
from station.models.labels.label import Label
from station.models.reading import read_table

FILE = "labels.jsonl"
_NUMBERS = (
    "nominal_capacity_Ah", "capacity_Ah", "capacity_low_Ah", "capacity_high_Ah", "rate_C", "spread_Ah",
    "temperature_degC",
)  # fmt: skip
_TEXTS = ("cell_id", "run_id", "started_utc", "chemistry", "profile", "file_sha256")


class LabelTable:
    """The labels of a data folder, oldest first."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def labels(self) -> list[Label]:
        """All of them. Raises DataError naming the line that is damaged."""
        if not self.path.is_file():
            return []
        found = []
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                found.append(Label.from_dict(json.loads(line)))
            except (ValueError, KeyError, TypeError) as error:
                raise DataError(
                    f"{self.path}:{number}: is no label: {error}",
                    remedy="restore the table from a copy; it is never edited",
                    code="label.damaged",
                    file=str(self.path),
                    line=number,
                ) from error
        return found

    def add(self, label: Label) -> None:
        """Append ``label``, on disk when this returns. Raises UsageError when its run has one already."""
        if any(known.run_id == label.run_id for known in self.labels()):
            raise UsageError(
                f"run {label.run_id} has its label already",
                remedy="list them: station learn labels",
                code="label.known",
                run_id=label.run_id,
            )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(label.as_dict(), ensure_ascii=False, allow_nan=False) + "\n")
            file.flush()
            os.fsync(file.fileno())


def write_labels(labels: Sequence[Label], path: Path) -> None:
    """Write ``labels`` as .csv or .parquet. Raises UsageError for any other ending."""
    rows = [label.as_dict() for label in labels]
    names = [*(field.name for field in fields(Label)), "soh"]
    if path.suffix.lower() == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows) if rows else pa.table({name: [] for name in names}), path)
    elif path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(rows)
    else:
        raise UsageError(
            f"{path}: labels are written as .csv or .parquet", remedy="give one of these endings"
        )


def read_labels(path: Path) -> list[Label]:
    """Labels from a table of one's own or of this station, or from a data folder's ``labels.jsonl``.

    ``cell_id``, ``nominal_capacity_Ah`` and ``capacity_Ah`` are needed; what else is missing is left open.
    Raises DataError.
    """
    if path.is_dir() or path.suffix == ".jsonl":
        return LabelTable(path if path.is_dir() else path.parent).labels()
    table = read_table(path)
    missing = [name for name in ("cell_id", "nominal_capacity_Ah", "capacity_Ah") if name not in table.names]
    if missing:
        raise DataError(
            f"{path} has no column {', '.join(missing)}",
            remedy="a label needs cell_id, nominal_capacity_Ah and capacity_Ah",
            code="label.columns",
            file=str(path),
            columns=missing,
        )
    numbers = {name: table.numbers(name).tolist() for name in _NUMBERS}
    texts = {name: table.texts(name) for name in _TEXTS}
    counts, simulated = table.numbers("discharges", 1.0), table.flags("simulated")
    found = []
    for row in range(table.rows):
        values: dict[str, Any] = {name: column[row] for name, column in numbers.items()}
        if not (values["capacity_Ah"] > 0 and values["nominal_capacity_Ah"] > 0 and texts["cell_id"][row]):
            raise DataError(
                f"{path} row {row + 1}: no cell, or a capacity that is none",
                remedy="fill cell_id, nominal_capacity_Ah and capacity_Ah in every row",
                code="label.row",
                file=str(path),
                row=row + 1,
            )
        values["temperature_degC"] = None if values["temperature_degC"] != values["temperature_degC"] else (
            values["temperature_degC"])  # fmt: skip
        open_texts = {name: column[row] or "" for name, column in texts.items()}
        found.append(
            Label(
                **{**open_texts, **values, "chemistry": texts["chemistry"][row]},
                discharges=int(counts[row]),
                simulated=bool(simulated[row]),
            )
        )
    return found
