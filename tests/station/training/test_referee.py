"""What counts as done, late, wrong and forbidden; and what a result sheet keeps of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from station.training import Mission, Referee, Sheets, load_missions
from station.training.sheet import attempt, sheet_page


def channel(state: str, name: str = "1", **more: Any) -> dict[str, Any]:
    return {"type": "channel", "channel": name, "state": {"state": state, **more}}


def begun(mission: str) -> Referee:
    referee = Referee(load_missions()[mission], 100.0)
    referee.see({"type": "state", "channels": {"1": {"state": "idle"}}, "guard": {"estop_ok": True}}, 100.0)
    return referee


def refused() -> Referee:
    """Up to the question of the mission with reversed clamps."""
    referee = begun("reversed-polarity")
    referee.see(channel("checks"), 110.0)
    referee.see(channel("fault", fault={"code": "safety.check.polarity"}), 112.0)
    assert referee.step is not None
    assert referee.step.id == "what"
    return referee


def test_course_is_whole_in_both_languages() -> None:
    missions = load_missions()
    assert len(missions) == 7
    for mission in missions.values():
        assert mission.steps[0].expect.kind == "started"
        for step in mission.steps:
            assert step.text.zh != step.text.en


def test_a_faultless_attempt() -> None:
    referee = refused()
    assert referee.say("answer", 115.0, "swapped")
    assert referee.say("mended", 120.0)
    referee.see(channel("idle"), 125.0)
    referee.see(channel("checks"), 130.0)
    referee.see(channel("verdict", verdict="pass"), 150.0)
    assert referee.over
    assert referee.passed
    assert [round(step.took_s) for step in referee.done] == [10, 2, 3, 5, 5, 5, 20]


def test_started_again_before_the_clamps_were_swapped() -> None:
    referee = refused()
    referee.see(channel("idle"), 114.0)
    referee.see(channel("checks"), 115.0)
    assert [mistake.id for mistake in referee.mistakes] == ["acknowledged_unmended", "started_unmended"]
    assert referee.step is not None
    assert referee.step.id == "what", "a mistake ends no step"


def test_a_late_step_and_a_wrong_answer_are_done_but_mistakes() -> None:
    referee = begun("reversed-polarity")
    referee.see(channel("checks"), 100.0 + 121.0)
    referee.see(channel("fault", fault={"code": "safety.check.polarity"}), 222.0)
    assert referee.say("answer", 223.0, "empty")
    assert [step.outcome for step in referee.done] == ["late", "done", "wrong"]
    assert [mistake.id for mistake in referee.mistakes] == ["start.late", "what"]
    assert not referee.passed


def test_what_is_not_asked_for_counts_for_nothing() -> None:
    referee = refused()
    assert not referee.say("mended", 113.0)
    assert not referee.say("answer", 113.0, "no such choice")
    assert len(referee.done) == 2
    referee.see(channel("checks", "2"), 113.0)
    assert not referee.mistakes, "another channel is nobody's business"


def test_a_stop_counts_from_its_moment_and_a_trip_instead_is_missed() -> None:
    stopped, tripped = begun("hot-cell"), begun("hot-cell")
    for referee in (stopped, tripped):
        referee.see(channel("checks"), 101.0)
        referee.see(channel("running"), 105.0)
        assert [op["op"] for op in referee.begin] == ["fault"]
    stopped.see(channel("stopping"), 115.0)
    stopped.see({"type": "result", "channel": "1", "result": {"outcome": "stopped"}}, 140.0)
    assert (stopped.done[-1].outcome, stopped.done[-1].took_s) == ("done", 10.0)
    tripped.see(channel("fault", fault={"code": "safety.temperature_rate"}), 150.0)
    assert (tripped.done[-1].id, tripped.done[-1].outcome) == ("stop", "missed")
    assert [mistake.id for mistake in tripped.mistakes] == ["stop"]


def test_the_screen_is_no_emergency_stop() -> None:
    referee = begun("estop-drill")
    referee.see(channel("checks"), 101.0)
    referee.see(channel("running"), 105.0)
    referee.see(channel("stopping"), 106.0)
    referee.see({"type": "result", "channel": "1", "result": {"outcome": "stopped"}}, 108.0)
    assert [mistake.id for mistake in referee.mistakes] == ["stopped_on_screen"]


def test_sheets(tmp_path: Path) -> None:
    sheets, name = Sheets(tmp_path), "李 雷/../x"
    good, bad = begun("normal"), refused()
    good.see(channel("checks"), 101.0)
    good.see(channel("running"), 105.0)
    good.see(channel("verdict", verdict="pass"), 130.0)
    good.say("answer", 133.0, "ninety")
    bad.say("answer", 115.0, "empty")
    times = {"started_utc": "2026-11-28T10:00:00Z", "ended_utc": "2026-11-28T10:01:00Z", "speed": 1.0}
    sheets.add(name, attempt(bad, at_s=116.0, **times))
    sheets.add(name, attempt(good, at_s=133.0, **times))
    assert sheets.trainees() == [name]
    assert all(path.parent == tmp_path / "training" for path in tmp_path.rglob("*.json"))
    sheet = sheets.read(name)
    assert sheet is not None
    page = sheet_page(sheet, "en")
    rows = {row["mission"]: row for row in page["rows"]}
    assert (rows["normal"]["outcome"], rows["normal"]["took_s"]) == ("passed", 33.0)
    assert rows["reversed-polarity"]["outcome"] == "abandoned"
    assert "voltage is negative" in rows["reversed-polarity"]["mistakes"][0]
    assert rows["hot-cell"]["outcome"] == "open"
    assert not page["passed"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"steps": []}, "at least 1"),
        ({"forbidden": [{"id": "x", "text": {"zh": "错", "en": "x"}, "expect": {"kind": "started"},
                         "begin": "start", "end": "nowhere"}]}, "name steps"),
        ({"unknown": 1}, "Extra inputs"),
    ],
)  # fmt: skip
def test_a_wrong_mission_file_is_refused(change: dict[str, Any], said: str) -> None:
    good = load_missions()["normal"].model_dump(by_alias=True)
    with pytest.raises(ValueError, match=said):
        Mission.model_validate({**good, **change})
