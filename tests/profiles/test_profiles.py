"""The test language: built-in profiles, errors with their place, plans."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

import profiles
from profiles import CurrentLimits, Plan, ProfileError, SegmentRole
from profiles.library import locate
from profiles.schema import profile_schema
from profiles.yaml_file import parse_profile

RAPID = locate("rapid").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "longest_s", "currents_C", "pulse_s"),
    [
        ("screen", 22.5, [2.5], 0.7),
        ("rapid", 180.0, [2.5], 5.0),
        ("reference", 820.0, [0.5, 1, 1.5, 2, 2.5], 5.0),
    ],
)
def test_built_in_profiles_do_what_their_names_promise(
    name: str, longest_s: float, currents_C: list[float], pulse_s: float
) -> None:
    plan = profiles.resolve(profiles.load(name), nominal_capacity_Ah=35)
    assert plan.duration_s <= longest_s
    charge = [s for s in plan.segments if s.role is SegmentRole.CHARGE_PULSE]
    discharge = [s for s in plan.segments if s.role is SegmentRole.DISCHARGE_PULSE]
    assert [s.current_A for s in charge] == pytest.approx([c * 35 for c in currents_C])
    assert [s.current_A for s in discharge] == pytest.approx([-c * 35 for c in currents_C])
    assert {s.duration_s for s in charge + discharge} == {pulse_s}


@pytest.mark.parametrize("name", profiles.builtin_names())
def test_no_profile_starts_with_more_than_a_fifth_of_the_capacity(name: str) -> None:
    plan = profiles.resolve(profiles.load(name), nominal_capacity_Ah=10)
    first = next(s for s in plan.segments if s.current_A != 0)
    assert first.role is SegmentRole.CONTACT_PULSE
    assert abs(first.current_A) <= 0.2 * 10


def test_a_profile_without_contact_check_is_refused() -> None:
    text = "\n".join(line for line in RAPID.splitlines() if "contact_check" not in line)
    with pytest.raises(ProfileError, match="contact_check"):
        parse_profile(text, "bold.yaml")


@pytest.mark.parametrize(
    ("old", "new", "line", "field"),
    [
        ("rest_s: 75", "rest_s: 75, speed: 3", 13, "speed"),
        ("duration_s: 10,", "duration_s: ten,", 11, "duration_s"),
        ("step: ocv_check", "step: ocv_chek", 11, "steps"),
        ("current_C: 2.5, current_floor", "current_C: -2.5, current_floor", 13, "current_C"),
        ("name: rapid", "name: Rapid Test", 2, "name"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(old: str, new: str, line: int, field: str) -> None:
    assert old in RAPID
    with pytest.raises(ProfileError) as caught:
        parse_profile(RAPID.replace(old, new), "mine.yaml")
    assert caught.value.file == "mine.yaml"
    assert caught.value.line == line
    assert field in caught.value.field
    assert caught.value.remedy


@pytest.mark.parametrize("text", ["", "[1, 2]", "a: [", "\t- x", "just words"])
def test_text_that_is_no_profile_is_refused(text: str) -> None:
    with pytest.raises(ProfileError) as caught:
        parse_profile(text, "broken.yaml")
    assert "broken.yaml" in str(caught.value)


def test_a_missing_file_and_an_unknown_name_are_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="cannot be read"):
        profiles.load(str(tmp_path / "nothing.yaml"))
    with pytest.raises(ProfileError) as caught:
        profiles.load("rapdi")
    assert "rapid" in caught.value.remedy


def test_a_current_beyond_the_channel_is_refused_or_lowered_to_no_less_than_the_floor() -> None:
    rapid = profiles.load("rapid")
    lowered = profiles.resolve(rapid, nominal_capacity_Ah=40, limits=CurrentLimits(36, 42))
    assert max(s.current_A for s in lowered.segments) == 36
    with pytest.raises(ProfileError, match="beyond") as caught:
        profiles.resolve(rapid, nominal_capacity_Ah=100, limits=CurrentLimits(36, 42))
    assert caught.value.field == "steps[2]"
    assert caught.value.code == "profile.beyond_limits"


@pytest.mark.parametrize("capacity", [0.0, -5.0, float("nan")])
def test_a_capacity_that_is_none_is_refused(capacity: float) -> None:
    with pytest.raises(ProfileError, match="nominal capacity"):
        profiles.resolve(profiles.load("screen"), nominal_capacity_Ah=capacity)


@settings(deadline=None)
@given(
    capacity=st.floats(0.5, 500),
    charge=st.floats(0.1, 1000),
    discharge=st.floats(0.1, 1000),
    name=st.sampled_from(profiles.builtin_names()),
)
def test_no_plan_ever_asks_for_more_than_the_limits(
    capacity: float, charge: float, discharge: float, name: str
) -> None:
    try:
        plan = profiles.resolve(
            profiles.load(name), nominal_capacity_Ah=capacity, limits=CurrentLimits(charge, discharge)
        )
    except ProfileError:
        return
    for segment in plan.segments:
        assert -discharge * (1 + 1e-6) <= segment.current_A <= charge * (1 + 1e-6)


def test_the_digest_follows_the_content_and_a_plan_survives_json() -> None:
    rapid = profiles.load("rapid")
    one, two = (profiles.resolve(rapid, nominal_capacity_Ah=c) for c in (35, 36))
    assert one.digest != two.digest
    assert one.digest == profiles.resolve(rapid, nominal_capacity_Ah=35).digest
    assert Plan.from_dict(one.as_dict()) == one


@pytest.mark.parametrize("name", profiles.builtin_names())
def test_the_exported_schema_accepts_what_ships_and_refuses_an_unknown_field(name: str) -> None:
    schema = profile_schema()
    Draft7Validator.check_schema(schema)
    data = YAML(typ="safe", pure=True).load(locate(name).read_text(encoding="utf-8"))
    Draft7Validator(schema).validate(data)
    data["colour"] = "red"
    assert not Draft7Validator(schema).is_valid(data)
