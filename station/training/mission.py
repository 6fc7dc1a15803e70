"""A mission as data: what happens on the bench, what a trainee is told, what is expected, what is wrong."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from ruamel.yaml import YAML

SCHEMA = "pulse-station/mission/1"
ORDER = ("normal", "weak-cell", "reversed-polarity", "open-clamp", "hot-cell", "bms-loss", "estop-drill")

Kind = Literal[
    "started", "state", "fault", "verdict", "acknowledged", "stopped", "guard", "answer", "mended", "estop"
]
"""What can be seen of a trainee or the bench:

``started`` a test was begun; ``state`` the channel is in one of ``values``; ``fault`` the channel stands with
one of the codes in ``values`` (any, when empty); ``verdict`` one of ``values``; ``acknowledged`` a fault or
verdict was seen by a person;
``stopped`` a person's stop ended the test;
``guard`` ``estop_open`` or ``estop_closed``;
``answer`` the step's question was answered; ``mended`` and ``estop`` are the two things a trainee does at the
bench itself, told by a button.
"""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Strict):
    """One text in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Expect(_Strict):
    """Something that is seen; ``channel`` left out is the mission's own."""

    kind: Kind
    channel: str | None = None
    values: tuple[str, ...] = ()


class Choice(_Strict):
    """One answer of a question."""

    id: str
    text: Text
    right: bool = False


class Question(_Strict):
    """Asked when its step comes; the first answer counts, the explanation is shown after it."""

    text: Text
    choices: tuple[Choice, ...] = Field(min_length=2, max_length=4)
    why: Text

    @model_validator(mode="after")
    def _one_right(self) -> Question:
        if sum(choice.right for choice in self.choices) != 1:
            raise ValueError("exactly one choice is right")
        return self


class Step(_Strict):
    """One thing to do or to see, in its turn.

    ``within_s``: real seconds from its beginning; later is done, but a mistake. ``begin``: operations of the
    simulated bench's control port when the step begins. ``missed``: seen instead, it is a mistake.
    """

    id: str
    text: Text
    expect: Expect
    within_s: float | None = Field(default=None, gt=0)
    question: Question | None = None
    begin: tuple[dict[str, Any], ...] = ()
    missed: Expect | None = None
    missed_text: Text | None = None

    @model_validator(mode="after")
    def _whole(self) -> Step:
        if (self.question is None) == (self.expect.kind == "answer"):
            raise ValueError("a question belongs to an expected answer, and to nothing else")
        if (self.missed is None) != (self.missed_text is None):
            raise ValueError("missed and missed_text belong together")
        return self


class Forbidden(_Strict):
    """Wrong while the steps from ``begin`` (done) to ``end`` (not yet done) are the present ones."""

    id: str
    text: Text
    expect: Expect
    begin: str
    end: str


class Mission(_Strict):
    """One exercise of ten minutes at most."""

    schema_: Literal["pulse-station/mission/1"] = Field(alias="schema")
    name: str
    title: Text
    story: Text
    notice: Text
    channel: str
    profile: str = "screen"
    battery: str
    setup: tuple[dict[str, Any], ...] = ()
    mend: tuple[dict[str, Any], ...] = ()
    steps: tuple[Step, ...] = Field(min_length=1)
    forbidden: tuple[Forbidden, ...] = ()

    @model_validator(mode="after")
    def _known_steps(self) -> Mission:
        ids = [step.id for step in self.steps]
        if len(set(ids)) != len(ids):
            raise ValueError("two steps have the same id")
        for one in self.forbidden:
            if one.begin not in ids or one.end not in ids:
                raise ValueError(f"forbidden {one.id}: begin and end name steps")
        return self


@cache
def load_missions() -> dict[str, Mission]:
    """The course, in its order. Raises ValueError for a file that is no mission."""
    folder = files("station.training").joinpath("missions")
    found = {}
    for name in ORDER:
        data = YAML(typ="safe", pure=True).load(folder.joinpath(f"{name}.yaml").read_text(encoding="utf-8"))
        found[name] = Mission.model_validate(data)
    return found
