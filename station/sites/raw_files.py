"""Raw files of a run to the site's store: a folder or anything else that fsspec reaches (``s3://bucket/prefix``)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import fsspec

from station.errors import DataError, RecordError, StationError

_CHUNK = 1 << 20
Answer = TypeVar("Answer")
# Nothing is taken from memory: another program may have written meanwhile, and settings may have changed.
_FRESH: dict[str, Any] = {"skip_instance_cache": True, "use_listings_cache": False}
# A store behind a dead network must not hold anybody up for minutes; the outbox tries again by itself.
_PATIENCE: dict[str, dict[str, Any]] = {
    "s3": {
        "config_kwargs": {"connect_timeout": 5, "read_timeout": 30, "retries": {"total_max_attempts": 1}},
        "default_fill_cache": False,
    }
}


_OBJECTS = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "oss"})
"""Stores of objects know no folders; to ask for one would make a bucket out of a mistyped name."""
_TRIES = 2
"""Of one request; the outbox tries again by itself."""


class RawFileStore:
    """Files under ``STATION/RUN/NAME``. A file is there whole and right, or it is not there by its name."""

    def __init__(self, url: str, options: Mapping[str, Any] | None = None) -> None:
        """``options`` are those of fsspec's file system: ``endpoint_url``, ``key``, ``secret`` of S3.

        Raises RecordError (``site.files``) where the store cannot be reached.
        """
        self.url = url
        given = {**_FRESH, **_PATIENCE.get(url.partition("://")[0], {}), **(options or {})}
        self._system, self._root = self._asked(lambda: fsspec.core.url_to_fs(url, **given))
        if hasattr(self._system, "retries"):
            self._system.retries = _TRIES

    def check(self) -> None:
        """Write a small file, read it back and remove it. Raises RecordError (``site.files``)."""
        target = f"{self._root}/.pulse-station-check"

        def tried() -> None:
            self._make_folder(target)
            self._system.pipe_file(target, b"ok")
            found = self._system.cat_file(target)
            self._system.rm_file(target)
            if found != b"ok":
                raise OSError("what was written is not what is read")

        self._asked(tried)

    def put(self, data: Path, station: str, files: Iterable[dict[str, Any]]) -> int:
        """Copy those that are not there as recorded; ``files`` are rows with ``path``, ``sha256``, ``bytes``.

        Returns how many were copied. Raises DataError (``record.file_missing``, ``record.file_changed``): one
        is not as it was written; RecordError (``site.files``): the store refuses.
        """
        return sum(
            self._put(data / file["path"], f"{self._root}/{station}/{file['path']}", file) for file in files
        )

    def _put(self, source: Path, target: str, file: dict[str, Any]) -> bool:
        if self._asked(lambda: self._is_there(target, file)):
            return False
        try:
            self._asked(lambda: self._copy(source, target, file))
        except RecordError:
            if not source.is_file():
                raise _wrong(file, "missing") from None
            raise
        return True

    def _is_there(self, target: str, file: dict[str, Any]) -> bool:
        """Of the right size and content: half-written ones, or changed there, are written again."""
        if not self._system.exists(target) or self._system.size(target) != file["bytes"]:
            return False
        return self._digest(target) == str(file["sha256"])

    def _copy(self, source: Path, target: str, file: dict[str, Any]) -> None:
        digest = hashlib.sha256()
        part = f"{target}.part"
        self._make_folder(target)
        with source.open("rb") as read, self._system.open(part, "wb") as write:
            while chunk := read.read(_CHUNK):
                digest.update(chunk)
                write.write(chunk)
        if digest.hexdigest() != file["sha256"]:
            self._system.rm_file(part)
            raise _wrong(file, "changed")
        # What the store now holds is what counts, not what was sent to it.
        if self._digest(part) != file["sha256"]:
            self._system.rm_file(part)
            raise OSError(f"{part}: what arrived is not what was sent")
        self._system.mv(part, target)

    def _make_folder(self, target: str) -> None:
        protocol = self._system.protocol
        if not _OBJECTS.intersection((protocol,) if isinstance(protocol, str) else protocol):
            self._system.makedirs(target.rsplit("/", 1)[0], exist_ok=True)

    def _digest(self, target: str) -> str:
        digest = hashlib.sha256()
        with self._system.open(target, "rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    def _asked(self, ask: Callable[[], Answer]) -> Answer:
        """Every store brings a library with errors of its own kind: all of them mean: no answer."""
        try:
            return ask()
        except StationError:
            raise
        except Exception as error:
            raise RecordError(
                f"the store of raw files {self.url} does not answer: {_said(error)}",
                remedy="check its address, its rights and the network; nothing is lost, it is tried again",
                code="site.files",
                file=self.url,
                reason=_said(error),
            ) from error


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__


def _wrong(file: dict[str, Any], how: str) -> DataError:
    return DataError(
        f"{file['path']}: is {how} since it was put on record",
        remedy="put the file back from a backup",
        code=f"record.file_{how}",
        file=file["path"],
    )
