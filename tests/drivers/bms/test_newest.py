"""Values read from the newest frames only: the same at every look as when each frame is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.bms.decoder import CanDecoder
from drivers.bms.family import load_family
from drivers.bms.log_files import read_log
from simulators.instruments.pack_languages import BydLanguage, PackView
from tests.benchmarks import buses
from tests.drivers.leaf_pack import frame_1db, frame_55b

KONA = Path(__file__).parents[2] / "data" / "can" / "kona-cc0" / "idle_first_4s.asc"
Frames = list[tuple[float, int, bool, bytes]]


def kona() -> Frames:
    return [(f.timestamp, f.arbitration_id, f.is_extended_id, bytes(f.data)) for f in read_log(KONA).frames]


def leaf() -> Frames:
    """With a wrong checksum and a gap in the counter now and then."""
    found: Frames = []
    for at in range(300):
        data = frame_1db(at, 700 + at % 50, at + at // 100)
        found.append((0.01 * at, 0x1DB, False, data if at % 37 else data[:7] + b"\0"))
        found.append((0.01 * at + 0.004, 0x55B, False, frame_55b(at, at)))
    return found


def byd() -> Frames:
    language, found = BydLanguage(), []
    for at in range(200):
        cells = [3.2 + 0.001 * ((at + n) % 100) for n in range(126)]
        view = PackView(-10.0, 400.0, 0.5, 0.9, cells, [20.0], 1e6, 1.0, 1.0, waking=at < 8)
        for cycle in ("cells", "fast"):
            found += [(0.02 * at, f.can_id, False, f.data) for f in language.frames(cycle, view, at)]
    return found


@pytest.mark.parametrize(
    ("family", "frames"), [("hyundai-kona-64", kona()), ("nissan-leaf", leaf()), ("byd-atto3", byd())]
)
def test_every_look_shows_what_reading_each_frame_shows(family: str, frames: Frames) -> None:
    each, newest = CanDecoder(load_family(family)), CanDecoder(load_family(family), newest_only=True)
    for number, frame in enumerate(frames):
        each.on_frame(*frame)
        newest.on_frame(*frame)
        if number % 97 == 0 or number == len(frames) - 1:
            wanted = {(r.name, r.number): (r.value, r.t_s) for r in each.store.readings()}
            assert {(r.name, r.number): (r.value, r.t_s) for r in newest.store.readings()} == wanted
            assert newest.store.faults() == each.store.faults()
    assert newest.frames == each.frames
    assert {(f.kind, f.where) for f in newest.store.findings()} == {
        (f.kind, f.where) for f in each.store.findings()
    }


def test_a_sentinel_that_nobody_looked_at_is_seen() -> None:
    decoder = CanDecoder(load_family("nissan-leaf"), newest_only=True)
    for at in range(100):
        data = frame_1db(0x3FF, 0x3FF, at) if at < 13 else frame_1db(0, 720, at)  # 130 ms after waking
        decoder.on_frame(0.01 * at, 0x1DB, False, data)
    assert decoder.store.counts()["not_available"] > 0
    reading = decoder.store.get("pack_voltage_V")
    assert reading is not None
    assert reading.value == 360.0


def test_loaded_buses_lose_no_frame(tmp_path: Path) -> None:
    rows = {row.name: row.figure for row in buses.run(tmp_path, 2, 0.4)}
    assert [value for name, value in rows.items() if name.startswith("… not") or "jumps" in name] == [
        0,
        0,
        0,
        0,
    ]


def test_cells_of_a_jk_board() -> None:
    decoder = CanDecoder(load_family("jk-can"))
    for group in range(4):
        cells = b"".join((3301 + 4 * group + place).to_bytes(2, "little") for place in range(4))
        decoder.on_frame(0.1 * group, 0x18E028F4 + 0x10000 * group, True, cells)
    decoder.on_frame(0.5, 0x2F4, False, bytes.fromhex("0902 640f 50 000000"))
    told = decoder.store.members("cell_voltage_V")
    assert [reading.value for reading in told] == pytest.approx([3.301 + 0.001 * n for n in range(16)])
    assert {r.name: r.value for r in decoder.store.readings() if r.number is None} == pytest.approx(
        {"pack_voltage_V": 52.1, "current_A": -6.0, "soc_pct": 80.0}
    )
