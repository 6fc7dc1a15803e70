"""The sheets of an XLSX workbook as rows of values."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from station.errors import DataError

Row = Sequence[Any]

#: A workbook that unpacks to more than this is no measurement, in bytes.
UNPACKED_MAX = 2_000_000_000


def sheets_of(path: Path) -> list[tuple[str, list[Row]]]:
    """Title and rows of every sheet. Raises DataError (``data.corrupt``)."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > UNPACKED_MAX:
                raise ValueError("it unpacks to more than 2 GB")
        with warnings.catch_warnings():
            # Cyclers write workbooks without a style sheet; openpyxl warns and reads them all the same.
            warnings.simplefilter("ignore", UserWarning)
            with path.open("rb") as stream:  # a workbook that cannot be loaded leaves a path open
                book = load_workbook(stream, read_only=True, data_only=True)
                return [(sheet.title, list(sheet.iter_rows(values_only=True))) for sheet in book.worksheets]
    except Exception as error:
        raise DataError(
            f"{path.name} is not a readable workbook: {error}",
            remedy="the file is damaged or cut off; copy or export it again",
            code="data.corrupt",
            file=str(path),
        ) from error
