"""Texts that are kept in versions: who wrote which, when and why; nothing written is ever written over.

A folder holds ``<name>/<number>.yaml`` and ``versions.jsonl``, where each line carries the hash of the line
before it. The last line of a name says which version is in use: a line that names an earlier one puts that
into use again. Names without a line are what the station came with.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from station.errors import DataError, UsageError

LOG: Final = "versions.jsonl"
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
TEXT_MAX_BYTES: Final = 1_000_000


@dataclass(frozen=True)
class Version:
    """One line of the log: version ``number`` (from 1) of ``name`` came into use."""

    t_utc: str
    who: str
    why: str
    name: str
    number: int
    sha256: str
    previous_hash: str

    def as_dict(self) -> dict[str, Any]:
        """Plain data without the chain."""
        return {key: value for key, value in asdict(self).items() if key != "previous_hash"}


class Versions:
    """The versions kept in ``folder``. Safe against a second writer as far as no version is written over."""

    def __init__(self, folder: Path, now: Callable[[], str] | None = None) -> None:
        self.folder = folder
        self._now = now or _utc_now

    def log(self, name: str | None = None) -> list[Version]:
        """All lines, oldest first; of ``name`` alone when it is given. Raises DataError."""
        return [line for line, _ in self._lines() if name in (None, line.name)]

    def names(self) -> list[str]:
        """Names that have a version here, sorted."""
        return sorted({line.name for line in self.log()})

    def numbers(self, name: str) -> list[int]:
        """The versions of ``name`` that were ever in use, sorted."""
        return sorted({line.number for line in self.log(name)})

    def in_use(self, name: str) -> Version | None:
        """The version in use; None where nothing but what ships is known."""
        lines = self.log(name)
        return lines[-1] if lines and lines[-1].number else None

    def path(self, name: str, number: int) -> Path:
        """Where a version is kept."""
        if not NAME.fullmatch(name):
            raise UsageError(
                f"{name!r} is no name for a version",
                remedy="use small letters, digits, - and _, 40 at most",
                code="version.name",
                name=name,
            )
        return self.folder / name / f"{number:04}.yaml"

    def read(self, name: str, number: int | None = None) -> str:
        """The text of a version, of the one in use by default. Raises UsageError, DataError (changed)."""
        wanted = self.in_use(name) if number is None else self._line(name, number)
        if wanted is None:
            raise UsageError(
                f"there is no version {number if number is not None else ''} of {name}".replace("  ", " "),
                remedy="choose one of those that are listed",
                code="version.unknown",
                name=name,
                number=number,
            )
        path = self.path(name, wanted.number)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise _changed(path, "cannot be read") from error
        if hashlib.sha256(content).hexdigest() != wanted.sha256:
            raise _changed(path, "is not what was written")
        return content.decode("utf-8")

    def add(self, name: str, text: str, who: str, why: str) -> Version:
        """Keep ``text`` as the next version and put it into use. Raises UsageError, DataError."""
        who, why = _signed(who, why)
        content = text.encode("utf-8")
        if len(content) > TEXT_MAX_BYTES:
            raise UsageError(
                "larger than 1 MB", remedy="a file of this kind has a few kB", code="version.size"
            )
        # Beyond all that lie there: a file without a line, left by a crash, keeps its number for itself.
        self.path(name, 0)
        lying = [int(file.stem) for file in (self.folder / name).glob("[0-9]*.yaml") if file.stem.isdigit()]
        number = max([0, *self.numbers(name), *lying]) + 1
        path = self.path(name, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return self._write(name, number, hashlib.sha256(content).hexdigest(), who, why)

    def use(self, name: str, number: int, who: str, why: str) -> Version:
        """Put an earlier version into use again; 0 is what ships. Raises UsageError, DataError."""
        who, why = _signed(who, why)
        if number == 0:
            return self._write(name, 0, "", who, why)
        self.read(name, number)
        line = self._line(name, number)
        assert line is not None
        return self._write(name, number, line.sha256, who, why)

    def _line(self, name: str, number: int) -> Version | None:
        return next((line for line in self.log(name) if line.number == number and number), None)

    def _write(self, name: str, number: int, sha256: str, who: str, why: str) -> Version:
        lines = self._lines()
        previous = lines[-1][1] if lines else ""
        version = Version(self._now(), who, why, name, number, sha256, previous)
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / LOG).open("a", encoding="utf-8") as file:
            file.write(_text(version) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return version

    def _lines(self) -> list[tuple[Version, str]]:
        path = self.folder / LOG
        if not path.is_file():
            return []
        found: list[tuple[Version, str]] = []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                data = json.loads(line)
                version = Version(**{field.name: data[field.name] for field in fields(Version)})
                whole = version.previous_hash == (found[-1][1] if found else "") and line == _text(version)
            except (ValueError, KeyError, TypeError):
                whole = False
            if not whole:
                raise DataError(
                    f"{path}:{number}: not as it was written",
                    remedy="restore the log from a copy; it is only ever appended to",
                    code="version.log_damaged",
                    file=str(path),
                    line=number,
                )
            found.append((version, hashlib.sha256(line.encode()).hexdigest()))
        return found


def difference(before: str, after: str, names: tuple[str, str] = ("", "")) -> list[str]:
    """The lines of a unified diff, without line ends; empty when both are the same."""
    return list(difflib.unified_diff(before.splitlines(), after.splitlines(), *names, lineterm="", n=3))


def _signed(who: str, why: str) -> tuple[str, str]:
    if not who.strip() or not why.strip():
        raise UsageError(
            "who changes this, and why, must be said",
            remedy="log in, and give a reason",
            code="version.unsigned",
        )
    return who.strip(), why.strip()


def _changed(path: Path, what: str) -> DataError:
    return DataError(
        f"{path}: {what}",
        remedy="restore the file from a copy, or put another version into use",
        code="version.changed",
        file=str(path),
    )


def _text(version: Version) -> str:
    return json.dumps(asdict(version), ensure_ascii=False, sort_keys=True)


def _utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
