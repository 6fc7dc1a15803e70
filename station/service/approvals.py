"""Who approved which profile: an approved one is frozen until the approval is withdrawn.

What is approved is what a profile says (its canonical hash), not a file: a profile of that name that says
something else is refused, wherever it comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import profiles
from profiles.hashing import profile_hash
from station.chained_log import ChainedLog, signed, utc_now
from station.errors import UsageError

LOG: Final = "approvals.jsonl"


@dataclass(frozen=True)
class Approval:
    """One line of the log; ``sha256`` is the profile's canonical hash, empty where one was withdrawn."""

    t_utc: str
    who: str
    why: str
    name: str
    version: int
    sha256: str
    previous_hash: str

    def as_dict(self) -> dict[str, Any]:
        """Plain data without the chain."""
        return {key: value for key, value in asdict(self).items() if key != "previous_hash"}


class Approvals:
    """The log in ``folder``, that of the station's own profiles."""

    def __init__(self, folder: Path, now: Callable[[], str] | None = None) -> None:
        self._now = now or utc_now
        self._log = ChainedLog(folder / LOG, Approval, "profile.approvals_damaged")

    def log(self, name: str | None = None) -> list[Approval]:
        """All lines, oldest first; of ``name`` alone when it is given. Raises DataError."""
        return [line for line in self._log.lines() if name in (None, line.name)]

    def of(self, name: str) -> Approval | None:
        """The approval in force. Raises DataError."""
        lines = self.log(name)
        return lines[-1] if lines and lines[-1].sha256 else None

    def approve(self, profile: profiles.Profile, version: int, who: str, why: str) -> Approval:
        """Freeze what ``profile`` says; ``version`` is 0 for one that is no version of the station.

        Raises UsageError: another text of this name is approved, or nobody signs; DataError.
        """
        who, why = signed(who, why, _unsigned)
        standing = self.of(profile.name)
        said = profile_hash(profile)
        if standing is not None and standing.sha256 != said:
            raise frozen(standing)
        return self._log.append(
            t_utc=self._now(), who=who, why=why, name=profile.name, version=version, sha256=said
        )

    def withdraw(self, name: str, who: str, why: str) -> Approval:
        """Free the name again. Raises UsageError: nothing is approved, or nobody signs; DataError."""
        who, why = signed(who, why, _unsigned)
        standing = self.of(name)
        if standing is None:
            raise UsageError(
                f"no profile {name} is approved",
                remedy="see: station profile approvals",
                code="profile.not_approved",
                name=name,
            )
        return self._log.append(
            t_utc=self._now(), who=who, why=why, name=name, version=standing.version, sha256=""
        )

    def require_as_approved(self, profile: profiles.Profile) -> Approval | None:
        """The approval of ``profile``; None where its name has none. Raises UsageError when changed."""
        standing = self.of(profile.name)
        if standing is not None and profile_hash(profile) != standing.sha256:
            raise frozen(standing)
        return standing


def frozen(standing: Approval) -> UsageError:
    """The name is approved, and this says something else."""
    return UsageError(
        f"profile {standing.name} was approved by {standing.who} on {standing.t_utc}, and this is not what "
        "was approved",
        remedy="give it a name of its own, or withdraw the approval first",
        code="profile.frozen",
        name=standing.name,
        who=standing.who,
        when=standing.t_utc,
        approved_hash=standing.sha256[:12],
    )


def _unsigned() -> UsageError:
    return UsageError(
        "who approves this, and why, must be said",
        remedy="give --who and --why",
        code="version.unsigned",
    )
