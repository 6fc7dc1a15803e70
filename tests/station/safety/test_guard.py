"""The guard over its own protocol, with a relay board in memory and real time."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from station.errors import BenchError, BusyError
from station.safety.guard_settings import guard_settings
from tests.station.safety.fakes import FakeRelay
from tests.station.safety.guard_rig import BENCH, TIMEOUT_S, Client, Running, closed, until


def test_closes_confirms_and_opens(guard: Running, connect: Callable[..., Client]) -> None:
    client = connect()
    assert client.welcome == {"ok": True, "heartbeat_timeout_s": TIMEOUT_S, "hold_s": None}
    closed(client, guard)
    assert client.wait_for("beat")["beat"] >= 1
    client.send({"ask": "open_cutoff"})
    assert client.wait_for("answer")["ok"] is True
    assert not guard.relay.coil_states[0]
    client.send({"bye": True})
    client.close()
    until(lambda: bool(guard.log("left")))
    assert not guard.log("trip")


def test_silence_cuts_in_time_and_only_that_channel(guard: Running, connect: Callable[..., Client]) -> None:
    one, two = closed(connect("1"), guard), closed(connect("2"), guard, coil=1)
    one.fall_silent()
    took_s = until(lambda: not guard.relay.coil_states[0])
    assert took_s < TIMEOUT_S + 0.2
    assert one.wait_for("trip")["trip"] == "guard.worker_late"
    assert guard.relay.coil_states[1]
    # What was cut stays cut for this worker, even when it comes back.
    one.send({"ask": "close_cutoff"})
    assert one.wait_for("answer")["code"] == "guard.tripped"
    two.send({"beat": 2})
    until(lambda: any(line["verified"] for line in guard.log("cut") if line["why"] == "guard.worker_late"))


def test_a_vanished_worker_is_cut(guard: Running, connect: Callable[..., Client]) -> None:
    closed(connect(), guard).close()
    until(lambda: not guard.relay.coil_states[0])
    until(lambda: bool(guard.log("trip")))
    assert guard.log("trip")[0]["code"] == "guard.worker_gone"


@pytest.mark.parametrize(
    ("attribute", "code"), [("estop_ok", "guard.estop_open"), ("interlock_ok", "guard.interlock_open")]
)
def test_inputs_cut_everything(
    guard: Running, connect: Callable[..., Client], attribute: str, code: str
) -> None:
    one, two = closed(connect("1"), guard), closed(connect("2"), guard, coil=1)
    setattr(guard.relay, attribute, False)
    until(lambda: not any(guard.relay.coil_states))
    for client in (one, two):
        trip = client.wait_for("trip")
        assert trip["trip"] == code
        assert trip["params"]["remedy"]
    # Nothing starts any more, also on a channel without a cut-off.
    assert connect("3").welcome["code"] == code


def test_a_lost_board_trips_the_workers_and_refuses(guard: Running, connect: Callable[..., Client]) -> None:
    one = closed(connect("1"), guard)
    guard.relay.dead = True
    assert one.wait_for("trip")["trip"] == "guard.relay_lost"
    assert connect("2").welcome["code"] == "guard.relay_lost"
    # When the board comes back, everything is opened first, as its coils are unknown.
    guard.relay.dead = False
    until(lambda: not guard.relay.coil_states[0])


def test_a_hanging_board_is_noticed_without_waiting_for_it(
    guard: Running, connect: Callable[..., Client]
) -> None:
    one = closed(connect("1"), guard)
    guard.relay.block.clear()
    started = time.monotonic()
    assert one.wait_for("trip")["trip"] == "guard.relay_lost"
    assert time.monotonic() - started < 1.5
    guard.relay.block.set()


def test_a_channel_without_a_cutoff_is_told_so(connect: Callable[..., Client]) -> None:
    three = connect("3")
    three.send({"ask": "close_cutoff"})
    assert three.wait_for("answer")["code"] == "guard.no_cutoff"


def test_a_welded_contactor_is_named_and_locked(guard: Running, connect: Callable[..., Client]) -> None:
    one = closed(connect("1"), guard)
    guard.relay.welded.add(0)
    one.send({"ask": "open_cutoff"})
    assert one.wait_for("answer") == {"answer": "open_cutoff", "ok": False, "code": "guard.cutoff_stuck"}
    one.send({"ask": "close_cutoff"})
    assert one.wait_for("answer")["code"] == "guard.cutoff_stuck"


def test_a_contactor_that_does_not_close(guard: Running, connect: Callable[..., Client]) -> None:
    guard.relay.open_fault.add(0)
    one = connect("1")
    one.send({"ask": "close_cutoff"})
    assert one.wait_for("answer")["code"] == "guard.cutoff_not_closing"
    until(lambda: not guard.relay.coil_states[0])


def test_a_cutoff_that_drops_by_itself(guard: Running, connect: Callable[..., Client]) -> None:
    one = closed(connect("1"), guard)
    guard.relay.open_fault.add(0)
    assert one.wait_for("trip")["trip"] == "guard.cutoff_dropped"
    until(lambda: not guard.relay.coil_states[0])


@pytest.mark.parametrize(
    ("hello", "code"),
    [
        ({"hello": "worker", "channel": "1", "token": "wrong"}, "guard.token"),
        ({"hello": "service", "token": ""}, "guard.token"),
        ({"hello": "worker", "channel": "9"}, "guard.hello"),
        ({"hello": "stranger"}, "guard.hello"),
    ],
)
def test_strangers_are_refused(guard: Running, hello: dict[str, Any], code: str) -> None:
    client = Client(guard, **hello)
    assert client.welcome["ok"] is False
    assert client.welcome["code"] == code
    client.close()


def test_one_worker_per_channel(connect: Callable[..., Client]) -> None:
    connect("1")
    assert connect("1").welcome["code"] == "guard.channel_busy"


def test_the_service_hears_of_every_change(guard: Running, connect: Callable[..., Client]) -> None:
    service = Client(guard, hello="service")
    first = service.receive()["status"]
    assert (first["relay_ok"], first["estop_ok"], first["cutoffs"]) == (
        True,
        True,
        {"1": "open", "2": "open"},
    )
    closed(connect("1"), guard)
    while service.receive()["status"]["cutoffs"]["1"] != "closed":
        pass
    guard.relay.estop_ok = False
    while (status := service.receive()["status"])["estop_ok"]:
        pass
    while not (status := service.receive()["status"])["trips"]:
        pass
    assert status["trips"][0]["channel"] == "1"
    service.close()


def test_ends_with_the_service_but_not_before_the_last_worker(
    guard: Running, connect: Callable[..., Client]
) -> None:
    client = closed(connect(), guard)
    assert guard.server is not None
    guard.server.no_more_clients()
    client.wait_for("beat")
    assert guard.thread.is_alive()
    client.send({"bye": True})
    client.close()
    guard.thread.join(30)
    assert not guard.thread.is_alive()
    assert not any(guard.relay.coil_states)
    assert guard.relay.closed


def test_starts_and_ends_with_open_cutoffs(tmp_path: Path) -> None:
    relay = FakeRelay()
    relay.coil_states = [True] * 8
    guard = Running(tmp_path, relay)
    assert relay.coil_states[:2] == [False, False]
    guard.stop()
    assert [line["why"] for line in guard.log("cut")] == ["start", "start", "end", "end"]


def test_two_guards_on_one_bench_are_refused(guard: Running) -> None:
    with pytest.raises(BusyError) as error:
        Running(guard.data, FakeRelay())
    assert error.value.code == "guard.already_running"


def test_settings_say_what_is_wrong() -> None:
    with pytest.raises(BenchError) as error:
        guard_settings({"name": "x", "channels": []})
    assert error.value.code == "bench.no_guard"
    with pytest.raises(BenchError) as error:
        guard_settings({**BENCH, "guard": {"relay": {}}})
    assert error.value.params["field"] == "guard.relay.driver"
