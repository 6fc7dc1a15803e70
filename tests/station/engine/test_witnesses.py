"""The BMS is looked at ten times a second and written down once a second."""

from __future__ import annotations

from drivers.contracts.bms import Bms, BmsSignal, BmsSnapshot
from drivers.contracts.common import Identity
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
