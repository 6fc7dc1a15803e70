"""Values read at once after the last frame are those read frame by frame: series, faults, findings."""

from __future__ import annotations

import random

import can
import pytest

from drivers.bms.decoder import CanDecoder
from drivers.bms.family import load_family
from drivers.bms.layout import Value
from drivers.bms.log_decode import decode_frames
from drivers.bms.log_files import read_log
from tests.drivers.bms.recordings import GBT, KONA
from tests.drivers.bms.test_columns import made

NOISE = random.Random(11)


def damaged(frames: list[can.Message]) -> list[can.Message]:
    """A part of the frames cut, changed, or out of their order; some errors of the bus between them."""
    found = []
    for frame in frames:
        one = frame.__copy__()
        what = NOISE.randrange(12)
        if what == 0 and one.data:
            one.data[NOISE.randrange(len(one.data))] ^= 0xFF
        elif what == 1:
            one.data = one.data[: NOISE.randrange(len(one.data) + 1)]
        elif what == 2:
            found.append(can.Message(timestamp=one.timestamp, is_error_frame=True))
        found.append(one)
    return found


@pytest.mark.parametrize("family", ["hyundai-kona-64", "gbt27930-2015", "nissan-leaf", "byd-atto3", "vw-meb"])
def test_at_once_is_as_one_by_one(family: str) -> None:
    if family == "hyundai-kona-64":
        whole = read_log(KONA / "precharge_sequence.asc").frames
    else:
        whole = read_log(GBT).frames if family == "gbt27930-2015" else made(family)
    described = load_family(family)
    for frames in (whole, damaged(whole)):
        plain: dict[tuple[str, int | None], list[tuple[float, object]]] = {}
        faults: set[str] = set()

        def note(
            t_s: float,
            value: Value,
            told: dict = plain,
            faults: set[str] = faults,  # type: ignore[type-arg]
        ) -> None:
            field = value.field
            told.setdefault((field.name, value.number), []).append((t_s, value.value))
            if field.fault and (value.raw in field.fault_when if field.fault_when else value.raw):
                faults.add(field.fault)

        one_by_one = CanDecoder(described, note, recorded=True)
        for frame in frames:
            if frame.is_error_frame:
                one_by_one.on_error_frame(frame.timestamp)
            else:
                one_by_one.on_frame(
                    frame.timestamp, frame.arbitration_id, frame.is_extended_id, bytes(frame.data)
                )
        one_by_one.end()
        decoder, collector = decode_frames(described, frames)
        assert plain
        assert set(collector.series) == set(plain)
        start_s = frames[0].timestamp
        for key, told in plain.items():
            series = collector.series[key]
            assert series.values == [value for _, value in told], key
            assert series.times_s == [t_s - start_s for t_s, _ in told], key
        assert set(collector.faults) == faults
        assert decoder.store.faults() == one_by_one.store.faults()
        assert {(f.kind, f.where, f.count, f.first_s, f.last_s) for f in decoder.store.findings()} == {
            (f.kind, f.where, f.count, f.first_s, f.last_s) for f in one_by_one.store.findings()
        }
        assert {(r.name, r.number, r.value, r.t_s) for r in decoder.store.readings()} == {
            (r.name, r.number, r.value, r.t_s) for r in one_by_one.store.readings()
        }
        assert decoder.frames == one_by_one.frames
