"""Reads a record of any known format."""

from __future__ import annotations

from pathlib import Path

from station.errors import DataError
from station.rawfiles.delimited import read_delimited
from station.rawfiles.nebula import read_nebula
from station.rawfiles.parquet import read_parquet
from station.rawfiles.recording import Recording

#: Formats that we know by name and do not read, by suffix.
UNREAD = {
    ".ndax": "Neware binary",
    ".nda": "Neware binary",
    ".mpr": "BioLogic binary",
    ".mpt": "BioLogic text",
    ".res": "Arbin database",
    ".xls": "old Excel workbook",
    ".mat": "MATLAB file",
    ".h5": "HDF5 file",
    ".hdf5": "HDF5 file",
}
TEXT = {".csv", ".txt", ".tsv", ".bdf"}


def read_record(path: Path | str, *, nominal_capacity_Ah: float | None = None) -> Recording:
    """Read a test record: own run file, BDF (CSV, Parquet, gzip), plain CSV, or Nebula XLSX.

    ``nominal_capacity_Ah`` goes before any capacity named in the file, and lets a unit error in the current
    be seen. Raises DataError (exit code 6) that names file, row, column and remedy, with code
    ``data.missing`` (no such file), ``data.format`` (not read yet), ``data.empty``, ``data.corrupt``,
    ``data.columns``, ``data.row``, ``data.not_a_number``, ``data.not_a_time``, ``data.missing_values``,
    ``data.time_backwards`` or ``data.units``.
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
    with file.open("rb") as stream:
        magic = stream.read(4)
    if suffix == ".parquet" or magic == b"PAR1":
        return read_parquet(file, nominal_capacity_Ah=nominal_capacity_Ah)
    if suffix == ".xlsx":
        return read_nebula(file, nominal_capacity_Ah=nominal_capacity_Ah)
    if suffix in TEXT:
        return read_delimited(file, nominal_capacity_Ah=nominal_capacity_Ah)
    what = UNREAD.get(suffix, f"files ending in {suffix!r}" if suffix else "files without a suffix")
    raise DataError(
        f"{file.name}: {what} cannot be read yet",
        remedy="export the test from the cycler software as BDF or CSV with time, current and voltage",
        code="data.format",
        file=str(file),
        suffix=suffix,
    )
