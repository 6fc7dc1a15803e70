"""Checks the text of a profile as a whole: fields, steps, and what it asks of one battery on one channel."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from profiles.balance import Balance, balance
from profiles.errors import ProfileError
from profiles.findings import ERRORS, findings
from profiles.model import Profile
from profiles.over_time import Timeline, timeline
from profiles.plan import CurrentLimits, Plan, resolve
from profiles.stand_in import stand_in_capacity_Ah
from profiles.yaml_file import Find, locate, placed_problem, places_of, problems_of


@dataclass(frozen=True)
class Checked:
    """``profile`` is None where a field is wrong, ``plan`` and ``timeline`` also where it asks too much."""

    profile: Profile | None
    plan: Plan | None
    timeline: Timeline | None
    problems: tuple[ProfileError, ...]
    warnings: tuple[ProfileError, ...] = ()
    balance: Balance | None = None

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return not self.problems

    def as_dict(self) -> dict[str, Any]:
        """Plain data: what an editor or ``station profile check`` shows."""
        plan, profile = self.plan, self.profile
        return {
            "ok": self.ok,
            "name": profile.name if profile else None,
            "steps": len(profile.steps) if profile else None,
            "segments": len(plan.segments) if plan else None,
            "duration_s": round(plan.duration_s, 3) if plan else None,
            "digest": plan.digest if plan else None,
            "limits": profile.limits.model_dump(exclude_none=True) if profile else None,
            "timing": profile.timing if profile else None,
            "timeline": self.timeline.as_dict() if self.timeline else None,
            "balance": self.balance.as_dict() if self.balance else None,
            "warnings": [warning.as_dict() for warning in self.warnings],
            "problems": [problem.as_dict() for problem in self.problems],
        }


def check_text(
    text: str,
    name: str = "<text>",
    *,
    nominal_capacity_Ah: float | None = None,
    limits: CurrentLimits | None = None,
    parameters: Mapping[str, float] | None = None,
    folder: Path | None = None,
    find: Find | None = None,
) -> Checked:
    """Check ``text`` for a battery of ``nominal_capacity_Ah`` within ``limits``; nothing is raised.

    Without a capacity nothing is judged that asks how large the battery is.

    ``parameters`` take the place of declared values; ``folder``: where the files lie that it names; ``find``
    gives the text of a station's own profile by its name.
    """
    with uncollected():
        return _checked(text, name, nominal_capacity_Ah, limits, parameters, folder, find)


@contextmanager
def uncollected() -> Iterator[None]:
    """Without looking for garbage: tens of thousands of objects are made at once, and none is garbage."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _checked(
    text: str,
    name: str,
    nominal_capacity_Ah: float | None,
    limits: CurrentLimits | None,
    parameters: Mapping[str, float] | None,
    folder: Path | None,
    find: Find | None,
) -> Checked:
    profile, problems = problems_of(text, name, parameters=parameters, folder=folder, find=find)
    if profile is None:
        return Checked(None, None, None, tuple(problems))
    try:
        capacity_Ah = stand_in_capacity_Ah(profile) if nominal_capacity_Ah is None else nominal_capacity_Ah
        plan = resolve(profile, nominal_capacity_Ah=capacity_Ah, limits=limits, file=name)
    except ProfileError as error:
        return Checked(profile, None, None, (_placed(error, text, name),))
    found = list(findings(profile, plan))
    places = places_of(text, name) if found else None
    told = [(code, placed_problem(problem, places, name, code)) for code, problem in found]
    problems = [error for code, error in told if code in ERRORS]
    warnings = [error for code, error in told if code not in ERRORS]
    return Checked(profile, plan, timeline(plan), tuple(problems), tuple(warnings), balance(plan))


def _placed(error: ProfileError, text: str, name: str) -> ProfileError:
    """The same with the line of the step it is about."""
    path = error.facts.get("path")
    if path is None:
        return error
    line, column, _ = locate(places_of(text, name), tuple(path))
    return ProfileError(
        error.message,
        file=error.file,
        line=line,
        column=column,
        field=error.field,
        remedy=error.remedy,
        code=error.code,
        **error.facts,
    )
