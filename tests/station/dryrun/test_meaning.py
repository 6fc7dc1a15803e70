"""Hash, differences, words and approvals of profiles."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import get_args

import pytest

import profiles
from profiles.difference import differences
from profiles.explaining import explain
from profiles.explaining.chinese import SAY as ZH
from profiles.explaining.english import SAY as EN
from profiles.hashing import profile_hash
from profiles.limits import ProfileLimits, Role, RoleLimits
from profiles.yaml_file import parse_profile
from station.errors import UsageError
from station.service.profile_shelf import ProfileShelf

TEXT = """
schema: pulse-station/profile/1
name: own-one
title: {zh: 一, en: one}
description: {zh: 一, en: one}
steps:
  - {step: contact_check}
  - {step: pulse_pair, current_C: 1, duration_s: 5, rest_s: 20}
  - {step: rest, duration_s: 60}
"""
ROOT = Path(__file__).resolve().parents[3]
WORDS = profiles.Title(zh="一", en="one")


def test_the_hash_is_of_what_is_said() -> None:
    written = parse_profile("# with a comment\n" + TEXT.replace("duration_s: 60", "duration_s: 60.0"))
    built = profiles.Profile(
        name="own-one",
        title=WORDS,
        description=WORDS,
        steps=(
            profiles.ContactCheck(),
            profiles.PulsePair(rest_s=20, current_C=1.0, duration_s=5),
            profiles.Rest(duration_s=60),
        ),
    )
    assert (
        profile_hash(written) == profile_hash(built) == profile_hash(parse_profile(profiles.to_yaml(built)))
    )
    assert profile_hash(built) != profile_hash(built.model_copy(update={"sampling_Hz": 50}))


def test_differences_name_the_step_and_the_field() -> None:
    before = parse_profile(TEXT)
    after = parse_profile(
        TEXT.replace(
            "  - {step: pulse_pair", "  - {step: rest, duration_s: 1}\n  - {step: pulse_pair"
        ).replace("current_C: 1", "current_C: 1.5")
    )
    found = [str(change) for change in differences(before, after)]
    assert found == [
        "+ steps[2]: step rest, duration_s 1",
        "~ steps[3].current_C (was steps[2].current_C): 1 → 1.5",
    ]
    assert differences(before, parse_profile("# other\n" + TEXT)) == []


def test_every_kind_of_step_has_words_in_both_languages() -> None:
    kinds = {name for name in dir(profiles) if isinstance(getattr(profiles, name), type)}
    steps = {
        str(field.default)
        for name in kinds
        if (field := getattr(getattr(profiles, name), "model_fields", {}).get("step")) is not None
    }
    assert len(steps) > 25
    assert steps <= set(EN)
    assert set(EN) == set(ZH)


@pytest.mark.parametrize("name", profiles.builtin_names())
def test_profiles_that_ship_are_explained(name: str) -> None:
    profile = profiles.load(name)
    for lang, words in (("en", "steps"), ("zh", "步")):
        lines = [str(line) for line in explain(profile, lang, nominal_capacity_Ah=20.0)]  # type: ignore[arg-type]
        assert words in lines[0]
        assert len(lines) >= 3 + len(profile.steps)


def test_what_is_approved_is_frozen(tmp_path: Path) -> None:
    shelf = ProfileShelf(tmp_path)
    shelf.save(TEXT, "Li", "first")
    approval = shelf.approve("own-one", None, "Wang", "checked on the bench")
    assert (approval.version, approval.who) == (1, "Wang")
    assert shelf.load("own-one").name == "own-one"
    row = next(row for row in shelf.rows() if row["name"] == "own-one")
    assert row["approved"]["who"] == "Wang"
    changed = TEXT.replace("current_C: 1", "current_C: 2")
    file = tmp_path / "own.yaml"
    file.write_text(changed, encoding="utf-8")
    for act in (lambda: shelf.save(changed, "Li", "more"), lambda: shelf.load(str(file))):
        with pytest.raises(UsageError, match="approved by Wang") as caught:
            act()
        assert caught.value.code == "profile.frozen"
    file.write_text("# only a comment\n" + TEXT, encoding="utf-8")
    assert shelf.load(str(file)).name == "own-one"
    shelf.approvals.withdraw("own-one", "Wang", "a new one comes")
    assert shelf.save(changed, "Li", "more").number == 2


@pytest.mark.parametrize(("lang", "some"), [("en", "a current above 1.5 C"), ("zh", "电流超过 1.5 C")])
def test_every_limit_and_role_has_words(lang: str, some: str) -> None:
    own = dict.fromkeys(RoleLimits.model_fields, 1.5)
    whole = dict.fromkeys(set(ProfileLimits.model_fields) - {"by_role"}, 1.5)
    limits = ProfileLimits.model_validate({**whole, "by_role": dict.fromkeys(get_args(Role), own)})
    said = [str(line) for line in explain(parse_profile(TEXT).model_copy(update={"limits": limits}), lang)]  # type: ignore[arg-type]
    about = said[2 : 3 + len(get_args(Role))]
    assert len(set(about)) == 1 + len(get_args(Role))
    assert all(some in line for line in about)
    assert not [line for line in about if re.search(r"[a-z]_[a-z]", line)], "field names are no words"


def test_the_page_for_new_engineers_says_the_same_in_yaml_and_in_python() -> None:
    page = (ROOT / "docs" / "profiles.md").read_text(encoding="utf-8")
    (yaml,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    python = next(one for one in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "import" in one)
    example = ROOT / "docs" / "example-profiles" / "profiles" / "quick-check.yaml"
    assert parse_profile(example.read_text(encoding="utf-8")) == parse_profile(yaml)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(python, "profiles.md", "exec"), {})
    assert profile_hash(parse_profile(printed.getvalue())) == profile_hash(parse_profile(yaml))
