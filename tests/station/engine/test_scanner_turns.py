"""Turns at a shared scanner: between processes, past killed and hanging holders, with true times."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from drivers.contracts.common import Identity, Instrument
from drivers.contracts.scanner import Quantity, ScanChannel, Scanner, ScanReading
from drivers.errors import DriverError, NoReading
from station.bench import Bench
from station.bench.instruments import SensorInput
from station.engine.measure.scanner_turns import COURTESY_S, Holder, ScannerTurns
from station.engine.measure.sensors import SensorPoller, Sensors
from station.engine.measure.shared_scanner import ScannerBusy, SharedScanner, sharing_opener
from station.safety.machine_locks import FOLDER_VARIABLE
from tests.station.engine.fakes import FakeClock

ADDRESS = "tcp://127.0.0.1:5025"
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP and SIGKILL")
HOLDER = """
import sys, time
from station.engine.measure.scanner_turns import ScannerTurns
turns = ScannerTurns(sys.argv[1], "other", lease_s=float(sys.argv[2]))
if turns.lease_s == 0.0:  # it hangs within the moment in which it has the latch
    turns._write = lambda state: (print("held", flush=True), time.sleep(60))
assert turns.take(5, lambda holder, waited_s: True)
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "locks"))
    return tmp_path / "locks"


@pytest.fixture
def other() -> Iterator[Callable[[float], subprocess.Popen[bytes]]]:
    """Another process that has the turn and keeps it."""
    children: list[subprocess.Popen[bytes]] = []

    def start(lease_s: float) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            [sys.executable, "-c", HOLDER, ADDRESS, str(lease_s)], stdout=subprocess.PIPE
        )
        children.append(child)
        assert child.stdout is not None
        assert child.stdout.readline() == b"held\n"
        return child

    yield start
    for child in children:
        child.kill()
        child.communicate()


def turns(channel: str, lease_s: float = 5.0, **options: Any) -> ScannerTurns:
    return ScannerTurns(ADDRESS, channel, lease_s=lease_s, **options)


def patient(_holder: Holder | None, _waited_s: float) -> bool:
    return True


def test_one_at_a_time_and_the_holder_is_named() -> None:
    one, two = turns("1"), turns("2")
    assert one.take(0, patient)
    seen: list[str] = []
    assert not two.take(0.05, lambda holder, _: seen.append(holder.channel if holder else "") or True)
    assert set(seen) == {"1"}
    one.give_back()
    assert two.take(1, patient)
    assert two.still_mine()
    assert not one.still_mine()


def test_whoever_had_the_last_turn_lets_others_go_first() -> None:
    one = turns("1")
    assert one.take(0, patient)
    one.give_back()
    began = time.monotonic()
    assert one.take(1, patient)
    assert time.monotonic() - began >= COURTESY_S / 2


