"""Raw files of a run to the site's store: a folder or anything else that fsspec reaches (``s3://bucket/prefix``)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import fsspec

from station.errors import DataError, RecordError

_CHUNK = 1 << 20


class RawFileStore:
    """Files under ``STATION/RUN/NAME``. A file is there whole and right, or it is not there by its name."""

    def __init__(self, url: str) -> None:
        """Raises RecordError (``site.files``) where the store cannot be reached."""
        self.url = url
        try:
            self._system, self._root = fsspec.core.url_to_fs(url)
        except (ValueError, ImportError, OSError) as error:
            raise self._trouble(error) from error

    def put(self, data: Path, station: str, files: Iterable[dict[str, Any]]) -> int:
        """Copy those that are not there yet; ``files`` are rows with ``path``, ``sha256`` and ``bytes``.

        Returns how many were copied. Raises DataError (``record.file_missing``, ``record.file_changed``): one
        is not as it was written; RecordError (``site.files``): the store refuses.
        """
        copied = 0
        for file in files:
            target = f"{self._root}/{station}/{file['path']}"
            try:
                if self._system.exists(target) and self._system.size(target) == file["bytes"]:
                    continue
                self._copy(data / file["path"], target, file)
            except OSError as error:
                raise self._trouble(error) from error
            copied += 1
        return copied

    def _copy(self, source: Path, target: str, file: dict[str, Any]) -> None:
        digest = hashlib.sha256()
        part = f"{target}.part"
        self._system.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
        try:
            with source.open("rb") as read, self._system.open(part, "wb") as write:
                while chunk := read.read(_CHUNK):
                    digest.update(chunk)
                    write.write(chunk)
        except FileNotFoundError as error:
            raise _wrong(file, "missing") from error
        if digest.hexdigest() != file["sha256"]:
            self._system.rm(part)
            raise _wrong(file, "changed")
        self._system.mv(part, target)

    def _trouble(self, error: Exception) -> RecordError:
        return RecordError(
            f"the store of raw files {self.url} does not answer: {error}",
            remedy="check its address, its rights and the network; nothing is lost, it is tried again",
            code="site.files",
            file=self.url,
            reason=str(error),
        )


def _wrong(file: dict[str, Any], how: str) -> DataError:
    return DataError(
        f"{file['path']}: is {how} since it was put on record",
        remedy="put the file back from a backup",
        code=f"record.file_{how}",
        file=file["path"],
    )
