"""Simulated packs against software that is not ours: udsoncan and can-isotp ask, can-j1939 is the charger."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import can
import isotp
import j1939
import pytest
from udsoncan import DidCodec
from udsoncan.client import Client
from udsoncan.connections import PythonIsoTpConnection
from udsoncan.exceptions import NegativeResponseException, TimeoutException

from drivers.transports.can_bus import open_can
from simulators.bench import running
from simulators.config import BenchSimulation
from tests.simulators.instruments.test_packs import CELLS, TRUTH_V, SpreadBattery, address, until

PACKS = {
    "kona": (0x7E4, 0x7EC, False),
    "egmp": (0x7E4, 0x7EC, True),
    "byd": (0x7E7, 0x7EF, False),
    "meb": (0x1C40007B, 0x1C42007B, True),
    "leaf": (0x79B, 0x7BB, False),
}


PATIENCE_S, TRIES = 4.0, 5


class Raw(DidCodec):
    """Bytes as they are."""

    def decode(self, payload: bytes) -> bytes:
        return payload

    def __len__(self) -> int:
        raise DidCodec.ReadAllRemainingData


@pytest.fixture(scope="module")
def bench() -> Iterator[dict[str, Any]]:
    def channel(name: str) -> dict[str, Any]:
        battery = {"cells": 96 if name == "leaf" else CELLS[name]}
        options = {"trouble_codes": ["P0AA6"], "balancing": {"current_A": 0.1}}
        instrument: dict[str, Any] = {"kind": "leaf-bms", "options": options}
        if name == "gbt":
            instrument = {"kind": "gbt-vehicle"}
        elif name != "leaf":
            instrument = {"kind": "can-bms", "options": {"language": name, **options}}
        return {"id": name, "battery": battery, "instruments": [instrument]}

    settings = BenchSimulation.model_validate({"channels": [channel(name) for name in (*PACKS, "gbt")]})
    with running(settings, battery_builder=SpreadBattery) as info:
        yield info


def where(bench: dict[str, Any], name: str) -> str:
    if name != "leaf":
        return address(bench, name)
    found = next(one for one in bench["instruments"] if one["channel"] == name)
    return f"socketcand://{found['host']}:{found['port']}/can0"


@contextmanager
def asking(bench: dict[str, Any], name: str, **params: Any) -> Iterator[Client]:
    request, reply, fd = PACKS[name]
    mode = isotp.AddressingMode.Normal_29bits if request > 0x7FF else isotp.AddressingMode.Normal_11bits
    with open_can(where(bench, name)) as bus:
        notifier = can.Notifier(bus, [], timeout=0.05)
        try:
            stack = isotp.NotifierBasedCanStack(
                bus, notifier, address=isotp.Address(mode, txid=request, rxid=reply),
                params={"can_fd": fd, **params},
            )  # fmt: skip
            settings = {
                "data_identifiers": {"default": Raw},
                "request_timeout": PATIENCE_S, "p2_timeout": PATIENCE_S, "p2_star_timeout": PATIENCE_S,
            }  # fmt: skip
            with Client(PythonIsoTpConnection(stack), config=settings) as client:
                yield client
        finally:
            notifier.stop()


def did(client: Client, number: int) -> bytes:
    """A pack that has just been joined may not listen yet: it is asked again."""
    for _ in range(TRIES - 1):
        try:
            return bytes(client.read_data_by_identifier(number).service_data.values[number])
        except TimeoutException:
            continue
    return bytes(client.read_data_by_identifier(number).service_data.values[number])


@pytest.mark.parametrize(("blocks", "gap_ms"), [(0, 0), (2, 5)])
def test_kona_and_egmp_in_blocks_that_the_tester_asks_for(
    bench: dict[str, Any], blocks: int, gap_ms: int
) -> None:
    with asking(bench, "kona", blocksize=blocks, stmin=gap_ms) as client:
        assert list(did(client, 0x0102)[4:6]) == [round(TRUTH_V / 0.02), round((TRUTH_V + 0.001) / 0.02)]
        with pytest.raises(NegativeResponseException) as refused:
            did(client, 0x0999)
        assert refused.value.response.code_name == "RequestOutOfRange"
    with asking(bench, "egmp", blocksize=blocks, stmin=gap_ms) as client:
        assert len(did(client, 0x010C)) == 36


def test_byd_meb_and_leaf(bench: dict[str, Any]) -> None:
    with asking(bench, "byd") as client:
        assert struct.unpack("<H", did(client, 0x000F)) == (20_000,)
    with asking(bench, "meb") as client:
        cell = int.from_bytes(did(client, 0x1E40 + 16), "big") / 1000 + 1.0
        # Cells more than 10 mV above the lowest are balanced, and read too low by 0.1 A × 50 mohm.
        assert cell == pytest.approx(TRUTH_V + 0.016 - 0.005, abs=0.0006)
    for name in ("kona", "byd", "meb"):
        with asking(bench, name) as client:
            assert did(client, {"kona": 0x0102, "byd": 0x000F, "meb": 0x1E3B}[name])
            (code,) = client.get_dtc_by_status_mask(0x09).service_data.dtcs
            assert code.id >> 8 == 0x0AA6
    with asking(bench, "leaf") as client:
        heard = None
        for _ in range(TRIES):
            client.conn.send(b"\x21\x06")
            heard = heard or client.conn.wait_frame(timeout=PATIENCE_S)
        assert heard == b"\x61\x06" + bytes(
            sum((8 * at + bit + 1 > 11) << 7 - bit for bit in range(8)) for at in range(12)
        )


def test_dropped_refused_and_late(bench: dict[str, Any]) -> None:
    def fault(name: str, value: float | bool) -> None:
        request = {"op": "fault", "channel": "byd", "instrument": "can-bms", "name": name, "value": value}
        host, port = bench["control"].split(":")
        with socket.create_connection((host, int(port)), timeout=20) as link:
            link.sendall(json.dumps(request).encode() + b"\n")
            assert json.loads(link.makefile().readline())["ok"]

    with asking(bench, "byd") as client:
        fault("requests_refused", 0x22)
        with pytest.raises(NegativeResponseException, match="ConditionsNotCorrect"):
            did(client, 0x000F)
        fault("requests_refused", False)
        fault("pending_first", 0.1)
        assert struct.unpack("<H", did(client, 0x000F)) == (20_000,)
        fault("pending_first", False)
        fault("requests_dropped", True)
        client.set_config("request_timeout", 0.3)
        client.set_config("p2_timeout", 0.3)
        with pytest.raises(TimeoutException):
            client.read_data_by_identifier(0x000F)
        fault("requests_dropped", False)


def test_a_vehicle_against_can_j1939(bench: dict[str, Any]) -> None:
    heard: dict[int, bytes] = {}
    host, port = where(bench, "gbt").removeprefix("socketcand://").removesuffix("/can0").split(":")
    ecu = j1939.ElectronicControlUnit()
    ecu.connect(interface="socketcand", host=host, port=int(port), channel="can0")
    try:
        charger = j1939.ControllerApplication(
            j1939.Name(arbitrary_address_capable=0, identity_number=1), 0x56, bypass_address_claim=True
        )
        ecu.add_ca(controller_application=charger)
        done = threading.Event()

        def hear(priority: int, pgn: int, source: int, timestamp: float, data: bytearray) -> None:  # noqa: ARG001
            heard[pgn] = bytes(data)

        charger.subscribe(hear)
        charger.start()
        try:
            say = charger.send_pgn

            def until_heard(pgn: int, to_say: tuple[int, int, list[int]]) -> None:
                def asked() -> bool:
                    say(0, to_say[0], 0xF4, to_say[1], to_say[2])
                    done.wait(0.1)
                    return pgn in heard

                until(asked)

            until_heard(0x2700, (0x26, 6, [1, 1, 0]))
            until_heard(0x0200, (0x01, 6, [0, 1, 0, 0, 0, 255, 255, 255]))
            until_heard(0x0600, (0x01, 6, [0xAA, 1, 0, 0, 0, 255, 255, 255]))
        finally:
            charger.stop()
    finally:
        ecu.stop()
        ecu.disconnect()
    assert len(heard[0x0200]) == 49
    assert heard[0x0200][3] == 3
    assert heard[0x0200][24:41] == b"SIMULATEDVEHICLE1"
    assert int.from_bytes(heard[0x0600][11:13], "little") / 10 == pytest.approx(100 * TRUTH_V, abs=0.06)
