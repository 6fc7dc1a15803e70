"""The labelled pulse table the estimators learn from, as arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from station.diagnosis.tables import COLUMNS, Bools, Floats, fill_standalone
from station.errors import DataError
from station.models.reading import Table, read_table

NEEDED = ("chemistry", "nominal_capacity_Ah", "cell_id", "random_soc", "capacity_Ah", "pulse_width_s")


@dataclass(frozen=True)
class Labelled:
    """Rows of a labelled table. ``soh`` = 1C discharge capacity / nominal capacity.

    ``single_charge``: charged in one go and pulsed once, as a station meets a cell; else one step of a SOC
    ladder.
    ``soc_nominal_pct`` is kept for reporting by SOC range only and never becomes an input.
    """

    types: NDArray[np.str_]
    chemistries: NDArray[np.str_]
    nominal_capacity_Ah: Floats
    cells: NDArray[np.str_]
    single_charge: Bools
    soh: Floats
    width_s: Floats
    third_amplitude_C: Floats
    voltages_V: Floats
    soc_nominal_pct: Floats

    def where(self, keep: Bools) -> Labelled:
        """The rows that ``keep`` marks."""
        return Labelled(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))

    def cell_numbers(self) -> NDArray[np.int64]:
        """The cell of each row as a number."""
        numbers: NDArray[np.int64] = np.unique(self.cells, return_inverse=True)[1].reshape(-1)
        return numbers


def type_name(chemistry: str, nominal_capacity_Ah: float) -> str:
    """Name of a cell type, e.g. ``LFP 20 Ah``."""
    return f"{chemistry} {nominal_capacity_Ah:g} Ah"


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_labelled(path: Path) -> Labelled:
    """Read a labelled table (columns as ``data/README.md``). Raises DataError naming what is wrong."""
    rows = _read(path, NEEDED)
    usable = np.isfinite(rows.soh) & (rows.soh > 0) & np.isfinite(rows.voltages_V[:, :21]).all(axis=1)
    if not usable.any():
        raise DataError(
            f"{path} has no labelled row with U1 … U21", remedy="Check the table.", file=str(path)
        )
    return rows.where(usable)


def read_pulses(path: Path) -> Labelled:
    """Read a table whose cells may have no label (``soh`` is then NaN); rows with U1 … U21 or a 2.5 C pair.

    Without ``random_soc`` every row counts as a single charge, as a station meets a cell. Raises DataError.
    """
    rows = _read(path, tuple(name for name in NEEDED if name not in ("capacity_Ah", "random_soc")))
    finite = np.isfinite(rows.voltages_V)
    usable: Bools = np.logical_or(finite[:, :21].all(axis=1), finite[:, 32:].all(axis=1))
    if not usable.any():
        raise DataError(
            f"{path} has no row with U1 … U21 or U33 … U41", remedy="Check the table.", file=str(path)
        )
    return rows.where(usable)


def _read(path: Path, needed: Sequence[str]) -> Labelled:
    table = read_table(path)
    missing = [name for name in needed if name not in table.names]
    if missing:
        raise DataError(
            f"{path} has no column {', '.join(missing)}",
            remedy="Learning needs labelled rows; the columns are described in data/README.md.",
            file=str(path),
            columns=missing,
        )
    chemistries = np.array(_texts(table, "chemistry", path))
    nominal = table.numbers("nominal_capacity_Ah")
    single = table.flags("random_soc") if "random_soc" in table.names else np.ones(table.rows, dtype=bool)
    voltages = np.column_stack([table.numbers(name) for name in COLUMNS])
    return Labelled(
        types=np.array([type_name(a, b) for a, b in zip(chemistries, nominal, strict=True)]),
        chemistries=chemistries,
        nominal_capacity_Ah=nominal,
        cells=np.array(_texts(table, "cell_id", path)),
        single_charge=single,
        soh=table.numbers("capacity_Ah") / nominal,
        width_s=table.numbers("pulse_width_s"),
        third_amplitude_C=table.numbers("third_amplitude_C", default=1.5),
        voltages_V=np.around(fill_standalone(voltages), 4).astype(np.float64),
        soc_nominal_pct=table.numbers("soc_nominal_pct"),
    )


def _texts(table: Table, name: str, path: Path) -> list[str]:
    texts = table.texts(name)
    if any(text is None for text in texts):
        row = texts.index(None)
        raise DataError(
            f"{path} row {row + 1}: {name} is empty",
            remedy="Fill it.",
            file=str(path),
            row=row + 1,
            column=name,
        )
    return [str(text) for text in texts]


def stratified_folds(cells: Sequence[str], soh: Floats, folds: int) -> dict[str, int]:
    """Fold of each cell: cells sorted by mean SOH and dealt out, so that every fold spans the range."""
    names, inverse = np.unique(np.asarray(cells), return_inverse=True)
    mean = np.bincount(inverse, weights=soh) / np.bincount(inverse)
    order = sorted(range(len(names)), key=lambda cell: (mean[cell], names[cell]))
    return {str(names[cell]): place % folds for place, cell in enumerate(order)}


def held_out(cells: Sequence[str], share: float) -> list[str]:
    """A fixed share of cells (at least one), those whose SHA-256 of the name is smallest."""
    names = sorted(set(cells), key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    return sorted(names[: max(1, int(share * len(names)))])
