"""``kill -9`` of everything at once in mid-pulse: the next start lists what was cut off, a person decides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from station.engine.record.journal import read_journal
from station.errors import SafetyLatched
from station.service.client import ServiceClient
from tests.scenarios.bench.profiles import PULSES, write_profile
from tests.scenarios.bench.stand import CAPACITY_Ah, Stand, ended, start, state_of, wait_until

SPEED = 5.0
CHANNELS = ("4", "2", "1")
"""A pack with pre-charge and BMS, which starts slowest; a load without watchdog; a cell on one with it."""


@pytest.fixture
def client(stand: Stand) -> Iterator[ServiceClient]:
    stand.heal(speed=SPEED)
    client = stand.client()
    stand.acknowledge_all(client)
    yield client
    client = stand.client()
    client.stop_all()
    wait_until(lambda: not any(active(client, channel) for channel in CAPACITY_Ah), "all channels end")
    stand.acknowledge_all(client)


def active(client: ServiceClient, channel: str) -> bool:
    return state_of(client, channel)["state"] not in ("idle", "verdict", "fault")


def kill_everything(stand: Stand, channels: tuple[str, ...]) -> None:
    """Service, guard and workers; the instruments are other people's machines and stay."""
    victims = [*(stand.worker(channel) for channel in channels), stand.guard(), stand.service()]
    for process in victims:
        process.kill()
    psutil.wait_procs(victims, timeout=10)


def interrupted(client: ServiceClient) -> dict[str, dict[str, Any]]:
    """By channel, once the service has looked at what it found."""

    def listed() -> dict[str, dict[str, Any]]:
        return {row["channel"]: row for row in client.runs(state="interrupted")}

    wait_until(lambda: set(listed()) == set(CHANNELS), "all are listed as interrupted")
    return listed()


@pytest.mark.timeout(180)
def test_everything_killed_at_once(stand: Stand, client: ServiceClient, tmp_path: Path) -> None:
    gentle = [PULSES[0], {**PULSES[1], "current_C": 0.5, "duration_s": 40.0}]
    profile = write_profile(tmp_path, "gentle", gentle)
    runs = {channel: start(client, profile, channel) for channel in CHANNELS}

    def flows(channel: str) -> bool:
        return abs(stand.current_A(channel)) > 0.3 * CAPACITY_Ah[channel]

    def checked(channel: str) -> bool:
        # Written behind the pulse's beginning: killed before that, the contact check is done anew as a whole.
        lines = (stand.data / "runs" / runs[channel] / "journal.jsonl").read_text("utf-8").splitlines()
        return any(line.startswith('{"k": "group"') and '"group": 1,' in line for line in lines)

    wait_until(
        lambda: all(flows(channel) and checked(channel) for channel in CHANNELS), "a pulse in each channel"
    )
    kill_everything(stand, CHANNELS)
    wait_until(
        lambda: all(stand.dead(channel) for channel in CHANNELS), "no current, all cut-offs open", 10.0
    )

    # The next start: listed with its data, latched, and nothing on.
    client = stand.client()
    rows = interrupted(client)
    assert {channel: row["run_id"] for channel, row in rows.items()} == runs
    for channel, run_id in runs.items():
        assert read_journal(stand.data / "runs" / run_id / "journal.jsonl").samples
        tile = state_of(client, channel)
        assert (tile["state"], tile["run_id"]) == ("fault", run_id)
        with pytest.raises(SafetyLatched):
            start(client, "screen", channel)
    assert all(stand.dead(channel) for channel in CHANNELS)

    # One with a battery the wrong way round: the checks refuse it, and it can still go on later.
    stand.ask("fault", channel="1", name="polarity_reversed", value=True)
    client.resume_run(runs["1"])

    def refused() -> bool:
        tile = state_of(client, "1")
        return tile["state"] == "fault" and tile["fault"]["code"] == "safety.check.polarity"

    wait_until(refused, "the checks refuse it")
    assert stand.dead("1")
    stand.ask("clear_faults")

    # Two go on to their end, the third is closed.
    stand.ask("speed", value=2 * SPEED)
    wait_until(lambda: "1" in {row["channel"] for row in client.runs(state="interrupted")}, "it is kept")
    for channel in ("1", "4"):
        client.resume_run(runs[channel])
    client.close_run(runs["2"])
    for channel in ("1", "4"):
        row = ended(client, runs[channel], 90.0)
        assert (row["state"], row["outcome"]) == ("ended", "completed"), row["error"]
        codes = [event["code"] for event in row["events"]]
        assert codes.index("run.interrupted") < codes.index("run.gap") < len(codes) - 1
        journal = read_journal(stand.data / "runs" / runs[channel] / "journal.jsonl")
        assert journal.gaps
        assert [span["reason"] for span in journal.voids] == ["crash", "contact_again"]
        assert row["result"]["blocks"]
    closed = ended(client, runs["2"])
    assert closed["state"] == "ended"
    assert closed["result"]["verdict"] == "no_verdict"
    assert closed["closed_utc"]
    wait_until(lambda: state_of(client, "2")["state"] == "idle", "its channel is free")
    assert all(stand.dead(channel) for channel in CHANNELS)


def test_pause_and_resume_through_the_service(stand: Stand, client: ServiceClient, tmp_path: Path) -> None:
    run_id = start(client, write_profile(tmp_path, "pulses", PULSES))
    wait_until(lambda: abs(stand.current_A()) > 30, "a pulse")
    client.pause("1")
    wait_until(lambda: state_of(client)["state"] == "paused", "it is paused")
    assert stand.dead()
    client.resume("1")
    row = ended(client, run_id, 60.0)
    assert row["outcome"] == "completed"
    assert {"run.paused", "run.resumed"} <= {event["code"] for event in row["events"]}


def test_a_skipped_step_is_told(stand: Stand, client: ServiceClient, tmp_path: Path) -> None:
    pair = {"step": "pulse_pair", "current_C": 0.5, "duration_s": 5.0, "rest_s": 3.0}
    run_id = start(client, write_profile(tmp_path, "two", [*PULSES, pair]))
    wait_until(lambda: abs(stand.current_A()) > 30, "a pulse")
    client.skip("1")
    row = ended(client, run_id, 60.0)
    assert row["outcome"] == "completed"
    assert "run.skipped" in {event["code"] for event in row["events"]}
    currents_A = [abs(pulse["current_A"]) for block in row["result"]["blocks"] for pulse in block["pulses"]]
    assert max(currents_A) < 20  # nothing of the pulse that was cut is judged
