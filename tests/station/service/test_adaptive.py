"""A worker asks what to measure next: answered from the analysis process, in time, whatever happens there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.diagnosis.adaptive import Action, ActionKind, Advice
from station.service.adaptive import as_facts, without_repeats
from station.service.client import ServiceClient
from station.service.run import run_to_end
from tests.station.service import fakes
from tests.station.service.running import channel_in, request, running_service, until


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[ServiceClient]:
    with running_service(fakes.config(data)) as running:
        yield running


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_every_question_is_answered_and_the_operator_sees_it(client: ServiceClient, data: Path) -> None:
    seen: list[dict[str, Any]] = []

    def look(state: dict[str, Any]) -> None:
        told = state["adaptive"]
        if told and (not seen or seen[-1] != told):
            seen.append(told)

    result = run_to_end(client, request("ASKS-1"), look)
    assert result["outcome"] == "completed"
    folder = data / "runs" / result["run_id"]
    first, second, third = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    # A 20 Ah cell; the rest is lengthened to the profile's rule.
    assert [(p["role"], p["current_A"], p["duration_s"]) for p in first["segments"]] == [
        ("charge_pulse", 40.0, 0.5), ("rest", 0.0, 7.5), ("discharge_pulse", -40.0, 0.5), ("rest", 0.0, 7.5),
    ]  # fmt: skip
    assert [(p["role"], p["current_A"], p["duration_s"]) for p in second["segments"]] == [
        ("soc_shift", -20.0, 36.0), ("rest", 0.0, 600.0),
    ]  # fmt: skip
    assert (third["command"], third["round"]) == ("enough", 3)
    assert [told["code"] for told in seen] == ["adaptive.next", "adaptive.next", "adaptive.enough"]
    assert seen[0]["params"]["kind"] == "pulse_pair"
    assert seen[0]["params"]["predicted_half_width"] == 0.03
    assert seen[0]["params"]["soh"] == 0.8
    codes = [event["code"] for event in client.run(result["run_id"])["events"]]
    assert codes.count("adaptive.next") == 2
    asked = lines(folder / "asked.jsonl")[0]
    assert asked["elapsed_s"] == 10.0
    assert asked["shifted"] == pytest.approx(0.025)
    assert asked["limits"]["charge_max_C"] == pytest.approx(2.5)
    assert asked["limits"]["charge_max_C"] >= 2.5
    assert asked["limits"]["soc_shift_max"] == pytest.approx(0.1)
    assert asked["goal"]["half_width"] == 0.02
    grades = asked["goal"]["grades"]
    assert len(grades) >= 2
    assert grades == sorted(grades, reverse=True)
    assert all(0 < low < 1 for low in grades)


@pytest.mark.parametrize("fate", ["CRASH", "KILLED", "SLOW"])
def test_where_nobody_can_say_the_test_goes_on_without(client: ServiceClient, data: Path, fate: str) -> None:
    result = run_to_end(client, request(f"ASKS-{fate}"))
    assert result["outcome"] == "completed"
    (answer,) = json.loads((data / "runs" / result["run_id"] / "answers.json").read_text(encoding="utf-8"))
    assert (answer["command"], answer["round"]) == ("enough", 1)
    assert answer["advice"]["reason"] == "adaptive.failed"
    assert answer["advice"]["problem"]


def test_a_stop_is_heard_while_the_answer_is_thought_of(client: ServiceClient, data: Path) -> None:
    run_id = client.start_run(request("ASKS-SLOW-STOP"))
    channel_in(client, "1", "running")
    client.stop("1")
    until(lambda: client.run(run_id)["state"] == "ended")
    # The stop came first; no answer was there yet.
    assert json.loads((data / "runs" / run_id / "answers.json").read_text(encoding="utf-8")) == []


def test_no_pulses_are_made_twice_at_one_soc() -> None:
    pair = Action(ActionKind.PULSE_PAIR, (2.5,), 0.7, 10.5, 22.4)
    shift = Action(ActionKind.SHIFT_SOC, (1.0,), 180.0, 600.0, 780.0)

    def decided(*actions: Action) -> list[dict[str, Any]]:
        return [
            {"answer": "next", "advice": as_facts(Advice("adaptive.go_on", 0.8, 0.7, 0.9, action))}
            for action in actions
        ]

    again = Advice("adaptive.go_on", 0.8, 0.7, 0.9, pair)
    wider = Action(ActionKind.PULSE_PAIR, (2.5,), 5.0, 75.0, 160.0)
    assert without_repeats(again, decided(wider)) == again
    assert without_repeats(again, decided(pair, shift)) == again
    for rounds in (decided(pair), decided(pair, wider)):
        stopped = without_repeats(again, rounds)
        assert (stopped.action, stopped.reason) == (None, "adaptive.nothing_helps")
        assert stopped.soh == 0.8
    moved = Advice("adaptive.go_on", 0.8, 0.7, 0.9, shift)
    assert without_repeats(moved, decided(shift)) == moved
