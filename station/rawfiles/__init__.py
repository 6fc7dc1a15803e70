"""Raw files: reading records of several formats, writing the station's own, checksums."""

from __future__ import annotations

from station.rawfiles.checksum import file_sha256
from station.rawfiles.parquet import write_run_parquet
from station.rawfiles.read import read_record
from station.rawfiles.recording import RUN_FORMAT, Recording, SampleTable, SocStep, StepTable

__all__ = [
    "RUN_FORMAT",
    "Recording",
    "SampleTable",
    "SocStep",
    "StepTable",
    "file_sha256",
    "read_record",
    "write_run_parquet",
]
