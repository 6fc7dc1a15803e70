"""Reads a record of any known format."""

from __future__ import annotations

from pathlib import Path

from station.errors import DataError
from station.rawfiles.delimited import read_delimited
from station.rawfiles.mapping import load_mapping, read_mapped
from station.rawfiles.neware import read_neware
from station.rawfiles.parquet import read_parquet
from station.rawfiles.recording import Recording
from station.rawfiles.workbook import read_workbook

#: Formats that we know by name and do not read, by suffix, and what to do instead.
UNREAD = {
    ".mpr": ("BioLogic binary", "in EC-Lab or BT-Lab: export as text (.mpt) with time, Ecell or Ewe, and I"),
    ".res": ("Arbin database", "in MITS or Data Watcher: export as CSV or XLSX"),
    ".xls": ("old Excel workbook", "save it as .xlsx"),
    ".mat": ("MATLAB file", "write time, current and voltage as CSV or BDF"),
    ".h5": ("HDF5 file", "write time, current and voltage as CSV or BDF"),
    ".hdf5": ("HDF5 file", "write time, current and voltage as CSV or BDF"),
}
TEXT = {".csv", ".txt", ".tsv", ".bdf", ".mpt", ".dat", ".asc"}
NEWARE = {".ndax", ".nda"}


def read_record(
    path: Path | str, *, nominal_capacity_Ah: float | None = None, mapping: Path | None = None
) -> Recording:
    """Read a test record: own run file, BDF, Nebula, Neware, Arbin, Maccor or BioLogic text, plain tables.

    ``nominal_capacity_Ah`` goes before any capacity named in the file, and lets a unit error in the current
    be seen. ``mapping`` describes the columns of any other text table.

    Raises DataError (exit code 6) that names file, row, column and remedy, with code ``data.missing`` (no
    such file), ``data.unreadable`` (rights), ``data.format`` (not read), ``data.extra`` (an extra is not
    installed), ``data.mapping``, ``data.empty``, ``data.corrupt``, ``data.columns``, ``data.row``,
    ``data.not_a_number``, ``data.not_a_time``, ``data.missing_values``, ``data.time_backwards``,
    ``data.units`` or ``data.sign``.
    """
    file = Path(path)
    if not file.is_file():
        raise DataError(
            f"{file} is not a file",
            remedy="check the path; give one record file",
            code="data.missing",
            file=str(file),
        )
    suffixes = [suffix.lower() for suffix in file.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    suffix = suffixes[-1] if suffixes else ""
    if file.stat().st_size == 0:
        raise DataError(
            f"{file.name} is empty (0 bytes)",
            remedy="copy or export the file again",
            code="data.empty",
            file=str(file),
        )
    magic = _first_bytes(file)
    if mapping is not None:
        return read_mapped(file, load_mapping(mapping), nominal_capacity_Ah=nominal_capacity_Ah)
    if suffix == ".parquet" or magic == b"PAR1":
        return read_parquet(file, nominal_capacity_Ah=nominal_capacity_Ah)
    if suffix == ".xlsx":
        return read_workbook(file, nominal_capacity_Ah=nominal_capacity_Ah)
    if suffix in NEWARE:
        return read_neware(file, nominal_capacity_Ah=nominal_capacity_Ah)
    if suffix in TEXT:
        return read_delimited(file, nominal_capacity_Ah=nominal_capacity_Ah)
    what, remedy = UNREAD.get(
        suffix,
        (
            f"files ending in {suffix!r}" if suffix else "files without a suffix",
            "export the test from the cycler software as BDF or CSV with time, current and voltage",
        ),
    )
    raise DataError(
        f"{file.name}: {what} cannot be read",
        remedy=remedy,
        code="data.format",
        file=str(file),
        suffix=suffix,
    )


def _first_bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(4)
    except OSError as error:
        raise DataError(
            f"{file} cannot be read: {error.strerror or error}",
            remedy="check the rights of the file and of its folder",
            code="data.unreadable",
            file=str(file),
            reason=str(error.strerror or error),
        ) from error
