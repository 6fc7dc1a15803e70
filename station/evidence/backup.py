"""A data folder in one file, checked to the last byte on the way in and on the way back.

A tar of the database as of one moment (SQLite's own online copy, or every row of a PostgreSQL in a SQLite
file of the same tables; tests may run meanwhile), the runs' folders and what people have set; last a signed
manifest with the checksum of every file. The signing key itself only where it is asked for.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import IO, Any

from sqlalchemy.engine import make_url

from station.errors import DataError, RecordError, UsageError
from station.evidence.canonical import changed
from station.evidence.document import Signed, make_document, read_document
from station.evidence.keys import station_key, trusted_keys
from station.records import DATABASE_NAME, open_records
from station.records.copying import copy_database
from station.records.database import sqlite_url

KIND = "backup"
MANIFEST = "manifest.signed.json"
_PARTS = ("runs", "rules", "models", "profiles", "trace", "benches", "keys", "photos")
_LEFT_OUT = (".part", ".lock", ".log", "service.json")
_PRIVATE = "keys/station.pem"
_BLOCK = 1 << 20


def backup(
    data: Path, target: Path, *, with_key: bool = False, url: str | None = None, alone: bool = False
) -> dict[str, Any]:
    """Write ``target`` whole or not at all. Returns ``file``, ``files`` and ``bytes``.

    ``url`` names the database where it does not lie in ``data``; ``alone`` leaves the rest of the folder out.
    Raises RecordError (``record.unavailable``), UsageError (``backup.no_database``).
    """
    url = url or sqlite_url(data / DATABASE_NAME)
    lies_in = _file_of(url)
    if lies_in is not None and not lies_in.is_file():
        raise UsageError(
            f"there is no database {lies_in}",
            remedy="give the data folder with --data, or the database with STATION_DATABASE_URL",
            code="backup.no_database",
            file=str(lies_in),
        )
    key = station_key(data)
    part = target.with_name(target.name + ".part")
    files: list[dict[str, Any]] = []
    try:
        with tempfile.TemporaryDirectory() as folder, tarfile.open(part, "w") as tar:
            copy = Path(folder) / DATABASE_NAME
            if lies_in is None:
                copy_database(url, sqlite_url(copy))
            else:
                with closing(sqlite3.connect(lies_in)) as source, closing(sqlite3.connect(copy)) as sink:
                    source.backup(sink)
            # The database first: every file that its copy knows of is there already, and kept below.
            files.append(_add(tar, copy, DATABASE_NAME))
            for path, name in () if alone else _files(data, with_key):
                files.append(_add(tar, path, name))
            body = {"station": key.key_id, "files": files, "with_key": with_key}
            content = make_document(KIND, body, key)
            info = tarfile.TarInfo(MANIFEST)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        with part.open("rb") as stream:
            os.fsync(stream.fileno())
        part.replace(target)
    except RecordError:
        part.unlink(missing_ok=True)
        raise
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise RecordError(
            f"{target}: the backup cannot be written: {error}",
            remedy="check that there is room, and that both folders can be used",
            code="record.unavailable",
            file=str(target),
            reason=str(error),
        ) from error
    return {"file": str(target), "files": len(files), "bytes": sum(file["bytes"] for file in files)}


def check_backup(path: Path, trusted: Mapping[str, bytes]) -> tuple[Signed, int]:
    """The manifest's signature and the checksum of every file. Raises DataError (``evidence.changed``)."""
    signed, found = _manifest(path, trusted), 0
    wanted = {file["name"]: (file["sha256"], file["bytes"]) for file in signed.body["files"]}
    with _opened(path) as tar:
        for member in tar:
            if member.name == MANIFEST:
                continue
            if wanted.get(member.name) != _digest(_content(tar, member)):
                raise changed(f"{path}: {member.name}", "its checksum is not the signed one")
            found += 1
    if found != len(wanted):
        raise changed(str(path), f"{len(wanted) - found} files are missing")
    return signed, found


