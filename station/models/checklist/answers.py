"""Answers to a checklist, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from station.models.checklist.model import Item

Answer = Literal["yes", "no"]


class Answers(BaseModel):
    """What a person has said of one battery. ``confirmed``: the short form, all of it by one word."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answers: dict[str, Answer] = Field(default_factory=dict, max_length=100)
    notes: dict[str, str] = Field(default_factory=dict, max_length=100)
    confirmed: bool = False

    @field_validator("notes")
    @classmethod
    def _short(cls, notes: dict[str, str]) -> dict[str, str]:
        if any(len(text) > 400 for text in notes.values()):
            raise ValueError("a note has at most 400 characters")
        return notes


@dataclass(frozen=True)
class Judged:
    """What follows: keys not answered, those that refuse, quarantine or are noted, and the inspection.

    ``inspection`` says of each finding whether it was found (``yes``) or looked for and not found (``no``).
    """

    open: tuple[str, ...]
    refused: tuple[str, ...]
    quarantined: tuple[str, ...]
    noted: tuple[str, ...]
    inspection: Mapping[str, Answer]

    @property
    def free(self) -> bool:
        """Whether a test may begin: all answered, nothing refused, nothing to be quarantined."""
        return not (self.open or self.refused or self.quarantined)


def judge(items: tuple[Item, ...], answers: Answers) -> Judged:
    """Judge ``answers``; the short form answers every question with yes that was not answered by itself."""
    said: dict[str, Answer] = {
        item.key: answers.answers.get(item.key, "yes")
        for item in items
        if item.key in answers.answers or answers.confirmed
    }
    bad = [item for item in items if said.get(item.key) == "no"]
    inspection: dict[str, Answer] = {}
    for item in items:
        if item.finding is None or item.key not in said:
            continue
        found: Answer = "yes" if said[item.key] == "no" else "no"
        # Two questions may be about one finding: found once is found.
        inspection[item.finding] = "yes" if "yes" in (found, inspection.get(item.finding)) else "no"
    return Judged(
        open=tuple(item.key for item in items if item.key not in said),
        refused=tuple(item.key for item in bad if item.no == "refuse"),
        quarantined=tuple(item.key for item in bad if item.no == "quarantine"),
        noted=tuple(item.key for item in bad if item.no == "note"),
        inspection=inspection,
    )
