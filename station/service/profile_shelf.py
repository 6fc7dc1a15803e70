"""The profiles of a station: those that ship, and its own in versions under the data folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import profiles
from profiles.library import everyday_names, locate
from profiles.table_file import with_rows
from profiles.yaml_file import parse_profile, read_text
from station.errors import StationError, UsageError
from station.service.approvals import Approval, Approvals
from station.versions import Version, Versions, difference


class ProfileShelf:
    """Own profiles live in ``data/profiles``; the newest version in use is the one a test is started with."""

    def __init__(self, data: Path) -> None:
        self.own = Versions(data / "profiles")
        self.approvals = Approvals(data / "profiles")

    def load(self, name: str) -> profiles.Profile:
        """The profile called ``name`` (own, or one that ships), or that of a file.

        Raises UsageError, also when one of its name is approved and this one says something else.
        """
        profile = self.read(name)
        self.approvals.require_as_approved(profile)
        return profile

    def read(self, name: str, number: int | None = None) -> profiles.Profile:
        """The same whatever is approved; of an own one also an earlier version. Raises UsageError."""
        try:
            if name not in profiles.builtin_names() and name in self.own.names():
                return parse_profile(self.own.read(name, number), name, find=self.find)
            return self._of_file(locate(name))
        except profiles.ProfileError as error:
            raise as_usage(error) from error

    def find(self, name: str) -> str | None:
        """The text of the own profile ``name``, in its version in use; None where there is none."""
        return self.own.read(name) if name in self.own.names() else None

    def _of_file(self, path: Path) -> profiles.Profile:
        return parse_profile(read_text(path), str(path), folder=path.parent, find=self.find)

    def approve(self, name: str, number: int | None, who: str, why: str) -> Approval:
        """Freeze what the profile says now; one that is kept in versions is approved as that version.

        Raises UsageError, DataError.
        """
        profile = self.read(name, number)
        line = self.own.in_use(profile.name) if name == profile.name else None
        version = number or (line.number if line is not None else 0)
        return self.approvals.approve(profile, version, who, why)

    def rows(self, *, everyday: bool = False) -> list[dict[str, Any]]:
        """All profiles: name, title, description, duration in s (the same for every capacity), versions, who
        approved it; ``problem`` is why an own one can no longer be read, as a text, empty for the others.

        ``everyday``: of those that ship only the ones for every day, without the field's methods, and of the
        own ones those that can be read.
        """
        approved = {line.name: line for line in self.approvals.log()}
        shipped = [row for row in _shipped() if not everyday or row["name"] in everyday_names()]
        own = [row for row in map(self._own_row, self.own.names()) if row is not None]
        rows = [*shipped, *(row for row in own if not (everyday and row["problem"]))]
        return [{**row, **_approval(approved.get(row["name"]))} for row in rows]

    def _own_row(self, name: str) -> dict[str, Any] | None:
        """None where no version is in use. One that cannot be read never hides the others."""
        version = self.own.in_use(name)
        if version is None:
            return None
        try:
            return _row(parse_profile(self.own.read(name), name, find=self.find), version)
        except (profiles.ProfileError, StationError) as error:  # an earlier language, a file that was changed
            titled = {"zh": name, "en": name}
            told = {"description": {"zh": str(error), "en": str(error)}, "problem": str(error)}
            return {"name": name, "title": titled, **told, "duration_s": None, **_version(version)}

    def versions(self, name: str) -> list[dict[str, Any]]:
        """Who wrote which version of ``name``, oldest first; empty for one that ships."""
        return [line.as_dict() for line in self.own.log(name)]

    def text(self, name: str, number: int | None = None) -> str:
        """The text of a profile; of the version in use by default. Raises UsageError, DataError."""
        if name in profiles.builtin_names():
            return locate(name).read_text(encoding="utf-8")
        return self.own.read(name, number)

    def diff(self, text: str, name: str, number: int | None = None) -> list[str]:
        """What ``text`` changes against a version of ``name``, as lines of a unified diff."""
        label = name if number is None else f"{name} v{number}"
        return difference(self.text(name, number), text, (label, "text"))

    def text_diff(self, before: str, number: int | None, after: str) -> list[str]:
        """Lines of a unified diff of two profiles or files, as they stand."""
        label = before if number is None else f"{before} v{number}"
        return difference(self._text_of(before, number), self._text_of(after, None), (label, after))

    def _text_of(self, name: str, number: int | None) -> str:
        if name in profiles.builtin_names() or name in self.own.names():
            return self.text(name, number)
        try:
            return read_text(locate(name))
        except profiles.ProfileError as error:
            raise as_usage(error) from error

    def save(self, text: str, who: str, why: str, folder: Path | None = None) -> Version:
        """Keep ``text`` as the next version under the name it gives itself. Raises UsageError.

        Tables of files in ``folder`` are written into it: what is kept says all of it itself. Profiles that
        it calls must be kept, too, or ship.
        """
        if folder is not None:
            checked = profiles.check_text(text, folder=folder, find=self.find)
            if checked.ok:
                text = with_rows(text, folder)
        checked = profiles.check_text(text, find=self.find)
        if checked.profile is None or not checked.ok:
            raise as_usage(checked.problems[0])
        name = checked.profile.name
        if name in profiles.builtin_names():
            raise UsageError(
                f"{name} ships with the station and is never written over",
                remedy="give it a name of its own in the line `name:`",
                code="profile.shipped",
                name=name,
            )
        self.approvals.require_as_approved(checked.profile)
        return self.own.add(name, text, who, why)


@cache
def _shipped() -> tuple[dict[str, Any], ...]:
    return tuple(_row(profiles.load(name), None) for name in profiles.builtin_names())


def _approval(line: Approval | None) -> dict[str, Any]:
    """``approved`` of a row: who and when, None where nobody did."""
    return {"approved": {"who": line.who, "t_utc": line.t_utc} if line is not None and line.sha256 else None}


def as_usage(error: profiles.ProfileError) -> UsageError:
    """A profile's error as one of the station's."""
    return UsageError(str(error), remedy=error.remedy, code=error.code, **error.params)


def _row(profile: profiles.Profile, version: Version | None) -> dict[str, Any]:
    return {
        "name": profile.name,
        "title": profile.title.model_dump(),
        "description": profile.description.model_dump(),
        "problem": "",
        "duration_s": profiles.resolve(
            profile, nominal_capacity_Ah=profiles.stand_in_capacity_Ah(profile)
        ).duration_s,
        **_version(version),
    }


def _version(version: Version | None) -> dict[str, Any]:
    return {"own": version is not None, "version": version and version.number}
