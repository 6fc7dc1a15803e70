"""Discovery asks *IDN? and nothing else, leaves alone what is in use, and names the driver that fits."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from drivers.errors import TransportError
from station.bench.discover import addresses_of, as_bench_entries, discover

IDN = b"DELTA ELEKTRONIKA BV,SM500-CP-90,000010207248,H0_P0150,0\n"


class Instrument:
    """A line server that keeps every byte it is sent."""

    def __init__(self) -> None:
        self.heard = b""
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                link, _ = self.door.accept()
            except OSError:
                return
            with link:
                while part := link.recv(1000):
                    self.heard += part
                    if part.endswith(b"\n"):
                        link.sendall(IDN)


@pytest.fixture
def instrument() -> Iterator[Instrument]:
    made = Instrument()
    yield made
    made.door.close()


def test_it_asks_the_identity_and_nothing_else(instrument: Instrument) -> None:
    address = f"tcp://127.0.0.1:{instrument.port}"
    (found,) = discover([f"127.0.0.1:{instrument.port}"], kinds=())
    assert instrument.heard == b"*IDN?\n"
    assert (found.state, found.driver, found.address) == ("answered", "delta-sm15k", address)
    assert found.identity is not None
    assert found.identity["serial"] == "000010207248"
    entries = as_bench_entries([found])
    assert "driver: delta-sm15k" in entries
    assert f"address: {address}" in entries
    assert 'serial: "000010207248"' in entries


def test_what_is_in_use_is_not_touched_however_its_address_is_written(instrument: Instrument) -> None:
    (found,) = discover(
        [f"TCPIP0::localhost::{instrument.port}::SOCKET"],
        kinds=(),
        leave=[f"tcp://127.0.0.1:{instrument.port}"],
    )
    assert (found.state, instrument.heard) == ("in_use", b"")


def test_silence_and_what_cannot_be_asked_are_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    silent, relay = discover([f"127.0.0.1:{port}", "modbus-tcp://127.0.0.1:502"], kinds=())
    assert (silent.state, silent.identity) == ("silent", None)
    assert (relay.state, relay.note) == ("listed", "modbus")


def test_a_host_means_its_usual_ports_and_nonsense_is_refused() -> None:
    assert "tcp://10.0.0.9:5025" in addresses_of("10.0.0.9")
    with pytest.raises(TransportError):
        addresses_of("gopher://10.0.0.9")
