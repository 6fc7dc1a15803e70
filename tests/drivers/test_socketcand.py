"""The socketcand client against a small daemon: handshake, frames in pieces, and a lost link."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import can
import pytest

from drivers.catalogue import open_instrument
from drivers.contracts.bms import Bms
from drivers.errors import TransportError
from drivers.transports.can_bus import open_can
from tests.drivers.leaf_pack import frame_1db


class Daemon:
    """Serves one client: the handshake, then whatever the test sends."""

    def __init__(self, greeting: str = "< hi >", replies: tuple[str, str] = ("< ok >", "< ok >")) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._greeting = greeting
        self._replies = list(replies)
        self.received = ""
        self._link: socket.socket | None = None
        self.ready = threading.Event()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._link, _ = self._listener.accept()
            self._link.sendall(self._greeting.encode())
            while chunk := self._link.recv(4096):
                with self._changed:
                    self.received += chunk.decode()
                    self._changed.notify_all()
                while self._replies and self.received.count(">") > 2 - len(self._replies):
                    self._link.sendall(self._replies.pop(0).encode())
                if not self._replies:
                    self.ready.set()
        except OSError:
            return

    def send(self, text: str) -> None:
        assert self.ready.wait(30)
        assert self._link is not None
        self._link.sendall(text.encode())

    def wait_for(self, text: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: text in self.received, 5), self.received

    def drop(self) -> None:
        assert self._link is not None
        self._link.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
        self._listener.close()
        self._thread.join(30)

    @property
    def address(self) -> str:
        return f"socketcand://127.0.0.1:{self.port}/vcan0"


@pytest.fixture
def daemon() -> Iterator[Daemon]:
    it = Daemon()
    yield it
    it.close()


def test_handshake_frames_and_sending(daemon: Daemon) -> None:
    with open_can(daemon.address) as bus:
        daemon.wait_for("< open vcan0 >< rawmode >")
        daemon.send("< frame 1DB 1700000000.250000 0102030405060708 >< frame 59E 1.0  >")
        first, second = bus.recv(5), bus.recv(5)
        assert first is not None
        assert second is not None
        assert (first.arbitration_id, bytes(first.data)) == (0x1DB, bytes(range(1, 9)))
        assert first.timestamp == 1700000000.25
        assert (second.arbitration_id, second.dlc) == (0x59E, 0)
        bus.send(can.Message(arbitration_id=0x1D4, data=b"\x6e\x00\xff", is_extended_id=False))
        daemon.wait_for("< send 1D4 3 6E 00 FF >")
        bus.send(can.Message(arbitration_id=0x1D4, data=b"", is_extended_id=True))
        daemon.wait_for("< send 000001D4 0 >")


def test_a_frame_in_pieces_and_spaced_bytes(daemon: Daemon) -> None:
    with open_can(daemon.address) as bus:
        for piece in (
            "< fra",
            "me 7BB 2.0 61 0",
            "2 >",
            "<garbage><",
            " frame 123 3.0 ZZ ><frame 18FF1234 4.5 AA >",
        ):
            daemon.send(piece)
        first, second = bus.recv(5), bus.recv(5)
        assert first is not None
        assert second is not None
        assert bytes(first.data) == b"\x61\x02"
        assert second.is_extended_id
        assert bus.unparsed == 2  # type: ignore[attr-defined]
        assert bus.recv(0) is None


def test_a_lost_link_is_an_error_at_once(daemon: Daemon) -> None:
    with open_can(daemon.address) as bus:
        daemon.send("")
        daemon.drop()
        with pytest.raises(can.CanOperationError, match="link lost"):
            bus.recv(5)
        with pytest.raises(can.CanOperationError, match="link lost"):
            bus.recv(0)


@pytest.mark.parametrize("kind", ["greeting", "refused"])
def test_a_daemon_that_says_no(kind: str) -> None:
    daemon = (
        Daemon("< hello >") if kind == "greeting" else Daemon(replies=("< error no such bus >", "< ok >"))
    )
    with pytest.raises(TransportError, match="instead of") as caught:
        open_can(daemon.address)
    assert daemon.address in caught.value.message
    daemon.close()


def test_refused_connection_is_told_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TransportError) as caught:
        open_can(f"socketcand://127.0.0.1:{port}/vcan0")
    assert "simulated bench" in caught.value.remedy


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "can://nosuchinterface/0", "can://virtual/x?bogus"])
def test_addresses_that_are_no_bus(address: str) -> None:
    if address.endswith("bogus"):
        open_can(address).shutdown()  # an option without a value is ignored
        return
    with pytest.raises(TransportError):
        open_can(address)


def test_the_bms_tells_a_lost_bus(daemon: Daemon) -> None:
    bms = open_instrument("nissan-leaf-bms", daemon.address, {"poll_cells": False, "keep_awake": False})
    assert isinstance(bms, Bms)
    pause = threading.Event()
    daemon.send(f"< frame 1DB 1.0 {frame_1db(-20, 720, 0).hex()} >")
    for _ in range(500):
        if bms.snapshot().signals["current_A"].value is not None or pause.wait(0.01):
            break
    assert bms.snapshot().signals["current_A"].value == -10.0
    daemon.drop()
    for _ in range(500):
        if bms.snapshot().faults or pause.wait(0.01):
            break
    snapshot = bms.snapshot()
    assert snapshot.faults[0].startswith("CAN link lost")
    assert all(signal.value is None for signal in snapshot.signals.values())
    bms.close()
