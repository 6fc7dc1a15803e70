"""Simulated Leaf BMS through python-can's socketcand interface, cantools and can-isotp."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import can
import cantools
import isotp
import pytest

DBC = cantools.database.load_file(Path(__file__).parents[2] / "data" / "can" / "nissan_leaf.dbc")
PERIODIC = {0x1DB, 0x1DC, 0x55B, 0x5BC, 0x59E, 0x5C0}


def _leaf(**options) -> dict:
    return {"kind": "leaf-bms", "options": options}


@contextmanager
def _bus(bench) -> Iterator[can.BusABC]:
    host, port = bench.address("leaf-bms")
    with can.Bus(interface="socketcand", host=host, port=port, channel="can0") as bus:
        yield bus


def _frames(bus, seconds: float) -> list[can.Message]:
    found = []
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        message = bus.recv(left)
        if message is not None:
            found.append(message)
    return found


def _await_broadcast(bus) -> None:
    """Return when the controller is awake: its first frame has come."""
    assert bus.recv(5.0) is not None


def _decoded(frames, can_id: int) -> list[dict]:
    return [DBC.decode_message(can_id, f.data) for f in frames if f.arbitration_id == can_id]


def _crc(data: bytes) -> int:
    """Bit by bit, independent of the simulator's table."""
    crc = 0
    for byte in data:
        for bit in range(7, -1, -1):
            top = (crc >> 7) ^ (byte >> bit & 1)
            crc = (crc << 1) & 0xFF
            if top:
                crc ^= 0x85
    return crc


def test_crc_of_frames_seen_on_cars() -> None:
    from simulators.instruments.leaf_frames import crc8

    for counter, crc in ((0x07, 0x12), (0x47, 0xD5), (0x87, 0x19), (0xC7, 0xDE)):
        body = bytes((0x6E, 0x6E, 0x00, 0x04, counter, 0x46, 0xE0))
        assert crc8(body) == crc == _crc(body)


def test_waking_then_real_values_that_follow_the_battery(start, rigol_unit) -> None:
    bench = start([_leaf(), rigol_unit], battery={"cells": 38, "soc": 0.6}, real_time=True)
    load = bench.client("rigol-dl3021")
    load.write("CURR 1", "INP 1")
    load.sync()
    with _bus(bench) as bus:
        frames = _frames(bus, 0.7)
    assert {frame.arbitration_id for frame in frames} == PERIODIC
    fast = _decoded(frames, 0x1DB)
    first, last = fast[0], fast[-1]
    assert (first["PackVolt"], first["Current"], first["MainRelayOn"], first["Interlock"]) == (
        511.5,
        511.5,
        0,
        0,
    )
    assert last["PackVolt"] == pytest.approx(38 * (3.72 - 0.001), abs=0.3)
    assert (last["Current"], last["MainRelayOn"], last["Interlock"]) == (-1.0, 1, 1)
    assert all(
        frame.data[7] == _crc(frame.data[:7])
        for frame in frames
        if frame.arbitration_id in (0x1DB, 0x1DC, 0x55B)
    )
    counters = [int(frame["PRUN"]) for frame in fast]
    assert all((b - a) & 3 == 1 for a, b in itertools.pairwise(counters))
    assert _decoded(frames, 0x55B)[-1]["SOC"] == pytest.approx(60.0, abs=0.1)
    assert _decoded(frames, 0x5BC)[-1]["SOH"] == round(100 * 50 / 55)
    assert _decoded(frames, 0x1DC)[-1]["DischgLimit"] == 110
    assert 20 <= len(fast) <= 75


def test_frames_stay_below_one_hundred_a_second_at_high_speed(start) -> None:
    bench = start([_leaf()], battery={"cells": 96}, real_time=True, speed=50.0)
    with _bus(bench) as bus:
        frames = _frames(bus, 0.6)
    seconds = frames[-1].timestamp - frames[0].timestamp
    for can_id in PERIODIC - {0x5C0}:
        count = sum(frame.arbitration_id == can_id for frame in frames)
        assert count <= seconds * 100 + 3


