"""Independent measurements that must agree with the instrument: the BMS and the scanner."""

from __future__ import annotations

from typing import Any

import pytest

from drivers.contracts.bms import Bms, BmsSignal, BmsSnapshot
from drivers.contracts.common import Identity
from station.engine.agreement import VoltageAgreement
from station.engine.bms_watch import BmsWatch
from station.engine.means import Recent
from station.engine.sensors import Scan
from station.errors import LimitTripped
from station.safety import EnvelopePart, Sample, build_envelope, chemistry_limits
from station.safety.envelope import chemistry_part


class FakeBms(Bms):
    def __init__(self) -> None:
        self.pack_V: float | None = 350.0
        self.current_A = 36.0
        self.age_s = 0.05
        self.temperature_degC = 25.0
        self.faults: tuple[str, ...] = ()
        self.cells_V = (3.65,) * 96

    def start(self) -> None:
        self.started = True

    def snapshot(self) -> BmsSnapshot:
        signals = {
            "pack_voltage_V": BmsSignal(self.pack_V, self.age_s),
            "current_A": BmsSignal(self.current_A, self.age_s),
            "temperature_degC": BmsSignal(self.temperature_degC, self.age_s),
        }
        return BmsSnapshot(signals, self.faults, self.cells_V, 0.5)

    def identify(self) -> Identity:
        return Identity("a", "b", "c", "d")

    def close(self) -> None:
        self.started = False


ENVELOPE = build_envelope(
    [
        chemistry_part(chemistry_limits("NMC")),
        EnvelopePart(
            "bench",
            charge_current_max_A=40,
            discharge_current_max_A=40,
            power_max_W=16000,
            temperature_max_degC=50,
        ),
    ],
    series_cells=96,
)


def watch(bms: FakeBms, seconds: float = 3.0) -> tuple[BmsWatch, LimitTripped | None, float]:
    """Look at ``bms`` for a while; the watch, what tripped, and after how many seconds."""
    now = [0.0]
    watcher = BmsWatch(bms, ENVELOPE, lambda: now[0])
    while now[0] < seconds:
        tripped = watcher.check(Sample(10 + now[0], 0, 350.0, 36.0, 36.0, 3), 0.0)
        if tripped is not None:
            return watcher, tripped, now[0]
        now[0] = round(now[0] + 0.1, 3)
    return watcher, None, now[0]


def test_an_agreeing_bms_is_quiet() -> None:
    watcher, tripped, _ = watch(FakeBms())
    assert tripped is None
    assert not watcher.stale


@pytest.mark.parametrize(
    ("change", "code", "after_s"),
    [
        ({"pack_V": None}, "safety.bms_stale", 0.0),
        ({"age_s": 2.5}, "safety.bms_stale", 0.0),
        ({"faults": ("failsafe 1",)}, "safety.bms_fault", 0.2),
        ({"temperature_degC": 51.0}, "safety.temperature_max", 0.0),
        ({"cells_V": (3.65,) * 95 + (4.26,)}, "safety.cell_voltage_max", 0.0),
        ({"cells_V": (3.65,) * 95 + (2.5,)}, "safety.cell_voltage_min", 0.0),
        ({"pack_V": 330.0}, "safety.bms_voltage", 0.5),
        ({"current_A": 18.0}, "safety.bms_current", 0.5),
    ],
)
def test_what_a_bms_can_tell(change: dict[str, Any], code: str, after_s: float) -> None:
    bms = FakeBms()
    for name, value in change.items():
        setattr(bms, name, value)
    _, tripped, at_s = watch(bms)
    assert tripped is not None
    assert tripped.code == code
    assert at_s == pytest.approx(after_s, abs=0.11)


def test_an_ageing_signal_is_warned_of_first() -> None:
    bms = FakeBms()
    bms.age_s = 1.5
    watcher, tripped, _ = watch(bms)
    assert tripped is None
    assert watcher.stale


def test_agreement_is_not_judged_right_after_an_edge() -> None:
    bms = FakeBms()
    bms.current_A = 0.0
    watcher = BmsWatch(bms, ENVELOPE, lambda: 0.0)
    assert watcher.check(Sample(10.0, 0, 350.0, 36.0, 36.0, 3), 9.5) is None


class Witnesses:
    """Instrument samples and scans of the same battery, step by step."""

    def __init__(self) -> None:
        self.agreement = VoltageAgreement(0.001, 0.001)
        self.recent = Recent(10.0)
        self.t_s, self.serial = 0.0, 0

    def scan(self, instrument_V: float, scanner_V: float, current_A: float) -> LimitTripped | None:
        start_s = self.t_s
        for _ in range(10):
            self.t_s += 0.01
            self.recent.add(Sample(self.t_s, 0, instrument_V, current_A, current_A, 0))
        self.serial += 1
        scan = Scan(self.serial, start_s, self.t_s, 0.0, terminals_V=scanner_V)
        return self.agreement.check(scan, self.recent, -1.0)


def test_good_voltmeters_agree_under_load() -> None:
    w = Witnesses()
    for current_A, step_V in [(0.0, 0.0), (40.0, 0.1), (-40.0, -0.1)] * 5:
        assert w.scan(3.652 + step_V, 3.650 + step_V, current_A) is None


def test_a_sense_lead_that_comes_off_under_load_is_found() -> None:
    w = Witnesses()
    assert w.scan(3.652, 3.650, 0.0) is None
    assert w.scan(3.752, 3.750, 40.0) is None
    assert w.scan(3.832, 3.750, 40.0) is None  # once may be chance
    tripped = w.scan(3.832, 3.750, 40.0)
    assert tripped is not None
    assert tripped.code == "safety.voltage_agreement"


def test_a_frozen_voltmeter_is_found() -> None:
    w = Witnesses()
    for _ in range(3):
        assert w.scan(3.650, 3.650, 0.0) is None
    results = [w.scan(3.750, 3.650, 40.0) for _ in range(2)]
    assert results[-1] is not None