def test_many_users_each_get_their_share() -> None:
    """Four busy users of one instrument: never two at once, and none is left out."""
    inside, most, counts = 0, 0, [0] * 4
    end = time.monotonic() + 30
    lock = threading.Lock()

    def use(number: int) -> None:
        nonlocal inside, most
        mine = turns(str(number))
        while sum(counts) < 40 and time.monotonic() < end and mine.take(20, patient):
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.002)
            with lock:
                inside -= 1
            counts[number] += 1
            mine.give_back()

    threads = [threading.Thread(target=use, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    assert most == 1
    assert min(counts) >= 3, counts


@posix
def test_a_killed_holder_blocks_nobody(other: Callable[[float], subprocess.Popen[bytes]]) -> None:
    child = other(60.0)
    mine = turns("2")
    assert not mine.take(0.1, patient)
    child.send_signal(signal.SIGKILL)  # and not waited for: a zombie holds nothing either
    began = time.monotonic()
    assert mine.take(30, patient)
    assert time.monotonic() - began < 20, "long before the minute that was lent"


@posix
def test_a_stopped_holder_blocks_nobody_for_ever(other: Callable[[float], subprocess.Popen[bytes]]) -> None:
    child = other(0.6)
    child.send_signal(signal.SIGSTOP)
    mine = turns("2")
    assert mine.take(3, patient)
    assert mine.still_mine()


def test_who_hangs_with_the_latch_blocks_nobody(other: Callable[[float], subprocess.Popen[bytes]]) -> None:
    other(0.0)
    mine, third = turns("2"), turns("3")
    assert mine.take(5, patient)
    assert not third.take(0.02, patient)
    assert mine.still_mine()
    mine.give_back()
    assert third.take(5, patient)


def test_a_torn_or_old_file_counts_as_free(folder: Path) -> None:
    mine = turns("1")
    mine.take(0, patient)
    mine.give_back()
    (state,) = folder.glob("scanner-*.json")
    state.write_text('{"token": "x", "chann')
    assert turns("2").take(0, patient)
    # From before a restart of the computer: its clock stood elsewhere.
    state.write_text(f'{{"token":"x","channel":"9","pid":1,"lease_s":5,"until":{time.monotonic() + 9999}}}')
    assert turns("3").take(0, patient)


# ------------------------------------------------------------------ the scanner behind it


class Mainframe:
    """One instrument with one scan list for everybody; ``links`` counts who is connected."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.links, self.most_links = clock, 0, 0
        self.configured: list[list[int]] = []


class Link(Scanner):
    def __init__(self, frame: Mainframe) -> None:
        self.frame, self.list = frame, list[ScanChannel]()
        frame.links += 1
        frame.most_links = max(frame.most_links, frame.links)

    def identify(self) -> Identity:
        return Identity("fake", "frame", "1", "")

    def configure(self, channels: Sequence[ScanChannel]) -> None:
        self.list = list(channels)
        self.frame.configured.append([channel.number for channel in channels])

    def scan(self) -> list[ScanReading]:
        self.frame.clock.t += 0.3
        if self.list[0].number == 999:
            raise NoReading("broken")
        return [ScanReading(c.number, c.quantity, float(c.number)) for c in self.list]

    def close(self) -> None:
        self.frame.links -= 1


def poller(frame: Mainframe, channel: str, number: int, **options: Any) -> SensorPoller:
    scanner = SharedScanner(lambda: Link(frame), turns(channel), ADDRESS, **options)
    made = SensorPoller(scanner, [SensorInput(number=number, role="ambient")], 0.5, lambda: frame.clock)
    made.configure()
    return made


def test_each_scan_sets_its_own_inputs_and_leaves_the_link_free() -> None:
    frame = Mainframe(FakeClock())
    one, two = poller(frame, "1", 101), poller(frame, "2", 202)
    for _ in range(2):
        assert one.poll_once().ambient_degC == 101
        assert two.poll_once().ambient_degC == 202
    assert frame.configured == [[101], [202]] * 2
    assert (frame.links, frame.most_links) == (0, 1)


def test_times_are_those_of_the_measuring_not_of_the_asking() -> None:
    frame = Mainframe(FakeClock())
    mine, holder = poller(frame, "1", 101), turns("2")
    assert holder.take(0, patient)

    def release() -> None:
        frame.clock.t = 7.0
        holder.give_back()

    timer = threading.Timer(0.1, release)
    timer.start()
    scan = mine.poll_once()
    timer.join()
    assert (scan.start_s, scan.end_s) == pytest.approx((7.0, 7.3))


def test_a_long_wait_is_told_once_with_the_holder() -> None:
    frame = Mainframe(FakeClock())
    mine, holder = poller(frame, "1", 101, told_after_s=0.02), turns("7")
    assert holder.take(0, patient)
    timer = threading.Timer(0.15, holder.give_back)
    timer.start()
    mine.poll_once()
    timer.join()
    ((code, level, params),) = Sensors([mine]).notices()
    assert (code, level, params["holder"], params["address"]) == (
        "engine.scanner_busy",
        "warning",
        "7",
        ADDRESS,
    )
    assert params["waited_s"] >= 0.02
    assert not list(mine.notices())


def test_a_scan_that_outlasted_its_turn_is_not_used() -> None:
    frame = Mainframe(FakeClock())
    scanner = SharedScanner(lambda: Link(frame), turns("1", lease_s=0.01), ADDRESS)
    scanner.configure([ScanChannel(101, Quantity.TEMPERATURE)])
    with scanner.turn():
        time.sleep(0.03)
        assert turns("2").take(1, patient)
        with pytest.raises(ScannerBusy):
            scanner.scan()
    assert frame.links == 0


def test_a_failed_scan_gives_the_turn_back() -> None:
    frame = Mainframe(FakeClock())
    broken = poller(frame, "1", 999)
    with pytest.raises(DriverError):
        broken.poll_once()
    assert frame.links == 0
    assert turns("2").take(0, patient)


def test_stopping_ends_the_waiting() -> None:
    frame = Mainframe(FakeClock())
    mine, holder = poller(frame, "1", 101), turns("2")
    assert holder.take(0, patient)
    mine.start()
    began = time.monotonic()
    mine.stop()
    assert time.monotonic() - began < 10.0
    assert not mine.is_alive()
    assert mine.latest is None


def test_only_scanners_of_several_channels_are_shared(bench_of_two: Callable[[str], Bench]) -> None:
    frame = Mainframe(FakeClock())

    def opener(_driver: str, _address: str | None, _options: Any = None) -> Instrument:
        return Link(frame)

    for second, shared in ((ADDRESS, True), ("tcp://127.0.0.1:5026", False)):
        bench = bench_of_two(second)
        channel = bench.channels[0]
        opened = sharing_opener(opener, bench, channel, 1.0, lambda: None)("scan", ADDRESS, {})
        assert isinstance(opened, SharedScanner) is shared
        if shared:
            assert opened.identify().model == "frame"
            assert frame.links == 0


@pytest.fixture
def bench_of_two() -> Callable[[str], Bench]:
    def make(second: str) -> Bench:
        def channel(number: int, scanner: str) -> dict[str, Any]:
            return {
                "id": str(number),
                "name": {"zh": "一", "en": "one"},
                "level": "cell",
                "power": {"driver": "p", "address": f"tcp://127.0.0.1:{6000 + number}"},
                "sensors": [
                    {
                        "driver": "scan",
                        "address": scanner,
                        "inputs": [{"number": 100 + number, "role": "cell_surface"}],
                    }
                ],
                "limits": {
                    "voltage_min_V": 2,
                    "voltage_max_V": 4,
                    "charge_current_max_A": 1,
                    "discharge_current_max_A": 1,
                    "power_max_W": 10,
                },
            }

        return Bench.model_validate(
            {
                "schema": "pulse-station/bench/1",
                "name": "two",
                "title": {"zh": "二", "en": "two"},
                "channels": [channel(1, ADDRESS), channel(2, second)],
            }
        )

    return make
