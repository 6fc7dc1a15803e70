"""What a checklist before connecting may say: questions by kind of battery, each with what a "no" means."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from station.diagnosis.decision.parts import Key, Part, Text
from station.diagnosis.decision.rule_set import Level

Effect = Literal["refuse", "quarantine", "note"]
"""What a "no" does: ``refuse`` until it is mended and answered anew, ``quarantine`` the battery without a
test, or go on with a ``note`` on record."""


class Item(Part):
    """One question; "yes" is always the good answer.

    ``finding`` is the finding of the rule set that a "no" is: "yes" then says that it was looked for and not
    found. ``picture`` names one of the window's own drawings.
    """

    key: Key
    levels: tuple[Level, ...] = ("cell", "module", "pack")
    question: Text
    hint: Text | None = None
    picture: Key = "battery"
    finding: Key | None = None
    no: Effect
    consequence: Text


class Checklist(Part):
    """A site's form. Change it under a version of your own: name and version are on record with each run."""

    format: Literal["pulse-station/checklist/1"]
    name: str = Field(min_length=1, max_length=60)
    version: str = Field(min_length=1, max_length=40)
    title: Text
    basis: Text
    confirm: Text
    items: tuple[Item, ...] = Field(min_length=1)

    @field_validator("items")
    @classmethod
    def _own_names(cls, items: tuple[Item, ...]) -> tuple[Item, ...]:
        names = [item.key for item in items]
        if len(names) != len(set(names)):
            raise ValueError("every item needs a key of its own")
        return items

    def of(self, level: str) -> tuple[Item, ...]:
        """The questions for this kind of battery, in order."""
        return tuple(item for item in self.items if level in item.levels)
