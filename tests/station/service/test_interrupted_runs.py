"""Runs cut off in the middle: listed with their data, resumed or closed, and refused by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from station.errors import BusyError, SafetyLatched, StationError, UsageError
from station.records import open_records
from station.service.client import ServiceClient
from station.service.run import follow_run, run_to_end
from tests.station.service import fakes
from tests.station.service.programs import client_of, service_process, write_bench
from tests.station.service.running import channel_in, request, running_service, until


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def client(data: Path) -> Iterator[ServiceClient]:
    with running_service(fakes.config(data)) as running:
        yield running


def die(client: ServiceClient, battery: str = "DIES-1", channel: str = "1") -> str:
    """A run whose worker dies in a pulse, and whose records are written."""
    run_id: str = run_to_end(client, request(battery, channel))["run_id"]
    until(lambda: client.state()["channels"][channel]["may"]["close"])
    return run_id


def job(data: Path, run_id: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((data / "runs" / run_id / "job.json").read_text(encoding="utf-8"))
    return loaded


def refusal(client: ServiceClient, run_id: str) -> StationError:
    with pytest.raises(StationError) as refused:
        client.resume_run(run_id)
    assert refused.value.remedy
    assert client.run(run_id)["state"] == "interrupted", "what is refused changes nothing"
    return refused.value


def test_a_dead_worker_leaves_a_run_that_goes_on(client: ServiceClient, data: Path) -> None:
    run_id = die(client)
    tile = client.state()["channels"]["1"]
    assert (tile["state"], tile["interrupted"], tile["fault"]["code"]) == ("fault", True, "worker.lost")
    (row,) = client.runs(state="interrupted")
    assert (row["run_id"], row["interrupted_utc"] is None, row["latched"]) == (run_id, False, True)
    assert row["duration_s"] == 4.0
    assert {file["kind"] for file in client.run(run_id)["files"]} == {"journal", "run", "result", "signed"}
    first = job(data, run_id)
    client.resume_run(run_id)
    result = follow_run(client, "1", run_id)
    assert (result["verdict"], result["exit_code"]) == ("pass", 0)
    again = job(data, run_id)
    assert again.pop("resume") is True
    assert first.pop("profile")["canonical"], "kept in the journal's header; a run that goes on has it there"
    assert {**again, "guard": None} == {**first, "guard": None}, "the same plan, battery, channel and limits"
    row = client.run(run_id)
    assert (row["state"], row["resumes"], row["error"], row["latched"]) == ("ended", 1, None, False)
    assert row["duration_s"] == 9.0, "bench time without the gap of 60 s"
    assert {file["check"] for file in row["files"]} == {"ok"}
    said = [event["code"] for event in row["events"]]
    assert said.index("run.interrupted") < said.index("operator.resume_run") < said.index("run.gap")
    assert client.runs(state="interrupted") == []
    with open_records(data) as records:
        assert records.verify()["files"] == 4


def test_an_instrument_fault_can_go_on_by_its_channel(client: ServiceClient) -> None:
    run_id = die(client, "FAULTY-1")
    client.resume("1")
    assert follow_run(client, "1", run_id)["outcome"] == "completed"


def test_checks_that_fail_on_the_way_back_keep_it_interrupted(client: ServiceClient) -> None:
    run_id = die(client, "DIES-RECHECK")
    client.resume_run(run_id)
    result = follow_run(client, "1", run_id)
    assert (result["outcome"], result["exit_code"]) == ("check_failed", 5)
    tile = until(lambda: (t := client.state()["channels"]["1"])["interrupted"] and t)
    assert (tile["state"], tile["fault"]["code"], tile["resumes"]) == ("fault", "safety.contact", 1)
    assert client.run(run_id)["state"] == "interrupted"


@pytest.mark.parametrize("battery", ["LIMIT-1", "CONTACT-1", "BADEND-1"])
def test_what_a_limit_or_a_first_check_has_ended_never_goes_on(client: ServiceClient, battery: str) -> None:
    run_id = run_to_end(client, request(battery))["run_id"]
    assert client.run(run_id)["state"] == "ended"
    assert client.state()["channels"]["1"]["may"]["resume"] is False
    with pytest.raises(UsageError) as refused:
        client.resume_run(run_id)
    assert refused.value.code == "run.not_interrupted"
    with pytest.raises(UsageError):
        client.close_run(run_id)


def test_closing_ends_it_for_good_with_its_pulses_and_without_a_verdict(
    client: ServiceClient, data: Path
) -> None:
    run_id = die(client)
    client.close_run(run_id)
    assert client.state()["channels"]["1"]["state"] == "idle"
    row = until(lambda: (r := client.run(run_id))["state"] == "ended" and r)
    assert row["closed_utc"]
    assert row["closed_by"]
    assert (row["verdict"], row["grade"], row["soh"], row["exit_code"]) == ("no_verdict", None, None, 5)
    assert row["result"]["reason_code"] == "incomplete"
    assert row["result"]["blocks"][0]["pulses"], "what was seen of the pulses is kept"
    assert row["result"]["blocks"][0]["soh"] is None
    with pytest.raises(UsageError) as refused:
        client.resume_run(run_id)
    assert refused.value.code == "run.not_interrupted"
    with open_records(data) as records:
        records.verify()


def test_acknowledging_closes_it(client: ServiceClient) -> None:
    run_id = die(client)
    client.acknowledge("1")
    assert client.state()["channels"]["1"]["state"] == "idle"
    until(lambda: client.run(run_id)["closed_utc"] and client.run(run_id)["state"] == "ended")
    assert run_to_end(client, request("GOOD-1"))["exit_code"] == 0


def test_refused_while_channel_or_battery_is_elsewhere(client: ServiceClient) -> None:
    run_id = die(client, "DIES-1", "1")
    client.start_run(request("DIES-1X", "2"))
    with pytest.raises(SafetyLatched):
        client.start_run(request("GOOD-9", "1"))
    until(lambda: client.state()["channels"]["2"]["may"]["close"])
    client.acknowledge("2")
    client.start_run(request("DIES-1", "2"))  # the same battery, tested elsewhere since
    until(lambda: client.state()["channels"]["2"]["may"]["close"])
    error = refusal(client, run_id)
    assert (error.code, type(error)) == ("run.battery_moved", BusyError)


def test_refused_when_the_journal_is_damaged_or_the_bench_has_changed(
    client: ServiceClient, data: Path
) -> None:
    run_id = die(client)
    path = data / "runs" / run_id / "journal.jsonl"
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], b"nonsense\n", *lines[2:]]))
    assert refusal(client, run_id).code == "data.journal"
    header = json.loads(lines[0])
    header["channel"]["limits"]["voltage_max_V"] = 4.2
    path.write_bytes(b"".join([json.dumps(header).encode() + b"\n", *lines[1:]]))
    error = refusal(client, run_id)
    assert (error.code, error.params["changed"]) == ("run.channel_changed", ["limits"])
    path.unlink()
    assert refusal(client, run_id).code == "data.journal"


def test_refused_without_guard_and_with_the_estop_pressed(data: Path) -> None:
    bench = fakes.bench(guard=True)
    status = data / "benches" / "testbench" / "fake_guard.json"
    with running_service(fakes.config(data, bench=bench)) as client:
        until(lambda: client.state()["guard"]["connected"])
        run_id = die(client)
        status.write_text(json.dumps({"estop_ok": False}))
        until(lambda: client.state()["guard"]["estop_ok"] is False)
        assert refusal(client, run_id).code == "guard.estop_open"
        status.unlink()
    patience = replace(fakes.HASTE, guard_ready_s=0.5)
    absent = fakes.config(data, bench=bench, guard_command=("false",), patience=patience)
    with running_service(absent) as client:
        assert refusal(client, run_id).code == "guard.absent"


def test_a_run_of_another_bench_is_left_alone(client: ServiceClient, data: Path) -> None:
    run_id = die(client)
    other = fakes.config(data, bench=fakes.bench(name="otherbench"))
    with running_service(other) as there:
        assert refusal(there, run_id).code == "run.other_bench"
        with pytest.raises(UsageError):
            there.close_run(run_id)
    with pytest.raises(UsageError) as unknown:
        client.resume_run("20260101T000000-1-abcdef")
    assert unknown.value.code == "record.no_run"


def kill_all(process: Any) -> None:
    """``kill -9`` of the service and everything it has started, at once."""
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    for member in family:
        member.kill()
    psutil.wait_procs(family, 10)
    process.wait(10)


def test_kill_9_of_everything_then_resume_in_a_new_service(tmp_path: Path) -> None:
    bench = write_bench(tmp_path)
    with service_process(bench, tmp_path) as (process, _):
        with client_of(tmp_path) as client:
            run_id = client.start_run(request("SLOW-POWER"))
            channel_in(client, "1", "running")
            until(lambda: (tmp_path / "runs" / run_id / "journal.jsonl").stat().st_size > 600)
        kill_all(process)
    with running_service(fakes.config(tmp_path)) as client:
        tile = until(lambda: (t := client.state()["channels"]["1"])["may"]["resume"] and t)
        assert (tile["state"], tile["fault"]["code"], tile["battery"]) == (
            "fault",
            "run.interrupted",
            "SLOW-POWER",
        )
        assert [row["run_id"] for row in client.runs(state="interrupted")] == [run_id]
        assert "resume" not in job(tmp_path, run_id), "nothing goes on by itself"
        client.resume("1")
        channel_in(client, "1", "running")
        assert job(tmp_path, run_id)["resume"] is True
        client.stop("1")
        channel_in(client, "1", "verdict")
        row = until(lambda: (r := client.run(run_id))["state"] == "ended" and r)
        assert (row["outcome"], row["resumes"]) == ("stopped", 1)


def test_an_interrupted_run_stays_so_over_a_restart_with_its_reason(tmp_path: Path) -> None:
    with running_service(fakes.config(tmp_path)) as client:
        run_id = die(client, "FAULTY-1")
    with running_service(fakes.config(tmp_path)) as client:
        tile = client.state()["channels"]["1"]
        assert (tile["fault"]["code"], tile["interrupted"]) == ("driver.timeout", True)
        client.resume_run(run_id)
        assert follow_run(client, "1", run_id)["exit_code"] == 0


def test_a_stop_before_the_crash_means_no_resumption(tmp_path: Path) -> None:
    with service_process(write_bench(tmp_path), tmp_path) as (process, _):
        with client_of(tmp_path) as client:
            run_id = client.start_run(request("STUBBORN-9"))
            channel_in(client, "1", "running")
            client.stop("1")
            until(lambda: "operator.stop" in [event["code"] for event in client.run(run_id)["events"]])
        kill_all(process)
    with running_service(fakes.config(tmp_path)) as client:
        row = until(lambda: (r := client.run(run_id))["state"] == "ended" and r)
        assert row["latched"]
        assert client.state()["channels"]["1"]["may"]["resume"] is False
