"""The schema for editors and the check of files accept the same: every field of the language, mutated.

Only what needs more than one look at the file is the check's alone: expressions, fields that bound each
other, the contact check first, called profiles.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from profiles import check_text
from profiles.complaints import KINDS
from profiles.schema import profile_schema
from profiles.yaml_events import read_events
from profiles.yaml_file import problems_of

EVERY = Path(__file__).with_name("every_step.yaml").read_text(encoding="utf-8")
SCHEMA = profile_schema()
VALIDATOR = Draft7Validator(SCHEMA)
WHOLE: dict[str, Any] = read_events(EVERY, "every")[0]
STEPS: list[dict[str, Any]] = WHOLE["steps"]
CONTACT = {"step": "contact_check"}
HEAD = {**WHOLE, "steps": [CONTACT]}
AROUND = {key: value for key, value in WHOLE.items() if key not in ("limits", "source")}
VALUES: list[Any] = [
    None,
    "text",
    "",
    "1.5",
    "=1",
    True,
    -1,
    1,
    2.5,
    1e9,
    [],
    {},
    [1, 2],
    {"zh": "a", "en": "b"},
]
ONLY_THE_CHECK = {"profile.value", "profile.first_step"}
"""Codes of what no schema can see; the others are about one field alone."""
COMPUTED = {"profile.too_small", "profile.too_large"}
"""What may be wrong with the number that an expression comes to."""


def _paths(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, part in inside:
        yield (*at, key)
        yield from _paths(part, (*at, key))


def _mutants(data: Any) -> Iterator[tuple[str, Any]]:
    """What was done, and ``data`` with that one thing changed, taken away or added."""
    for path in _paths(data):
        for value in (*VALUES, "taken away", "with a colour"):
            changed = copy.deepcopy(data)
            holder = changed
            for part in path[:-1]:
                holder = holder[part]
            if value == "taken away":
                del holder[path[-1]]
            elif value != "with a colour":
                holder[path[-1]] = value
            elif isinstance(holder[path[-1]], dict):
                holder[path[-1]]["colour"] = "red"
            yield f"{path}: {value!r}", changed


def _of_kind(kind: str) -> Draft7Validator:
    """Of one kind of step alone, where it holds no steps: trying all kinds takes long."""
    return Draft7Validator(
        {**SCHEMA["definitions"][KINDS[kind].__name__], "definitions": SCHEMA["definitions"]}
    )


def _disagreement(what: str, data: Any, in_editor: bool) -> str:
    """'' where both accept ``data``, or both refuse it."""
    profile, problems = problems_of(json.dumps(data), "mutant")
    codes = {problem.code for problem in problems}
    known = in_editor and codes <= ONLY_THE_CHECK | (COMPUTED if what.endswith("'=1'") else set())
    if (profile is not None) == in_editor or known:
        return ""
    return f"{what}: in the editor {in_editor}, {[str(problem) for problem in problems]}"


def test_the_whole_language_is_here_and_both_accept_it() -> None:
    assert {step["step"] for step in STEPS} == set(KINDS)
    VALIDATOR.validate(WHOLE)
    checked = check_text(EVERY, nominal_capacity_Ah=20)
    assert checked.ok, [str(problem) for problem in checked.problems]


@pytest.mark.parametrize("number", range(len(STEPS)), ids=lambda number: STEPS[number]["step"])
def test_a_mutated_step_is_refused_by_both_or_by_neither(number: int) -> None:
    judge = _of_kind(STEPS[number]["step"])
    wrong = []
    for what, steps in _mutants([STEPS[number]]):
        if steps and isinstance(steps[0], dict) and steps[0].get("step") == STEPS[number]["step"]:
            data = {**AROUND, "steps": [CONTACT, *steps]}
            wrong.append(_disagreement(what, data, judge.is_valid(steps[0])))
    assert not any(wrong), [one for one in wrong if one]


def test_a_mutated_head_or_kind_is_refused_by_both_or_by_neither() -> None:
    wrong = [_disagreement(what, data, VALIDATOR.is_valid(data)) for what, data in _mutants(HEAD)]
    assert not any(wrong), [one for one in wrong if one]
