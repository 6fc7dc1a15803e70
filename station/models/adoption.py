"""Which models are in use: a person adopts a candidate, the former ones stay, every change is on record.

A folder holds ``sets/<model id>/`` with the model files, and ``adoptions.jsonl``, a chained log. The last
line says what is in use; without any, it is what the station came with.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from station.chained_log import ChainedLog, signed, utc_now
from station.diagnosis.soh.model import ModelSet
from station.errors import DataError, UsageError
from station.models.store import HEADER as _HEADER
from station.models.store import load_models

LOG, SETS = "adoptions.jsonl", "sets"
GAINS_ARRAYS, GAINS_HEADER = "adaptive-gains.npz", "adaptive-gains.json"
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
        self._now = now or utc_now
        self._log = ChainedLog(folder / LOG, Adoption, "adopt.log_damaged")

    def log(self) -> list[Adoption]:
        """All adoptions, oldest first. Raises DataError when the log is not as it was written."""
        return self._log.lines()

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
        for file in _gains_of(candidate):  # also beside a set that was kept without them
            shutil.copyfile(file, target / file.name)
        return self._write(identity, _header_sha256(target), who, why)

    def gains_folder(self, identity: str) -> Path | None:
        """Where the gains of adopted models are; None where there are none."""
        place = self.folder / SETS / identity
        return place if _gains_of(place) else None

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
        who, why = signed(who, why, _unsigned)
        return self._log.append(
            t_utc=self._now(), who=who, why=why, model_id=identity, former=self.in_use(),
            header_sha256=header_sha256,
        )  # fmt: skip


def adoption_folder() -> Path | None:
    """Where this process finds adopted models: STATION_MODELS, else ``models`` in STATION_DATA, else None."""
    if os.environ.get(ENVIRONMENT):
        return Path(os.environ[ENVIRONMENT]).expanduser()
    data = os.environ.get("STATION_DATA")
    return Path(data).expanduser() / "models" if data else None


def _unsigned() -> UsageError:
    return UsageError(
        "who adopts, and why, must be said", remedy="give --who and --why", code="adopt.unsigned"
    )


def _files(folder: Path) -> list[Path]:
    from station.models.store import ARRAYS, HEADER

    return [folder / ARRAYS, folder / HEADER]


def _gains_of(folder: Path) -> list[Path]:
    """The files of an adaptive test's gains, where both are there."""
    files = [folder / GAINS_ARRAYS, folder / GAINS_HEADER]
    return files if all(file.is_file() for file in files) else []


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
