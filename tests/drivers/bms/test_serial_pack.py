"""Boards on a serial line: the driver on a pseudo-terminal, the other side built from captured frames."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from drivers.bms.serial_pack import SerialPack
from drivers.catalogue import check_identity, open_instrument
from drivers.errors import TransportError
from drivers.spec import BadOptions
from tests.drivers.bms.test_can_pack import until
from tests.drivers.bms.test_serial_frames import (
    JBD_BASIC,
    JBD_CELLS,
    JK_READ_ALL,
    captured,
    daly,
    damaged,
    jk_frame,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
Answer = Callable[[bytes], bytes]


@contextmanager
def line(answer: Answer, ends: Callable[[bytes], bool]) -> Iterator[str]:
    """A pseudo-terminal whose other side answers each whole request."""
    import tty

    ours, theirs = os.openpty()
    tty.setraw(theirs)
    stop = threading.Event()

    def serve() -> None:
        request = b""
        while not stop.is_set():
            try:
                request += os.read(ours, 256)
            except OSError:
                return
            if ends(request):
                whole, request = request, b""
                reply = answer(whole)
                for at in range(0, len(reply), 7):  # in pieces, as bytes come
                    os.write(ours, reply[at : at + 7])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"serial:{os.ttyname(theirs)}?baudrate=9600"
    finally:
        stop.set()
        os.close(theirs)
        os.close(ours)


def opened(family: str, address: str, **options: object) -> SerialPack:
    pack = open_instrument("bms-serial", address, {"family": family, **options})
    assert isinstance(pack, SerialPack)
    return pack


def jbd_board(request: bytes) -> bytes:
    return {3: JBD_BASIC, 4: JBD_CELLS}.get(request[2], b"")


def test_jbd_on_a_pseudo_terminal() -> None:
    asked: list[bytes] = []

    def board(request: bytes) -> bytes:
        asked.append(request)
        return jbd_board(request)

    with line(board, lambda data: data.endswith(b"\x77")) as address:
        pack = opened("jbd", address, timeout_s=0.1)
        try:
            assert check_identity(pack, {"manufacturer": "JBD"}).firmware == "80"
            snapshot = pack.snapshot()
            assert snapshot.signals["pack_voltage_V"].value == pytest.approx(15.6)
            assert snapshot.signals["current_A"].value == pytest.approx(-2.87)
            assert snapshot.signals["temperature_degC"].value == pytest.approx(22.4)  # the warmest
            assert snapshot.cell_voltages_V == pytest.approx((3.430, 3.425, 3.432, 3.417))
            assert "no_reply" in {f.kind for f in pack.decoder.store.findings()}  # 05 and AA stayed silent
            assert asked[0].hex() == "dda50300fffd77"
            pack.start()
            until(lambda: len(asked) > 8)
        finally:
            pack.close()
            pack.close()
    assert {request[1] for request in asked} == {0xA5}  # reading only


def test_daly_jk_and_pylontech_answer_in_their_own_ways() -> None:
    def daly_board(request: bytes) -> bytes:
        if request[2] == 0x94:
            return daly(0x94, 4, 1)
        if request[2] == 0x95:
            return daly(0x95, 1, *b"\x0c\xd1\x0c\xd2\x0c\xd3") + daly(0x95, 2, *b"\x0c\xd4\xff\xff\xff\xff")
        return daly(0x90, 0, 131, 0, 0, 0x75, 0x30, 2, 0x31) if request[2] == 0x90 else b""

    with line(daly_board, lambda data: len(data) >= 13) as address:
        pack = opened("daly", address, timeout_s=0.3)
        try:
            pack.read(["live"])
            assert pack.snapshot().cell_voltages_V == pytest.approx((3.281, 3.282, 3.283, 3.284))
            assert pack.snapshot().signals["current_A"].value == pytest.approx(0.0)
        finally:
            pack.close()
    with line(
        lambda request: jk_frame(captured("jk_uart", "STATUS_FRAME_14S")) if request == JK_READ_ALL else b"",
        lambda data: len(data) >= 21,
    ) as address:
        pack = opened("jk", address, current_sign=-1)
        try:
            assert pack.identify().serial == "Input Us"
            assert len(pack.snapshot().cell_voltages_V) == 14
            assert pack.snapshot().signals["current_A"].value == pytest.approx(-2.08)
        finally:
            pack.close()
    modules = captured("pylontech_rs485", "0")
    with line(
        lambda request: modules if b"4642" in request else b"", lambda data: data.endswith(b"\r")
    ) as address:
        pack = opened("pylontech-rs485", address, timeout_s=0.3)
        try:
            pack.read(["live"])
            snapshot = pack.snapshot()
            assert len(snapshot.cell_voltages_V) == 45
            assert snapshot.signals["pack_voltage_V"].value == pytest.approx(49.523, abs=1e-3)
            assert snapshot.signals["current_A"].value == pytest.approx(-7.8)  # three modules in parallel
        finally:
            pack.close()


def test_silence_and_damage_are_named() -> None:
    with line(lambda _: b"", lambda data: data.endswith(b"\x77")) as address:
        pack = opened("jbd", address, timeout_s=0.1)
        try:
            with pytest.raises(TransportError, match="silence"):
                pack.identify()
        finally:
            pack.close()
    with line(
        lambda r: damaged(jbd_board(r), 6) if jbd_board(r) else b"", lambda d: d.endswith(b"\x77")
    ) as address:
        pack = opened("jbd", address, timeout_s=0.1)
        try:
            with pytest.raises(TransportError, match="damaged frames"):
                pack.identify()
            assert "checksum_wrong" in {f.kind for f in pack.decoder.store.findings()}
        finally:
            pack.close()
    with pytest.raises(TransportError, match="cannot"):
        opened("jbd", "serial:/dev/none-of-that-name")
    with pytest.raises(BadOptions, match="speaks on CAN"):
        opened("hyundai-kona-64", "serial:/dev/null")
