"""Leaf signals: signs, checksums, frozen counters, sentinels, ages. One fake clock, no bus."""

from __future__ import annotations

import math
from pathlib import Path

import cantools
import pytest
from hypothesis import given
from hypothesis import strategies as st

import drivers
from drivers.nissan_leaf_decoder import NAMES, LeafDecoder
from drivers.nissan_leaf_frames import (
    crc8,
    crc_is_right,
    keep_awake_1d4,
    keep_awake_1f2,
    keep_awake_50b,
    keep_awake_50c,
)
from tests.drivers.leaf_pack import crc, frame_1db, frame_5bc, frame_5c0, frame_55b

DBC = Path(drivers.__file__).parent / "dbc" / "nissan_leaf.dbc"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def decoder(clock: Clock) -> LeafDecoder:
    return LeafDecoder(cantools.database.load_file(DBC, strict=False), clock)


@given(st.binary(min_size=7, max_size=7))
def test_the_table_crc_equals_long_division(data: bytes) -> None:
    assert crc8(data) == crc(data)
    assert crc_is_right(data + bytes([crc(data)]))
    assert not crc_is_right(data + bytes([crc(data) ^ 1]))
    assert not crc_is_right(data)


def test_keep_awake_frames_equal_those_of_a_car() -> None:
    assert [keep_awake_1d4(i).hex() for i in range(5)] == [
        "6e6e00040746e012",
        "6e6e00044746e0d5",
        "6e6e00048746e019",
        "6e6e0004c746e0de",
        "6e6e00040746e012",
    ]
    for count in range(20):
        frame = keep_awake_1f2(count)
        nibbles = [n for byte in frame for n in (byte >> 4, byte & 15)]
        assert nibbles[15] == (sum(nibbles[:15]) + 2) & 15
        assert nibbles[14] == 8
        assert frame[3] == (0xB0 if count % 10 < 5 else 0xB4)
    assert keep_awake_50b(3).hex() == "000006c0000000"
    assert [keep_awake_50c(i).hex() for i in range(4)] == [
        "000000005dc8",
        "00000001b231",
        "000000025d63",
        "00000003b29a",
    ]


@pytest.mark.parametrize(("raw", "current_A"), [(200, 100.0), (-200, -100.0), (0, 0.0), (-1, -0.5)])
def test_positive_current_charges(decoder: LeafDecoder, raw: int, current_A: float) -> None:
    decoder.on_frame(0x1DB, frame_1db(raw, 720, 0))
    assert decoder.signals()["current_A"].value == current_A
    assert decoder.signals()["pack_voltage_V"].value == 360.0


def test_all_signals_and_units(decoder: LeafDecoder) -> None:
    decoder.on_frame(0x1DB, frame_1db(0, 720, 0, failsafe=4))
    decoder.on_frame(0x55B, frame_55b(866, 0))
    decoder.on_frame(0x5BC, frame_5bc(96))
    decoder.on_frame(0x5C0, frame_5c0(1, 27.5))
    decoder.on_frame(0x5C0, frame_5c0(3, 24.0))
    decoder.on_frame(0x5C0, frame_5c0(2, 60.0))
    # Limits 180 kW and 30 kW: 10 bits each, 0.25 kW, the second from bit 5 of byte 1.
    bits = 720 << 54 | 120 << 44
    body = bits.to_bytes(8, "big")[:7]
    decoder.on_frame(0x1DC, body + bytes([crc(body)]))
    values = {name: signal.value for name, signal in decoder.signals().items()}
    assert values["soc_pct"] == pytest.approx(86.6)
    assert values["soh_pct"] == 96.0
    assert values["temperature_degC"] == 27.5
    assert values["temperature_min_degC"] == 24.0
    assert values["failsafe"] == 4.0
    assert values["relay_permission"] == 1.0
    assert values["interlock"] == 1.0
    assert values["discharge_power_limit_W"] == 180_000.0
    assert values["charge_power_limit_W"] == 30_000.0


def test_never_seen_is_none_with_infinite_age(decoder: LeafDecoder) -> None:
    signals = decoder.signals()
    assert set(signals) == set(NAMES)
    assert all(signal.value is None and signal.age_s == math.inf for signal in signals.values())


