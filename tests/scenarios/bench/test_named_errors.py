"""Every way to be refused: a named error with its remedy and exit code, and nothing energised."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.bench import Bench
from station.service.client import ServiceClient
from station.simulation import write_bench
from tests.scenarios.bench.profiles import LONG, TOO_LARGE, write_profile
from tests.scenarios.bench.stand import (
    Answer,
    CAPACITY_Ah,
    Stand,
    ended,
    start,
    state_of,
    station,
    wait_until,
)

MISWIRED = "miswired"


@pytest.fixture
def client(stand: Stand) -> Iterator[ServiceClient]:
    """A healthy bench with free channels."""
    stand.stop(MISWIRED)  # one guard at a time has the relay board
    stand.heal(speed=10.0)
    service = stand.client()
    stand.acknowledge_all(service)
    wait_until(
        lambda: all(service.state()["guard"][field] for field in ("connected", "estop_ok", "interlock_ok")),
        "the guard sees a healthy bench",
    )
    yield service
    service.stop_all()
    for channel in CAPACITY_Ah:
        wait_until(lambda ch=channel: state_of(service, ch)["state"] in ("idle", "verdict", "fault"), "end")


def refused(answer: Answer, exit_code: int, code: str) -> dict[str, Any]:
    """It said so: the code, a sentence, a remedy, the exit code."""
    assert answer.exit_code == exit_code, answer
    error = answer.error
    assert error["code"] == code, error
    assert error["message"]
    assert error["remedy"]
    return error


# ------------------------------------------------------------------ what was typed is wrong: 2


@pytest.mark.parametrize(
    ("battery", "code"),
    [
        ("", "battery.code_empty"),
        (" \t ", "battery.code_empty"),
        ("B-1\x07", "battery.code_unprintable"),
        ("B" * 65, "battery.code_too_long"),
    ],
    ids=["empty", "blank", "control character", "65 characters"],
)
def test_battery_codes(stand: Stand, client: ServiceClient, battery: str, code: str) -> None:
    error = refused(stand.run("rapid", battery=battery), 2, code)
    assert error["exit_code"] == 2
    assert state_of(client)["state"] == "idle"
    stand.untouched()


def test_unknown_channel(stand: Stand, client: ServiceClient) -> None:
    error = refused(stand.run("rapid", "9"), 2, "usage.channel")
    assert "1, 2, 3, 4" in error["remedy"]
    for channel in client.state()["channels"]:
        stand.untouched(channel)


def test_missing_nominal_capacity(stand: Stand, client: ServiceClient) -> None:
    error = refused(stand.run("rapid", battery="NEVER-SEEN", capacity_Ah=None), 2, "usage.capacity_missing")
    assert "Ah" in error["remedy"]
    assert client.battery("NEVER-SEEN") is None
    stand.untouched()


def test_profile_beyond_the_limits(stand: Stand, client: ServiceClient, tmp_path: Path) -> None:
    answer = stand.run(str(write_profile(tmp_path, "toolarge", TOO_LARGE)))
    assert answer.exit_code == 2, answer
    assert answer.error["code"].startswith("profile."), answer.error
    assert answer.error["remedy"]
    assert state_of(client)["run_id"] is None
    stand.untouched()


def test_battery_under_test_on_another_channel(stand: Stand, client: ServiceClient, tmp_path: Path) -> None:
    run_id = start(client, write_profile(tmp_path, "long", LONG), "1", battery="TWICE")
    error = refused(stand.run("rapid", "2", battery="TWICE", capacity_Ah=10.0), 2, "station.battery_busy")
    assert "channel 1" in error["message"]
    stand.untouched("2")
    client.stop("1")
    assert ended(client, run_id)["outcome"] == "stopped"


# ------------------------------------------------------------------ the instruments are wrong: 4


@pytest.fixture(scope="module")
def miswired(stand: Stand, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A bench file with wrong addresses in all channels. Another bench, so another service."""
    data = stand.bench.model_dump(mode="json", by_alias=True)
    data["name"] = "miswired"
    one, two, three, four = data["channels"]
    one["power"]["address"] = "tcp://127.0.0.1:1"
    three["power"]["address"], four["power"]["address"] = (
        four["power"]["address"],
        three["power"]["address"],
    )
    scanner = two["sensors"][0]["address"].split("::")[2]
    two["power"]["options"]["supply"]["address"] = f"tcp://127.0.0.1:{scanner}"
    file = tmp_path_factory.mktemp("miswired") / "bench.yaml"
    write_bench(Bench.model_validate(data), file)
    stand.stop()  # one guard at a time has the relay board
    yield file
    stand.stop(MISWIRED)