def _ask(bus, request: bytes, timeout_s: float = 3.0) -> bytes | None:
    address = isotp.Address(isotp.AddressingMode.Normal_11bits, txid=0x79B, rxid=0x7BB)
    notifier = can.Notifier(bus, [], timeout=0.05)
    stack = isotp.NotifierBasedCanStack(bus, notifier, address=address, params={"tx_padding": 0xFF})
    stack.start()
    try:
        stack.send(request)
        answer = stack.recv(block=True, timeout=timeout_s)
        return None if answer is None else bytes(answer)
    finally:
        stack.stop()
        notifier.stop()


def test_cell_voltages_over_isotp(start) -> None:
    bench = start([_leaf()], battery={"cells": 96, "soc": 0.5}, real_time=True, speed=10.0)
    with _bus(bench) as bus:
        _await_broadcast(bus)
        answer = _ask(bus, b"\x21\x02")
    assert answer is not None
    assert (len(answer), answer[:2]) == (198, b"\x61\x02")
    cells = [int.from_bytes(answer[i : i + 2], "big") for i in range(2, 194, 2)]
    assert cells == [3600] * 96


@pytest.mark.parametrize(
    ("generation", "length", "soc_at", "hx_at"), [("AZE0", 43, 31, 28), ("ZE1", 53, 33, 30)]
)
def test_general_group(start, generation: str, length: int, soc_at: int, hx_at: int) -> None:
    bench = start(
        [_leaf(generation=generation, insulation_kohm=900)], battery={"cells": 96}, real_time=True, speed=10.0
    )
    with _bus(bench) as bus:
        _await_broadcast(bus)
        answer = _ask(bus, b"\x21\x01")
    assert answer is not None
    assert len(answer) == length
    assert int.from_bytes(answer[20:22], "big") / 100 == pytest.approx(345.6, abs=0.02)
    assert int.from_bytes(answer[24:26], "big") == 900
    assert int.from_bytes(answer[soc_at : soc_at + 3], "big") / 1e4 == pytest.approx(50.0, abs=1e-3)
    assert int.from_bytes(answer[soc_at + 4 : soc_at + 7], "big") / 1e4 == pytest.approx(50.0, abs=1e-3)
    assert int.from_bytes(answer[hx_at : hx_at + 2], "big") > 0


def test_request_during_an_answer_is_dropped(start) -> None:
    bench = start([_leaf(frame_gap_s=0.02)], battery={"cells": 96}, real_time=True)
    with _bus(bench) as bus:
        _await_broadcast(bus)
        request = can.Message(arbitration_id=0x79B, data=[2, 0x21, 1, 0, 0, 0, 0, 0], is_extended_id=False)
        bus.send(request)
        bus.send(request)
        bus.send(can.Message(arbitration_id=0x79B, data=[2, 0x21, 2, 0, 0, 0, 0, 0], is_extended_id=False))
        while (frame := bus.recv(5.0)) is not None and frame.arbitration_id != 0x7BB:
            pass
        assert frame is not None
        bus.send(can.Message(arbitration_id=0x79B, data=[0x30, 0, 0, 0, 0, 0, 0, 0], is_extended_id=False))
        bus.send(request)
        replies = [frame, *(f for f in _frames(bus, 0.4) if f.arbitration_id == 0x7BB)]
    firsts = [f for f in replies if f.data[0] >> 4 == 1]
    assert len(firsts) == 1
    assert firsts[0].data[:4] == bytes((0x10, 43, 0x61, 0x01))
    assert [f.data[0] for f in replies[1:]] == [0x21, 0x22, 0x23, 0x24, 0x25, 0x26]


def test_flow_control_with_block_size_one(start) -> None:
    bench = start([_leaf(frame_gap_s=0.0)], battery={"cells": 96}, real_time=True)
    with _bus(bench) as bus:
        _await_broadcast(bus)
        bus.send(can.Message(arbitration_id=0x79B, data=[2, 0x21, 1, 0, 0, 0, 0, 0], is_extended_id=False))
        replies: list[bytes] = []
        while len(replies) < 7:
            frame = bus.recv(2.0)
            assert frame is not None
            if frame.arbitration_id == 0x7BB:
                replies.append(bytes(frame.data))
                bus.send(
                    can.Message(arbitration_id=0x79B, data=[0x30, 1, 0, 0, 0, 0, 0, 0], is_extended_id=False)
                )
    payload = replies[0][2:] + b"".join(frame[1:] for frame in replies[1:])
    assert payload[:2] == b"\x61\x01"


