"""The list as the service keeps it: one for every client, over restarts; a latched fault stays latched."""

from __future__ import annotations

import getpass
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.errors import SafetyLatched, StationError
from station.records import open_records
from station.service.alarms.book import AlarmBook
from station.service.alarms.table import AlarmState
from station.service.alarms.watch import AlarmWatch
from station.service.client import ServiceClient
from station.service.run import run_to_end
from tests.station.alarms.people import engineer
from tests.station.service import fakes
from tests.station.service.running import channel_in, request, running_service, until


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("alarms")


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[ServiceClient]:
    with running_service(fakes.config(data)) as client:
        yield client


def of(client: ServiceClient, channel: str | None) -> list[dict[str, Any]]:
    return [row for row in client.alarms() if row["channel"] == channel]


def test_a_fault_is_one_alarm_and_a_finished_test_is_none(client: ServiceClient) -> None:
    run_to_end(client, request("GOOD-1", "1"))
    assert of(client, "1") == []
    with client.live() as live:
        until(lambda: [m for m in live.wait(0.1) if m["type"] == "state" and "alarms" in m])
        run_to_end(client, request("LIMIT-1", "2"))
        told = until(lambda: [m["alarm"] for m in live.wait(0.1) if m["type"] == "alarm"])
    (alarm,) = of(client, "2")
    assert told[0]["number"] == alarm["number"]
    assert (alarm["code"], alarm["state"], alarm["priority"], alarm["latched"]) == (
        "safety.voltage_max", "unacknowledged", 2, True,
    )  # fmt: skip
    for lang in ("zh", "en"):
        assert all(alarm["words"][lang][part] for part in ("text", "cause", "consequence", "remedy"))


def test_seeing_an_alarm_opens_no_channel_but_acknowledging_the_channel_ends_both(
    client: ServiceClient,
) -> None:
    run_to_end(client, request("CONTACT-1", "3"))
    (alarm,) = of(client, "3")
    assert client.acknowledge_alarm(alarm["number"]) == 1
    assert client.acknowledge_alarm(alarm["number"]) == 0, "once is enough"
    (alarm,) = of(client, "3")
    assert (alarm["state"], alarm["acknowledged_by"]) == ("acknowledged", getpass.getuser())
    with pytest.raises(SafetyLatched):
        client.start_run(request("GOOD-2", "3"))
    client.acknowledge("3")
    assert of(client, "3") == []
    assert client.state()["channels"]["3"]["state"] == "idle"


def test_shelving_is_an_engineers_timed_logged_and_unlatches_nothing(
    client: ServiceClient, data: Path
) -> None:
    run_to_end(client, request("CONTACT-2", "3"))
    number = of(client, "3")[0]["number"]
    with pytest.raises(StationError) as refused:
        client.shelve_alarm(number, 600.0, "waiting for a lead")
    assert refused.value.code.startswith("person.")
    with engineer(client, data, "Wang") as boss:
        row = boss.shelve_alarm(number, 600.0, "waiting for a lead")
        assert (row["state"], row["shelved_by"]) == ("shelved", "Wang")
        assert abs(row["shelved_until_s"] - time.time() - 600.0) < 60
        assert client.state()["channels"]["3"]["state"] == "fault"
        with pytest.raises(SafetyLatched):
            client.start_run(request("GOOD-3", "3"))
        with pytest.raises(StationError) as aside:
            client.acknowledge_alarm(number)
        assert aside.value.code == "alarm.shelved_now"
        assert boss.unshelve_alarm(number)["state"] == "unacknowledged"
        boss.acknowledge("3")
    with open_records(data) as records:
        events = records.events()
    told = [event for event in events if event["code"].startswith("alarm.")]
    freed = [event["params"]["who"] for event in events if event["code"] == "operator.acknowledge"]
    assert freed == [getpass.getuser(), "Wang"], "who is logged in, else who sits at the computer"
    mine = [event for event in told if event["params"]["number"] == number]
    assert [event["code"] for event in mine] == ["alarm.shelve", "alarm.unshelve", "alarm.acknowledge"]
    assert mine[0]["params"]["reason"] == "waiting for a lead"


def test_the_list_survives_the_service(tmp_path: Path) -> None:
    with running_service(fakes.config(tmp_path)) as client:
        run_to_end(client, request("LIMIT-1", "1"))
        client.acknowledge_alarm(of(client, "1")[0]["number"])
        run_to_end(client, request("CONTACT-1", "2"))
        before = client.alarms()
    with running_service(fakes.config(tmp_path)) as client:
        assert client.alarms() == before
        client.acknowledge("1")
        client.acknowledge("2")
        assert client.alarms() == []
        run_to_end(client, request("LIMIT-2", "1"))
        assert of(client, "1")[0]["number"] > max(row["number"] for row in before), "no number comes twice"


