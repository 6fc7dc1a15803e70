"""Reads a table of recorded pulse responses and cuts it into recordings, one per cell, state and SOC."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from simulators.battery.errors import BatteryError

Floats = NDArray[np.float64]

U_COLUMNS = tuple(f"U{i}" for i in range(1, 42))
KEY_COLUMNS = (
    "chemistry",
    "nominal_capacity_Ah",
    "cell_id",
    "random_soc",
    "capacity_Ah",
    "soc_nominal_pct",
    "pulse_width_s",
    "third_amplitude_C",
)

NUMBER_COLUMNS = (
    "nominal_capacity_Ah",
    "capacity_Ah",
    "soc_nominal_pct",
    "pulse_width_s",
    "third_amplitude_C",
)


@dataclass(frozen=True)
class PulseRow:
    """One row: one train of pulses of one width. ``u`` holds U1-U41 in V, NaN where not recorded."""

    chemistry: str
    nominal_capacity_Ah: float
    cell_id: str
    random_soc: bool
    capacity_Ah: float
    soc: float
    pulse_width_s: float
    third_amplitude_C: float
    u: Floats


class PulseTable:
    """All rows of a file, by cell; a cell's rows are made when first asked for."""

    def __init__(self, path: Path, keys: dict[str, list[Any]], u: Floats) -> None:
        self.path = path
        self._keys = keys
        self._u = u
        self._where: dict[str, list[int]] = {}
        for i, cell in enumerate(keys["cell_id"]):
            self._where.setdefault(str(cell), []).append(i)
        self._rows: dict[str, tuple[PulseRow, ...]] = {}

    def cell_ids(
        self, chemistry: str | None = None, nominal_Ah: float | None = None, random_soc: bool | None = None
    ) -> list[str]:
        """Sorted ids of the cells that fit the filter and have a recording of that history."""
        keys = self._keys
        return sorted(
            cell
            for cell, where in self._where.items()
            if (chemistry is None or str(keys["chemistry"][where[0]]) == chemistry)
            and (
                nominal_Ah is None
                or abs(keys["nominal_capacity_Ah"][where[0]] - nominal_Ah) <= 1e-6 * nominal_Ah
            )
            and (random_soc is None or any(_truthy(keys["random_soc"][i]) == random_soc for i in where))
        )

    def rows(self, cell_id: str) -> tuple[PulseRow, ...]:
        """All rows of a cell in the order of the file. Raises BatteryError for an unknown cell."""
        if cell_id not in self._where:
            some = ", ".join(list(self._where)[:3])
            raise BatteryError(
                f"cell_id: {cell_id!r} is not in {self.path} ({len(self._where)} cells, such as {some})"
            )
        if cell_id not in self._rows:
            self._rows[cell_id] = tuple(self._row(i) for i in self._where[cell_id])
        return self._rows[cell_id]

    def _row(self, i: int) -> PulseRow:
        values = {c: self._keys[c][i] for c in KEY_COLUMNS}
        nominal, capacity = float(values["nominal_capacity_Ah"]), float(values["capacity_Ah"])
        numbers = {c: float(values[c]) for c in NUMBER_COLUMNS}
        wrong = [c for c, v in numbers.items() if not 0 <= v < float("inf")]
        if wrong or not (nominal > 0 and capacity > 0 and numbers["pulse_width_s"] > 0):
            raise BatteryError(
                f"table: {self.path}: row {i}: {', '.join(wrong) or 'capacities and pulse_width_s'} "
                "must be positive numbers"
            )
        return PulseRow(
            chemistry=str(values["chemistry"]),
            nominal_capacity_Ah=nominal,
            cell_id=str(values["cell_id"]),
            random_soc=_truthy(values["random_soc"]),
            capacity_Ah=capacity,
            # soc_nominal_pct counts charge in percent of NOMINAL capacity.
            soc=float(values["soc_nominal_pct"]) / 100 * nominal / capacity,
            pulse_width_s=float(values["pulse_width_s"]),
            third_amplitude_C=float(values["third_amplitude_C"]),
            u=self._u[i],
        )


def _truthy(value: object) -> bool:
    return str(value).lower() in ("true", "1")


def find_table(name: str) -> Path:
    """The file ``name``: absolute, or below the working directory, the project's root or the installed data.

    Raises BatteryError naming every place that was tried.
    """
    path = Path(name)
    places = [path] if path.is_absolute() else [Path.cwd() / path]
    if not path.is_absolute():
        places += [folder / path for folder in Path(__file__).resolve().parents]
        places.append(Path(sys.prefix) / "share" / "pulse-station" / path)
    for place in places:
        if place.is_file():
            return place
    tried = "; ".join(str(p) for p in places)
    raise BatteryError(
        f"table: no pulse table {name!r}. Give a .parquet or .csv file with the columns "
        f"{', '.join(KEY_COLUMNS)}, U1 … U41. Tried: {tried}"
    )


def load_table(name: str) -> PulseTable:
    """Read a pulse table (cached until the file changes). Raises BatteryError."""
    path = find_table(name)
    return _load(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _load(path: Path, _mtime_ns: int) -> PulseTable:
    if path.suffix == ".parquet":
        table = pq.read_table(path)
    elif path.suffix == ".csv":
        table = pacsv.read_csv(path)
    else:
        raise BatteryError(f"table: {path} must be a .parquet or .csv file")
    missing = [c for c in (*KEY_COLUMNS, *U_COLUMNS) if c not in table.column_names]
    if missing:
        raise BatteryError(f"table: {path} lacks the column(s) {', '.join(missing)}")
    keys: dict[str, list[Any]] = {c: table.column(c).to_pylist() for c in KEY_COLUMNS}
    try:
        columns = [np.asarray(table.column(c).cast("float64"), dtype=np.float64) for c in U_COLUMNS]
    except (ValueError, TypeError) as error:
        raise BatteryError(f"table: {path}: U1 … U41 must be numbers in V ({error})") from error
    for name, values in keys.items():
        if table.column(name).null_count:
            i = next(k for k, v in enumerate(values) if v is None)
            raise BatteryError(f"table: {path}: row {i} has no {name}")
    return PulseTable(path, keys, np.stack(columns, axis=1))


@dataclass(frozen=True)
class Recording:
    """All trains of one cell in one ageing state at one SOC, by ascending pulse width."""

    soc: float
    random_soc: bool
    capacity_Ah: float
    rows: tuple[PulseRow, ...]

    @property
    def widths_s(self) -> tuple[float, ...]:
        """Recorded pulse widths in s, ascending."""
        return tuple(r.pulse_width_s for r in self.rows)


def recordings_of(rows: Sequence[PulseRow]) -> list[Recording]:
    """Group rows of one cell into recordings, in the order of the file."""
    groups: dict[tuple[bool, float, float], list[PulseRow]] = {}
    for row in rows:
        groups.setdefault((row.random_soc, row.capacity_Ah, row.soc), []).append(row)
    return [
        Recording(soc, random_soc, capacity, tuple(sorted(group, key=lambda r: r.pulse_width_s)))
        for (random_soc, capacity, soc), group in groups.items()
    ]
