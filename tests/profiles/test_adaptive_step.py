"""The adaptive step: said in YAML, bounded in the plan, and answers that do not fit are refused."""

from __future__ import annotations

from typing import Any

import pytest

import profiles
from profiles import CurrentLimits, OpenStep, Plan, ProfileError
from profiles.library import locate
from profiles.rounds import Moved, RoundRefused, check_round, read_round
from profiles.yaml_file import parse_profile

TEXT = locate("adaptive").read_text(encoding="utf-8")
LINES = TEXT.splitlines()


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(LINES, start=1) if text in line)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("budget_s: 1800", "budget_s: -1", "budget_s"),
        ("inside_grade: true", "inside_grade: false", "goal"),
        ("inside_grade: true", "half_width_points: 80", "half_width_points"),
        ("shift_soc]", "capacity_test]", "kinds"),
        ("rest_factor: 15\n", "rest_factor: 15\n    patience_s: 3\n", "patience_s"),
        ("charge_max_C: 2.5\n    dis", "dis", "charge_max_C"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(old: str, new: str, field: str) -> None:
    wrong = TEXT.replace(old, new)
    assert wrong != TEXT
    with pytest.raises(ProfileError) as caught:
        parse_profile(wrong, "mine.yaml")
    assert caught.value.file == "mine.yaml"
    assert field in caught.value.field
    assert caught.value.line >= line_of("step: adaptive")


def test_it_is_no_first_energised_step() -> None:
    alone = "\n".join(line for line in LINES if "contact_check" not in line and "pulse_train" not in line)
    with pytest.raises(ProfileError, match="adaptive"):
        parse_profile(alone, "bold.yaml")


def test_the_plan_bounds_it_by_bench_and_profile_and_survives_json() -> None:
    profile = profiles.load("adaptive")
    plan = profiles.resolve(profile, nominal_capacity_Ah=20, limits=CurrentLimits(30, 90))
    (opened,) = plan.open_steps
    assert (opened.charge_max_A, opened.discharge_max_A) == (30, 50)
    assert opened.step == 3
    assert opened.group not in {segment.group for segment in plan.segments}
    known_s = sum(segment.duration_s for segment in plan.segments)
    assert plan.duration_s == pytest.approx(known_s + 1800)
    assert Plan.from_dict(plan.as_dict()) == plan
    charge_Ah = sum(a * s for a, s in plan.bounds() if a > 0) / 3600
    known_Ah = sum(s.current_A * s.duration_s for s in plan.segments if s.current_A > 0) / 3600
    assert charge_Ah == pytest.approx(known_Ah + 0.5 * 20)
    assert max(a for a, _ in plan.bounds()) == 30


def test_a_plan_without_one_reads_as_it_always_did() -> None:
    plan = profiles.resolve(profiles.load("rapid"), nominal_capacity_Ah=20)
    assert "open_steps" not in plan.as_dict()
    assert plan.duration_s == sum(segment.duration_s for segment in plan.segments)


STEP = OpenStep(
    step=2, group=2, inside_grade=True, half_width=None, budget_s=500.0,
    kinds=("pulse_pair", "shift_soc"), charge_max_A=40.0, discharge_max_A=50.0, soc_shift_max_Ah=2.0,
    throughput_max_Ah=4.0, rest_factor=10.0, shift_rest_s=60.0, answer_timeout_s=10.0,
)  # fmt: skip


def part(role: str, current_A: Any, duration_s: Any) -> dict[str, Any]:
    return {"role": role, "current_A": current_A, "duration_s": duration_s}


def pair(current_A: float = 40.0, duration_s: float = 2.0, rest_s: float = 20.0) -> list[dict[str, Any]]:
    return [
        part("charge_pulse", current_A, duration_s),
        part("rest", 0.0, rest_s),
        part("discharge_pulse", -current_A, duration_s),
        part("rest", 0.0, rest_s),
    ]


def shift(charge_Ah: float) -> list[dict[str, Any]]:
    current_A = 40.0 if charge_Ah > 0 else -40.0
    return [part("soc_shift", current_A, charge_Ah / current_A * 3600), part("rest", 0, 60.0)]


def checked(parts: object, moved: Moved | None = None) -> tuple[profiles.Segment, ...]:
    segments = read_round(parts, STEP, 17, 9)
    check_round(segments, STEP, moved or Moved())
    return segments


def test_a_good_answer_becomes_segments_with_fresh_numbers() -> None:
    segments = checked(pair())
    assert [(s.index, s.group, s.step) for s in segments] == [(n, 9, 2) for n in (17, 18, 19, 20)]
    assert [s.current_A for s in segments] == [40.0, 0.0, -40.0, 0.0]
    checked(shift(-2.0))
    # Both limits are allowed to be reached, and the way back is always open.
    checked(shift(-2.0), Moved(0.0, 0.0, 0.0))
    checked(shift(1.0), Moved(0.0, 0.0, 2.5))


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        (None, "1 to"),
        ([], "1 to"),
        (pair() * 60, "1 to"),
        (["rest"], "no segment"),
        ([part("party", 0, 1.0)], "unknown role"),
        ([part("contact_pulse", 1.0, 1.0), part("rest", 0, 50.0)], "not allowed"),
        ([part("ocv_check", 0.0, 1.0)], "not allowed"),
        ([part("partial_charge", 1.0, 1.0), part("rest", 0, 60.0)], "not allowed"),
        ([part("rest", float("nan"), 1.0)], "current_A is no number"),
        ([part("rest", 0.0, float("inf"))], "duration_s is no number"),
        ([part("rest", 0.0, True)], "duration_s is no number"),
        ([part("rest", 0.0, "1")], "duration_s is no number"),
        ([part("rest", 0.0, 0.0)], "no time"),
        ([part("rest", 1.0, 1.0), part("rest", 0.0, 1.0)], "a rest has a current"),
        ([part("charge_pulse", -1.0, 1.0), part("rest", 0.0, 20.0)], "is no charge_pulse"),
        ([part("discharge_pulse", 1.0, 1.0), part("rest", 0.0, 20.0)], "is no discharge_pulse"),
        ([part("soc_shift", 0.0, 1.0), part("rest", 0.0, 60.0)], "is no soc_shift"),
        (pair()[:3], "zero current"),
        (pair(40.1), "beyond the 40 A"),
        ([part("discharge_pulse", -51.0, 1.0), part("rest", 0.0, 20.0)], "beyond the 50 A"),
        (pair(rest_s=19.0), "rest of 20 s"),
        ([part("soc_shift", 20.0, 10.0), part("rest", 0.0, 59.0)], "rest of 60 s"),
        (pair(1.0, 121.0, 1210.0), "a pulse of 121 s"),
        (pair(rest_s=300.0), "more than the step has left"),
        (shift(2.1), "from where the step began"),
    ],
)
def test_whatever_is_wrong_is_refused(parts: object, why: str) -> None:
    with pytest.raises(RoundRefused, match=why):
        checked(parts)


def test_what_the_step_has_used_counts() -> None:
    with pytest.raises(RoundRefused, match="more than the step has left"):
        checked(pair(), Moved(spent_s=480.0))
    with pytest.raises(RoundRefused, match="one way"):
        checked(shift(1.0), Moved(0.0, 3.5, 3.5))
    with pytest.raises(RoundRefused, match="from where the step began"):
        checked(shift(1.0), Moved(0.0, 1.5, 0.0))


def test_pulses_that_all_go_one_way_are_a_shift() -> None:
    one_way = [part("charge_pulse", 40.0, 20.0), part("rest", 0.0, 200.0)]
    with pytest.raises(RoundRefused, match="from where the step began"):
        checked(one_way, Moved(0.0, 2.1, 0.0))
    checked(pair(), Moved(0.0, 2.0, 0.0))