def test_the_sentinel_after_wake_up_is_no_number(decoder: LeafDecoder) -> None:
    decoder.on_frame(0x1DB, frame_1db(0x3FF, 0x3FF, 0, flags=0))
    decoder.on_frame(0x55B, frame_55b(0x3FF, 0))
    signals = decoder.signals()
    for name in ("pack_voltage_V", "current_A", "soc_pct"):
        assert signals[name].value is None
    assert signals["relay_permission"].value == 0.0
    decoder.on_frame(0x1DB, frame_1db(0, 777, 1))
    assert decoder.signals()["pack_voltage_V"].value == 388.5


def test_ages_grow_with_the_clock(decoder: LeafDecoder, clock: Clock) -> None:
    decoder.on_frame(0x1DB, frame_1db(0, 720, 0))
    clock.now += 0.25
    decoder.on_frame(0x5BC, frame_5bc(90))
    signals = decoder.signals()
    assert signals["pack_voltage_V"].age_s == pytest.approx(0.25)
    assert signals["soh_pct"].age_s == 0.0


def test_a_wrong_checksum_refreshes_nothing(decoder: LeafDecoder, clock: Clock) -> None:
    decoder.on_frame(0x1DB, frame_1db(0, 720, 0))
    clock.now += 1.0
    bad = bytearray(frame_1db(100, 700, 1))
    bad[2] ^= 0x10
    decoder.on_frame(0x1DB, bytes(bad))
    signal = decoder.signals()["pack_voltage_V"]
    assert (signal.value, signal.age_s) == (360.0, 1.0)
    assert decoder.counts().bad_crc == 1


def test_a_frozen_counter_lets_the_signal_age(decoder: LeafDecoder, clock: Clock) -> None:
    for count in range(4):
        decoder.on_frame(0x1DB, frame_1db(0, 720, count))
        clock.now += 0.01
    for _ in range(20):
        decoder.on_frame(0x1DB, frame_1db(0, 720, 3))
        clock.now += 0.01
    assert decoder.frozen() == ("1DB",)
    assert decoder.signals()["pack_voltage_V"].age_s > 0.15
    assert decoder.counts().frozen == 18
    decoder.on_frame(0x1DB, frame_1db(0, 722, 0))
    assert decoder.frozen() == ()
    assert decoder.signals()["pack_voltage_V"].value == 361.0


def test_missed_frames_are_counted(decoder: LeafDecoder) -> None:
    for count in (0, 1, 3, 0, 2):
        decoder.on_frame(0x1DB, frame_1db(0, 720, count))
    assert decoder.counts().missed == 2


def test_odd_frames_are_counted_never_fatal(decoder: LeafDecoder) -> None:
    decoder.on_frame(0x1DB, b"")
    decoder.on_frame(0x5BC, b"\x01\x02")
    decoder.on_frame(0x7FF, b"\x01")
    decoder.on_frame(0x1DB, b"\x00" * 7)
    counts = decoder.counts()
    assert (counts.received, counts.empty, counts.undecodable, counts.foreign, counts.bad_crc) == (
        4,
        1,
        1,
        1,
        1,
    )
    assert not decoder.first_good.is_set()


@given(
    st.lists(st.tuples(st.sampled_from([0x1DB, 0x1DC, 0x55B, 0x5BC, 0x5C0, 0x59E]), st.binary(max_size=8)))
)
def test_no_frame_crashes_the_decoder(frames: list[tuple[int, bytes]]) -> None:
    decoder = LeafDecoder(cantools_database, lambda: 0.0)
    for frame, data in frames:
        decoder.on_frame(frame, data)
    assert decoder.counts().received == len(frames)


cantools_database = cantools.database.load_file(DBC, strict=False)


def test_generation_is_told_by_the_frames(decoder: LeafDecoder) -> None:
    assert decoder.generation() == ""
    decoder.on_frame(0x1DB, frame_1db(0, 720, 0))
    assert decoder.generation() == "ZE0"
    decoder.on_frame(0x59E, bytes(8))
    assert decoder.generation() == "AZE0"
    decoder.on_frame(0x1ED, bytes(3))
    assert decoder.generation() == "ZE1"
