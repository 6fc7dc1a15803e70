"""Long messages are put together by listening; can-isotp and can-j1939 are the other side."""

from __future__ import annotations

import itertools
import threading

import can
import isotp
import j1939
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.bms.isotp_listen import IsoTpListener
from drivers.bms.j1939_listen import TpListener
from tests.drivers.bms.recordings import isotp_frames


def spoken_by_can_isotp(payload: bytes, block_size: int, st_min: int, fd: bool) -> list[bytes]:
    """The frames of the sender, while can-isotp's receiver answers it."""
    sent: list[bytes] = []
    queues: tuple[list[isotp.CanMessage], list[isotp.CanMessage]] = ([], [])

    def layer(tx: int, rx: int, own: int) -> isotp.TransportLayerLogic:
        def put(message: isotp.CanMessage) -> None:
            queues[1 - own].append(message)
            if own == 0:
                sent.append(bytes(message.data))

        return isotp.TransportLayerLogic(
            rxfn=lambda timeout: queues[own].pop(0) if queues[own] else None,  # noqa: ARG005
            txfn=put,
            address=isotp.Address(isotp.AddressingMode.Normal_11bits, txid=tx, rxid=rx),
            params={
                "blocksize": block_size,
                "stmin": st_min,
                "can_fd": fd,
                "tx_data_length": 64 if fd else 8,
                "override_receiver_stmin": 0,
                "tx_padding": 0xAA,
                "rx_consecutive_frame_timeout": 60_000,
                "rx_flowcontrol_timeout": 60_000,
            },
        )

    sender, receiver = layer(1, 2, 0), layer(2, 1, 1)
    sender.send(payload)
    for _ in range(2000):
        sender.process(rx_timeout=0)
        receiver.process(rx_timeout=0)
        if receiver.available():
            break
    assert bytes(receiver.recv()) == payload
    return sent


def heard(listener: IsoTpListener, frames: list[bytes]) -> list[bytes | str]:
    return [
        told.payload if told.payload is not None else str(told.trouble)
        for number, data in enumerate(frames)
        for told in listener.take(number * 0.01, data)
    ]


@pytest.mark.parametrize("length", [1, 7, 8, 62, 198, 4095])
@pytest.mark.parametrize(
    ("block_size", "st_min", "fd"), [(0, 0, False), (1, 0, False), (8, 5, False), (0, 0, True)]
)
def test_what_can_isotp_says_is_understood(length: int, block_size: int, st_min: int, fd: bool) -> None:
    payload = bytes(number & 0xFF for number in range(length))
    assert heard(IsoTpListener(), spoken_by_can_isotp(payload, block_size, st_min, fd)) == [payload]


def test_conversations_that_interleave_do_not_disturb_each_other() -> None:
    one, two = bytes(range(100)), bytes(range(100, 200))
    listeners = {0x7EC: IsoTpListener(), 0x7BB: IsoTpListener()}
    both = zip(isotp_frames(0x7EC, one), isotp_frames(0x7BB, two), strict=True)
    got = [
        told.payload
        for pair in both
        for frame in pair
        for told in listeners[frame.arbitration_id].take(frame.timestamp, bytes(frame.data))
    ]
    assert got == [one, two]


def test_a_reply_that_breaks_off_loses_frames_or_is_damaged_is_named() -> None:
    payload = bytes(range(62))
    frames = [bytes(frame.data) for frame in isotp_frames(0x7EC, payload)]
    assert heard(IsoTpListener(), frames[:4] + frames) == ["isotp_truncated", payload]
    assert heard(IsoTpListener(), frames[:3] + frames[4:] + frames) == ["isotp_sequence", payload]
    assert heard(IsoTpListener(), [b"\x00", b"\x50\x01", b"\x10\x05" + bytes(6)]) == ["isotp_malformed"] * 3
    assert heard(IsoTpListener(), frames[5:]) == []  # its beginning was not heard
    listener = IsoTpListener()
    assert not listener.take(0.0, frames[0])
    assert [told.trouble for told in listener.take(2.0, frames[1])] == ["isotp_truncated"]
    assert not listener.take(2.0, frames[0])
    assert [told.trouble for told in listener.end()] == ["isotp_truncated"]


