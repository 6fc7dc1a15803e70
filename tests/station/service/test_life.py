"""Birth and death of the service as a process: one per bench, ends in order, leaves nothing half-done."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from station.errors import BusyError, ExitCode, SafetyLatched, StationError
from station.service.client import ServiceAddress, find_address
from station.service.launcher import ensure_service, find_service
from station.service.paths import ServicePaths, write_address
from station.service.run import run_to_end
from tests.station.service import fakes
from tests.station.service.programs import COMMAND, client_of, service_process, write_bench
from tests.station.service.running import channel_in, request, running_service, until


def test_one_service_per_bench_found_by_its_file(tmp_path: Path) -> None:
    bench = write_bench(tmp_path)
    with service_process(bench, tmp_path) as (process, first):
        assert first["ready"]["pid"] == process.pid
        assert "token" not in first["ready"]
        address = find_address(tmp_path, "testbench")
        assert address is not None
        assert (address.host, address.pid) == ("127.0.0.1", process.pid)
        if os.name == "posix":
            assert ServicePaths(tmp_path, "testbench").address.stat().st_mode & 0o777 == 0o600
        with service_process(bench, tmp_path) as (second, refusal):
            assert second.wait(20) == ExitCode.USAGE
            assert refusal["error"]["code"] == "service.running"
            assert str(process.pid) in refusal["error"]["message"]
        with ensure_service(str(bench), tmp_path, command=("false",)) as client:
            assert client.address.pid == process.pid
            client.shutdown()
        assert process.wait(20) == 0
    assert find_address(tmp_path, "testbench") is None


def test_a_signal_stops_the_tests_in_order_before_the_service_ends(tmp_path: Path) -> None:
    with service_process(write_bench(tmp_path), tmp_path) as (process, _), client_of(tmp_path) as client:
        first = client.start_run(request("SLOW-1", "1"))
        second = client.start_run(request("STUBBORN-1", "2"))
        channel_in(client, "1", "running")
        channel_in(client, "2", "running")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert not (tmp_path / "runs" / first / "saw_eof").exists()
    assert (tmp_path / "runs" / second / "saw_eof").exists(), "a worker that does not stop is let go"
    with running_service(fakes.config(tmp_path)) as client:
        assert (client.run(first)["state"], client.run(first)["outcome"]) == ("ended", "stopped")
        assert (client.run(second)["state"], client.run(second)["outcome"]) == ("ended", "supervision_lost")
        assert client.state()["channels"]["1"]["state"] == "idle"
        assert client.state()["channels"]["2"]["fault"]["code"] == "safety.service_lost"


def test_after_kill_9_the_worker_is_safe_and_the_run_is_recovered(tmp_path: Path) -> None:
    with service_process(write_bench(tmp_path), tmp_path) as (process, _):
        with client_of(tmp_path) as client:
            run_id = client.start_run(request("SLOW-KILL"))
            channel_in(client, "1", "running")
        process.kill()
        process.wait(20)
    run_dir = tmp_path / "runs" / run_id
    until(lambda: (run_dir / "saw_eof").exists())
    assert find_service(tmp_path, "testbench") is None, "the stale file is no service"
    with running_service(fakes.config(tmp_path)) as client:
        tile = client.state()["channels"]["1"]
        assert (tile["state"], tile["battery"], tile["fault"]["code"]) == (
            "fault",
            "SLOW-KILL",
            "run.interrupted",
        )
        with pytest.raises(SafetyLatched):
            client.start_run(request("GOOD-1"))
        row = until(lambda: (r := client.run(run_id))["state"] == "interrupted" and r)
        assert (row["verdict"], row["exit_code"]) == ("no_verdict", 5)
        assert row["result"]["safe"] == {"verified": True, "current_A": 0.0}, "as its journal says"
        assert {file["kind"] for file in row["files"]} == {"journal", "run", "result", "signed"}
        until(lambda: client.run(run_id)["ended_utc"] is not None)
        client.acknowledge("1")
        assert run_to_end(client, request("GOOD-1"))["exit_code"] == 0
    with running_service(fakes.config(tmp_path)) as client:
        assert client.state()["channels"]["1"]["state"] == "idle", "acknowledged once is enough"


def test_a_latched_fault_outlives_the_service(tmp_path: Path) -> None:
    with running_service(fakes.config(tmp_path)) as client:
        run_to_end(client, request("CONTACT-1"))
    with running_service(fakes.config(tmp_path)) as client:
        tile = client.state()["channels"]["1"]
        assert (tile["state"], tile["acknowledged"], tile["fault"]["code"]) == (
            "fault",
            False,
            "safety.contact",
        )


def test_a_run_that_only_lacked_its_analysis_is_analysed_at_the_next_start(tmp_path: Path) -> None:
    with running_service(fakes.config(tmp_path)) as client:
        run_id = run_to_end(client, request("GOOD-LATE"))["run_id"]
    from station.records import open_records

    with open_records(tmp_path) as records:
        records.update_run(run_id, state="analysis", verdict=None, ended_utc=None)
    with running_service(fakes.config(tmp_path)) as client:
        row = until(lambda: (r := client.run(run_id))["state"] == "ended" and r)
        assert (row["verdict"], row["error"]) == ("pass", None)
        assert client.state()["channels"]["1"]["state"] == "idle"


def test_idle_service_ends_by_itself_but_not_under_a_client(tmp_path: Path) -> None:
    import websockets.sync.client  # noqa: F401 - importing it may take longer than 2 s

    with service_process(write_bench(tmp_path), tmp_path, "--idle-exit", "2") as (process, _):
        with client_of(tmp_path) as client, client.live() as live:
            until(lambda: live.connection == "connected")
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(3)
        assert process.wait(20) == 0


def test_launcher_starts_one_and_says_why_it_cannot(tmp_path: Path) -> None:
    bench = write_bench(tmp_path)
    stale = ServiceAddress("127.0.0.1", 1, "old", 2**22 - 3)
    write_address(ServicePaths(tmp_path, "testbench").address, stale)
    with ensure_service(str(bench), tmp_path, idle_exit_s=30, command=COMMAND) as client:
        assert client.address.pid != stale.pid
        process = psutil.Process(client.address.pid)
        client.shutdown()
    assert process.wait(20) in (0, None)  # None: not our child any more
    (tmp_path / "station.sqlite").write_bytes(b"this is no database, but long enough to look at" * 100)
    with pytest.raises(StationError) as damaged:
        ensure_service(str(bench), tmp_path, command=COMMAND)
    assert (damaged.value.code, damaged.value.exit_code) == ("record.damaged", ExitCode.DATA)
    with pytest.raises(StationError) as dead:
        ensure_service(str(bench), tmp_path, command=(sys.executable, "-c", "raise SystemExit(9)"))
    assert dead.value.code == "service.not_started"
    assert "exit status 9" in dead.value.message


def test_the_real_program_starts_and_names_a_wrong_bench(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "station.service", "--bench", "nonsense", "--data", str(tmp_path)],
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == ExitCode.USAGE
    assert json.loads(done.stdout)["error"]["code"] == "bench.not_found"


def test_while_the_service_ends_nothing_new_starts(tmp_path: Path) -> None:
    with running_service(fakes.config(tmp_path)) as client:
        client.start_run(request("STUBBORN-2"))
        channel_in(client, "1", "running")
        client.shutdown()
        with pytest.raises(StationError) as ending:
            until(lambda: client.start_run(request("GOOD-5", "2")) and None, 5)
        assert ending.value.code in ("service.ending", "service.unreachable")


def test_battery_under_test_on_another_bench_is_refused(tmp_path: Path) -> None:
    other = fakes.config(tmp_path, bench=fakes.bench(name="otherbench"))
    with running_service(fakes.config(tmp_path)) as here, running_service(other) as there:
        here.start_run(request("SLOW-X"))
        channel_in(here, "1", "running")
        with pytest.raises(BusyError) as busy:
            there.start_run(request("SLOW-X"))
        assert busy.value.params["place"] == "bench testbench, channel 1"
