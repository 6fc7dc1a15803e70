"""Runs through the whole service with scripted workers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from station.cli.main import invoke
from station.errors import BusyError, SafetyLatched, StationError, UsageError
from station.evidence import trusted_keys, verify
from station.evidence.records_check import check_records
from station.records import open_records
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


@pytest.fixture(autouse=True)
def free_channels(client: ServiceClient) -> Iterator[None]:
    yield
    for channel in ("1", "2", "3"):
        client.stop(channel)
        channel_in(client, channel, "idle", "verdict", "fault")
        client.acknowledge(channel)


def test_a_good_run_gives_verdict_files_events_and_record(client: ServiceClient, data: Path) -> None:
    seen: list[dict[str, Any]] = []
    result = run_to_end(client, request("GOOD-1"), seen.append)
    assert (result["verdict"], result["grade"], result["exit_code"]) == ("pass", "B", 0)
    assert result["soh"] == {"estimate": 0.83, "low90": 0.80, "high90": 0.86}
    assert [file["kind"] for file in result["files"]] == ["journal", "result", "signed", "run"]
    assert all(Path(file["path"]).is_file() for file in result["files"])
    codes = [event["code"] for event in result["events"]]
    assert codes[0] == "run.started"
    assert "check.contact" in codes
    assert codes[-1] == "run.ended"
    states = [state["state"] for state in seen]
    assert {"running", "analysis", "verdict"} <= set(states)
    assert all(state["channel"] == "1" for state in seen)
    tile = client.state()["channels"]["1"]
    assert tile["state"] == "verdict"
    assert tile["resistance_mohm"] == pytest.approx(2.0)
    row = client.run(result["run_id"])
    assert (row["state"], row["outcome"], row["soh"], row["error"]) == ("ended", "completed", 0.83, None)
    assert {file["check"] for file in row["files"]} == {"ok"}
    on_disk = json.loads((data / "runs" / result["run_id"] / "result.json").read_text(encoding="utf-8"))
    assert on_disk["verdict"] == "pass"
    assert on_disk["files"][0]["path"] == f"runs/{result['run_id']}/journal.jsonl"


@pytest.mark.parametrize(
    ("battery", "verdict", "exit_code"),
    [("GOOD-FAIL", "fail", 1), ("GOOD-QUARANTINE", "quarantine", 3)],
)
def test_exit_code_follows_the_verdict(
    client: ServiceClient, battery: str, verdict: str, exit_code: int
) -> None:
    result = run_to_end(client, request(battery))
    assert (result["verdict"], result["exit_code"]) == (verdict, exit_code)
    assert client.state()["channels"]["1"]["state"] == "verdict"


def test_the_worker_gets_a_whole_job(client: ServiceClient, data: Path) -> None:
    run_id = client.start_run(request("SLOW-JOB", chemistry="lfp"))
    path = data / "runs" / run_id / "job.json"
    channel_in(client, "1", "running")
    job = json.loads(path.read_text(encoding="utf-8"))
    assert (job["run_id"], job["channel"], job["speed"], job["guard"]) == (run_id, "1", 1.0, None)
    assert job["battery"] == {
        "code": "SLOW-JOB",
        "nominal_capacity_Ah": 20.0,
        "chemistry": "LFP",
        "level": "cell",
        "series_cells": 1,
    }
    # 2.5 C of 20 Ah fit into the channel; the profile's own limits go along.
    assert max(segment["current_A"] for segment in job["plan"]["segments"]) == pytest.approx(50.0)
    assert job["profile_limits"]["current_max_C"] == 2.5
    assert job["bench"]["schema"] == "pulse-station/bench/1"


def test_stop_ends_in_order(client: ServiceClient) -> None:
    client.start_run(request("SLOW-STOP"))
    channel_in(client, "1", "running")
    client.stop("1")
    client.stop("1")
    tile = channel_in(client, "1", "verdict")
    assert (tile["verdict"], tile["fault"]) == ("no_verdict", None)
    row = until(lambda: (newest := client.runs(1)[0])["state"] == "ended" and newest)
    assert (row["outcome"], row["exit_code"], row["verdict"]) == ("stopped", 3, "no_verdict")


def test_ctrl_c_stops_and_waits_until_safe(client: ServiceClient) -> None:
    def press_ctrl_c(state: dict[str, Any]) -> None:
        if state["state"] == "running":
            raise KeyboardInterrupt

    result = run_to_end(client, request("SLOW-CTRLC"), press_ctrl_c)
    assert (result["outcome"], result["exit_code"], result["interrupted"]) == ("stopped", 130, True)
    assert result["safe"]["verified"] is True


def test_two_channels_at_once_and_busy_refusals(client: ServiceClient) -> None:
    client.start_run(request("SLOW-A", "1"))
    client.start_run(request("SLOW-B", "2"))
    channel_in(client, "1", "running")
    channel_in(client, "2", "running")
    with pytest.raises(BusyError) as channel_busy:
        client.start_run(request("SLOW-C", "1"))
    assert channel_busy.value.code == "station.channel_busy"
    with pytest.raises(BusyError) as battery_busy:
        client.start_run(request(" slow-a\r\n", "3"))
    assert battery_busy.value.code == "station.battery_busy"
    assert battery_busy.value.params["place"] == "channel 1"
    with pytest.raises(BusyError):
        client.acknowledge("1")
    client.stop_all()
    assert channel_in(client, "1", "verdict")["battery"] == "SLOW-A"
    assert channel_in(client, "2", "verdict")["battery"] == "SLOW-B"


def test_two_requests_at_the_same_moment_get_one_battery_once(client: ServiceClient) -> None:
    with ThreadPoolExecutor(3) as pool:
        starts = [pool.submit(client.start_run, request("SLOW-SAME", channel)) for channel in "123"]
        refused = [error for start in starts if (error := start.exception()) is not None]
    assert [type(error) for error in refused] == [BusyError, BusyError]
    with ThreadPoolExecutor(3) as pool:
        free = next(channel for channel in "123" if client.state()["channels"][channel]["state"] == "idle")
        starts = [pool.submit(client.start_run, request(f"SLOW-{n}", free)) for n in range(3)]
        assert sum(start.exception() is None for start in starts) == 1


def test_a_failed_check_latches_until_acknowledged(client: ServiceClient) -> None:
    result = run_to_end(client, request("CONTACT-1"))
    assert (result["outcome"], result["exit_code"], result["verdict"]) == ("check_failed", 5, "no_verdict")
    assert result["error"]["code"] == "safety.contact"
    tile = client.state()["channels"]["1"]
    assert (tile["state"], tile["acknowledged"]) == ("fault", False)
    assert tile["fault"]["params"] == {"rule": "contact", "value": 0.02}
    with pytest.raises(SafetyLatched) as latched:
        client.start_run(request("GOOD-2"))
    assert latched.value.exit_code == 5
    client.acknowledge("1")
    assert client.state()["channels"]["1"]["state"] == "idle"
    assert run_to_end(client, request("GOOD-2"))["exit_code"] == 0


def test_a_killed_worker_is_a_latched_fault_and_its_data_are_kept(client: ServiceClient, data: Path) -> None:
    result = run_to_end(client, request("DIES-1"))
    assert (result["outcome"], result["exit_code"]) == ("supervision_lost", 5)
    assert result["error"]["code"] == "worker.lost"
    assert result["error"]["params"] == {"exit_status": 13}
    assert (data / "runs" / result["run_id"] / "run.parquet").is_file()
    assert client.state()["channels"]["1"]["state"] == "fault"


def test_a_silent_worker_is_ended(client: ServiceClient, data: Path) -> None:
    result = run_to_end(client, request("MUTE-1"))
    assert (result["error"]["code"], result["exit_code"]) == ("worker.silent", 5)
    assert (data / "runs" / result["run_id"] / "saw_eof").is_file()


def test_an_unverified_safe_state_is_a_fault_although_the_data_are_good(client: ServiceClient) -> None:
    result = run_to_end(client, request("UNSAFE-1"))
    assert (result["verdict"], result["exit_code"]) == ("pass", 5)
    assert client.state()["channels"]["1"]["fault"]["code"] == "safety.not_verified"


def test_a_last_word_that_makes_no_sense_is_never_a_success(client: ServiceClient) -> None:
    result = run_to_end(client, request("BADEND-1"))
    assert (result["error"]["code"], result["exit_code"], result["verdict"]) == (
        "worker.protocol",
        70,
        "no_verdict",
    )


def test_no_number_stays_no_number(client: ServiceClient) -> None:
    client.start_run(request("NAN-1"))
    tile = until(lambda: (t := client.state()["channels"]["1"]) and t["elapsed_s"] == 2.0 and t)
    assert tile["voltage_V"] is None
    assert tile["current_A"] == 0.0


@pytest.mark.parametrize("battery", ["GOOD-CRASH", "GOOD-NAN", "GOOD-KILLED"])
def test_a_failing_diagnosis_gives_no_verdict_and_no_latch(client: ServiceClient, battery: str) -> None:
    result = run_to_end(client, request(battery))
    assert (result["verdict"], result["error"]["code"], result["exit_code"]) == (
        "no_verdict",
        "analysis.failed",
        70,
    )
    assert result["soh"] is None
    tile = client.state()["channels"]["1"]
    assert (tile["state"], tile["fault"]["code"]) == ("verdict", "analysis.failed")
    assert run_to_end(client, request("GOOD-3"))["exit_code"] == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"channel": "9"}, "usage.channel"),
        ({"profile": "nonsense"}, "profile.unknown"),
        ({"battery": "  \r\n"}, "battery.code_empty"),
        ({"battery": "A\tB"}, "battery.code_unprintable"),
        ({"battery": "X" * 65}, "battery.code_too_long"),
        ({"nominal_capacity_Ah": None}, "usage.capacity_missing"),
        ({"nominal_capacity_Ah": 0.0}, "usage.capacity"),
        ({"nominal_capacity_Ah": -3.0}, "usage.capacity"),
        ({"nominal_capacity_Ah": 400.0}, "profile.beyond_limits"),
        ({"chemistry": "unobtainium"}, "usage.chemistry"),
    ],
)
def test_wrong_requests_are_named(client: ServiceClient, changes: dict[str, Any], code: str) -> None:
    before = client.runs(1)
    with pytest.raises(UsageError) as refused:
        client.start_run(request(**{"battery": "NEW-1", **changes}))
    assert refused.value.code == code
    assert refused.value.remedy
    assert refused.value.exit_code == 2
    assert client.runs(1) == before
    assert client.state()["channels"]["1"]["state"] in ("idle", "verdict")


def test_capacity_and_chemistry_come_from_the_record(client: ServiceClient, data: Path) -> None:
    run_to_end(client, request("GOOD-KNOWN", nominal_capacity_Ah=12.5, chemistry="NMC"))
    result = run_to_end(client, request("GOOD-KNOWN", nominal_capacity_Ah=None))
    assert result["nominal_capacity_Ah"] == 12.5
    job = json.loads((data / "runs" / result["run_id"] / "job.json").read_text(encoding="utf-8"))
    assert job["battery"]["chemistry"] == "NMC"
    record = client.battery("good-known")
    assert record is not None
    assert len(record["runs"]) == 2
    assert client.battery("never seen/56号") is None


def test_a_label_that_disagrees_is_a_warning(client: ServiceClient) -> None:
    label = "02LMB02100101A87Y0026421"  # a module of iron phosphate, says the label
    with running_out(client, label, chemistry="NMC") as run_id:
        events = {event["code"]: event for event in client.run(run_id)["events"]}
    assert events["battery.level_differs"]["params"] == {"label": "module", "channel": "cell"}
    assert events["battery.chemistry_differs"]["level"] == "warning"
    record = client.battery(label)
    assert record is not None
    assert (record["maker"], record["made_on"], record["chemistry"]) == ("02L", "2018-07-31", "NMC")


class running_out:  # noqa: N801 - reads as words in a with statement
    """A started run whose end is not waited for by the test."""

    def __init__(self, client: ServiceClient, battery: str, **more: Any) -> None:
        self._client, self._request = client, request(battery, **more)

    def __enter__(self) -> str:
        run_id = self._client.start_run(self._request)
        channel_in(self._client, "1", "verdict")
        return run_id

    def __exit__(self, *_: object) -> None: ...


def test_unknown_run_is_named(client: ServiceClient) -> None:
    with pytest.raises(UsageError) as unknown:
        client.run("20260101T000000-1-abcdef")
    assert unknown.value.code == "record.no_run"


def test_the_bench_describes_itself(client: ServiceClient) -> None:
    described = client.bench()
    assert (described["name"], described["simulated"], described["speed"]) == ("testbench", False, 1.0)
    assert [channel["id"] for channel in described["channels"]] == ["1", "2", "3"]
    durations = {profile["name"]: profile["duration_s"] for profile in described["profiles"]}
    assert durations["rapid"] == pytest.approx(175.0)
    assert client.state()["service"]["pid"] == os.getpid()


def test_the_chain_of_all_this_holds(client: ServiceClient, data: Path) -> None:
    result = run_to_end(client, request("GOOD-CHAIN"))
    with open_records(data) as records:
        report = check_records(records)
    assert report["events"] >= 3
    assert report["files"] >= 3
    told = verify(data / "runs" / result["run_id"], trusted_keys(data))
    assert (told.trusted, told.about, told.checked) == (True, result["run_id"], 3)
    assert client.run(result["run_id"])["station"] == told.key_id


def test_a_clock_that_was_set_back_is_told_with_the_run(client: ServiceClient, data: Path) -> None:
    with open_records(data) as records:
        records.add_event("test.later", {}, t_utc="2099-01-01T00:00:00.000000Z")
    events = run_to_end(client, request("GOOD-CLOCK"))["events"]
    (told,) = [event for event in events if event["code"] == "clock.set_back"]
    assert told["level"] == "warning"
    assert told["params"]["by_s"] > 86400


def test_a_key_that_cannot_be_used_leaves_a_result_unsigned_and_told(
    client: ServiceClient, data: Path
) -> None:
    keys = data / "keys"
    keys.rename(data / "keys-away")
    keys.write_text("rights are wrong, or somebody has put a file here")
    try:
        result = run_to_end(client, request("GOOD-UNSIGNED"))
    finally:
        keys.unlink()
        (data / "keys-away").rename(keys)
    assert result["verdict"] == "pass"
    row = client.run(result["run_id"])
    assert "evidence.not_signed" in {event["code"] for event in row["events"]}
    assert "signed" not in {file["kind"] for file in row["files"]}
    assert invoke(["sign", result["run_id"], "--data", str(data)]) == 0
    assert verify(data / "runs" / result["run_id"], trusted_keys(data)).trusted


def test_identity_proof_and_exports_by_the_api(client: ServiceClient, data: Path) -> None:
    """The calls that only look; those that write need a person with a role (``test_persons``)."""
    run_id = run_to_end(client, request("GOOD-API"))["run_id"]

    def get(path: str) -> httpx.Response:
        url = f"http://{client.address.host}:{client.address.port}{path}"
        return httpx.get(url, headers={"Authorization": f"Bearer {client.address.token}"}, timeout=20)

    shown = get("/api/identities/GOOD-API").json()
    assert (shown["kind"], [run["run_id"] for run in shown["tests"]]) == ("free", [run_id])
    signed = data / "from-api.signed.json"
    signed.write_bytes(get(f"/api/runs/{run_id}/signed").content)
    assert verify(signed, trusted_keys(data)).about == run_id
    exported = get(f"/api/runs/{run_id}/export?format=passport")
    assert exported.json()["fields"]["remainingCapacity"]["value"] == pytest.approx(0.83 * 20)
    assert ".passport.json" in exported.headers["content-disposition"]
    assert get("/api/runs/none/signed").status_code == 404
    assert {row["name"] for row in get("/api/trace").json()["templates"]} >= {"intake", "test", "departure"}
    assert get("/api/records/verify").status_code == 401
    found = get("/api/identities/conflicts").json()["conflicts"]
    assert all("GOOD-API" not in one["batteries"] for one in found)


def test_a_stranger_is_refused(client: ServiceClient) -> None:
    from dataclasses import replace

    with (
        ServiceClient(replace(client.address, token="guess")) as stranger,
        pytest.raises(StationError) as refused,
    ):
        stranger.state()
    assert refused.value.code == "service.access"