@given(st.lists(st.binary(max_size=12), max_size=30))
def test_no_frames_crash_the_listeners(frames: list[bytes]) -> None:
    isotp_listener, tp_listener = IsoTpListener(), TpListener()
    for number, data in enumerate(frames):
        isotp_listener.take(number * 0.1, data)
        tp_listener.take(number * 0.1, 0x1CEC56F4 if number % 2 else 0x1CEB56F4, data)
    isotp_listener.end()
    tp_listener.end()


# ---------------------------------------------------------------------- J1939

RTS, DT = 0x1CEC56F4, 0x1CEB56F4


def tp_frames(pgn: int, payload: bytes) -> list[tuple[int, bytes]]:
    packets = -(-len(payload) // 7)
    head = bytes([16, *len(payload).to_bytes(2, "little"), packets, 255, *pgn.to_bytes(3, "little")])
    parts = [payload[at : at + 7].ljust(7, b"\xff") for at in range(0, len(payload), 7)]
    return [(RTS, head), *((DT, bytes([number, *part])) for number, part in enumerate(parts, 1))]


def tp_heard(frames: list[tuple[int, bytes]], gap_s: float = 0.01) -> list[bytes | str]:
    listener = TpListener()
    told = [t for n, (name, data) in enumerate(frames) for t in listener.take(n * gap_s, name, data)]
    return [t.payload if t.payload is not None else str(t.trouble) for t in told + listener.end()]


def test_long_messages_of_j1939() -> None:
    payload = bytes(range(49))
    frames = tp_frames(0x0200, payload)
    assert tp_heard(frames) == [payload]
    again = [*frames[:4], frames[2], *frames[4:]]  # a packet that was asked for again
    assert tp_heard(again) == [payload]
    assert tp_heard(frames[:5]) == ["tp_truncated"]
    assert tp_heard(frames[:3] + frames[4:]) == ["tp_truncated"]
    abort = (0x1CECF456, bytes([255, 1, 255, 255, 255, 0, 2, 0]))
    assert tp_heard([*frames[:4], abort]) == ["tp_aborted"]
    assert tp_heard(frames[:4], gap_s=2.0)[0] == "tp_truncated"
    assert tp_heard([(RTS, bytes([16, 49, 0, 3, 255, 0, 2, 0]))]) == ["tp_malformed"]
    assert tp_heard([(RTS, b"\x10")]) == ["tp_malformed"]


def test_what_can_j1939_says_is_understood() -> None:
    channel = f"tp{next(_channels)}"
    listener, got, done = TpListener(), [], threading.Event()
    bus = can.Bus(interface="virtual", channel=channel)

    def hear(message: can.Message) -> None:
        if TpListener.is_transport(message.arbitration_id):
            for told in listener.take(message.timestamp, message.arbitration_id, bytes(message.data)):
                got.append(told)
                done.set()

    notifier = can.Notifier(bus, [hear], timeout=0.05)
    ecus = [j1939.ElectronicControlUnit() for _ in range(2)]
    applications = []
    try:
        for ecu, address in zip(ecus, (0xF4, 0x56), strict=True):
            ecu.connect(interface="virtual", channel=channel)
            name = j1939.Name(arbitrary_address_capable=0, identity_number=address)
            application = j1939.ControllerApplication(name, address, bypass_address_claim=True)
            ecu.add_ca(controller_application=application)
            application.start()
            applications.append(application)
        payload = bytes(range(49))
        assert applications[0].send_pgn(0, 0x02, 0x56, 7, list(payload))
        assert done.wait(10.0)
    finally:
        for application in applications:
            application.stop()
        for ecu in ecus:
            ecu.disconnect()
        notifier.stop()
        bus.shutdown()
    assert [(t.pgn, t.source, t.destination, t.payload) for t in got] == [(0x0200, 0xF4, 0x56, payload)]


_channels = itertools.count()
