"""Every mission of the course, from its beginning to the result sheet, with the real service."""

from __future__ import annotations

from typing import Any

import pytest

from station.bench import Bench
from station.errors import StationError, UsageError
from station.service.client import ServiceClient
from station.service.launcher import ensure_service
from station.service.training_client import TrainingClient
from station.simulation import write_bench
from station.training import load_missions
from tests.scenarios.bench.stand import CAPACITY_Ah, Stand, start, state_of, wait_until

ANSWERS = {
    name: choice.id
    for name, mission in load_missions().items()
    for step in mission.steps
    if step.question
    for choice in step.question.choices
    if choice.right
}


@pytest.fixture(scope="module")
def client(stand: Stand) -> ServiceClient:
    stand.heal(speed=10.0)
    service = stand.client()
    wait_until(lambda: (service.state()["guard"] or {}).get("estop_ok"), "the guard sees a healthy bench")
    return service


def act(client: ServiceClient, course: TrainingClient, status: dict[str, Any]) -> None:
    """What a good trainee does at the present step; nothing where there is only something to see."""
    step, channel = status["step"], status["channel"]
    if step["kind"] == "started":
        profile = load_missions()[status["mission"]].profile
        start(client, profile, channel, battery=status["battery"])
    elif step["kind"] == "answer":
        course.say("answer", ANSWERS[status["mission"]])
    elif step["kind"] in ("mended", "estop"):
        course.say(step["kind"])
    elif step["kind"] == "stopped":
        client.stop(channel)
    elif step["kind"] == "acknowledged":
        wait_until(lambda: not state_of(client, channel)["closing"], "its records are written")
        client.acknowledge(channel)


def drive(client: ServiceClient, mission: str) -> dict[str, Any]:
    """Go through a mission; returns its last status."""
    course = TrainingClient(client)
    status = course.start("Test 试", mission)
    for _ in load_missions()[mission].steps:
        number = len(status["done"])
        act(client, course, status)
        status = wait_until(
            lambda n=number: (now := course.status())["done"][n:] and now,
            f"{mission}: {status['step']}",
            50.0,
        )
        if status["over"]:
            break
    if state_of(client, status["channel"])["state"] in ("checks", "ready", "running"):
        client.stop(status["channel"])  # a mission may end while its last test still runs
    wait_until(lambda: not client.state()["service"]["busy"], "the bench is free")
    return dict(wait_until(lambda: not (now := course.status())["going_on"] and now, "the result is kept"))


@pytest.mark.parametrize("mission", list(load_missions()))
def test_a_good_trainee_passes(stand: Stand, client: ServiceClient, mission: str) -> None:
    status = drive(client, mission)
    tile = state_of(client, status["channel"])
    assert status["mistakes"] == [], (tile["fault"], status["done"])
    assert status["passed"]
    assert [step["outcome"] for step in status["done"]] == ["done"] * status["of"]
    assert status["notice"]
    attempts = TrainingClient(client).sheet("Test 试", "en")["sheet"]["attempts"]
    assert (attempts[-1]["mission"], attempts[-1]["outcome"]) == (mission, "passed")
    for channel in CAPACITY_Ah:
        assert stand.truth(channel)["current_A"] == 0.0


def test_a_restart_before_the_remedy_is_a_mistake(client: ServiceClient) -> None:
    course = TrainingClient(client)
    status = course.start("Test 试", "reversed-polarity")
    act(client, course, status)
    with pytest.raises(UsageError, match="present step"):
        course.say("estop")
    wait_until(lambda: course.status()["step"]["id"] == "what", "the polarity is refused")
    wait_until(lambda: not state_of(client, "1")["closing"], "its records are written")
    client.acknowledge("1")
    start(client, "screen", "1", battery=status["battery"])
    with pytest.raises(StationError) as refused:
        course.start("Test 试", "normal")
    assert refused.value.code == "training.busy"
    status = wait_until(lambda: len((now := course.status())["mistakes"]) == 2 and now, "both are seen")
    assert [one["id"] for one in status["mistakes"]] == ["acknowledged_unmended", "started_unmended"]
    wait_until(lambda: not client.state()["service"]["busy"], "it is refused again")
    assert course.end()["going_on"] is False
    page = course.sheet("Test 试", "zh")["page"]
    row = next(row for row in page["rows"] if row["mission"] == "reversed-polarity")
    assert "没有换过夹子就又开始了检测。" in row["mistakes"]


@pytest.mark.usefixtures("client")
def test_real_benches_have_no_course(stand: Stand) -> None:
    data = {
        **stand.bench.model_dump(mode="json", by_alias=True),
        "name": "real",
        "simulation": None,
        "guard": None,
    }
    for channel in data["channels"]:
        channel["cutoff"] = None
    file = stand.folder / "real.yaml"
    write_bench(Bench.model_validate(data), file)
    with ensure_service(str(file), stand.data) as real:
        for call in (
            lambda: TrainingClient(real).missions(),
            lambda: TrainingClient(real).start("x", "normal"),
        ):
            with pytest.raises(UsageError) as refused:
                call()
            assert refused.value.code == "training.real_bench"
        assert TrainingClient(real).status() == {"mission": None}
    stand.stop("real")
