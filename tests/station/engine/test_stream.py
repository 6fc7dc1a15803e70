"""A cycler's records placed in time: what is new, what is missing, what cannot be."""

from __future__ import annotations

import pytest

from drivers.contracts.cycler import CyclerRecord, CyclerStep
from station.engine.measure.stream import RecordStream, TestClock
from station.errors import InstrumentFault

STEPS = (
    CyclerStep(5.0, 5.0),
    CyclerStep(0.0, 10.0),
    CyclerStep(-5.0, 100.0, until_V=3.0),
    CyclerStep(0.0, 2.0),
)


def record(number: int, step: int, step_time_s: float) -> CyclerRecord:
    return CyclerRecord(number, step, step_time_s, 3.7, 0.0)


def test_records_in_order() -> None:
    stream = RecordStream(STEPS, 0.2)
    assert [stream.accept(record(n, 1, n / 2)) for n in range(1, 11)] == [n / 2 for n in range(1, 11)]
    assert stream.accept(record(11, 2, 0.5)) == 5.5
    # A step that can end early lasted until its last record.
    assert stream.accept(record(12, 3, 20.0)) == 35.0
    assert not stream.complete
    assert stream.accept(record(13, 4, 0.5)) == 35.5
    assert stream.begins_s == [0.0, 5.0, 15.0, 35.0]
    assert stream.accept(record(14, 4, 1.9)) == 36.9
    assert stream.complete
    assert stream.count.as_dict() == {"records": 14, "doubled": 0, "missing": 0, "late_max_s": 0.0}


def test_doubled_and_missing_records_are_counted() -> None:
    stream = RecordStream(STEPS, 0.2)
    stream.accept(record(1, 1, 1.0))
    assert stream.accept(record(1, 1, 1.0)) is None
    assert stream.accept(record(2, 1, 1.0)) is None  # another number, the same instant
    assert stream.accept(record(6, 1, 4.0)) == 4.0
    assert (stream.count.doubled, stream.count.missing, stream.last) == (2, 3, 6)


@pytest.mark.parametrize(
    "wrong", [record(2, 0, 1.0), record(2, 5, 1.0), record(2, 1, 7.0), record(2, 1, -1.0), record(2, 1, 0.5)]
)
def test_impossible_records_end_it(wrong: CyclerRecord) -> None:
    stream = RecordStream(STEPS, 0.2)
    stream.accept(record(1, 1, 1.0))
    with pytest.raises(InstrumentFault) as caught:
        stream.accept(wrong)
    assert caught.value.code == "instrument.stream_broken"


def test_a_step_never_goes_back() -> None:
    stream = RecordStream(STEPS, 0.2)
    stream.accept(record(1, 2, 1.0))
    assert stream.begins_s == [0.0, 5.0]
    with pytest.raises(InstrumentFault, match="step 1 after step 2"):
        stream.accept(record(2, 1, 2.0))


def test_looks_narrow_down_when_the_test_began() -> None:
    clock = TestClock(100.0, 101.0, 1.0)
    clock.seen(102.00, 102.01, 1.5)
    assert 100.39 <= clock.low_s <= 100.5 <= clock.high_s <= 100.62
    clock.seen(110.0, 110.01, 9.6)  # rounded otherwise: still the same clock
    with pytest.raises(InstrumentFault) as caught:
        clock.seen(120.0, 120.01, 17.0)  # it was held for more than two seconds
    assert caught.value.code == "instrument.stream_clock"
