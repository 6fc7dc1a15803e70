"""The charger's side of GB/T 27930-2015: step by step on a clock of its own, and against can-j1939."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import j1939
import pytest

from drivers.bms.charger_pack import ChargerPack
from drivers.bms.charger_session import ChargerSession, ChargerSettings, Stage
from drivers.bms.decoder import CanDecoder
from drivers.bms.family import load_family
from drivers.bms.log_files import read_log
from drivers.catalogue import open_instrument
from drivers.errors import TransportError
from tests.drivers.bms.recordings import GBT

BRM = bytes.fromhex("01010006b40039134b4c4945010000001e010101000001ff") + b"LSVTESTVIN1234567" + b"\xff" * 8
BCP = bytes.fromhex("9e01b80b4e008e176eca032413")


class Vehicle:
    """The pack's side without threads: frames that the charger's receive as if from the wire."""

    def __init__(self, **settings: object) -> None:
        self.sent: list[tuple[float, int, bytes]] = []
        self.now_s = 0.0
        self.decoder = CanDecoder(load_family("gbt27930-2015"))
        self.session = ChargerSession(
            lambda frame, data: self.sent.append((self.now_s, frame, data)),
            self.decoder,
            ChargerSettings(**settings),  # type: ignore[arg-type]
            today=lambda: datetime(2026, 11, 28, 9, 5, 7),
        )

    def wait(self, seconds: float) -> list[tuple[int, bytes]]:
        begin = len(self.sent)
        for _ in range(round(seconds / 0.01)):
            self.now_s += 0.01
            self.session.tick(self.now_s)
        return [(frame, data) for _, frame, data in self.sent[begin:]]

    def say(self, frame: int, data: bytes) -> None:
        self.decoder.on_frame(self.now_s, frame, True, data)
        self.session.hear(self.now_s, frame, data)

    def say_long(self, pgn: int, payload: bytes) -> None:
        packets = -(-len(payload) // 7)
        self.say(0x1CEC56F4, bytes([16, len(payload), 0, packets, 255, *pgn.to_bytes(3, "little")]))
        for number in range(packets):
            part = payload[7 * number : 7 * number + 7].ljust(7, b"\xff")
            self.say(0x1CEB56F4, bytes([number + 1]) + part)


def test_the_session_step_by_step() -> None:
    car = Vehicle(version=(1, 2, 0), number=7, cells=True)
    assert [data for frame, data in car.wait(1.0)] == [b"\x01\x02\x00"] * 4
    car.say(0x182756F4, bytes.fromhex("8e17"))
    assert car.wait(0.3)[0] == (0x1801F456, bytes.fromhex("0007000000ffffff"))
    begin = len(car.sent)
    car.say_long(0x0200, BRM)
    grants = [(frame, data.hex()) for _, frame, data in car.sent[begin:]]
    assert grants == [(0x1CECF456, "110701ffff000200"), (0x1CECF456, "13310007ff000200")]
    assert car.session.stage is Stage.PARAMETERS
    assert car.wait(0.3)[0] == (0x1801F456, bytes.fromhex("aa07000000ffffff"))
    car.say_long(0x0600, BCP)
    said = dict(car.wait(0.6))
    assert said[0x1807F456] == bytes.fromhex("07050928112620")
    assert said[0x1808F456] == bytes.fromhex("4c1dd007d80ea00f")  # 750 V, 200 V, 20 A and 0 A of charge
    assert 0x100AF456 not in said
    car.say(0x100956F4, b"\xaa")
    assert (0x100AF456, b"\xaa") in car.wait(0.3)
    car.say(0x181056F4, bytes.fromhex("5217820f02"))
    said_often = car.wait(1.0)
    assert [frame for frame, _ in said_often] == [0x1812F456] * 20
    assert said_often[0][1][2:] == bytes.fromhex("a00f0000fcff")  # 0 A, pause
    car.say_long(0x1500, b"".join((371 + n).to_bytes(2, "little") for n in range(96)))
    assert len(car.decoder.store.members("cell_voltage_V")) == 96
    assert car.decoder.store.get("cell_voltage_V", 96).value == pytest.approx(4.66)  # type: ignore[union-attr]
    car.session.stop(car.now_s)
    assert (0x101AF456, bytes.fromhex("04000000")) in car.wait(0.05)
    car.say(0x181C56F4, bytes.fromhex("61730179014849"))
    assert car.session.stage is Stage.ENDED
    assert not car.wait(1.0)


def test_without_cells_the_vehicle_never_hears_that_the_charger_is_ready() -> None:
    car = Vehicle()
    car.wait(0.1)
    car.say(0x182756F4, bytes.fromhex("8e17"))
    car.say_long(0x0200, BRM)
    car.say_long(0x0600, BCP)
    car.say(0x100956F4, b"\xaa")
    said = {frame for frame, _ in car.wait(120.0)}
    assert said == {0x1807F456, 0x1808F456}
    car.session.stop(car.now_s)
    assert not car.wait(1.0)


def test_a_pack_that_falls_silent_is_tried_three_times_and_named() -> None:
    car = Vehicle()
    for attempt in range(3):
        car.wait(0.1)
        car.say(0x182756F4, bytes.fromhex("8e17"))
        assert car.session.stage is Stage.RECOGNITION, attempt
        car.wait(6.0)
    assert car.session.stage is Stage.ENDED
    finding = next(f for f in car.decoder.store.findings() if f.kind == "no_reply")
    assert (finding.where, finding.count) == ("BRM", 3)


def test_a_recorded_vehicle_is_answered_as_its_own_charger_did() -> None:
    car = Vehicle(cells=True)
    first_s = None
    for frame in read_log(GBT).frames:
        first_s = frame.timestamp if first_s is None else first_s
        while car.now_s < frame.timestamp - first_s:
            car.wait(0.01)
        if frame.arbitration_id & 0xFF == 0xF4:
            car.say(frame.arbitration_id, bytes(frame.data))
    said = {frame for _, frame, _ in car.sent}
    assert {0x1826F456, 0x1801F456, 0x1807F456, 0x1808F456, 0x100AF456, 0x1812F456, 0x1CECF456} <= said
    assert car.session.stage is Stage.CHARGING
    assert car.decoder.store.get("pack_voltage_V").value == pytest.approx(497.1)  # type: ignore[union-attr]


_channels = itertools.count()


@contextmanager
def j1939_vehicle(channel: str) -> Iterator[None]:
    """A vehicle whose J1939 is can-j1939's."""
    ecu = j1939.ElectronicControlUnit()
    ecu.connect(interface="virtual", channel=channel)
    name = j1939.Name(arbitrary_address_capable=0, identity_number=1)
    pack = j1939.ControllerApplication(name, 0xF4, bypass_address_claim=True)
    ecu.add_ca(controller_application=pack)
    sent = threading.Event()

    def hear(priority: int, pgn: int, source: int, timestamp: float, data: bytearray) -> None:  # noqa: ARG001
        if pgn == 0x2600:
            pack.send_pgn(0, 0x27, 0x56, 6, [0x8E, 0x17])
        elif pgn == 0x0100 and data[0] == 0x00 and not sent.is_set():
            sent.set()
            pack.send_pgn(0, 0x02, 0x56, 7, list(BRM))
        elif pgn == 0x0100 and data[0] == 0xAA:
            pack.send_pgn(0, 0x06, 0x56, 7, list(BCP))

    pack.subscribe(hear)
    pack.start()
    try:
        yield
    finally:
        pack.stop()
        ecu.disconnect()


def test_the_driver_against_can_j1939() -> None:
    channel = f"gbt{next(_channels)}"
    with j1939_vehicle(channel):
        bms = open_instrument("bms-gbt-charger", f"can://virtual/{channel}", {"identify_timeout_s": 40.0})
        assert isinstance(bms, ChargerPack)
        try:
            identity = bms.identify()
            assert (identity.manufacturer, identity.model) == ("KLIE", "NMC 492.1 V")
            assert identity.serial == "LSVTESTVIN1234567"
            history = {r.name: r.value for r in bms.read(["history", "identity"])}
            assert history["charge_count"] == 1.0
            assert history["rated_capacity_Ah"] == 18.0
        finally:
            bms.close()
    lonely = open_instrument(
        "bms-gbt-charger", f"can://virtual/gbt{next(_channels)}", {"identify_timeout_s": 0.3}
    )
    try:
        with pytest.raises(TransportError, match="no BHM"):
            lonely.identify()
    finally:
        lonely.close()
