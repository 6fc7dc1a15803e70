"""Which models are in use: a person adopts a candidate, the former ones stay, every change is on record.

A folder holds ``sets/<model id>/`` with the model files, and ``adoptions.jsonl``, where each line carries the
hash of the line before it. The last line says what is in use; without any, it is what the station came with.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from station.diagnosis.soh.model import ModelSet
from station.errors import DataError, UsageError
from station.models.store import HEADER as _HEADER
from station.models.store import load_models

LOG, SETS = "adoptions.jsonl", "sets"
SHIPPED = "shipped"
"""Stands for the models that come with the station."""
ENVIRONMENT = "STATION_MODELS"


@dataclass(frozen=True)
class Adoption:
    """One line of the log. ``header_sha256`` is that of the model's JSON file, empty for the shipped ones."""

    t_utc: str
    who: str
    why: str
    model_id: str
    former: str
    header_sha256: str
    previous_hash: str


class Adoptions:
    """The models of a folder. ``shipped`` is where those are that the station came with."""

    def __init__(self, folder: Path, shipped: Path, now: Callable[[], str] | None = None) -> None:
        self.folder, self._shipped = folder, shipped
        self._now = now or _utc_now

    def log(self) -> list[Adoption]:
        """All adoptions, oldest first. Raises DataError when the log is not as it was written."""
        return [adoption for adoption, _ in self._lines()]

    def in_use(self) -> str:
        """The id of what is in use, or ``shipped``."""
        log = self.log()
        return log[-1].model_id if log else SHIPPED

    def folders(self) -> dict[str, Path]:
        """Where the model files are, by id; those that ship are ``shipped``, and first."""
        kept = sorted(path for path in (self.folder / SETS).glob("*") if (path / _HEADER).is_file())
        return {SHIPPED: self._shipped, **{path.name: path for path in kept}}

    def load(self) -> ModelSet:
        """The models in use, their files checked against the log. Raises DataError."""
        log = self.log()
        if not log or log[-1].model_id == SHIPPED:
            return _load(self._shipped)
        folder = self.folder / SETS / log[-1].model_id
        if _header_sha256(folder) != log[-1].header_sha256:
            raise DataError(
                f"{folder}: not the model files that were adopted",
                remedy="restore the folder from a copy, or go back: station learn adopt --back",
                code="adopt.changed",
                file=str(folder),
            )
        return _load(folder)

    def adopt(self, candidate: Path, who: str, why: str) -> Adoption:
        """Copy the checked files of ``candidate`` and put them into use. Raises DataError, UsageError."""
        models = load_models(candidate)
        identity = str(models.info["model_id"])
        if identity == self.in_use():
            raise UsageError(
                f"{identity} is in use already",
                remedy="nothing to do",
                code="adopt.in_use",
                model_id=identity,
            )
        target = self.folder / SETS / identity
        if not target.exists():
            part = target.with_name(f"{identity}.part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            for file in _files(candidate):
                shutil.copyfile(file, part / file.name)
            part.rename(target)
        elif _header_sha256(target) != _header_sha256(candidate):
            raise DataError(
                f"{target}: kept under this id, with other content",
                remedy="restore the folder from a copy",
                code="adopt.changed",
                file=str(target),
            )
        return self._write(identity, _header_sha256(target), who, why)

    def back(self, who: str, why: str) -> Adoption:
        """Put what was in use before into use again. Raises UsageError when nothing was adopted."""
        log = self.log()
        if not log:
            raise UsageError(
                "nothing was adopted, there is nothing to go back to",
                remedy="see: station learn adopt --log",
                code="adopt.no_former",
            )
        former = log[-1].former
        stored = next((a.header_sha256 for a in reversed(log) if a.model_id == former), "")
        return self._write(former, stored, who, why)

    def _write(self, identity: str, header_sha256: str, who: str, why: str) -> Adoption:
        if not who.strip() or not why.strip():
            raise UsageError(
                "who adopts, and why, must be said", remedy="give --who and --why", code="adopt.unsigned"
            )
        lines = self._lines()
        former = lines[-1][0].model_id if lines else SHIPPED
        previous = lines[-1][1] if lines else ""
        adoption = Adoption(self._now(), who.strip(), why.strip(), identity, former, header_sha256, previous)
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / LOG).open("a", encoding="utf-8") as file:
            file.write(_line(adoption) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return adoption

    def _lines(self) -> list[tuple[Adoption, str]]:
        path = self.folder / LOG
        if not path.is_file():
            return []
        found: list[tuple[Adoption, str]] = []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                data: dict[str, Any] = json.loads(line)
                adoption = Adoption(**{field.name: str(data[field.name]) for field in fields(Adoption)})
                whole = adoption.previous_hash == (found[-1][1] if found else "") and line == _line(adoption)
            except (ValueError, KeyError, TypeError):
                whole = False
            if not whole:
                raise DataError(
                    f"{path}:{number}: not as it was written",
                    remedy="restore the log from a copy; it is only ever appended to",
                    code="adopt.log_damaged",
                    file=str(path),
                    line=number,
                )
            found.append((adoption, hashlib.sha256(line.encode()).hexdigest()))
        return found


def adoption_folder() -> Path | None:
    """Where this process finds adopted models: STATION_MODELS, else ``models`` in STATION_DATA, else None."""
    if os.environ.get(ENVIRONMENT):
        return Path(os.environ[ENVIRONMENT]).expanduser()
    data = os.environ.get("STATION_DATA")
    return Path(data).expanduser() / "models" if data else None


def _line(adoption: Adoption) -> str:
    return json.dumps(asdict(adoption), ensure_ascii=False, sort_keys=True)


def _files(folder: Path) -> list[Path]:
    from station.models.store import ARRAYS, HEADER

    return [folder / ARRAYS, folder / HEADER]


def _header_sha256(folder: Path) -> str:
    """Of the JSON file, which names the checksum of the arrays; '' where it is missing."""
    header = _files(folder)[1]
    return hashlib.sha256(header.read_bytes()).hexdigest() if header.is_file() else ""


@lru_cache(maxsize=2)
def _loaded(folder: Path, _changed: tuple[int, ...]) -> ModelSet:
    return load_models(folder)


def _load(folder: Path) -> ModelSet:
    """Models of a folder; read again only when one of its files has changed."""
    stamps = tuple(file.stat().st_mtime_ns for file in _files(folder) if file.is_file())
    return _loaded(folder, stamps)


def _utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
