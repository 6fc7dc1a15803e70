"""What a dry run answers in the place of the person who is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiles import Profile, Prompt
from profiles.nesting import walk

BY = "dry run"
"""Stands in the record of the answer."""


def defaults(profile: Profile) -> dict[str, float]:
    """What the profile itself says where nobody answers."""
    asked = (step for _, step in walk(profile.steps) if isinstance(step, Prompt))
    return {one.name: one.default for one in asked if one.name is not None and one.default is not None}


def answered(question: Mapping[str, Any], answers: Mapping[str, float]) -> dict[str, Any]:
    """A confirmation, or a number: that of ``answers`` by its name, else one inside what is allowed.

    A number outside what is allowed is refused by the engine, and its question then times out.
    """
    answer: dict[str, Any] = {"command": "answer", "prompt": question["prompt"], "by": BY}
    if question["answer"] == "number":
        answer["value"] = answers.get(question["name"], _inside(question["low"], question["high"]))
    return answer


def _inside(low: float | None, high: float | None) -> float:
    if low is not None and high is not None:
        return (low + high) / 2
    return next((bound for bound in (low, high) if bound is not None), 0.0)
