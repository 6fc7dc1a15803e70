"""Pause, resume, skip, stop polite and forced, through the whole service with scripted workers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.errors import BusyError, StationError, UsageError
from station.service.client import ServiceClient
from station.service.run import run_to_end
from tests.station.service import fakes
from tests.station.service.running import channel_in, request, running_service, until


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[ServiceClient]:
    with running_service(fakes.config(data, bench=fakes.bench(guard=True))) as running:
        until(lambda: running.state()["guard"]["connected"])
        yield running


@pytest.fixture(autouse=True)
def free_channels(client: ServiceClient) -> Iterator[None]:
    yield
    for channel in ("1", "2", "3"):
        client.stop(channel)
        channel_in(client, channel, "idle", "verdict", "fault")
        client.acknowledge(channel)


def codes(client: ServiceClient, run_id: str) -> list[str]:
    return [event["code"] for event in client.run(run_id)["events"]]


def may(client: ServiceClient, channel: str = "1") -> set[str]:
    """What can be asked of the channel."""
    return {word for word, possible in client.state()["channels"][channel]["may"].items() if possible}


def test_pause_resume_skip_and_a_polite_stop(client: ServiceClient) -> None:
    run_id = client.start_run(request("SLOW-P"))
    channel_in(client, "1", "running")
    assert may(client) == {"pause", "skip", "stop"}
    client.pause("1")
    channel_in(client, "1", "paused")
    assert may(client) == {"resume", "skip", "stop"}
    with pytest.raises(BusyError) as twice:
        client.pause("1")
    assert (twice.value.code, twice.value.params["state"]) == ("run.not_now", "paused")
    client.resume("1")
    channel_in(client, "1", "running")
    client.skip("1")
    until(lambda: "run.skipped" in codes(client, run_id))
    client.pause("1")
    channel_in(client, "1", "paused")
    client.stop("1")
    tile = channel_in(client, "1", "verdict")
    assert (tile["verdict"], tile["fault"]) == ("no_verdict", None)
    until(lambda: client.run(run_id)["state"] == "ended")
    said = codes(client, run_id)
    assert [code for code in said if code.startswith("operator.")] == [
        *("operator.pause", "operator.resume", "operator.skip", "operator.pause", "operator.stop")
    ]
    assert "run.forced" not in said


def test_checks_that_fail_leave_it_paused(client: ServiceClient) -> None:
    run_id = client.start_run(request("SLOW-NORESUME"))
    channel_in(client, "1", "running")
    client.pause("1")
    channel_in(client, "1", "paused")
    client.resume("1")
    until(lambda: "run.resume_refused" in codes(client, run_id))
    assert client.state()["channels"]["1"]["state"] == "paused"


@pytest.mark.parametrize("word", ["pause", "resume", "skip"])
def test_an_idle_channel_cannot_do_anything(client: ServiceClient, word: str) -> None:
    with pytest.raises(BusyError) as refused:
        getattr(client, word)("2")
    assert refused.value.code == "run.not_now"
    with pytest.raises(UsageError):
        getattr(client, word)("9")


def cuts(data: Path) -> list[dict[str, Any]]:
    path = data / "benches" / "testbench" / "fake_guard.cuts"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_deaf_worker_is_cut_by_the_guard_and_ended(client: ServiceClient, data: Path) -> None:
    run_id = client.start_run(request("IMMORTAL-1"))
    channel_in(client, "1", "running")
    before = len(cuts(data))
    client.stop("1")
    tile = channel_in(client, "1", "fault")
    assert tile["fault"]["code"] == "run.forced"
    assert (tile["fault"]["params"]["cutoff_open"], tile["interrupted"]) == (True, False)
    assert [(cut["ask"], cut["channel"]) for cut in cuts(data)[before:]] == [("cut", "1")]
    row = until(lambda: (r := client.run(run_id))["state"] == "ended" and r)
    assert (row["outcome"], row["exit_code"], row["verdict"]) == ("stopped", 5, "no_verdict")
    said = [event["code"] for event in row["events"]]
    assert said.index("operator.stop") < said.index("run.forced") < said.index("guard.cut")


def test_force_at_once_and_a_guard_that_cannot_confirm(client: ServiceClient, data: Path) -> None:
    status = data / "benches" / "testbench" / "fake_guard.json"
    status.write_text(json.dumps({"cut_ok": False}))
    try:
        client.start_run(request("IMMORTAL-2"))
        channel_in(client, "1", "running")
        client.stop("1", force=True)
        tile = channel_in(client, "1", "fault")
    finally:
        status.unlink()
    assert tile["fault"]["params"]["cutoff_open"] is False
    assert "not confirmed" in tile["fault"]["message"]
    assert tile["fault"]["params"]["waited_s"] == 0


def test_a_worker_that_only_heeds_the_end_of_its_input_ends_by_itself(
    client: ServiceClient,
) -> None:
    run_id = client.start_run(request("STUBBORN-1"))
    channel_in(client, "1", "running")
    client.stop("1")
    channel_in(client, "1", "fault")
    row = until(lambda: (r := client.run(run_id))["state"] == "ended" and r)
    assert (row["outcome"], row["latched"]) == ("supervision_lost", True), "stopped by a person"


def test_stop_all_stops_paused_ones_too(client: ServiceClient) -> None:
    client.start_run(request("SLOW-A", "1"))
    client.start_run(request("SLOW-B", "2"))
    channel_in(client, "1", "running")
    channel_in(client, "2", "running")
    client.pause("2")
    channel_in(client, "2", "paused")
    client.stop_all()
    channel_in(client, "1", "verdict")
    channel_in(client, "2", "verdict")


def test_a_state_that_cannot_follow_is_a_fault_of_the_worker(client: ServiceClient, data: Path) -> None:
    result = run_to_end(client, request("BACKWARD-1"))
    assert (result["error"]["code"], result["outcome"]) == ("worker.impossible_state", "internal")
    assert result["error"]["params"] == {"told": "checks", "state": "running"}
    assert (data / "runs" / result["run_id"] / "saw_eof").exists(), "it could make its channel safe"
    assert client.state()["channels"]["1"]["interrupted"] is False


@pytest.mark.timeout(150)
def test_a_question_reaches_the_operator_and_the_answer_the_worker(client: ServiceClient, data: Path) -> None:
    run_id = client.start_run(request("PROMPTS-1"))
    until(lambda: client.state()["channels"]["1"]["question"] is not None)
    question = client.state()["channels"]["1"]["question"]
    assert (question["prompt"], question["answer"], question["text"]["zh"]) == (1, "number", "扭矩")
    assert question["picture"] == str((data / "profiles" / "torque.png").resolve())
    with pytest.raises(StationError) as refused:
        client.answer("1", 2, 5.0)
    assert refused.value.code == "prompt.none"
    client.answer("1", 1, 5.0)
    until(lambda: client.state()["channels"]["1"]["question"] is None)
    # The first analysis of a service starts a process of its own: on a busy computer that takes its time.
    until(lambda: client.state()["channels"]["1"]["state"] == "verdict", timeout_s=50)
    (answer,) = json.loads((data / "runs" / run_id / "answers.json").read_text(encoding="utf-8"))
    assert (answer["command"], answer["prompt"], answer["value"]) == ("answer", 1, 5.0)
