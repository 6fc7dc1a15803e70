"""Readings are corrected as the certificate says, and recorded as corrected."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import ValidationError

from drivers.contracts.power import PowerReading
from drivers.contracts.scanner import Quantity, ScanReading
from profiles.plan import Segment, SegmentRole
from station.bench.instruments import Calibration, InstrumentRef
from station.engine.base.live import LiveWriter
from station.engine.measure.corrections import PowerCorrections, correction, scan_corrections
from station.engine.measure.sampling import Sampler
from station.engine.measure.sensors import Sensors
from station.engine.record.journal import JournalWriter, read_journal
from station.errors import LimitTripped
from station.safety.envelope import EnvelopePart, build_envelope
from tests.station.engine.fakes import FakeCell, FakeClock, FakeSource


def points(quantity: str, *pairs: tuple[float, float]) -> dict[str, Any]:
    rows = [{"quantity": quantity, "unit": "x", "reading": a, "reference": b} for a, b in pairs]
    return {"due": "2027-03-31", "certificate": "K-1", "points": rows}


def ref(calibration: dict[str, Any] | None, **more: Any) -> InstrumentRef:
    return InstrumentRef(driver="d", address="tcp://x:1", calibration=calibration, **more)  # type: ignore[arg-type]


def test_between_points_on_a_line_and_held_beyond() -> None:
    apply = correction(ref(points("voltage", (4.0, 4.008), (2.0, 2.002))), "voltage")
    assert apply is not None
    assert apply(2.0) == pytest.approx(2.002)
    assert apply(3.0) == pytest.approx(3.005)
    assert (apply(1.0), apply(5.0)) == (pytest.approx(1.002), pytest.approx(5.008))
    assert correction(ref(points("voltage", (4.0, 4.008))), "current") is None
    assert correction(ref(None), "voltage") is None


def test_a_bidirectional_instrument_and_a_pair() -> None:
    single = PowerCorrections(ref(points("current", (-100.0, -100.5), (0.0, 0.0), (100.0, 100.1))))
    assert single(PowerReading(3.3, -100.0)) == PowerReading(3.3, -100.5)
    assert single(PowerReading(3.3, 50.0)).current_A == pytest.approx(50.05)
    load = {"driver": "l", "address": "tcp://x:2", "calibration": points("current", (50.0, 50.2))}
    supply = {"driver": "s", "address": "tcp://x:3", "calibration": points("current", (50.0, 49.9))}
    pair = PowerCorrections(InstrumentRef(driver="pair", options={"supply": supply, "load": load}))
    assert pair(PowerReading(3.3, -50.0)).current_A == pytest.approx(-50.2)
    assert pair(PowerReading(3.3, 50.0)).current_A == pytest.approx(49.9)


def test_scanners_and_what_they_could_not_read() -> None:
    corrected = scan_corrections(ref(points("temperature", (25.0, 24.4))))
    assert corrected(ScanReading(1, Quantity.TEMPERATURE, 25.0)) == pytest.approx(24.4)
    assert corrected(ScanReading(2, Quantity.VOLTAGE, 3.3)) == 3.3
    assert corrected(ScanReading(3, Quantity.TEMPERATURE, None)) is None


def test_a_correction_that_could_hide_a_danger_is_refused() -> None:
    with pytest.raises(ValidationError, match="adjusted or repaired"):
        Calibration.model_validate(points("voltage", (4.2, 3.6)))


class Silent:
    def __getattr__(self, _name: str) -> Any:
        return lambda *_args, **_named: None


def test_the_journal_holds_corrected_samples_and_limits_judge_them(tmp_path: Path) -> None:
    clock = FakeClock()
    source = FakeSource(FakeCell(clock))
    raw = source.read()
    level_V = raw.voltage_V + 0.01
    limits = EnvelopePart("bench", 2.5, level_V - 0.002, 2.5, level_V - 0.002, 100, 100, 500, -10, 60)
    power = ref(points("voltage", (raw.voltage_V, level_V)))
    journal = JournalWriter(tmp_path / "journal.jsonl", {"run_id": "r"})
    sampler = Sampler(
        source, clock, build_envelope([limits]), Sensors([]), journal, cast(LiveWriter, Silent()),
        sampling_Hz=10, range_A=100.0, contact_max_ohm=0.005, supervise=lambda: None,
        correct=PowerCorrections(power),
    )  # fmt: skip
    rest = Segment(index=0, step=0, group=0, role=SegmentRole.REST, current_A=0.0, duration_s=1.0)
    with pytest.raises(LimitTripped) as tripped:
        sampler.take(rest)
    assert tripped.value.params["value"] == pytest.approx(level_V)
    journal.end("limit_tripped", "safety.voltage_max", {}, {})
    written = read_journal(tmp_path / "journal.jsonl").column("voltage_V")
    assert list(written) == pytest.approx([level_V], abs=1e-6)
