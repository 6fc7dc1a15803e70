"""Columns equal cantools and the frame-by-frame decoder, value by value."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from pathlib import Path

import cantools
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import drivers.bms
from drivers.bms.checksums import Checksum
from drivers.bms.columns import FrameTable, decode_columns
from drivers.bms.family import load_family
from drivers.bms.layout import Bits
from drivers.bms.log_decode import decode_frames
from drivers.bms.log_files import read_log
from tests.drivers.bms.recordings import GBT, KONA, frame
from tests.drivers.bms.test_decoder import byd, meb_cf
from tests.drivers.leaf_pack import frame_1db, frame_55b

DBC = Path(drivers.bms.__file__).parent / "families"
ODD = random.Random(5)


def made(family: str) -> list:
    frames = []
    for n in range(200):
        t_s = 0.01 * n
        if family == "nissan-leaf":
            count = n if n < 100 else n // 8  # the counter stands still in the second half
            body = frame_1db(ODD.randrange(-800, 800), ODD.choice([720, 0x3FF]), count)
            frames.append(frame(t_s, 0x1DB, body if n % 9 else body[:7] + b"\0"))
            frames.append(frame(t_s, 0x55B, frame_55b(ODD.randrange(1024), n)))
        elif family == "byd-atto3":
            cells = b"".join(ODD.choice([3300 + n, 0xFFF]).to_bytes(2, "little") for _ in range(3))
            frames.append(frame(t_s, 0x43D, bytes([n % 43]) + cells + b"\0"))
            frames.append(frame(t_s, 0x444, byd(ODD.randbytes(7))))
        else:
            frames.append(
                frame(t_s, 0x0CF, meb_cf(n & 15, ODD.uniform(-200, 200), 360.0, ODD.choice([1, 7])))
            )
            frames.append(frame(t_s, 0x16A954E8, bytes([n % 6]) + ODD.randbytes(63), extended=True))
    return frames


@pytest.mark.parametrize("family", ["hyundai-kona-64", "gbt27930-2015", "nissan-leaf", "byd-atto3", "vw-meb"])
def test_columns_equal_the_decoder(family: str) -> None:
    if family == "hyundai-kona-64":
        frames = read_log(KONA / "precharge_sequence.asc").frames
    elif family == "gbt27930-2015":
        frames = [f for f in read_log(GBT).frames if f.arbitration_id >> 16 & 0xFF not in (0xEB, 0xEC)]
    else:
        frames = made(family)
    described = load_family(family)
    columns = decode_columns(described, FrameTable.of(frames))
    _, collector = decode_frames(described, frames)
    expected: dict[tuple[str, int | None], list[float]] = defaultdict(list)
    for key, series in collector.series.items():
        if all(isinstance(value, float | None) for value in series.values):
            expected[key] = [math.nan if value is None else value for value in series.values]
    assert expected
    for key, values in expected.items():
        np.testing.assert_allclose(columns[key].values, values, rtol=0, atol=1e-9, err_msg=str(key))
        start_s = collector.start_s or 0.0
        np.testing.assert_allclose(columns[key].times_s - start_s, collector.series[key].times_s, atol=1e-6)


@pytest.mark.parametrize(
    "file", ["hyundai_kona64.dbc", "byd_atto3.dbc", "pylontech_lv_victron.dbc", "gbt27930_2015.dbc"]
)
def test_bits_equal_cantools(file: str) -> None:
    from drivers.bms.compiled import dbc_bits

    for message in cantools.database.load_file(DBC / file, strict=False).messages:
        for _ in range(20):
            data = ODD.randbytes(message.length)
            raw = message.decode(data, scaling=False, decode_choices=False)
            for signal in message.signals:
                assert dbc_bits(signal).read(data) == raw[signal.name]


@given(
    st.binary(min_size=8, max_size=8),
    st.integers(0, 63),
    st.integers(1, 56),
    st.booleans(),
    st.sampled_from(["little", "big"]),
)
def test_one_row_reads_as_many(data: bytes, start: int, length: int, signed: bool, order: str) -> None:
    from drivers.bms.columns import Rows

    length = min(length, 64 - start)
    bits = Bits(start, length, order, signed)  # type: ignore[arg-type]
    rows = np.frombuffer(data * 3, dtype=np.uint8).reshape(3, 8)
    made = Rows(np.zeros(3), np.full(3, 8, dtype=np.uint8), rows)
    assert made.read(bits).tolist() == [bits.read(data)] * 3


@given(st.binary(min_size=24, max_size=24))
@pytest.mark.parametrize("kind", ["leaf_crc8", "inverted_sum", "crc8_h2f"])
def test_checksums_of_many_equal_those_of_one(kind: str, data: bytes) -> None:
    checksum = Checksum(kind, 0 if kind == "crc8_h2f" else 7, bytes(range(16)))  # type: ignore[arg-type]
    rows = np.frombuffer(data, dtype=np.uint8).reshape(3, 8).copy()
    rows[1, checksum.at] = checksum.expected(rows[1].tobytes())
    assert checksum.right_all(rows).tolist() == [checksum.right(row.tobytes()) for row in rows]
    assert checksum.right(rows[1].tobytes())
