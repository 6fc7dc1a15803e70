"""Edges, drift, sensors, live lines, commands: each by itself."""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from drivers.contracts.common import Identity
from drivers.contracts.scanner import Quantity, ScanChannel, Scanner, ScanReading
from station.bench.instruments import SensorInput
from station.engine.base.live import CommandReader, LiveWriter
from station.engine.measure.edges import Edge, EdgeTracker
from station.engine.measure.means import Drift, Recent
from station.engine.measure.sensors import SensorPoller, Sensors
from station.safety import Sample
from tests.station.engine.fakes import FakeClock


def sample(t_s: float, current_A: float, command_A: float = 0.0, voltage_V: float = 3.6) -> Sample:
    return Sample(t_s, 1e9 + t_s, voltage_V, current_A, command_A, 0)


class Edges:
    def __init__(self) -> None:
        self.seen: list[tuple[int, float | None, str]] = []
        self.tracker = EdgeTracker(0.01, lambda edge, at, how: self.seen.append((edge.segment, at, how)))


def test_an_edge_is_where_the_current_crosses_the_middle() -> None:
    edges = Edges()
    edges.tracker.add(sample(0.99, 0.0))
    edges.tracker.expect(Edge(3, 1.0, 1.0005, 0.0, 40.0, 5.0))
    edges.tracker.add(sample(1.00, 10.0))
    edges.tracker.add(sample(1.01, 30.0))
    assert edges.seen == [(3, pytest.approx(1.005), "samples")]


def test_an_edge_a_little_before_it_was_due_is_found_in_the_past() -> None:
    """The sequencer started somewhere inside the exchange that started it."""
    edges = Edges()
    for n in range(10):
        edges.tracker.add(sample(0.9 + n * 0.01, 40.0 if n < 8 else 0.0))
    edges.tracker.expect(Edge(4, 1.0, 1.0, 40.0, 0.0, 5.0, early_s=0.05))
    edges.tracker.add(sample(1.001, 0.0))
    assert edges.seen == [(4, pytest.approx(0.975), "samples")]


def test_coarse_samples_leave_it_to_the_command() -> None:
    edges = Edges()
    edges.tracker.add(sample(0.8, 0.0))
    edges.tracker.expect(Edge(1, 1.0, 1.002, 0.0, -40.0, 5.0))
    edges.tracker.add(sample(1.1, -40.0))
    assert edges.seen == [(1, 1.002, "command")]


def test_an_edge_that_never_comes_is_said() -> None:
    edges = Edges()
    edges.tracker.expect(Edge(1, 1.0, 1.0, 0.0, 40.0, 0.5))
    for n in range(60):
        edges.tracker.add(sample(1.0 + n * 0.01, 0.0))
    assert edges.seen == [(1, None, "not_seen")]


def test_drift_finds_the_slope_under_quantisation() -> None:
    drift = Drift()
    for n in range(1000):
        drift.add(100 + n * 0.01, round((3.65 + 0.0001 * n * 0.01) / 1e-5) * 1e-5)
    assert drift.slope_V_per_s() == pytest.approx(1e-4, rel=0.02)
    assert drift.span_s == pytest.approx(9.99)
    assert Drift().slope_V_per_s() is None


def test_recent_forgets() -> None:
    recent = Recent(1.0)
    for n in range(300):
        recent.add(sample(n * 0.01, float(n)))
    assert recent.mean(0.0, 1.0, 0.0) is None
    assert recent.mean(2.985, 3.0, 0.0) == (pytest.approx(3.6), pytest.approx(299.0))


def test_between_two_samples_their_line_is_the_mean() -> None:
    recent = Recent(10.0)
    for n in range(5):
        recent.add(sample(float(n), 10.0 * n))
    assert recent.mean(1.2, 1.4, 0.5) == (pytest.approx(3.6), pytest.approx(13.0))
    assert recent.mean(1.2, 1.4, 1.1) is None  # the sample before belongs to another current
    assert recent.mean(4.2, 4.4, 0.5) is None


class ListScanner(Scanner):
    """Answers what the test put in."""

    def __init__(self, values: dict[int, float | None]) -> None:
        self.values, self.scans, self.closed = values, threading.Semaphore(0), False

    def configure(self, channels: Any) -> None:
        self.channels: list[ScanChannel] = list(channels)

    def scan(self) -> list[ScanReading]:
        self.scans.release()
        return [ScanReading(c.number, c.quantity, self.values[c.number]) for c in self.channels]

    def identify(self) -> Identity:
        return Identity("a", "b", "c", "d")

    def close(self) -> None:
        self.closed = True


