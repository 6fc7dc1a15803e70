"""The BMS is looked at ten times a second and written down once a second."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from drivers.contracts.bms import Bms, BmsSignal, BmsSnapshot
from drivers.contracts.common import Identity
from station.dryrun.stand_ins import MemoryBms
from station.engine.measure.bms_watch import BmsWatch


class FakeBms(Bms):
    looks = 0

    def start(self) -> None:
        self.started = True

    def snapshot(self) -> BmsSnapshot:
        self.looks += 1
        signals = {"pack_voltage_V": BmsSignal(350.0, 0.05), "current_A": BmsSignal(None, 9.0)}
        return BmsSnapshot(signals, ("failsafe 1",), (3.65,) * 96, 0.5)

    def identify(self) -> Identity:
        return Identity("a", "b", "c", "d")

    def close(self) -> None:
        self.started = False


def test_looks_and_records_come_at_their_own_pace() -> None:
    bms, now = FakeBms(), [0.0]
    watch = BmsWatch(bms, lambda: now[0])
    records, cells, snapshots = 0, 0, 0
    for n in range(300):
        now[0] = n * 0.01
        snapshots += watch.look(10 + n * 0.01) is not None
        records += watch.record is not None
        cells += watch.cells is not None
        if watch.record is not None:
            assert watch.record == {"pack_voltage_V": 350.0, "current_A": None, "faults": ["failsafe 1"]}
    assert (snapshots, bms.looks) == (30, 30)
    assert records == cells == 3


class OneByOne(FakeBms):
    """Cells that are told one after the other, each 2 s; the look is taken a little later each time."""

    now = 0.0

    def snapshot(self) -> BmsSnapshot:
        arrived = (self.now - self.now % 2.0, self.now - self.now % 2.0 + 0.1)
        later = self.now + 0.001 * (self.looks % 7)
        self.looks += 1
        ages = tuple(later - at_s for at_s in arrived)
        return BmsSnapshot({}, (), (3.6, 3.7), max(ages), True, ages, 0.001, arrived)


def test_a_cell_that_was_not_told_anew_keeps_its_time() -> None:
    bms = OneByOne()
    watch = BmsWatch(bms, lambda: bms.now)
    told: list[list[float]] = []
    for n in range(100):
        bms.now = n * 0.1
        watch.look(bms.now)
        if watch.cells_at_s is not None:
            told.append(watch.cells_at_s)
    assert len(told) == 10
    assert len({row[0] for row in told}) == 5, "told five times, written down ten times"
    assert [row[1] - row[0] for row in told] == [pytest.approx(0.1, abs=1e-9)] * 10


def test_a_dry_run_tells_its_cells_anew_at_each_look() -> None:
    """It answers with the shape of a snapshot that was taken before, not with its times."""
    circuit: Any = SimpleNamespace(
        settle=lambda: 0.0,
        cells=lambda: (7.2, (3.6, 3.6), (25.0,)),
        battery=SimpleNamespace(truth=lambda: SimpleNamespace(soc=0.5)),
    )
    template = BmsSnapshot({}, (), (3.6, 3.6), 0.5, True, (0.5, 0.4), 0.001, (1.0, 1.1))
    now = [0.0]
    watch = BmsWatch(MemoryBms(circuit, Identity("a", "b", "c", "d"), template), lambda: now[0])
    for t_s in (0.0, 1.0, 2.0):
        now[0] = t_s
        watch.look(t_s)
        assert watch.cells_at_s == [t_s, t_s]
