"""The process that sends keep-alive frames: what arrives on a bus, and every way in which it ends."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import can
import psutil
import pytest

from drivers.bms.description import KeepAliveModel
from drivers.bms.keep_alive import cyclic_of
from drivers.keeper.cyclic import Cyclic
from drivers.keeper.link import KeeperProcess, KeeperThread, keeper_for, shareable
from drivers.keeper.sending import Sending, has_hardware
from simulators.faults import MESSAGE_FAULTS, FaultSet
from simulators.instruments.socketcand import Frame, SocketcandServer

FAST = Cyclic(0x1D4, 0.010, (b"\x01", b"\x02"))
SLOW = Cyclic(0x18FF0001, 0.050, (b"\x03" * 12,), extended=True, fd=True)


class Bus:
    """A simulated bus in a thread; ``heard`` are the frames of its clients with their arrival."""

    def __init__(self) -> None:
        import asyncio

        self.heard: list[tuple[float, Frame]] = []
        self._loop = asyncio.new_event_loop()
        self._server = SocketcandServer(
            host="127.0.0.1",
            port=0,
            faults=FaultSet("bus", MESSAGE_FAULTS),
            receive=lambda frame: self.heard.append((time.monotonic(), frame)),
            listening=lambda _: None,
        )
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._do(self._server.start())
        host, port = self._server.address
        self.address = f"socketcand://{host}:{port}/can0"

    def _do(self, what: object) -> None:
        import asyncio

        asyncio.run_coroutine_threadsafe(what, self._loop).result(20)  # type: ignore[arg-type]

    def end(self) -> None:
        self._do(self._server.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()


@pytest.fixture(scope="module")
def bus() -> Iterator[Bus]:
    bus = Bus()
    yield bus
    bus.end()


def until(
    ready: Callable[[], bool], beat: Callable[[], None] = lambda: None, timeout_s: float = 30.0
) -> None:
    end = time.monotonic() + timeout_s
    while not ready():
        assert time.monotonic() < end, "did not happen in time"
        beat()
        time.sleep(0.01)


def test_frames_go_out_in_turn_are_replaced_and_end_with_a_stop(bus: Bus) -> None:
    keeper = KeeperProcess(bus.address, [FAST, SLOW])
    try:
        assert keeper.wait_ready(30.0)
        assert not keeper.hardware
        until(lambda: len(bus.heard) > 60, keeper.beat)
        fast = [frame.data for _, frame in bus.heard if frame.can_id == FAST.id]
        assert fast[:4] == [b"\x01", b"\x02", b"\x01", b"\x02"]
        slow = [frame for _, frame in bus.heard if frame.can_id == SLOW.id]
        assert (slow[0].data, slow[0].fd) == (b"\x03" * 12, True)
        assert 3 < len(fast) / len(slow) < 7
        keeper.set([Cyclic(0x1D4, 0.010, (b"\x09",))])
        until(lambda: bus.heard[-1][1].data == b"\x09", keeper.beat)
        at = len(bus.heard)
        until(lambda: len(bus.heard) > at + 20, keeper.beat)
        assert {frame.data for _, frame in bus.heard[at + 5 :]} == {b"\x09"}
    finally:
        keeper.stop()
        keeper.stop()
    assert keeper.problem() == ""
    assert keeper.periods["1D4"]["count"] > 50
    assert 0.009 < keeper.periods["1D4"]["p50_s"] < 0.012
    assert not psutil.pid_exists(keeper.pid)


def test_a_driver_that_hangs_or_dies_keeps_nothing_awake(bus: Bus) -> None:
    hanging = KeeperProcess(bus.address, [FAST], timeout_s=0.4)
    assert hanging.wait_ready(30.0)
    until(lambda: hanging.problem() != "")
    assert hanging.problem() == "no_beat"
    hanging.stop()
    at = len(bus.heard)
    # A driver that is killed: the pipe closes.
    text = (
        "import sys, time; from drivers.keeper.link import KeeperProcess;"
        "from drivers.keeper.cyclic import Cyclic;"
        "k = KeeperProcess(sys.argv[1], [Cyclic(0x1D4, 0.01, (b'\\x07',))], timeout_s=30.0);"
        "k.wait_ready(30); print(k.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", text, bus.address], stdout=subprocess.PIPE) as driver:
        assert driver.stdout is not None
        pid = int(driver.stdout.readline())
        until(lambda: len(bus.heard) > at + 10)
        driver.kill()
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    after = len(bus.heard)
    time.sleep(0.05)
    assert len(bus.heard) == after


def test_a_bus_that_is_not_there_is_told() -> None:
    keeper = KeeperProcess("socketcand://127.0.0.1:1/can0", [FAST])
    try:
        assert not keeper.wait_ready(30.0)
        assert keeper.problem().startswith("bus ")
    finally:
        keeper.stop()


def test_adapters_for_one_program_get_a_thread_with_the_same_manners() -> None:
    assert shareable("socketcand://127.0.0.1:29536/can0")
    assert shareable("can://socketcan/can0")
    assert not shareable("can://slcan/ttyUSB0")
    ours = can.Bus(interface="virtual", channel="keeper")
    theirs = can.Bus(interface="virtual", channel="keeper")
    keeper = keeper_for(ours, "can://virtual/keeper", [FAST], timeout_s=0.3)
    try:
        assert isinstance(keeper, KeeperThread)
        assert not has_hardware(ours)
        assert bytes(theirs.recv(10.0).data) == b"\x01"
        until(lambda: keeper.problem() == "no_beat")
    finally:
        keeper.stop()
        ours.shutdown()
        theirs.shutdown()


class Adapter(can.BusABC):
    """An adapter that sends cyclic frames by itself."""

    def __init__(self) -> None:
        self.tasks: list[tuple[int, float]] = []
        self._is_shutdown = True

    def _send_periodic_internal(self, msgs, period, duration=None, *_, **__):  # type: ignore[no-untyped-def]  # noqa: ARG002
        self.tasks.append((msgs[0].arbitration_id, period))

        class Task:
            def stop(inner) -> None:  # noqa: N805
                self.tasks.remove((msgs[0].arbitration_id, period))

        return Task()

    def send_periodic(self, msgs, period, *_, **__):  # type: ignore[no-untyped-def]
        return self._send_periodic_internal(msgs, period)

    def send(self, msg: can.Message, timeout: float | None = None) -> None:  # noqa: ARG002
        raise AssertionError("the adapter does it by itself")


def test_an_adapter_that_can_sends_by_itself() -> None:
    adapter = Adapter()
    sending = Sending(adapter)
    assert sending.hardware
    sending.set([FAST, SLOW])
    assert adapter.tasks == [(FAST.id, 0.010), (SLOW.id, 0.050)]
    sending.tick()
    sending.set([SLOW])
    assert adapter.tasks == [(SLOW.id, 0.050)]
    sending.stop()
    assert adapter.tasks == []


def test_a_late_tick_is_skipped_and_never_caught_up() -> None:
    class Clock:
        t = 0.0

        def __call__(self) -> float:
            return self.t

    sent: list[float] = []
    clock = Clock()

    class Wire(can.BusABC):
        def __init__(self) -> None:
            self._is_shutdown = True

        def send(self, msg: can.Message, timeout: float | None = None) -> None:  # noqa: ARG002
            sent.append(round(clock.t, 3))

    sending = Sending(Wire(), clock)
    sending.set([FAST])
    for at in (0.0, 0.010, 0.020, 0.055, 0.060, 0.065, 0.075):
        clock.t = at
        sending.tick()
    assert sent == [0.0, 0.01, 0.02, 0.055, 0.065, 0.075]


def test_a_described_frame_gets_counter_link_and_checksum() -> None:
    model = KeepAliveModel.model_validate(
        {
            "id": 0x441,
            "period_s": 0.1,
            "data": ["98 3A 88 13 00 00 0F 00"],
            "counter": {"at": 6, "bit": 4, "bits": 4},
            "link": {"at": 4, "bytes": 2, "offset": 1.0},
            "checksum": {"kind": "inverted_sum", "at": 7},
        }
    )
    frames = cyclic_of(model, link_V=400.0).data
    assert len(frames) == 16
    assert [data[6] >> 4 for data in frames] == list(range(16))
    assert {int.from_bytes(data[4:6], "little") for data in frames} == {399}
    assert all(sum(data) & 0xFF == 0xFF for data in frames)