@pytest.mark.parametrize(
    ("channel", "outcome", "code", "named"),
    [
        ("1", "instrument_fault", "driver.transport", "127.0.0.1:1"),
        ("2", "check_failed", "safety.check.identity", "34970A"),
        ("3", "check_failed", "safety.check.identity", "SM500-CP-90"),
    ],
    ids=["nothing listens", "a scanner", "another model"],
)
def test_wrong_addresses(
    stand: Stand, miswired: Path, channel: str, outcome: str, code: str, named: str
) -> None:
    stand.heal(speed=10.0)
    answer = stand.run("rapid", channel, capacity_Ah=CAPACITY_Ah[channel], bench=miswired)
    error = refused(answer, 4 if outcome == "instrument_fault" else 5, code)
    assert named in error["message"]
    assert answer.data["outcome"] == outcome
    for each in CAPACITY_Ah:
        stand.untouched(each)


# ------------------------------------------------------------------ the battery or its wiring is wrong: 5


def test_reversed_polarity(stand: Stand, client: ServiceClient) -> None:
    stand.ask("fault", channel="1", name="polarity_reversed")
    answer = stand.run("rapid")
    refused(answer, 5, "safety.check.polarity")
    assert answer.data["outcome"] == "check_failed"
    assert not stand.truth()["fuse_blown"]
    stand.untouched()
    assert state_of(client)["state"] == "fault"


def test_open_sense_lead(stand: Stand, client: ServiceClient) -> None:
    stand.ask("fault", channel="1", name="sense_open")
    refused(stand.run("rapid"), 5, "safety.check.voltage_agreement")
    stand.untouched()
    assert state_of(client)["state"] == "fault"


def test_sense_lead_lost_after_the_checks(stand: Stand, client: ServiceClient) -> None:
    """At most the contact check's small current ever flows."""
    stand.ask("speed", value=4.0)
    run_id = start(client, "rapid")
    wait_until(lambda: state_of(client)["state"] == "running", "the checks are over")
    stand.ask("fault", channel="1", name="sense_open")
    row = ended(client, run_id)
    assert row["exit_code"] == 5, row["error"]
    assert row["error"]["code"] in (
        "safety.voltage_agreement",
        "safety.check.contact_resistance",
        "safety.check.not_rested",
        "safety.voltage_min",
    )
    # 0.1 C for 1 s is 3.5 As.
    assert abs(stand.truth()["charge_Ah"] * 3600) < 3.5 * 1.2
    assert stand.dead()


def test_emergency_stop_pressed(stand: Stand, client: ServiceClient) -> None:
    stand.ask("estop", pressed=True)
    wait_until(lambda: client.state()["guard"]["estop_ok"] is False, "the guard sees it")
    refused(stand.run("rapid"), 5, "guard.estop_open")
    stand.untouched()
    stand.ask("estop", pressed=False)
    wait_until(lambda: client.state()["guard"]["estop_ok"], "the guard sees its release")


# ------------------------------------------------------------------ the data are wrong: 6


def test_corrupt_run_file(tmp_path: Path) -> None:
    file = tmp_path / "run.parquet"
    file.write_bytes(b"PAR1" + bytes(200) + b"PAR1")
    answer = station("diagnose", str(file))
    error = refused(answer, 6, "data.corrupt")
    assert "run.parquet" in error["message"]


# ------------------------------------------------------------------ a reading that fails


@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        ("sentinel_reading", {"safety.no_reading"}),
        ("frozen_reading", {"safety.frozen_reading", "safety.current_tracking", "safety.voltage_agreement"}),
        ("link_silent", {"driver.transport", "guard.worker_late"}),
    ],
)
def test_a_failing_reading_is_never_a_number(
    stand: Stand, client: ServiceClient, tmp_path: Path, fault: str, codes: set[str]
) -> None:
    steps = [LONG[0], {**LONG[1], "duration_s": 20.0}]
    with client.live() as live:
        run_id = start(client, write_profile(tmp_path, "pulses", steps, timing="commanded"))
        wait_until(lambda: stand.current_A() > 30, "a pulse flows")
        stand.ask("fault", channel="1", instrument="delta-sm15k", name=fault)
        row = ended(client, run_id)
        wait_until(stand.dead, "no current and an open cut-off")
        shown = [m for m in live.messages() if m["type"] == "samples"]
    assert row["exit_code"] in (4, 5), row["error"]
    assert row["error"]["code"] in codes, row["error"]
    assert row["error"]["remedy"]
    assert row["verdict"] == "no_verdict"
    assert shown
    for message in shown:
        assert all(2.5 < voltage_V < 4.0 for voltage_V in message["voltage_V"]), message
        assert all(abs(current_A) < 36 for current_A in message["current_A"]), message
    tile = state_of(client)
    assert (tile["state"], tile["voltage_V"], tile["current_A"]) == ("fault", None, None)
    lines = (stand.data / "runs" / run_id / "journal.jsonl").read_text().splitlines()
    assert not any("9.9" in line.lower() and "e+37" in line.lower() for line in lines if line.startswith("["))