INPUTS = [
    SensorInput(number=5, role="cell", cell=2),
    SensorInput(number=4, role="cell", cell=1),
    SensorInput(number=1, role="cell_surface"),
    SensorInput(number=2, role="cell_surface"),
    SensorInput(number=3, role="terminals"),
]


def test_scans_are_sorted_by_role() -> None:
    scanner = ListScanner({1: 25.0, 2: 31.0, 3: 7.3, 4: 3.64, 5: 3.66})
    sensors = Sensors([SensorPoller(scanner, INPUTS, 0.5, FakeClock)])
    sensors.poll_once()
    assert [c.number for c in scanner.channels] == [1, 2, 3, 4, 5]
    assert [c.quantity for c in scanner.channels][:3] == [
        Quantity.TEMPERATURE, Quantity.TEMPERATURE, Quantity.VOLTAGE,
    ]  # fmt: skip
    scan = sensors.latest()
    assert scan is not None
    assert (scan.surface_degC, scan.terminals_V, scan.cells_V) == (31.0, 7.3, (3.64, 3.66))
    assert sensors.has("terminals")
    assert not sensors.has("ambient")


@pytest.mark.parametrize("lost", [None, 9.9e37, float("nan")])
def test_one_lost_surface_sensor_is_no_reading(lost: float | None) -> None:
    """The lost one may be the one at the hot cell."""
    scanner = ListScanner({1: 25.0, 2: lost, 3: 7.3, 4: 3.64, 5: 3.66})
    sensors = Sensors([SensorPoller(scanner, INPUTS, 0.5, FakeClock)])
    sensors.poll_once()
    scan = sensors.latest()
    assert scan is not None
    assert scan.surface_degC is None


def test_poke_scans_at_once() -> None:
    scanner = ListScanner({1: 25.0, 2: 25.0, 3: 7.3, 4: 3.6, 5: 3.6})
    poller = SensorPoller(scanner, INPUTS, 30.0, FakeClock)
    poller.configure()
    sensors = Sensors([poller])
    sensors.start()
    assert scanner.scans.acquire(timeout=30)
    sensors.poke()
    assert scanner.scans.acquire(timeout=30)
    sensors.stop()
    assert scanner.closed


def test_live_lines_never_block_and_are_counted() -> None:
    reader, writer = os.pipe()
    live = LiveWriter(writer)
    message = {"type": "samples", "filler": "x" * 2000}
    started = time.thread_time()
    for _ in range(2000):
        live.send(message, droppable=True)
    live.send({"type": "ended"})
    assert time.thread_time() - started < 2.0
    assert live.dropped > 1000
    received = bytearray()

    def read() -> None:
        while data := os.read(reader, 65_536):
            received.extend(data)

    thread = threading.Thread(target=read)
    thread.start()
    assert live.close(5.0)
    os.close(writer)
    thread.join(30)
    os.close(reader)
    lines = [json.loads(line) for line in received.splitlines()]
    assert lines[-1] == {"type": "ended"}


def test_live_thins_samples_and_keeps_a_dip_of_one() -> None:
    reader, writer = os.pipe()
    live = LiveWriter(writer)
    for n in range(5000):
        live.sample(replace(sample(n * 0.01, 1.0), voltage_V=2.0 if n == 3210 else 3.7))
    live.flush_samples()
    assert live.close(2.0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        batches = [json.loads(line) for line in stream]
    points = [point for batch in batches for point in zip(batch["t"], batch["voltage_V"], strict=True)]
    assert 1 <= len(points) < 100
    assert (32.1, 2.0) in points
    assert points == sorted(points)
    assert points[-1][0] == 49.99


def test_a_gone_reader_does_not_hold_up_the_end() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    live = LiveWriter(writer)
    live.send({"type": "ended"})
    assert not live.close(2.0)
    os.close(writer)


def test_commands_arrive_whole_and_the_end_is_seen() -> None:
    reader, writer = os.pipe()
    messages: list[dict[str, Any]] = []
    ended = threading.Event()
    CommandReader(messages.append, ended.set, reader).start()
    for piece in (b'{"command"', b':"stop"}\nnonsense\n[1]\n{"a"', b":1}\n"):
        os.write(writer, piece)
    os.close(writer)
    assert ended.wait(30)
    assert messages == [{"command": "stop"}, {"a": 1}]
    os.close(reader)
