"""The live driver on python-can's virtual bus; a controller by udsoncan and can-isotp is the other side."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator

import can
import pytest

from drivers.bms.can_pack import CanPack
from drivers.bms.history import doubts_of, history_of
from drivers.bms.uds import is_changing
from drivers.catalogue import check_identity, open_instrument
from drivers.errors import TransportError
from drivers.spec import BadOptions
from tests.drivers.bms.ecu import Ecu
from tests.drivers.bms.test_decoder import kona_595

_channels = itertools.count()


def general() -> bytes:
    body = bytearray(59)
    body[12:14] = (3608).to_bytes(2, "big")
    for at, raw in ((30, 324610), (34, 324300), (38, 122510), (42, 121000), (46, 12_600_000)):
        body[at : at + 4] = raw.to_bytes(4, "big")
    body[57:59] = (1000).to_bytes(2, "big")
    return bytes(body)


DATA = {
    0x0101: general(),
    0x0102: b"\xff" * 4 + bytes([184] * 32),
    0x0103: b"\xff" * 4 + bytes([183] * 32),
    0x0104: b"\xff" * 4 + bytes([185] * 32),
    0x0111: bytes(4) + (120).to_bytes(4, "big") + (30).to_bytes(4, "big") + bytes(8),
    0xF18C: b"SERIAL-0815",
}
Wires = tuple[Ecu, Callable[..., CanPack]]


@pytest.fixture
def wires() -> Iterator[Wires]:
    channel = f"pack{next(_channels)}"
    ecu = Ecu(can.Bus(interface="virtual", channel=channel), dict(DATA))
    opened: list[CanPack] = []

    def opener(**options: object) -> CanPack:
        given = {"family": "hyundai-kona-64", "identify_timeout_s": 10.0, **options}
        pack = open_instrument("bms-can", f"can://virtual/{channel}", given)
        assert isinstance(pack, CanPack)
        opened.append(pack)
        return pack

    yield ecu, opener
    for pack in opened:
        pack.close()
        pack.close()
    ecu.close()


def until(ready: Callable[[], bool], timeout_s: float = 30.0) -> None:
    pause = threading.Event()
    for _ in range(int(timeout_s / 0.01)):
        if ready():
            return
        pause.wait(0.01)
    raise AssertionError("did not happen in time")


def test_cells_are_asked_and_signals_heard(wires: Wires) -> None:
    ecu, opener = wires
    ecu.pending_first.add(0x0103)  # the pack first says that it needs time
    pack = opener()
    ecu.broadcast(0x595, kona_595(360.8))
    pack.start()
    until(lambda: len(pack.snapshot().cell_voltages_V) == 96)
    snapshot = pack.snapshot()
    assert (snapshot.cell_voltages_V[0], snapshot.cell_voltages_V[40]) == (
        pytest.approx(3.68),
        pytest.approx(3.66),
    )
    assert snapshot.cell_resolution_V == 0.02
    assert len(snapshot.cell_ages_s) == 96
    assert snapshot.signals["pack_voltage_V"].value == pytest.approx(360.8)
    assert snapshot.signals["insulation_ohm"].value == 1_000_000.0
    assert set(snapshot.faults) <= {"message_missing: BMS_595"}  # one frame was all that came


def test_identity_and_history_are_read_and_nothing_is_written(wires: Wires) -> None:
    ecu, opener = wires
    pack = opener(poll=False)
    ecu.broadcast(0x595, kona_595(360.8))
    assert check_identity(pack, {"manufacturer": "Hyundai", "serial": "SERIAL-0815"}).model
    body = history_of(pack.read(["history", "identity"]))
    assert body["history"]["charged_Ah"]["value"] == pytest.approx(32461.0)
    assert body["history"]["normal_charge_count"]["value"] == 120.0
    assert body["identity"]["serial"]["value"] == "SERIAL-0815"
    assert "reset" in body["note"]
    assert "doubts" not in body
    refused = [f.where for f in pack.decoder.store.findings() if f.kind == "negative_response"]
    assert "22 31 out of range" in refused  # no VIN in this controller
    assert "19 11 service not supported" in refused
    assert ecu.requests
    assert not [request for request in ecu.requests if is_changing(request)]


def test_what_is_not_answered_is_told_and_does_not_stop_the_rest(wires: Wires) -> None:
    ecu, opener = wires
    ecu.silent.add(0x0102)
    pack = opener()
    pack.start()
    until(lambda: len(pack.decoder.store.members("cell_voltage_V")) == 64)
    assert pack.snapshot().cell_voltages_V == ()  # 64 of 96 are no sweep
    until(lambda: any(f.kind == "no_reply" for f in pack.decoder.store.findings()))


def test_another_tester_on_the_bus_silences_ours(wires: Wires) -> None:
    ecu, opener = wires
    pack = opener(poll=False)
    ecu.broadcast(0x7E4, bytes.fromhex("0322010100000000"))
    until(lambda: pack.decoder.frames["diagnostic"] > 0)
    asked = len(ecu.requests)
    pack.read(["history"])
    assert len(ecu.requests) == asked


def test_a_silent_bus_and_a_wrong_family_are_named(wires: Wires) -> None:
    ecu, opener = wires
    with pytest.raises(TransportError, match="no frame was received"):
        opener(family="pylontech-can", identify_timeout_s=0.05).identify()
    pack = opener(family="pylontech-can", identify_timeout_s=2.0)
    ecu.broadcast(0x595, kona_595(360.8))
    with pytest.raises(TransportError, match="none of this family"):
        pack.identify()
    with pytest.raises(BadOptions, match="serial line"):
        opener(family="jbd")


def test_keep_awake_frames_have_their_checksums_and_counters() -> None:
    channel = f"pack{next(_channels)}"
    other = can.Bus(interface="virtual", channel=channel)
    pack = open_instrument("bms-can", f"can://virtual/{channel}", {"family": "byd-atto3", "keep_awake": True})
    assert isinstance(pack, CanPack)
    try:
        pack.start()
        heard: list[bytes] = []
        while len(heard) < 5:
            message = other.recv(20.0)
            assert message is not None
            if message.arbitration_id == 0x12D:
                heard.append(bytes(message.data))
    finally:
        pack.close()
        other.shutdown()
    assert [data[6] for data in heard] == [0x0F, 0x1F, 0x2F, 0x3F, 0x4F]
    assert all(data[7] == ~sum(data[:7]) & 0xFF for data in heard)


def test_counters_that_contradict_each_other_are_doubted() -> None:
    assert doubts_of({"charged_Ah": 32461.0, "discharged_Ah": 32430.0}) == []
    assert len(doubts_of({"charged_Ah": 32461.0, "discharged_Ah": 12.0})) == 1
    assert len(doubts_of({"charged_Wh": 1e6, "discharged_Wh": 2e6})) == 1
