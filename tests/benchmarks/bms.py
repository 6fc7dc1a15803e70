"""Decoding of recordings of a fully loaded 500 kbit/s bus (4505 frames/s of eight bytes), beside cantools.

The recordings are real ones played one after the other: a Kona pack's bus, and Leaf frames with checksum and
counter. Values of all ways are compared before anything is timed. Ten times real time is 100 ms for a second.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import can
import cantools
import numpy as np

import drivers.bms
from drivers.bms.columns import FrameTable, decode_columns
from drivers.bms.family import Family, load_family
from drivers.bms.log_decode import decode_frames, decode_log
from drivers.bms.log_files import read_log, write_log
from tests.benchmarks.table import Row, median
from tests.drivers.leaf_pack import frame_1db, frame_55b

FULL_BUS_FPS = 4505
SECONDS = 10
KONA = Path(__file__).parents[1] / "data" / "can" / "kona-cc0" / "idle_first_4s.asc"
DBC = Path(drivers.bms.__file__).parents[1]


def _kona(count: int) -> list[can.Message]:
    frames = read_log(KONA).frames
    return [frames[at % len(frames)] for at in range(count)]


def _leaf(count: int) -> list[can.Message]:
    return [
        can.Message(
            timestamp=at / FULL_BUS_FPS,
            arbitration_id=(0x1DB, 0x55B)[at & 1],
            is_extended_id=False,
            data=(frame_1db(at % 1000 - 500, 700 + at % 100, at // 2), frame_55b(at % 1000, at // 2))[at & 1],
        )
        for at in range(count)
    ]


def _by_cantools(frames: list[can.Message], file: Path) -> dict[str, list[float]]:
    known = {
        message.frame_id: message for message in cantools.database.load_file(file, strict=False).messages
    }
    found: dict[str, list[float]] = {}
    for frame in frames:
        message = known.get(frame.arbitration_id)
        if message is not None:
            for name, value in message.decode(frame.data, decode_choices=False).items():
                found.setdefault(name, []).append(value)
    return found


def _time_ms(work: Callable[[], object]) -> float:
    times = []
    for _ in range(5):
        started = time.process_time()
        work()
        times.append((time.process_time() - started) * 1e3 / SECONDS)
    return median(times)


def rows() -> list[Row]:
    """Milliseconds of processor time for one second of a full bus."""
    found = []
    cases = (
        (
            "Kona",
            _kona(FULL_BUS_FPS * SECONDS),
            load_family("hyundai-kona-64"),
            "bms/families/hyundai_kona64.dbc",
        ),
        ("Leaf, checked", _leaf(FULL_BUS_FPS * SECONDS), load_family("nissan-leaf"), "dbc/nissan_leaf.dbc"),
    )
    for name, frames, family, file in cases:
        _compare(frames, family, DBC / file)
        table = FrameTable.of(frames)
        baseline = _time_ms(lambda frames=frames, file=file: _by_cantools(frames, DBC / file))  # type: ignore[misc]
        columns = _time_ms(lambda family=family, table=table: decode_columns(family, table))  # type: ignore[misc]
        whole = _time_ms(
            lambda family=family, frames=frames: decode_columns(family, FrameTable.of(frames))  # type: ignore[misc]
        )
        single = _time_ms(lambda family=family, frames=frames: decode_frames(family, frames))  # type: ignore[misc]
        found += [
            Row(f"1 s of a full bus by columns ({name})", columns, "ms", 100.0, baseline, "cantools"),
            Row(f"… from python-can's messages ({name})", whole, "ms", 100.0, baseline, "cantools"),
            Row(
                f"… checked frame by frame, with findings ({name})", single, "ms", 66.0, baseline, "cantools"
            ),
            Row(f"… the same from a candump file ({name})", _from_file(family, frames), "ms", 100.0),
        ]
    return found


def _from_file(family: Family, frames: list[can.Message]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "full.log"
        write_log(file, frames)
        return _time_ms(lambda: decode_log(family, file))


def _compare(frames: list[can.Message], family: Family, file: Path) -> None:
    theirs = _by_cantools(frames, file)
    ours = decode_columns(family, FrameTable.of(frames))
    pairs = {"PackVolt": "pack_voltage_V", "SOCBms": "soc_pct", "SOC": "soc_pct"}
    compared = 0
    for name, mine in pairs.items():
        if name in theirs:
            np.testing.assert_allclose(ours[mine, None].values, theirs[name], atol=1e-9)
            compared += len(theirs[name])
    assert compared
