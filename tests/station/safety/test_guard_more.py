"""The guard's further duties: auxiliary coils, forced cuts, coils that fall off, frozen boards, locks."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.errors import TransportError
from drivers.transports.address import canonical_address as canonical
from station.errors import BusyError
from station.safety.guard_locks import alone
from station.safety.guard_settings import guard_settings
from station.safety.machine_locks import FOLDER_VARIABLE, lock_path
from tests.station.safety.fakes import FakeRelay
from tests.station.safety.guard_rig import BENCH, Client, Running, closed, until

HOLD_S = 0.5
PACK: dict[str, Any] = {
    **BENCH,
    "channels": [
        {
            "id": "1",
            "cutoff": {"coil": 0, "feedback_input": 2, "precharge": {"coil": 4}},
            "insulation": {"coil": 5},
        },
        {"id": "2", "cutoff": {"coil": 1}},
        {"id": "3"},
    ],
    "guard": {**BENCH["guard"], "hold_s": HOLD_S},
}


@pytest.fixture(params=[False, True], ids=["plain", "timed"])
def relay(request: pytest.FixtureRequest) -> FakeRelay:
    board = FakeRelay()
    board.timed = request.param
    return board


@pytest.fixture
def timed() -> FakeRelay:
    board = FakeRelay()
    board.timed = True
    return board


@contextlib.contextmanager
def running(data: Path, board: FakeRelay) -> Iterator[Running]:
    guard = Running(data, board, PACK)
    try:
        yield guard
    finally:
        board.block.set()
        if guard.thread.is_alive():
            guard.stop()


@contextlib.contextmanager
def worker(guard: Running, channel: str = "1") -> Iterator[Client]:
    client = Client(guard, hello="worker", channel=channel, pid=1)
    client.beat()
    try:
        yield client
    finally:
        client.close()


def ask(client: Client, ask: str, name: str = "") -> dict[str, Any]:
    client.send({"ask": ask, "name": name} if name else {"ask": ask})
    return client.wait_for("answer")


# ------------------------------------------------------------------ auxiliary coils


@pytest.mark.parametrize(("name", "coil"), [("precharge", 4), ("insulation", 5)])
def test_an_auxiliary_coil_closes_and_opens(tmp_path: Path, relay: FakeRelay, name: str, coil: int) -> None:
    with running(tmp_path, relay) as guard, worker(guard) as client:
        assert ask(client, "close_aux", name) == {"answer": "close_aux", "name": name, "ok": True}
        assert [number for number, on in enumerate(relay.coil_states) if on] == [coil]
        assert ask(client, "open_aux", name)["ok"] is True
        assert not any(relay.coil_states)


def test_auxiliary_coils_open_with_the_cutoff(tmp_path: Path, relay: FakeRelay) -> None:
    with running(tmp_path, relay) as guard, worker(guard) as client:
        ask(client, "close_aux", "precharge")
        ask(client, "close_aux", "insulation")
        closed(client, guard)
        assert ask(client, "open_cutoff")["ok"]
        until(lambda: not any(relay.coil_states))


def test_a_silent_worker_loses_its_auxiliary_coils(tmp_path: Path, relay: FakeRelay) -> None:
    with running(tmp_path, relay) as guard, worker(guard) as client:
        ask(client, "close_aux", "insulation")
        ask(client, "close_aux", "precharge")
        client.fall_silent()
        assert client.wait_for("trip")["trip"] == "guard.worker_late"
        until(lambda: not any(relay.coil_states))
        assert ask(client, "close_aux", "precharge")["code"] == "guard.tripped"


def test_no_auxiliary_coil_of_that_name(tmp_path: Path, relay: FakeRelay) -> None:
    with running(tmp_path, relay) as guard, worker(guard, "2") as client:
        for what in ("close_aux", "open_aux"):
            answer = ask(client, what, "precharge")
            assert (answer["ok"], answer["code"]) == (False, "guard.no_aux")


def test_an_open_emergency_stop_refuses_auxiliary_coils(tmp_path: Path, relay: FakeRelay) -> None:
    with running(tmp_path, relay) as guard, worker(guard) as client:
        relay.estop_ok = False
        client.wait_for("trip")
        assert ask(client, "close_aux", "insulation")["ok"] is False
        assert not any(relay.coil_states)


# ------------------------------------------------------------------ forced cut


def test_an_operator_cuts_one_channel(tmp_path: Path, relay: FakeRelay) -> None:
    with running(tmp_path, relay) as guard, worker(guard) as one, worker(guard, "2") as two:
        closed(one, guard)
        closed(two, guard, coil=1)
        service = Client(guard, hello="service")
        service.send({"ask": "cut", "channel": "1", "why": "operator"})
        assert service.wait_for("answer") == {"answer": "cut", "channel": "1", "ok": True, "code": ""}
        assert relay.coil_states[:2] == [False, True]
        trip = one.wait_for("trip")
        assert (trip["trip"], trip["params"]["why"]) == ("guard.forced", "operator")
        assert ask(one, "close_cutoff")["code"] == "guard.tripped"
        service.close()
    assert guard.log("forced")[0]["why"] == "operator"


@pytest.mark.parametrize(("channel", "code"), [("9", "guard.hello"), ("3", "guard.no_cutoff")])
def test_a_forced_cut_that_cannot_be(tmp_path: Path, channel: str, code: str) -> None:
    with running(tmp_path, FakeRelay()) as guard:
        service = Client(guard, hello="service")
        service.send({"ask": "cut", "channel": channel, "why": "operator"})
        answer = service.wait_for("answer")
        assert (answer["ok"], answer["code"]) == (False, code)
        service.close()


def test_a_worker_may_not_cut_another_channel(tmp_path: Path) -> None:
    with running(tmp_path, FakeRelay()) as guard, worker(guard) as one, worker(guard, "2") as two:
        closed(two, guard, coil=1)
        one.send({"ask": "cut", "channel": "2", "why": "x"})
        closed(one, guard)
        assert guard.relay.coil_states[1]


# ------------------------------------------------------------------ coils that fall off by themselves


def test_held_coils_are_renewed_in_time(tmp_path: Path, timed: FakeRelay) -> None:
    with running(tmp_path, timed) as guard, worker(guard) as client:
        closed(client, guard)
        until(lambda: len(timed.holds) >= 8, 4.0)
        times = [at for at, _, _ in timed.holds]
        assert {hold for _, _, hold in timed.holds} == {HOLD_S}
        assert max(b - a for a, b in itertools.pairwise(times)) < HOLD_S / 2
        assert timed.coil_states[0]
        service = Client(guard, hello="service")
        assert service.wait_for("status")["status"]["hold_s"] == HOLD_S
        service.close()


def test_a_plain_board_says_that_it_holds_nothing(tmp_path: Path) -> None:
    with running(tmp_path, FakeRelay()) as guard:
        service = Client(guard, hello="service")
        assert service.wait_for("status")["status"]["hold_s"] is None
        service.close()


def test_a_relay_thread_that_hangs_lets_the_coils_fall_and_never_closes_them_again(
    tmp_path: Path, timed: FakeRelay
) -> None:
    with running(tmp_path, timed) as guard, worker(guard) as client:
        closed(client, guard)
        timed.block.clear()
        time.sleep(HOLD_S + 0.1)
        timed.expire()
        assert not timed.coil_states[0]
        timed.block.set()
        before = len(timed.holds)
        client.wait_for("trip")
        until(lambda: bool(guard.log("cut")))
        # At most the one renewal that was on its way when the board stopped answering.
        assert len(timed.holds) <= before + 1
        until(lambda: not timed.coil_states[0])


def test_a_deciding_loop_that_hangs_lets_the_coils_fall(
    tmp_path: Path, timed: FakeRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(tmp_path, timed) as guard, worker(guard) as client:
        closed(client, guard)
        assert guard.server is not None
        monkeypatch.setattr(guard.server, "_judge", lambda _now: time.sleep(3 * HOLD_S))
        took_s = until(lambda: (timed.expire(), not timed.coil_states[0])[1], 3.0)
        assert took_s < 2 * HOLD_S
        monkeypatch.undo()


# ------------------------------------------------------------------ a board that does not obey


def test_a_frozen_coil_counts_as_a_lost_board(tmp_path: Path, relay: FakeRelay) -> None:
    with running(tmp_path, relay) as guard, worker(guard) as one, worker(guard, "2") as two:
        closed(one, guard)
        closed(two, guard, coil=1)
        relay.frozen.add(0)
        one.send({"ask": "open_cutoff"})
        assert one.wait_for("answer")["code"] == "guard.relay_frozen"
        assert two.wait_for("trip")["trip"] == "guard.relay_frozen"
        until(lambda: not relay.coil_states[1])
        service = Client(guard, hello="service")
        status = service.wait_for("status")["status"]
        assert (status["relay_ok"], status["frozen"]) == (False, ["1"])
        relay.frozen.clear()
        until(lambda: service.wait_for("status")["status"]["relay_ok"])
        service.close()
        with worker(guard, "3") as three:
            assert three.welcome["ok"]


def test_a_coil_that_does_not_go_on_is_not_taken_for_closed(tmp_path: Path, relay: FakeRelay) -> None:
    with running(tmp_path, relay) as guard, worker(guard) as client:
        relay.frozen.add(0)
        answer = ask(client, "close_cutoff")
        assert (answer["ok"], answer["code"]) == (False, "guard.relay_frozen")


def test_somebody_else_closes_a_coil(tmp_path: Path, relay: FakeRelay) -> None:
    with running(tmp_path, relay):
        relay.coil_states[1] = True
        until(lambda: not relay.coil_states[1])


# ------------------------------------------------------------------ one guard per board


@pytest.fixture
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "locks"))
    return tmp_path / "locks"


def settings(address: str, name: str = "unit") -> Any:
    relay = {"driver": "modbus-relay", "address": address}
    return guard_settings({**BENCH, "name": name, "guard": {"relay": relay}})


def test_two_guards_on_one_board_from_different_folders(tmp_path: Path, locks: Path) -> None:
    with alone(tmp_path / "a", settings("modbus-tcp://127.0.0.1:5020?unit=1")):
        with (
            pytest.raises(BusyError) as error,
            alone(tmp_path / "b", settings("modbus-tcp://LOCALHOST:5020?unit=1", "other")),
        ):
            pytest.fail("two guards on one board")
        assert error.value.code == "guard.relay_busy"
        assert f"process {os.getpid()}, bench unit" in error.value.message
        with alone(tmp_path / "c", settings("modbus-tcp://127.0.0.1:5021?unit=1")):
            assert locks.is_dir()
    with alone(tmp_path / "b", settings("modbus-tcp://127.0.0.1:5020?unit=1")):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_killed_guard_leaves_no_lock(tmp_path: Path, locks: Path) -> None:
    program = (
        "import sys, time, pathlib\n"
        "from tests.station.safety.test_guard_more import settings\n"
        "from station.safety.guard_locks import alone\n"
        "with alone(pathlib.Path(sys.argv[1]), settings('modbus-tcp://127.0.0.1:5020?unit=1')):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "a")], stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        again = settings("modbus-tcp://127.0.0.1:5020?unit=1")
        with pytest.raises(BusyError), alone(tmp_path / "b", again):
            pytest.fail("two guards on one board")
        child.send_signal(signal.SIGKILL)
        child.wait(30)
    assert list(locks.iterdir())
    for folder in ("a", "b"):
        with alone(tmp_path / folder, again):
            pass


def test_one_address_however_it_is_written(locks: Path) -> None:
    assert canonical("tcp://localhost:5025") == canonical("TCPIP0::127.0.0.1::5025::SOCKET")
    assert canonical("tcp://127.0.0.1:5025") != canonical("tcp://127.0.0.1:5026")
    assert lock_path("scanner", "tcp://localhost:5025").parent == locks


# ------------------------------------------------------------------ a board that misses an exchange


class Forgetful(FakeRelay):
    """Misses so many exchanges from now on."""

    def __init__(self) -> None:
        super().__init__()
        self.misses = 0
        self.missed = 0

    def _alive(self) -> None:
        super()._alive()
        if self.misses:
            self.misses -= 1
            self.missed += 1
            raise TransportError("relay board: no answer")


def test_one_lost_exchange_is_tried_again(tmp_path: Path) -> None:
    board = Forgetful()
    with running(tmp_path, board) as guard, worker(guard) as client:
        closed(client, guard)
        board.misses = 1
        until(lambda: board.missed == 1)
        service = Client(guard, hello="service")
        assert service.wait_for("status")["status"]["relay_ok"]
        assert service.wait_for("status")["status"]["cutoffs"]["1"] == "closed"
        service.close()
        board.misses = 2
        assert client.wait_for("trip")["trip"] == "guard.relay_lost"
        until(lambda: not board.coil_states[0])


def test_a_coil_that_fell_off_meanwhile_is_not_closed_by_the_second_try(tmp_path: Path) -> None:
    board = Forgetful()
    board.timed = True
    with running(tmp_path, board) as guard, worker(guard) as client:
        closed(client, guard)
        board.block.clear()  # the network stands still until the coil's own time is over
        until(lambda: time.monotonic() > board.falls_off_at[0] + 0.05, 3.0)
        board.misses = 1
        held = len(board.holds)
        board.block.set()
        assert client.wait_for("trip")["trip"] in ("guard.cutoff_dropped", "guard.relay_lost")
        assert len(board.holds) == held
        until(lambda: (board.expire(), not board.coil_states[0])[1])