def test_keepalive_wakes_it_and_its_loss_silences_it(start) -> None:
    bench = start([_leaf(needs_keepalive=True)], battery={"cells": 96}, real_time=True)
    with _bus(bench) as bus:
        assert _frames(bus, 0.2) == []
        keepalive = can.Message(arbitration_id=0x50B, data=[0, 0, 6, 0xC0, 0, 0, 0], is_extended_id=False)
        for _ in range(4):
            bus.send(keepalive)
            heard = _frames(bus, 0.1)
        assert {f.arbitration_id for f in heard} >= {0x1DB, 0x55B}
        _frames(bus, 0.55)
        assert _frames(bus, 0.2) == []


def test_faults(start) -> None:
    bench = start([_leaf()], battery={"cells": 96}, real_time=True)
    with _bus(bench) as bus:
        _frames(bus, 0.4)
        bench.fault("frozen_reading", instrument="leaf-bms")
        _frames(bus, 0.05)
        frozen = {bytes(f.data) for f in _frames(bus, 0.1) if f.arbitration_id == 0x1DB}
        assert len(frozen) == 1
        bench.control("clear_faults")
        bench.fault("sentinel_reading", instrument="leaf-bms")
        _frames(bus, 0.05)
        assert {f["PackVolt"] for f in _decoded(_frames(bus, 0.1), 0x1DB)} == {511.5}
        bench.fault("bms_silent")
        _frames(bus, 0.05)
        assert _frames(bus, 0.1) == []
        bench.control("clear_faults")
        assert _frames(bus, 0.1)


def test_unknown_bus_is_refused(start) -> None:
    bench = start([_leaf()])
    with socket.create_connection(bench.address("leaf-bms"), timeout=5) as client:
        assert client.recv(64) == b"< hi >"
        client.sendall(b"< open vcan7 >")
        assert client.recv(64).startswith(b"< error")
        client.sendall(b"< send 1DB 9 1 2 3 >")
        assert client.recv(64).startswith(b"< error")


def _permission_cut_failsafe(frames) -> set[tuple[int, int, int]]:
    found = [f.data for f in frames if f.arbitration_id == 0x1DB]
    return {(data[3] >> 5 & 1, data[1] >> 3 & 3, data[1] & 7) for data in found}


def test_opened_contactors_are_told_and_broken_frames_are_broken(start) -> None:
    bench = start([_leaf()], battery={"cells": 96}, real_time=True)
    with _bus(bench) as bus:
        _frames(bus, 0.4)
        assert _permission_cut_failsafe(_frames(bus, 0.1)) == {(1, 0, 0)}
        bench.fault("bms_opens_contactors")
        _frames(bus, 0.05)
        frames = _frames(bus, 0.1)
        assert _permission_cut_failsafe(frames) == {(0, 3, 3)}
        assert _decoded(frames, 0x1DB)[-1]["PackVolt"] == pytest.approx(345.6, abs=0.3)
        bench.control("clear_faults")
        bench.fault("checksum_wrong", instrument="leaf-bms")
        _frames(bus, 0.05)
        frames = [f for f in _frames(bus, 0.15) if f.arbitration_id in (0x1DB, 0x1DC, 0x55B)]
        assert {f.arbitration_id for f in frames} == {0x1DB, 0x1DC, 0x55B}
        assert all(f.data[7] != _crc(f.data[:7]) for f in frames)
        bench.control("clear_faults")
        bench.fault("counter_frozen", instrument="leaf-bms")
        _frames(bus, 0.05)
        frames = [f for f in _frames(bus, 0.1) if f.arbitration_id == 0x1DB]
        assert len(frames) > 3
        assert len({f.data[6] & 3 for f in frames}) == 1
        assert all(f.data[7] == _crc(f.data[:7]) for f in frames)


def test_the_insulation_value_follows_the_network(start) -> None:
    wiring = {"insulation": {"minus_ohm": 1e6, "plus_ohm": 2e6}}
    bench = start([_leaf()], battery={"cells": 96}, wiring=wiring, real_time=True, speed=10.0)
    with _bus(bench) as bus:
        _await_broadcast(bus)
        for ohm in (1e6, 45e3):
            if ohm < 1e6:
                bench.fault("insulation_low", ohm)
            answer = _ask(bus, b"\x21\x01")
            assert answer is not None
            assert int.from_bytes(answer[24:26], "big") == round(1 / (1 / ohm + 1e-7) / 1000)
            time.sleep(0.05)
