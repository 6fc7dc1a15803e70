"""An adaptive step on a bench in memory: asked, answered, refused, cut, and gone on with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from station.engine.record.runfile import finalise
from station.rawfiles import read_record
from tests.station.engine.fakes import make_plan
from tests.station.engine.test_going_on import cut
from tests.station.engine.test_operations import Stand, pulses_A

CONTACT = {"step": "contact_check", "current_C": 0.1, "duration_s": 1.0, "rest_s": 2.0}
ADAPTIVE = {
    "step": "adaptive", "goal": {"inside_grade": True}, "budget_s": 200.0, "charge_max_C": 2.0,
    "discharge_max_C": 2.5, "rest_factor": 2.0, "shift_rest_s": 5.0, "soc_shift_max": 0.05,
    "answer_timeout_s": 10.0,
}  # fmt: skip
LAST = {"step": "pulse_pair", "current_C": 0.5, "duration_s": 2.0, "rest_s": 5.0}
Question = dict[str, Any]
Answer = Callable[[Question], Any]


def part(role: str, current_A: float, duration_s: float) -> dict[str, Any]:
    return {"role": role, "current_A": current_A, "duration_s": duration_s}


def pair(current_A: float, duration_s: float = 2.0, rest_s: float = 5.0) -> list[dict[str, Any]]:
    return [
        part("charge_pulse", current_A, duration_s),
        part("rest", 0.0, rest_s),
        part("discharge_pulse", -current_A, duration_s),
        part("rest", 0.0, rest_s),
    ]


def go_on(question: Question, parts: Any, **more: Any) -> dict[str, Any]:
    advice = {"reason": "adaptive.go_on", "soh": 0.8, "low90": 0.75, "high90": 0.85, "kind": "pulse_pair"}
    return {"command": "next", "round": question["round"], "segments": parts, "advice": advice, **more}


def enough(question: Question, **more: Any) -> dict[str, Any]:
    advice = {"reason": "adaptive.inside_grade", "soh": 0.8, "low90": 0.77, "high90": 0.79}
    return {"command": "enough", "round": question["round"], "advice": advice, **more}


class Adviser(list[Any]):
    """What the worker says goes through here; a question is answered at once."""

    def __init__(self, stand: Stand, answer: Answer) -> None:
        super().__init__()
        self._stand, self._answer = stand, answer
        self.questions: list[Question] = []

    def append(self, message: Any) -> None:
        super().append(message)
        if message["type"] == "ask_next":
            self.questions.append(message)
            answer = self._answer(message)
            if answer is not None:
                self._stand.stop.answer(answer)


def plan(timing: str = "commanded", **changes: Any) -> dict[str, Any]:
    return make_plan([CONTACT, {**ADAPTIVE, **changes}, LAST], timing=timing)


def stand_with(folder: Path, answer: Answer) -> tuple[Stand, Adviser]:
    stand = Stand(folder)
    adviser = Adviser(stand, answer)
    stand.said = adviser
    return stand, adviser


def two_rounds(question: Question) -> dict[str, Any]:
    """20 A, then 30 A, then enough."""
    number = question["round"]
    return enough(question) if number > 2 else go_on(question, pair(10.0 + 10.0 * number))


@pytest.mark.parametrize("timing", ["commanded", "sequenced"])
def test_what_is_answered_is_played_until_it_is_enough(tmp_path: Path, timing: str) -> None:
    stand, adviser = stand_with(tmp_path, two_rounds)
    ended = stand.run(plan=plan(timing))
    assert ended.outcome.outcome == "completed", ended
    assert [question["round"] for question in adviser.questions] == [1, 2, 3]
    assert pulses_A(stand.journal) == [-2, 20, -20, 30, -30, 10, -10]
    first = adviser.questions[0]
    assert first["goal"] == {"inside_grade": True, "half_width": None, "budget_s": 200.0}
    assert (first["charge_max_A"], first["discharge_max_A"]) == (40.0, 50.0)
    assert first["spent_s"] == 0.0
    assert adviser.questions[1]["spent_s"] == pytest.approx(14.0, abs=0.2)
    assert 0 < adviser.questions[1]["left_s"] < 200.0 - 14.0
    # The output stayed on all the time, and nothing flowed while it was asked.
    assert len(stand.fake.source.said("output_on")) == 1


def test_the_record_explains_the_test(tmp_path: Path) -> None:
    stand, _ = stand_with(tmp_path, two_rounds)
    stand.run(plan=plan())
    journal = stand.journal
    assert [(row["round"], row["answer"]) for row in journal.rounds] == [
        (1, "next"),
        (2, "next"),
        (3, "enough"),
    ]
    assert journal.rounds[0]["advice"]["soh"] == 0.8
    codes = [event["code"] for event in journal.events if event["code"].startswith("adaptive.")]
    assert codes == ["adaptive.asked", "adaptive.next"] * 2 + ["adaptive.asked", "adaptive.enough"]
    (told,) = stand.events("adaptive.enough")
    assert told["params"]["reason"] == "adaptive.inside_grade"
    # Every row's segment is known, with its role, whoever decided it.
    indices = [segment["index"] for segment in journal.segments]
    assert indices == sorted(set(indices))
    by_index = {segment["index"]: segment for segment in journal.segments}
    for index in set(journal.column("segment").tolist()):
        assert index in by_index
    at_30A = journal.column("segment")[journal.column("current_A") > 29.0]
    assert {by_index[index]["role"] for index in at_30A.tolist()} == {"charge_pulse"}
    recording = read_record(finalise(tmp_path))
    assert [row["answer"] for row in recording.metadata["rounds"]] == ["next", "next", "enough"]


def test_progress_never_runs_ahead(tmp_path: Path) -> None:
    stand, _ = stand_with(tmp_path, two_rounds)
    stand.run(plan=plan())
    told = [m["progress"] for m in stand.said if m["type"] == "state"]
    assert told == sorted(told)
    assert all(0.0 <= progress <= 1.0 for progress in told)


WRONG: dict[str, Callable[[Question], Any]] = {
    "beyond the step": lambda q: go_on(q, pair(45.0)),
    "beyond the bench": lambda q: go_on(q, pair(42.0)),
    "over the budget": lambda q: go_on(q, pair(20.0, rest_s=150.0)),
    "too far": lambda q: go_on(q, [part("soc_shift", 40.0, 120.0), part("rest", 0.0, 10.0)]),
    "no numbers": lambda q: go_on(q, [part("rest", float("nan"), 1.0)]),
    "no end": lambda q: go_on(q, pair(20.0)[:3]),
    "no role": lambda q: go_on(q, [part("dance", 0.0, 1.0)]),
    "another round": lambda q: {**go_on(q, pair(20.0)), "round": q["round"] + 1},
    "no round": lambda q: {**go_on(q, pair(20.0)), "round": None},
    "no segments": lambda q: {"command": "next", "round": q["round"]},
    "no reasons": lambda q: go_on(q, pair(20.0), advice={"soh": float("nan")}),
    "long reasons": lambda q: go_on(q, pair(20.0), advice={"text": "x" * 50_000}),
    "too short for anybody": lambda q: go_on(q, pair(20.0, duration_s=1e-5)),
    "too much power": lambda q: go_on(q, pair(40.0)),
}


@pytest.mark.parametrize("wrong", list(WRONG))
def test_a_wrong_answer_ends_the_step_and_nothing_of_it_flows(tmp_path: Path, wrong: str) -> None:
    stand, _ = stand_with(tmp_path, WRONG[wrong])
    limits = {
        "voltage_min_V": 1.9, "voltage_max_V": 4.3, "charge_current_max_A": 41,
        "discharge_current_max_A": 41, "power_max_W": 130 if wrong == "too much power" else 300,
    }  # fmt: skip
    ended = stand.run(plan=plan(charge_max_C=2.2), channel={"limits": limits})
    assert ended.outcome.outcome == "completed", ended
    (refused,) = stand.events("adaptive.refused")
    assert refused["params"]["why"]
    assert stand.journal.rounds[0]["answer"] == "refused"
    assert pulses_A(stand.journal) == [-2, 10, -10]


def test_what_a_bench_allows_in_all_counts(tmp_path: Path) -> None:
    limits = {
        "voltage_min_V": 1.9, "voltage_max_V": 4.3, "charge_current_max_A": 60,
        "discharge_current_max_A": 60, "power_max_W": 300, "charge_max_Ah": 0.05,
    }  # fmt: skip
    stand, _ = stand_with(tmp_path, lambda q: go_on(q, pair(40.0, 3.0, 6.0)))
    ended = stand.run(plan=plan(), channel={"limits": limits})
    assert ended.outcome.outcome == "completed", ended
    (refused,) = stand.events("adaptive.refused")
    assert "the bench allows" in refused["params"]["why"]
    assert pulses_A(stand.journal) == [-2, 40, -40, 10, -10]


def test_silence_ends_the_step_and_the_test_goes_on(tmp_path: Path) -> None:
    stand, adviser = stand_with(tmp_path, lambda _question: None)
    ended = stand.run(plan=plan(answer_timeout_s=0.2))
    assert ended.outcome.outcome == "completed", ended
    assert len(adviser.questions) == 1
    assert stand.events("adaptive.no_answer")[0]["params"] == {"round": 1, "timeout_s": 0.2}
    journal = stand.journal
    assert pulses_A(journal) == [-2, 10, -10]
    # It went on looking at the battery, with no gap, and with no current.
    asked_s, gone_s = stand.events("adaptive.asked")[0]["t"], stand.events("adaptive.no_answer")[0]["t"]
    t, current = journal.column("t_s"), journal.column("current_A")
    waiting = (t > asked_s) & (t < gone_s)
    assert waiting.sum() > 5
    assert not current[waiting].any()


def test_a_late_answer_is_let_go(tmp_path: Path) -> None:
    """An answer to an earlier question says nothing about this one."""

    def late(question: Question) -> Any:
        if question["round"] == 1:
            stand.stop.operate("pause")
            stand.when(lambda: stand.fake.clock.t > pause_until, lambda: stand.stop.operate("resume"))
            return None
        stand.stop.answer({**go_on(question, pair(39.0)), "round": 1})
        return enough(question)

    pause_until = 60.0
    stand, adviser = stand_with(tmp_path, late)
    ended = stand.run(plan=plan())
    assert ended.outcome.outcome == "completed", ended
    assert [question["round"] for question in adviser.questions] == [1, 2]
    assert not stand.events("adaptive.refused")
    # Paused while it waited: the contact was checked again before the next current.
    assert pulses_A(stand.journal) == [-2, -2, 10, -10]


def in_second_round(stand: Stand) -> bool:
    return stand.fake.cell.current_A == 30.0


def test_a_pause_repeats_the_round_that_was_cut(tmp_path: Path) -> None:
    stand, adviser = stand_with(tmp_path, two_rounds)
    stand.when(lambda: in_second_round(stand), lambda: stand.stop.operate("pause"))
    stand.when(lambda: "paused" in stand.states(), lambda: stand.stop.operate("resume"))
    ended = stand.run(plan=plan())
    assert ended.outcome.outcome == "completed", ended
    assert [question["round"] for question in adviser.questions] == [1, 2, 3]
    assert pulses_A(stand.journal) == [-2, 20, -20, 30, -2, 30, -30, 10, -10]
    assert pulses_A(stand.journal, void=False) == [-2, 20, -20, 30, -30, 10, -10]


def test_a_round_without_room_for_another_try_is_asked_anew(tmp_path: Path) -> None:
    stand, adviser = stand_with(tmp_path, two_rounds)
    stand.when(lambda: in_second_round(stand), lambda: stand.stop.operate("pause"))
    stand.when(lambda: "paused" in stand.states(), lambda: stand.stop.operate("resume"))
    ended = stand.run(plan=plan(budget_s=35.0, answer_timeout_s=0.1))
    assert ended.outcome.outcome == "completed", ended
    assert [question["round"] for question in adviser.questions] == [1, 2, 3]
    assert stand.events("adaptive.refused")
    assert pulses_A(stand.journal, void=False) == [-2, 20, -20, 10, -10]


@pytest.mark.parametrize("waiting", [True, False])
def test_skipping_leaves_out_the_whole_step(tmp_path: Path, waiting: bool) -> None:
    def answer(question: Question) -> Any:
        if waiting and question["round"] == 2:
            stand.stop.operate("skip")
            return None
        return two_rounds(question)

    stand, adviser = stand_with(tmp_path, answer)
    if not waiting:
        stand.when(lambda: in_second_round(stand), lambda: stand.stop.operate("skip"))
    ended = stand.run(plan=plan())
    assert ended.outcome.outcome == "completed", ended
    assert len(adviser.questions) == 2
    assert stand.events("run.skipped")[0]["params"] == {"step": 1}
    assert pulses_A(stand.journal, void=False) == [-2, 20, -20, 10, -10]


def test_a_stop_while_waiting_ends_the_run(tmp_path: Path) -> None:
    stand, _ = stand_with(tmp_path, lambda _question: stand.stop.request("command"))
    ended = stand.run(plan=plan())
    assert ended.outcome.outcome == "stopped"
    assert ended.safe.verified
    assert not stand.fake.source.on


@pytest.mark.parametrize("timing", ["commanded", "sequenced"])
def test_a_change_of_soc_ends_before_it_would_trip_a_limit(tmp_path: Path, timing: str) -> None:
    def answer(question: Question) -> Any:
        if "shift_soc" in question["kinds"]:
            return go_on(question, [part("soc_shift", 40.0, 60.0), part("rest", 0.0, 9.0)])
        return two_rounds(question)

    limits = {
        "voltage_min_V": 1.9, "voltage_max_V": 3.85, "charge_current_max_A": 60,
        "discharge_current_max_A": 60, "power_max_W": 300,
    }  # fmt: skip
    stand, adviser = stand_with(tmp_path, answer)
    # The battery fills up: 3.65 V, 0.12 V of the current, and 1 mV/s.
    stand.when(
        lambda: stand.fake.cell.current_A == 40.0,
        lambda: setattr(stand.fake.cell, "drift_V_per_s", 1e-3),
    )
    stand.when(
        lambda: stand.fake.cell.current_A == 0.0, lambda: setattr(stand.fake.cell, "drift_V_per_s", 0.0)
    )
    ended = stand.run(plan=plan(timing), channel={"limits": limits})
    assert ended.outcome.outcome == "completed", ended
    (near,) = stand.events("adaptive.near_limit")
    assert near["params"]["voltage_V"] == pytest.approx(3.80, abs=0.005)
    journal = stand.journal
    t, current = journal.column("t_s"), journal.column("current_A")
    moving = t[current == 40.0]
    assert 0.5 < moving[-1] - moving[0] < 30.0
    assert [question["kinds"] for question in adviser.questions][1:] == [["pulse_pair", "pulse_block"]] * 2
    # What was moved stays on record, and the next pulse comes after the rest that belongs to it.
    assert journal.voids == []
    next_s = t[(current == 30.0) & (t > moving[-1])][0]
    assert next_s - moving[-1] >= 9.0
    assert adviser.questions[1]["moved_Ah"] == pytest.approx(40.0 * (moving[-1] - moving[0]) / 3600, rel=0.1)


def in_round(number: int) -> Callable[[Any], bool]:
    """Where a killed worker's journal ends: under the current of that round."""
    current_A = 10.0 + 10.0 * number
    return lambda record: isinstance(record, list) and record[4] == current_A


