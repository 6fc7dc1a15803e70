"""The Leaf BMS driver on python-can's virtual bus, with can-isotp as the other side."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator

import can
import pytest

from drivers.catalogue import check_identity, open_instrument
from drivers.errors import TransportError
from drivers.nissan_leaf_bms import NissanLeafBms
from drivers.spec import BadOptions
from tests.drivers.leaf_pack import Pack, frame_1db

CELLS = [3700 + index for index in range(96)]
_channels = itertools.count()


@pytest.fixture
def wires() -> Iterator[tuple[Pack, Callable[..., NissanLeafBms]]]:
    channel = f"leaf{next(_channels)}"
    pack = Pack(can.Bus(interface="virtual", channel=channel), list(CELLS))
    opened: list[NissanLeafBms] = []

    def opener(**options: object) -> NissanLeafBms:
        bms = open_instrument("nissan-leaf-bms", f"can://virtual/{channel}", options)
        assert isinstance(bms, NissanLeafBms)
        opened.append(bms)
        return bms

    yield pack, opener
    for bms in opened:
        bms.close()
        bms.close()
    pack.close()


def until(ready: Callable[[], bool], timeout_s: float = 5.0) -> None:
    pause = threading.Event()
    for _ in range(int(timeout_s / 0.01)):
        if ready():
            return
        pause.wait(0.01)
    raise AssertionError("did not happen in time")


Wires = tuple[Pack, Callable[..., NissanLeafBms]]


def test_signals_arrive_without_waiting(wires: Wires) -> None:
    pack, opener = wires
    bms = opener(keep_awake=False, poll_cells=False)
    pack.broadcast(-100, 720)
    until(lambda: bms.snapshot().signals["current_A"].value is not None)
    snapshot = bms.snapshot()
    assert snapshot.signals["current_A"].value == -50.0
    assert snapshot.signals["current_A"].age_s < 5.0
    assert snapshot.faults == ()
    assert snapshot.cell_voltages_V == ()
    assert snapshot.cell_voltages_age_s == float("inf")


def test_cells_are_polled_by_iso_tp(wires: Wires) -> None:
    pack, opener = wires
    bms = opener(cell_period_s=0.05)
    bms.start()
    until(lambda: len(pack.requests) >= 3)
    snapshot = bms.snapshot()
    assert snapshot.cell_voltages_V == tuple(value / 1000 for value in CELLS)
    assert snapshot.cell_voltages_age_s < 2.0
    gaps = [b - a for a, b in itertools.pairwise(pack.request_times)]
    assert min(gaps) >= 0.1  # quiet time between requests


@pytest.mark.parametrize(
    ("general", "unit_ohm", "insulation_ohm"),
    [
        (bytes(22) + b"\x03\xe8" + bytes(17), 1000.0, 1_000_000.0),
        (bytes(22) + b"\x00\x10" + bytes(27), 2000.0, 32_000.0),
        (bytes(22) + b"\xff\xff" + bytes(17), 1000.0, None),
        (bytes(22) + b"\x03\xe8" + bytes(18), 1000.0, None),  # 44 bytes: just after waking
    ],
)
def test_insulation_comes_from_group_01(
    wires: Wires, general: bytes, unit_ohm: float, insulation_ohm: float | None
) -> None:
    pack, opener = wires
    pack.general = general
    bms = opener(keep_awake=False, cell_period_s=0.05, insulation_unit_ohm=unit_ohm)
    assert bms.snapshot().signals["insulation_ohm"].value is None
    bms.start()
    until(lambda: b"\x21\x01" in pack.requests[:-1])
    assert bms.snapshot().signals["insulation_ohm"].value == insulation_ohm
    assert pack.requests.index(b"\x21\x01") == 1  # after the first cell voltages


def test_a_pack_without_the_insulation_group_still_gives_cells(wires: Wires) -> None:
    pack, opener = wires
    bms = opener(keep_awake=False, cell_period_s=0.05)
    bms.start()
    until(lambda: pack.requests.count(b"\x21\x02") >= 3)
    assert bms.snapshot().gives_cells
    assert bms.snapshot().signals["insulation_ohm"].value is None
    assert "insulation_ohm" not in opener(keep_awake=False, insulation_unit_ohm=None).snapshot().signals


def test_a_dropped_request_is_repeated(wires: Wires) -> None:
    pack, opener = wires
    pack.ignore = 1
    bms = opener(keep_awake=False)
    bms.start()
    until(lambda: len(bms.snapshot().cell_voltages_V) == 96)
    assert pack.requests == [b"\x21\x02"] * 2
    assert pack.request_times[1] - pack.request_times[0] >= 1.0


@pytest.mark.parametrize("absent", [0x0000, 0xFFFF])
def test_a_missing_cell_hides_the_whole_reply(wires: Wires, absent: int) -> None:
    pack, opener = wires
    pack.cells_mV[40] = absent
    bms = opener(keep_awake=False)
    bms.start()
    until(lambda: bms.cells_problem() == "incomplete reply")
    assert bms.snapshot().faults == ()
    assert bms.snapshot().cell_voltages_V == ()


def test_keep_awake_frames_are_sent(wires: Wires) -> None:
    pack, opener = wires
    bms = opener(poll_cells=False)
    bms.start()
    pack.wait_until(lambda: sum(m.arbitration_id == 0x50C for m in pack.heard) >= 3)
    heard = list(pack.heard)
    bms.close()
    counts = {n: sum(m.arbitration_id == n for m in heard) for n in (0x1D4, 0x1F2, 0x50B, 0x50C)}
    assert counts[0x1D4] >= 20
    assert abs(counts[0x1D4] - counts[0x1F2]) <= 1
    assert abs(counts[0x50B] - counts[0x50C]) <= 1
    first = [bytes(m.data).hex() for m in heard if m.arbitration_id == 0x1D4][:4]
    assert first == ["6e6e00040746e012", "6e6e00044746e0d5", "6e6e00048746e019", "6e6e0004c746e0de"]


def test_another_tester_silences_the_polling(wires: Wires) -> None:
    pack, opener = wires
    bms = opener(keep_awake=False, cell_period_s=0.05)
    pack.send(0x79B, bytes.fromhex("0221010000000000"))
    until(lambda: "another tester" in bms.cells_problem())
    bms.start()
    pack.broadcast(0, 720)
    assert not threading.Event().wait(0.4)
    assert pack.requests == []


def test_faults_are_named(wires: Wires) -> None:
    pack, opener = wires
    bms = opener(keep_awake=False, poll_cells=False)
    pack.send(0x1DB, frame_1db(0, 720, 0, failsafe=1 | 1 << 3, flags=0x20))
    until(lambda: bms.frame_counts().used == 1)
    assert bms.snapshot().faults == (
        "failsafe 1: stop discharge",
        "relay cut requested",
        "high-voltage interlock open",
    )
    for _ in range(5):
        pack.send(0x1DB, frame_1db(0, 720, 0))
    until(lambda: bms.frame_counts().received == 6)
    assert "counter of 1DB frozen" in bms.snapshot().faults


def test_dlc_zero_and_foreign_frames_do_no_harm(wires: Wires) -> None:
    pack, opener = wires
    bms = opener(keep_awake=False, poll_cells=False)
    pack.send(0x1DB, b"")
    pack.send(0x123, b"\x01")
    pack.broadcast(0, 720)
    until(lambda: bms.frame_counts().received == 3)
    assert bms.snapshot().signals["pack_voltage_V"].value == 360.0
    assert bms.frame_counts().empty == 1


def test_identity_needs_a_valid_frame(wires: Wires) -> None:
    pack, opener = wires
    bms = opener(identify_timeout_s=0.1)
    with pytest.raises(TransportError, match="no valid frame 1DB"):
        bms.identify()
    pack.send(0x1ED, bytes(3))
    pack.broadcast(0, 720)
    until(lambda: bms.frame_counts().used == 1)
    who = check_identity(bms, {"manufacturer": "Nissan", "model": "Leaf ZE1"})
    assert who.serial == "230B6A1234567"


def test_a_closed_driver_stays_closed(wires: Wires) -> None:
    _, opener = wires
    bms = opener()
    bms.start()
    bms.close()
    with pytest.raises(TransportError, match="closed by the station"):
        bms.start()


def test_another_dbc(wires: Wires, tmp_path: object) -> None:
    _, opener = wires
    with pytest.raises(BadOptions, match=r"missing\.dbc"):
        opener(dbc=f"{tmp_path}/missing.dbc")
