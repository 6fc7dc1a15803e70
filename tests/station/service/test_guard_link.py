"""The service and its guard: needed for a start, shown, started again, ended last."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from station.errors import BusyError, InterlockOpen
from station.service.client import ServiceClient
from station.service.run import run_to_end
from tests.station.service import fakes
from tests.station.service.running import channel_in, request, running_service, until

LATE_GUARD = """
import pathlib, runpy, sys, time
script = sys.argv.pop(1)
go = pathlib.Path(sys.argv[sys.argv.index("--data") + 1]) / "benches" / "testbench" / "go"
while not go.exists():
    time.sleep(0.02)
runpy.run_path(script, run_name="__main__")
"""


@pytest.fixture
def client(tmp_path: Path) -> Iterator[ServiceClient]:
    with running_service(fakes.config(tmp_path, bench=fakes.bench(guard=True))) as running:
        yield running
    assert (tmp_path / "benches" / "testbench" / "fake_guard.ended").exists(), "the guard ended by itself"


def guard_pid(data: Path) -> int:
    return int((data / "benches" / "testbench" / "fake_guard.pid").read_text())


def set_status(data: Path, **status: object) -> None:
    path = data / "benches" / "testbench" / "fake_guard.json"
    path.with_suffix(".part").write_text(json.dumps(status))
    path.with_suffix(".part").replace(path)


def test_a_start_waits_for_the_guard_and_hands_it_to_the_worker(
    client: ServiceClient, tmp_path: Path
) -> None:
    result = run_to_end(client, request("GOOD-1"))
    assert result["exit_code"] == 0
    job = json.loads((tmp_path / "runs" / result["run_id"] / "job.json").read_text(encoding="utf-8"))
    assert set(job["guard"]) == {"host", "port", "token"}
    guard = client.state()["guard"]
    assert (guard["connected"], guard["estop_ok"], guard["cutoffs"]) == (True, True, {"1": "open"})


def test_an_open_estop_is_shown_recorded_and_refuses_a_start(client: ServiceClient, tmp_path: Path) -> None:
    until(lambda: client.state()["guard"]["connected"])
    set_status(tmp_path, estop_ok=False, trips=[{"channel": "1", "code": "guard.estop_open", "unix_s": 1.0}])
    until(lambda: client.state()["guard"]["estop_ok"] is False)
    with pytest.raises(InterlockOpen) as refused:
        client.start_run(request("GOOD-1"))
    assert (refused.value.code, refused.value.exit_code) == ("guard.estop_open", 5)
    set_status(tmp_path, estop_ok=True)
    until(lambda: client.state()["guard"]["estop_ok"] is True)
    assert run_to_end(client, request("GOOD-1"))["exit_code"] == 0
    from station.records import open_records

    with open_records(tmp_path) as records:
        codes = [event["code"] for event in records.events()]
    wanted = ["guard.connected", "guard.estop_open", "guard.tripped", "guard.estop_closed"]
    assert [code for code in codes if code in wanted] == wanted


def test_a_dead_guard_is_shown_and_started_again(client: ServiceClient, tmp_path: Path) -> None:
    until(lambda: client.state()["guard"]["connected"])
    old = guard_pid(tmp_path)
    psutil.Process(old).send_signal(signal.SIGKILL)
    until(lambda: guard_pid(tmp_path) != old and client.state()["guard"]["connected"])
    assert run_to_end(client, request("GOOD-1"))["exit_code"] == 0


def test_a_guard_that_dies_during_a_run_waits_for_its_end(client: ServiceClient, tmp_path: Path) -> None:
    until(lambda: client.state()["guard"]["connected"])
    client.start_run(request("SLOW-1"))
    channel_in(client, "1", "running")
    old = guard_pid(tmp_path)
    psutil.Process(old).send_signal(signal.SIGKILL)
    until(lambda: client.state()["guard"]["connected"] is False)
    assert client.state()["guard"]["estop_ok"] is None, "what is not known is not ok"
    assert guard_pid(tmp_path) == old
    client.stop("1")
    channel_in(client, "1", "verdict")
    until(lambda: guard_pid(tmp_path) != old and client.state()["guard"]["connected"])


def test_a_stop_during_the_start_is_not_lost(tmp_path: Path) -> None:
    settings = fakes.config(
        tmp_path,
        bench=fakes.bench(guard=True),
        guard_command=(sys.executable, "-S", "-c", LATE_GUARD, str(fakes.HERE / "fake_guard.py")),
        patience=replace(fakes.HASTE, guard_ready_s=30.0),
    )
    folder = tmp_path / "benches" / "testbench"
    with running_service(settings) as client, ThreadPoolExecutor(2) as pool:
        starts = [pool.submit(client.start_run, request("SLOW-1")) for _ in range(2)]
        refused, waiting = wait(starts, timeout=20, return_when=FIRST_COMPLETED)
        assert [type(start.exception()) for start in refused] == [BusyError], (
            "the other one waits for the guard"
        )
        client.stop("1")
        (folder / "go").touch()
        run_id = waiting.pop().result(20)
        channel_in(client, "1", "verdict")
        row = until(lambda: (one := client.run(run_id))["state"] == "ended" and one)
        assert row["outcome"] == "stopped"


def test_without_a_guard_that_answers_nothing_starts(tmp_path: Path) -> None:
    settings = fakes.config(
        tmp_path,
        bench=fakes.bench(guard=True),
        guard_command=("python-that-does-not-exist",),
        patience=replace(fakes.HASTE, guard_ready_s=0.5),
    )
    with running_service(settings) as client:
        with pytest.raises(InterlockOpen) as refused:
            client.start_run(request("GOOD-1"))
        assert (refused.value.code, refused.value.exit_code) == ("guard.absent", 5)
        assert client.runs() == []
