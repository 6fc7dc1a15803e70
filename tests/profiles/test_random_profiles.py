"""Any valid profile checks, is planned within bounds and survives text; mutants are told with a place."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles import Plan, check_text, to_yaml
from tests.profiles.making import STEPS, profile_of

RUNS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@RUNS
@given(STEPS)
def test_a_valid_profile_checks_and_survives_text_with_its_hash(steps: list[dict[str, Any]]) -> None:
    profile = profile_of(steps)
    text = to_yaml(profile)
    found = check_text(text, nominal_capacity_Ah=20)
    assert found.ok, [str(problem) for problem in found.problems]
    assert found.profile == profile
    assert found.profile.canonical() == profile.canonical()
    assert to_yaml(found.profile) == text
    plan = found.plan
    assert plan is not None
    assert Plan.from_dict(json.loads(json.dumps(plan.as_dict()))) == plan
    assert [segment.index for segment in plan.segments] == list(range(len(plan.segments)))
    groups = {part.group for part in (*plan.segments, *plan.junctions)}
    for junction in plan.junctions:
        for left_out in (junction.if_true, junction.if_false):
            assert set(range(*left_out)) <= groups
    balance = found.balance
    assert balance is not None
    assert balance.lowest_Ah <= balance.left_min_Ah + 1e-9 <= balance.left_max_Ah + 2e-9
    assert max(abs(balance.lowest_Ah), 0) <= balance.discharge_Ah + 1e-9
    assert balance.highest_Ah <= balance.charge_Ah + 1e-9


_WRONG = st.sampled_from([("colour", "red"), ("duration_s", -1.0), ("current_C", "much"), ("step", "pulze")])


@RUNS
@given(STEPS.filter(bool), _WRONG, st.data())
def test_a_mutation_is_told_with_its_place(
    steps: list[dict[str, Any]], wrong: tuple[str, Any], data: st.DataObject
) -> None:
    lines = to_yaml(profile_of(steps)).splitlines()
    places = [
        n for n, line in enumerate(lines) if line.lstrip().startswith("- {step: ") and "contact" not in line
    ]
    if not places:
        return
    number = data.draw(st.sampled_from(places))
    name, value = wrong
    line = lines[number]
    begin = line.index("{step: ")
    kind = line[begin + 7 :].replace("}", ",", 1).split(",", 1)[0]
    if name == "step":
        lines[number] = line.replace(f"{{step: {kind}", f"{{step: {value}", 1)
    elif f"{name}: " in line:
        before, after = line.split(f"{name}: ", 1)
        stop = min(place for place in (after.find(","), after.find("}")) if place >= 0)
        lines[number] = f"{before}{name}: {json.dumps(value)}{after[stop:]}"
    else:
        lines[number] = line.replace(f"{{step: {kind}", f"{{step: {kind}, colour: red", 1)
    problems = check_text("\n".join(lines)).problems
    assert problems, lines[number]
    assert number + 1 in {problem.line for problem in problems}, [str(problem) for problem in problems]
    assert all(problem.remedy for problem in problems)
