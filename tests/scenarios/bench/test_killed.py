"""``kill -9`` of each process in the middle of a pulse: no current, data kept, and no next start unseen."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq
import pytest

from station.engine.record.journal import Journal, read_journal
from station.errors import SafetyLatched
from station.service.client import ServiceClient, find_address
from tests.scenarios.bench.profiles import LONG, PULSES, write_profile
from tests.scenarios.bench.stand import (
    PATIENCE_S,
    ROOT,
    CAPACITY_Ah,
    Stand,
    ended,
    start,
    state_of,
    station,
    wait_until,
)

SPEED = 5.0
GRACE_S = 1.0
"""From the kill to no current, beside what this machine adds by being busy."""


@pytest.fixture
def client(stand: Stand) -> Iterator[ServiceClient]:
    """A healthy bench and a service without latched faults; nothing runs afterwards."""
    stand.heal(speed=SPEED)
    client = stand.client()
    stand.acknowledge_all(client)
    yield client
    client = stand.client()  # the first one may have been killed
    client.stop_all()
    for channel in CAPACITY_Ah:
        wait_until(lambda ch=channel: not active(client, ch), f"channel {channel} ends")
    stand.acknowledge_all(client)


def active(client: ServiceClient, channel: str) -> bool:
    return state_of(client, channel)["state"] not in ("idle", "verdict", "fault")


def in_the_pulse(stand: Stand, *channels: str) -> None:
    """A pulse of 1 C has flowed for some seconds and flows on."""
    for channel in channels:

        def flows(channel: str = channel) -> bool:
            truth, capacity_Ah = stand.truth(channel), CAPACITY_Ah[channel]
            return bool(truth["current_A"] > 0.9 * capacity_Ah and truth["charge_Ah"] > 0.0005 * capacity_Ah)

        wait_until(flows, f"a pulse flows in channel {channel}")


def kill_and_time(stand: Stand, process: psutil.Process, *channels: str) -> dict[str, float]:
    """``kill -9``; seconds until no current flows in each channel, as the witness sees it."""
    killed = asked = time.monotonic()
    process.kill()
    zero: dict[str, float] = {}
    slowest_s = 0.0
    while len(zero) < len(channels):
        for channel in channels:
            if channel not in zero and stand.current_A(channel) == 0.0:
                zero[channel] = time.monotonic() - killed
        now = time.monotonic()
        slowest_s, asked = max(slowest_s, now - asked), now
        assert now - killed < PATIENCE_S, f"current still flows; zero so far: {zero}"
    print(f"current zero after {zero} s, slowest answer of the witness {slowest_s:.3f} s")  # noqa: T201
    # A machine that takes long to answer the witness takes as long for everybody else, in several turns.
    assert max(zero.values()) < GRACE_S + 20 * slowest_s, zero
    return zero


def journal_of(stand: Stand, run_id: str) -> Journal:
    return read_journal(stand.data / "runs" / run_id / "journal.jsonl")


def refused_until_acknowledged(stand: Stand, channel: str = "1") -> None:
    """The next start is refused with a remedy, ``station acknowledge`` frees it, and then it works."""
    refused = stand.run("screen", channel, capacity_Ah=CAPACITY_Ah[channel])
    assert refused.exit_code == 5, refused
    assert refused.error["code"] == "safety.latched"
    assert "acknowledge" in refused.error["remedy"]
    stand.untouched(channel)
    wait_until(
        lambda: stand.station("acknowledge", channel).exit_code == 0, f"channel {channel} is acknowledged"
    )
    stand.ask("speed", value=20.0)
    works = stand.run("screen", channel, capacity_Ah=CAPACITY_Ah[channel])
    assert works.exit_code in (0, 1, 3), works
    assert works.data["outcome"] == "completed"


@pytest.fixture
def long(tmp_path: Path) -> Path:
    return write_profile(tmp_path, "long", LONG)


# ------------------------------------------------------------------ the window

LISTENER = """
import sys
from pathlib import Path
from station.service.client import ServiceClient, find_address
data, bench = Path(sys.argv[1]), sys.argv[2]
with ServiceClient(find_address(data, bench), data=data, bench=bench) as client, client.live() as live:
    while True:
        for message in live.wait(1.0):
            print(message["type"], flush=True)