def test_an_emergency_stop_comes_goes_and_waits_to_be_seen(tmp_path: Path) -> None:
    config = fakes.config(tmp_path, bench=fakes.bench(guard=True))
    with running_service(config) as client:
        until(lambda: (client.state()["guard"] or {}).get("connected"))
        guard_says(tmp_path, estop_ok=False)
        (alarm,) = until(lambda: of(client, None))
        assert (alarm["code"], alarm["state"], alarm["priority"]) == ("guard.estop_open", "unacknowledged", 2)
        guard_says(tmp_path, estop_ok=True)
        until(lambda: of(client, None)[0]["state"] == "returned_unacknowledged")
        assert client.acknowledge_alarms(None) == 1
        assert of(client, None) == []


def test_a_warning_of_a_run_is_over_with_it_and_seen_by_the_next_start(client: ServiceClient) -> None:
    client.start_run(request("SLOW-1", "1"))
    channel_in(client, "1", "running")
    client.stop("1")
    channel_in(client, "1", "verdict", "idle")
    assert [row["state"] for row in of(client, "1") if row["latched"]] == []


def guard_says(data: Path, **status: Any) -> None:
    (data / "benches" / "testbench" / "fake_guard.json").write_text(json.dumps(status), encoding="utf-8")


def event(channel: str | None, code: str, level: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
    told = {"channel": channel, "t": 0.0, "code": code, "level": level, "params": params or {}}
    return {"type": "event", **told}


def tile(state: str, run_id: str | None = "r", fault: dict[str, Any] | None = None) -> dict[str, Any]:
    shown = {"state": state, "run_id": run_id, "fault": fault, "acknowledged": fault is None}
    return {"type": "channel", "channel": "1", "state": shown}


def test_consequences_fold_under_the_first_cause_of_a_run() -> None:
    now = [0.0]
    book = AlarmBook(lambda: now[0])
    watch = AlarmWatch(book, {"1", "2"})
    fault = {"code": "safety.interlock_open", "message": "", "remedy": "", "params": {}}
    for message in (
        tile("running"),
        event("1", "engine.sensor_stale", "warning"),
        event("1", "engine.sensor_stale", "warning"),
        event("1", "adaptive.no_answer", "warning"),
        event(None, "guard.tripped", "alarm", {"channel": "1", "code": "guard.estop_open"}),
        tile("fault", fault=fault),
        event(None, "guard.estop_open", "alarm"),
        {"type": "guard", "guard": {"estop_ok": False, "interlock_ok": None, "relay_ok": True}},
    ):
        now[0] += 1.0
        watch.heard(message)
    rows = {(row["channel"], row["code"]): row for row in book.rows()}
    cause = rows["1", "guard.tripped"]
    assert cause["root"] is None
    assert rows["1", "engine.sensor_stale"]["count"] == 2
    assert {row["root"] for key, row in rows.items() if key[0] == "1" and row is not cause} == {
        cause["number"]
    }
    assert rows[None, "guard.estop_open"]["count"] == 1, "told by event and status, raised once"
    assert len(rows) == 4, "what a run deals with itself is no alarm"
    watch.heard(event(None, "guard.estop_closed", "info"))
    watch.heard({"type": "guard", "guard": {"estop_ok": None, "interlock_ok": None, "relay_ok": None}})
    assert [row["state"] for row in book.rows() if row["channel"] is None] == ["returned_unacknowledged"]
    watch.heard(tile("idle", None))
    assert [row["channel"] for row in book.rows()] == [None], "who frees the channel has seen all of it"


def test_a_flood_stays_one_line_a_cause() -> None:
    book = AlarmBook(lambda: 0.0)
    watch = AlarmWatch(book, {"1"})
    watch.heard(tile("running"))
    for number in range(3000):
        watch.heard(event("1", f"engine.sensor_{number % 700}", "warning"))
    assert len(book) <= 500
    assert len([row for row in book.rows() if row["root"] is None]) == 1


def test_a_failed_check_and_the_fault_it_becomes_are_one_alarm() -> None:
    """In the fault's own words: what a check is called says more than that there was one."""
    book = AlarmBook(lambda: 0.0)
    watch = AlarmWatch(book, ["1"])
    watch.heard(tile("checks"))
    found = {"rule": "polarity", "ok": False, "value": -3.3, "limit": 0.0, "unit": "V"}
    watch.heard(event("1", "engine.check", "alarm", found))
    fault = {"code": "safety.check.polarity", "message": "", "remedy": "", "params": found}
    watch.heard(tile("fault", fault=fault))
    (alarm,) = book
    assert (alarm.code, alarm.latched, alarm.count) == ("safety.check.polarity", True, 1)


def test_a_check_that_ends_no_test_is_an_alarm_by_itself() -> None:
    book = AlarmBook(lambda: 0.0)
    watch = AlarmWatch(book, ["1"])
    watch.heard(tile("running"))
    watch.heard(event("1", "engine.check", "info", {"rule": "polarity", "ok": True}))
    assert not len(book)
    watch.heard(event("1", "engine.check", "alarm", {"rule": "residual_voltage", "ok": False, "value": 71.0}))
    watch.heard(tile("verdict"))
    (alarm,) = book
    assert alarm.code == "safety.check.residual_voltage"
    assert alarm.state is AlarmState.RETURNED