def killed(folder: Path, where: Callable[[Any], bool]) -> tuple[Stand, Adviser]:
    stand_with(folder, two_rounds)[0].run(plan=plan())
    cut(folder, where)
    return stand_with(folder, two_rounds)


def test_after_a_crash_rounds_that_ended_stay_and_the_cut_one_is_void(tmp_path: Path) -> None:
    stand, adviser = killed(tmp_path, in_round(2))
    ended = stand.run(plan=plan(), resume=True)
    assert ended.outcome.outcome == "completed", ended
    # What to measure then is asked anew; the adviser of this test has had enough by its third question.
    assert [question["round"] for question in adviser.questions] == [3]
    assert adviser.questions[0]["spent_s"] >= 28.0
    assert pulses_A(stand.journal, void=False) == [-2, 20, -20, 10, -10]
    assert "crash" in {span["reason"] for span in stand.journal.voids}
    indices = [segment["index"] for segment in stand.journal.segments]
    assert len(indices) == len(set(indices))


def test_after_a_crash_in_the_wait_it_is_asked_again(tmp_path: Path) -> None:
    def second_question(record: Any) -> bool:
        return isinstance(record, dict) and record.get("k") == "round" and record["round"] == 2

    stand, adviser = killed(tmp_path, second_question)
    ended = stand.run(plan=plan(), resume=True)
    assert ended.outcome.outcome == "completed", ended
    assert [question["round"] for question in adviser.questions] == [2, 3]
    assert pulses_A(stand.journal, void=False) == [-2, 20, -20, 30, -30, 10, -10]


def test_after_a_crash_behind_the_step_nothing_is_asked(tmp_path: Path) -> None:
    stand, adviser = killed(tmp_path, lambda record: isinstance(record, list) and record[4] == 10.0)
    ended = stand.run(plan=plan(), resume=True)
    assert ended.outcome.outcome == "completed", ended
    assert adviser.questions == []
    assert pulses_A(stand.journal, void=False) == [-2, 20, -20, 30, -30, 10, -10]


def test_two_crashes_in_rounds_keep_count(tmp_path: Path) -> None:
    stand, _ = killed(tmp_path, in_round(1))
    ended = stand.run(plan=plan(), resume=True)  # asks round 2, gets 30 A
    assert ended.outcome.outcome == "completed", ended
    cut(tmp_path, in_round(2))
    again, adviser = stand_with(tmp_path, two_rounds)
    ended = again.run(plan=plan(), resume=True)
    assert ended.outcome.outcome == "completed", ended
    assert [question["round"] for question in adviser.questions] == [3]
    assert pulses_A(again.journal, void=False) == [-2, 10, -10]