"""


def listener(stand: Stand) -> subprocess.Popen[str]:
    """A live client like the window's; killed once it has had samples."""
    return subprocess.Popen(
        [sys.executable, "-c", LISTENER, str(stand.data), stand.bench.name],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def window(stand: Stand) -> subprocess.Popen[str]:
    """The real operator window, without a screen."""
    return subprocess.Popen(
        [sys.executable, "-m", "station.ui.app", "--bench", str(stand.file), "--data", str(stand.data)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.DEVNULL,
        text=True,
    )


def kill(child: subprocess.Popen[str]) -> None:
    child.kill()
    child.wait()
    if child.stdout is not None:
        child.stdout.close()


def goes_on_to_a_verdict(stand: Stand, client: ServiceClient, run_id: str) -> None:
    row = ended(client, run_id)
    assert row["outcome"] == "completed", row["error"]
    assert row["verdict"] in ("pass", "fail", "quarantine", "no_verdict")
    assert len(row["files"]) == 4
    assert journal_of(stand, run_id).column("current_A").min() == pytest.approx(-CAPACITY_Ah["1"], rel=0.01)
    assert stand.dead()


def test_a_killed_live_client_changes_nothing(stand: Stand, client: ServiceClient, tmp_path: Path) -> None:
    stand.ask("speed", value=10.0)
    child = listener(stand)
    try:
        run_id = start(client, write_profile(tmp_path, "pulses", PULSES))
        assert child.stdout is not None
        for line in child.stdout:
            if line.strip() == "samples":
                break
        in_the_pulse(stand, "1")
    finally:
        kill(child)
    goes_on_to_a_verdict(stand, client, run_id)


def test_a_killed_window_changes_nothing(stand: Stand, client: ServiceClient, tmp_path: Path) -> None:
    pytest.importorskip("PySide6")
    stand.ask("speed", value=10.0)
    client.shutdown()  # the window starts the service itself
    wait_until(lambda: find_address(stand.data, stand.bench.name) is None, "the service ends")
    child = window(stand)
    try:
        wait_until(lambda: find_address(stand.data, stand.bench.name), "the window starts the service")
        client = stand.client()
        wait_until(lambda: client.state()["guard"]["connected"], "the guard answers")
        run_id = start(client, write_profile(tmp_path, "pulses", PULSES))
        in_the_pulse(stand, "1")
        assert child.poll() is None
    finally:
        kill(child)
    goes_on_to_a_verdict(stand, client, run_id)


# ------------------------------------------------------------------ worker, guard, service


def test_a_killed_worker_faults_its_own_channel_only(
    stand: Stand, client: ServiceClient, tmp_path: Path, long: Path
) -> None:
    one = start(client, long, "1")
    two = start(client, write_profile(tmp_path, "pulses", PULSES), "2")
    in_the_pulse(stand, "1", "2")
    killed_unix_s = time.time()
    kill_and_time(stand, stand.worker("1"), "1")
    row = ended(client, one)
    assert (row["outcome"], row["exit_code"], row["error"]["code"]) == ("supervision_lost", 5, "worker.lost")
    assert row["error"]["remedy"]
    assert state_of(client, "1")["state"] == "fault"
    wait_until(stand.dead, "cut-off open")
    wait_until(lambda: not any(stand.truth()["output_on"]), "the instrument's watchdog turns its output off")
    kept(stand, one, killed_unix_s)
    assert {file["kind"] for file in row["files"]} == {"journal", "run", "result", "signed"}
    assert ended(client, two)["outcome"] == "completed"
    stand.heal(speed=SPEED)
    refused_until_acknowledged(stand)


def kept(stand: Stand, run_id: str, killed_unix_s: float) -> None:
    """The data up to the last second are there, also as Parquet."""
    journal = journal_of(stand, run_id)
    assert killed_unix_s - journal.samples[-1][1] < 1.0 + GRACE_S
    table = pq.read_table(stand.data / "runs" / run_id / "run.parquet")
    assert table.num_rows == len(journal.samples) > 100
    assert max(table["Current / A"].to_pylist()) == pytest.approx(35.0, rel=0.02)


def test_a_killed_guard_ends_all_channels_safe(stand: Stand, client: ServiceClient, long: Path) -> None:
    runs = {channel: start(client, long, channel) for channel in "12"}
    in_the_pulse(stand, *runs)
    killed_unix_s = time.time()
    kill_and_time(stand, stand.guard(), *runs)
    for channel, run_id in runs.items():
        row = ended(client, run_id)
        assert (row["outcome"], row["exit_code"]) == ("supervision_lost", 5), row["error"]
        assert row["error"]["code"].startswith("safety.guard_"), row["error"]
        assert row["result"]["safe"]["verified"] is True
        assert not any(stand.truth(channel)["output_on"])
    kept(stand, runs["1"], killed_unix_s)
    # A new guard opens the cut-offs that the old one left closed.
    wait_until(lambda: all(stand.dead(channel) for channel in runs), "cut-offs open")
    with pytest.raises(SafetyLatched, match="acknowledge"):
        start(client, long)
    client.acknowledge("1")
    again = start(client, long)
    in_the_pulse(stand, "1")
    client.stop("1")
    assert ended(client, again)["outcome"] == "stopped"


def test_a_killed_service_leaves_all_channels_safe(stand: Stand, client: ServiceClient, long: Path) -> None:
    runs = {channel: start(client, long, channel) for channel in "12"}
    in_the_pulse(stand, *runs)
    workers = [stand.worker(channel) for channel in runs]
    guard, service = stand.guard(), stand.service()
    killed_unix_s = time.time()
    kill_and_time(stand, service, *runs)
    wait_until(lambda: all(stand.dead(channel) for channel in runs), "cut-offs open")
    _, alive = psutil.wait_procs([*workers, guard], PATIENCE_S)
    assert not alive
    for channel in runs:
        assert not any(stand.truth(channel)["output_on"])
    stand.heal(speed=SPEED)
    refused_until_acknowledged(stand)
    listed = station("records", "list", "--data", str(stand.data)).data["runs"]
    # The first was closed when its channel was acknowledged; the second still waits for a person.
    for run_id, state in ((runs["1"], "ended"), (runs["2"], "interrupted")):
        (row,) = [row for row in listed if row["run_id"] == run_id]
        assert (row["state"], row["outcome"], row["exit_code"]) == (state, "supervision_lost", 5)
    kept(stand, runs["1"], killed_unix_s)
    again = stand.client()
    assert again.run(runs["2"])["error"]["code"] == "run.interrupted"
    assert again.run(runs["2"])["result"]["safe"]["verified"] is True
    with pytest.raises(SafetyLatched):
        start(again, "screen", "2")


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP")
def test_a_hanging_worker_is_cut_off(stand: Stand, client: ServiceClient, long: Path) -> None:
    run_id = start(client, long, "1")
    in_the_pulse(stand, "1")
    worker = stand.worker("1")
    stopped = time.monotonic()
    worker.suspend()
    try:
        wait_until(stand.dead, "no current", poll_s=0.002)
        took_s = time.monotonic() - stopped
    finally:
        worker.resume()
    print(f"hanging worker: current zero after {took_s:.3f} s")  # noqa: T201
    assert took_s < GRACE_S
    row: dict[str, Any] = ended(client, run_id)
    assert row["exit_code"] in (4, 5)
    assert any(line["event"] == "trip" and line["code"] == "guard.worker_late" for line in stand.guard_log())