def restore(path: Path, data: Path, *, url: str | None = None) -> dict[str, Any]:
    """Put a backup into the empty folder ``data``; nothing appears there before everything was checked.

    With ``url`` the records go into that database, which must be empty, and the folder holds the rest.
    Afterwards the event chain and all files are verified again where they lie. Returns ``files``, ``events``,
    ``key_id``. Raises UsageError (``backup.not_empty``), DataError (``evidence.changed``), RecordError.
    """
    if data.exists() and any(data.iterdir()):
        raise UsageError(
            f"{data} is not empty",
            remedy="restore into a new folder, look at it, then use it with --data",
            code="backup.not_empty",
            file=str(data),
        )
    signed, count = check_backup(path, {})
    part = data.with_name(data.name + ".part")
    if part.exists():
        raise UsageError(
            f"{part} is left from a restore that was cut off",
            remedy="remove it and try again",
            code="backup.not_empty",
            file=str(part),
        )
    try:
        part.mkdir(parents=True)
        with _opened(path) as tar:
            for member in tar:
                if member.name != MANIFEST:
                    _write(part / _inside(member.name, path), _content(tar, member))
        if url is not None and _file_of(url) != data / DATABASE_NAME:
            try:
                copy_database(sqlite_url(part / DATABASE_NAME), url)
            except (RecordError, UsageError):
                shutil.rmtree(part)  # the backup still has all of it
                raise
            (part / DATABASE_NAME).unlink()
        if data.exists():
            data.rmdir()
        part.rename(data)
    except OSError as error:
        raise RecordError(
            f"{data}: cannot be written: {error.strerror or error}",
            remedy="check that there is room; what was written so far lies in the folder ending on .part",
            code="record.unavailable",
            file=str(data),
            reason=str(error.strerror or error),
        ) from error
    url = url or sqlite_url(data / DATABASE_NAME)
    with open_records(data, url=url) as records:
        told = records.verify()
    return {"files": count, "events": told["events"], "key_id": signed.key_id}


def checksums(path: Path, data: Path) -> dict[str, str]:
    """Name → SHA-256 of everything in a backup, after all of it was checked. Raises DataError."""
    signed, _ = check_backup(path, trusted_keys(data))
    if not signed.trusted:
        raise DataError(
            f"{path}: signed by a key that is not trusted here: {signed.key_id}",
            remedy="give a backup of this station",
            code="evidence.untrusted",
            file=str(path),
            key_id=signed.key_id,
        )
    return {file["name"]: file["sha256"] for file in signed.body["files"]}


def _file_of(url: str) -> Path | None:
    """Where a SQLite database lies; None for a server's."""
    parsed = make_url(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def _files(data: Path, with_key: bool) -> Iterator[tuple[Path, str]]:
    for name in _PARTS:
        for path in sorted((data / name).rglob("*")):
            relative = path.relative_to(data).as_posix()
            if not path.is_file() or path.is_symlink() or path.name.endswith(_LEFT_OUT):
                continue
            if relative != _PRIVATE or with_key:
                yield path, relative


def _add(tar: tarfile.TarFile, path: Path, name: str) -> dict[str, Any]:
    """A journal may grow meanwhile: what is there when it is opened is what the backup holds."""
    info = tarfile.TarInfo(name)
    with path.open("rb") as stream:
        stat = os.fstat(stream.fileno())
        info.size, info.mtime, info.mode = stat.st_size, int(stat.st_mtime), stat.st_mode & 0o777
        reader = _Hashing(stream, info.size)
        tar.addfile(info, reader)
    return {"name": name, "sha256": reader.digest.hexdigest(), "bytes": info.size}


class _Hashing:
    def __init__(self, stream: IO[bytes], left: int) -> None:
        self._stream, self._left = stream, left
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(block)
        self.digest.update(block)
        return block


def _opened(path: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(path, "r:")
    except (OSError, tarfile.TarError) as error:
        raise changed(str(path), f"it is no backup: {error}") from error


def _manifest(path: Path, trusted: Mapping[str, bytes]) -> Signed:
    try:
        with _opened(path) as tar:
            member = tar.getmember(MANIFEST)
            content = b"".join(_content(tar, member))
    except (KeyError, OSError, tarfile.TarError) as error:
        raise changed(str(path), f"it has no manifest: {error}") from error
    signed = read_document(content, f"{path}: {MANIFEST}", trusted)
    if signed.kind != KIND:
        raise changed(str(path), f"it is a document of another kind: {signed.kind}")
    return signed


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    stream = tar.extractfile(member) if member.isfile() else None
    if stream is None:
        raise changed(member.name, "it is no file")
    while block := stream.read(_BLOCK):
        yield block


def _digest(blocks: Iterator[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for block in blocks:
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), size


def _inside(name: str, path: Path) -> PurePosixPath:
    """A name that leads out of the folder is no name of ours."""
    place = PurePosixPath(name)
    if place.is_absolute() or ".." in place.parts:
        raise changed(str(path), f"a file wants to lie outside the folder: {name}")
    return place


def _write(path: Path, blocks: Iterator[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    private = path.name == PurePosixPath(_PRIVATE).name and path.parent.name == "keys"
    mode = 0o600 if private else 0o644
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as stream:
        for block in blocks:
            stream.write(block)
