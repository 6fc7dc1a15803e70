"""Pause, resume, skip, stop and close from the command line, against a service with scripted workers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.cli.main import invoke
from station.cli.run import show_progress
from station.service.client import ServiceClient
from station.service.paths import ServicePaths, write_address
from station.service.run import run_to_end
from tests.station.service import fakes
from tests.station.service.programs import write_bench
from tests.station.service.running import channel_in, request, running_service, until


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServiceClient]:
    monkeypatch.setenv("STATION_LANG", "en")
    with running_service(fakes.config(tmp_path)) as running:
        # The service of a test has no file lock, but its address is where the command line looks.
        write_address(ServicePaths(tmp_path, "testbench").address, running.address)
        yield running


@pytest.fixture
def station(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    bench = write_bench(tmp_path)

    def call(*arguments: str) -> tuple[int, Any]:
        code = invoke([*arguments, "--bench", str(bench), "--data", str(tmp_path), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


def test_pause_resume_skip_stop(client: ServiceClient, station: Any) -> None:
    client.start_run(request("SLOW-CLI"))
    channel_in(client, "1", "running")
    assert station("pause", "1") == (0, {"channel": "1", "asked": "pause", "service": True})
    channel_in(client, "1", "paused")
    code, answer = station("pause", "1")
    assert (code, answer["error"]["code"]) == (2, "run.not_now")
    assert station("resume", "1")[0] == 0
    channel_in(client, "1", "running")
    assert station("skip", "1")[0] == 0
    assert station("stop", "1")[0] == 0
    channel_in(client, "1", "verdict")
    assert station("stop", "--all")[0] == 0
    client.start_run(request("IMMORTAL-CLI", "2"))
    channel_in(client, "2", "running")
    assert station("stop", "2", "--force")[0] == 0
    assert channel_in(client, "2", "fault")["fault"]["code"] == "run.forced"


@pytest.mark.parametrize(
    "arguments",
    [["stop"], ["stop", "1", "--all"], ["resume"], ["resume", "1", "--run", "x"], ["resume", "--wait"]],
)
def test_which_one_must_be_said(station: Any, arguments: list[str]) -> None:
    code, answer = station(*arguments)
    assert (code, answer["error"]["code"]) == (2, "usage.error")


@pytest.mark.timeout(150)
def test_a_question_is_answered(client: ServiceClient, station: Any) -> None:
    code, answer = station("answer", "1", "--value", "5.5")
    assert (code, answer["error"]["code"]) == (2, "prompt.none")
    client.start_run(request("PROMPTS-CLI"))
    until(lambda: client.state()["channels"]["1"]["question"] is not None)
    assert station("answer", "1", "--value", "5.5")[0] == 0
    until(lambda: client.state()["channels"]["1"]["question"] is None)
    until(lambda: client.state()["channels"]["1"]["state"] == "verdict", timeout_s=50)


def interrupted_run(client: ServiceClient) -> str:
    run_id: str = run_to_end(client, request("DIES-CLI"))["run_id"]
    until(lambda: client.state()["channels"]["1"]["may"]["close"])
    return run_id


def test_an_interrupted_run_is_listed_resumed_and_followed(
    client: ServiceClient, station: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = interrupted_run(client)
    assert invoke(["records", "list", "--interrupted", "--data", str(tmp_path), "--json"]) == 0
    assert [row["run_id"] for row in json.loads(capsys.readouterr().out)["runs"]] == [run_id]
    code, result = station("resume", "--run", run_id, "--wait")
    assert (code, result["verdict"], result["run_id"]) == (0, "pass", run_id)
    code, answer = station("resume", "--run", run_id)
    assert (code, answer["error"]["code"]) == (2, "run.not_interrupted")
    assert invoke(["records", "list", "--interrupted", "--data", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"] == []


def test_an_interrupted_run_is_closed(client: ServiceClient, station: Any) -> None:
    run_id = interrupted_run(client)
    assert station("close", run_id) == (0, {"run_id": run_id, "closed": True})
    assert client.state()["channels"]["1"]["state"] == "idle"
    code, answer = station("close", run_id)
    assert (code, answer["error"]["code"]) == (2, "run.not_interrupted")


def test_without_a_service_there_is_nothing_to_stop_and_none_is_started(station: Any, tmp_path: Path) -> None:
    assert station("stop", "--all") == (0, {"channel": None, "asked": "stop", "service": False})
    code, answer = station("pause", "1")
    assert (code, answer["error"]["code"]) == (2, "service.not_running")
    assert not (tmp_path / "benches").exists()


def test_every_decision_of_an_adaptive_test_is_said_once(
    client: ServiceClient, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run_to_end(client, request("ASKS-2"), show_progress)
    assert result["outcome"] == "completed"
    said = [line for line in capsys.readouterr().err.splitlines() if "round" in line or "ended" in line]
    assert len(said) == 3
    assert "SOH 80.0%" in said[0]
    assert "pulse pair, 17 s, then ±3.0%" in said[0]
    assert "change of SOC" in said[1]
    assert "the interval lies inside one grade" in said[2]


def test_a_plan_that_is_still_open_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--channel", "1", "--battery", "B-1", "--nominal-capacity", "35", "--dry-run"]
    assert invoke(["run", "adaptive", "--bench", "demo", *arguments]) == 0
    assert "adaptive, up to 1800 s" in capsys.readouterr().out
