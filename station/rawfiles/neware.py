"""Reads Neware binary files (``.ndax``, ``.nda``) through ``fastnda`` (BSD-3-Clause), an optional extra.

The package reads the samples even where a part of the archive beside them is damaged. Here a damaged part
is told and the file refused: what says which channel and step the samples belong to is in those parts.
"""

from __future__ import annotations

import logging
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np

from station.errors import DataError
from station.rawfiles.checks import check_samples
from station.rawfiles.recording import Floats, Recording, SampleTable
from station.rawfiles.signs import check_answer, settle, told_by_texts

EXTRA = "neware"
#: An archive that unpacks to more than this is no measurement, in bytes.
UNPACKED_MAX = 4_000_000_000
#: Parts of this size and more are not looked through as XML, in bytes.
XML_MAX = 20_000_000


def read_neware(path: Path, *, nominal_capacity_Ah: float | None) -> Recording:
    """Read a Neware binary file.

    Raises DataError: ``data.extra`` (the package is not installed), ``data.corrupt``, ``data.empty``, and
    those of the checks.
    """
    if path.suffix.lower() == ".ndax":
        _check_archive(path)
    frame = _read(path)
    if len(frame) == 0:
        raise DataError(
            f"{path.name} holds no sample",
            remedy="the test was never started, or the wrong file was copied",
            code="data.empty",
            file=str(path),
        )
    columns = {name: _column(frame, name, path) for name in ("total_time_s", "current_mA", "voltage_V")}
    told = told_by_texts([str(kind or "") for kind in frame["step_type"].to_list()], "step_type")
    settled = settle(columns["current_mA"] / 1e3, told, path.name, "current_mA")
    samples = SampleTable(
        time_s=columns["total_time_s"],
        current_A=settled.current_A,
        voltage_V=columns["voltage_V"],
        step=_column(frame, "step_count", path).astype(np.int64) if "step_count" in frame.columns else None,
    )
    check_samples(
        samples,
        source=path.name,
        nominal_capacity_Ah=nominal_capacity_Ah,
        where=lambda row: f"record {row + 1}",
        headers={"time": "total_time_s", "current": "current_mA", "voltage": "voltage_V"},
        units_known=True,
    )
    check_answer(
        settled.current_A, samples.voltage_V, proved=settled.proved, source=path.name, header="current_mA"
    )
    return Recording(
        samples=samples,
        steps=None,
        source=str(path),
        format=f"neware-{path.suffix.lower().lstrip('.')}",
        nominal_capacity_Ah=nominal_capacity_Ah,
        notes=(settled.note,) if settled.note else (),
    )


def _check_archive(path: Path) -> None:
    """Every part must unpack to its checksum, and every XML part must be text and well formed."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > UNPACKED_MAX:
                raise ValueError("it unpacks to more than 4 GB")
            if "data.ndc" not in {part.filename for part in parts}:
                raise ValueError("the part data.ndc is missing")
            for part in parts:
                content = archive.read(part)  # checks the CRC
                if part.filename.lower().endswith(".xml") and len(content) < XML_MAX:
                    _check_xml(part.filename, content)
    except Exception as error:
        raise _corrupt(path, str(error)) from error


def _check_xml(name: str, content: bytes) -> None:
    from defusedxml.ElementTree import fromstring

    text = _decoded(name, content)
    if text.startswith("<?xml"):  # the text is decoded: what it says of its encoding no longer holds
        text = text.partition("?>")[2]
    try:
        fromstring(text.strip())
    except ParseError as error:
        raise ValueError(f"the part {name} is damaged: {error}") from error


def _decoded(name: str, content: bytes) -> str:
    """The text of an XML part by the encoding that it names.

    Files that name GB 2312 are written in its superset GBK; bytes that are no GB 2312 but sound UTF-8 come
    from elsewhere.
    """
    named = re.match(rb"<\?xml[^>]*encoding=[\"']([A-Za-z0-9._-]+)", content)
    encoding = named.group(1).decode("ascii").lower() if named else "utf-8"
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        if encoding == "gb2312":
            try:
                content.decode("utf-8")
            except UnicodeDecodeError:
                try:
                    return content.decode("gbk")
                except UnicodeDecodeError:
                    pass
        raise ValueError(
            f"the part {name} is damaged: it is not in the encoding it names, {encoding}"
        ) from error


def _read(path: Path) -> Any:
    try:
        import fastnda
    except ImportError as error:
        raise DataError(
            f"{path.name}: reading Neware binary files needs the extra {EXTRA!r}",
            remedy=f"install it: pip install 'pulse-station[{EXTRA}]'; or export the test as CSV from BTSDA",
            code="data.extra",
            file=str(path),
            extra=EXTRA,
        ) from error
    logging.getLogger("fastnda").setLevel(logging.ERROR)
    try:
        return fastnda.read(path)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise _corrupt(path, f"{type(error).__name__}: {error}") from error


def _column(frame: Any, name: str, path: Path) -> Floats:
    try:
        values = np.array(frame[name].cast(float).to_numpy(), dtype=np.float64)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise _corrupt(path, f"column {name}: {error}") from error
    values[~np.isfinite(values)] = np.nan
    return values


def _corrupt(path: Path, what: str) -> DataError:
    return DataError(
        f"{path.name} is not a sound Neware file: {what}",
        remedy="the file is damaged or cut off; copy it again, or export the test as CSV from BTSDA",
        code="data.corrupt",
        file=str(path),
    )
