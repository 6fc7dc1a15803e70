"""Line transports on a real loopback socket: tcp:// and VISA raw sockets behave alike."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from drivers.errors import TransportError
from drivers.transports import tcp
from drivers.transports.line import LineOptions, LineTransport
from drivers.transports.open import open_line
from tests.drivers.line_server import Answer, LineServer, Peer

Opener = Callable[..., LineTransport]


@pytest.fixture(params=["tcp", "visa"])
def opened(request: pytest.FixtureRequest) -> Iterator[Opener]:
    """Open a line to a server by either path; everything is closed afterwards."""
    links: list[LineTransport] = []

    def opener(server: LineServer, **options: float | str) -> LineTransport:
        address = server.address if request.param == "tcp" else server.resource
        link = open_line(address, LineOptions(**options))  # type: ignore[arg-type]
        links.append(link)
        return link

    yield opener
    for link in links:
        link.close()
        link.close()


def answers(*pairs: tuple[str, Answer]) -> dict[str, Answer]:
    return dict(pairs)


def test_exact_bytes_one_packet_per_command(opened: Opener) -> None:
    with LineServer(answers(("MEAS:VOLT?", "3.7000"))) as server:
        link = opened(server)
        link.write("CURR 10")
        assert link.query("MEAS:VOLT?") == "3.7000"
        assert bytes(server.raw) == b"CURR 10\nMEAS:VOLT?\n"
        link.write("OUTP 0")
        server.wait_for("OUTP 0")
        assert server.packets[-1] == b"OUTP 0\n"


def test_terminators_are_settable_and_cr_is_stripped(opened: Opener) -> None:
    with LineServer(answers(("V?", b"12.0V\r\n"))) as server:
        link = opened(server, write_terminator="\r\n")
        assert link.query("V?") == "12.0V"
        assert bytes(server.raw) == b"V?\r\n"


def test_reply_in_single_bytes(opened: Opener) -> None:
    def trickle(peer: Peer) -> None:
        for byte in b"+1.84280000E-05\n":
            peer.send(bytes([byte]))

    with LineServer(answers(("READ?", trickle))) as server:
        assert opened(server).query("READ?") == "+1.84280000E-05"


def test_a_trickle_cannot_stretch_the_timeout(opened: Opener) -> None:
    stop = threading.Event()

    def endless(peer: Peer) -> None:
        while not stop.wait(0.02):
            peer.send(b"1")

    with LineServer(answers(("READ?", endless))) as server:
        link = opened(server, timeout_s=0.1)
        with pytest.raises(TransportError, match="only b'1"):
            link.query("READ?")
        stop.set()


def test_two_replies_in_one_packet_do_not_shift_the_next_answer(opened: Opener) -> None:
    with LineServer(answers(("MEAS:CURR?", b"0.000067\n0\n"), ("MEAS:VOLT?", "3.700000"))) as server:
        link = opened(server)
        assert link.query("MEAS:CURR?") == "0.000067"
        assert link.query("MEAS:VOLT?") == "3.700000"


def test_an_unasked_line_is_drained_before_the_next_query(opened: Opener) -> None:
    sent = threading.Event()

    def late_spare(peer: Peer) -> None:
        peer.send(b"1.5\n")
        peer.send(b"0\n")
        sent.set()

    with LineServer(answers(("A?", late_spare), ("B?", "2.5"))) as server:
        link = opened(server)
        assert link.query("A?") == "1.5"
        assert sent.wait(30)
        assert link.query("B?") == "2.5"


def test_a_late_reply_is_never_the_answer_to_the_next_query(opened: Opener) -> None:
    release = threading.Event()

    def late(peer: Peer) -> None:
        release.wait(5)
        with contextlib.suppress(OSError):
            peer.send(b"111\n")

    with LineServer(answers(("A?", late), ("B?", "222"))) as server:
        link = opened(server, timeout_s=0.1)
        with pytest.raises(TransportError) as caught:
            link.query("A?")
        assert caught.value.params["command"] == "A?"
        assert link.address in caught.value.message
        release.set()
        assert [link.query("B?") for _ in range(3)] == ["222"] * 3
        assert server.clients == 2


def test_an_interrupt_in_the_middle_of_a_query_is_resynchronised(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LineServer(answers(("A?", "111"), ("B?", "222"))) as server:
        link = opened(server)

        def interrupted(*_: object) -> bytes:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(type(link), "_read_line", interrupted)
            with pytest.raises(KeyboardInterrupt):
                link.query("A?")
        assert link.query("B?") == "222"


def test_per_query_timeout_does_not_stay(opened: Opener) -> None:
    def slow(peer: Peer) -> None:
        threading.Event().wait(0.15)
        peer.send(b"1\n")

    with LineServer(answers(("SLOW?", slow), ("SILENT?", None))) as server:
        link = opened(server, timeout_s=0.05)
        assert link.query("SLOW?", timeout_s=5) == "1"
        with pytest.raises(TransportError, match=r"within 0\.05 s"):
            link.query("SILENT?")


def test_refused_connection_names_address_and_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for address in (f"tcp://127.0.0.1:{port}", f"TCPIP0::127.0.0.1::{port}::SOCKET"):
        with pytest.raises(TransportError) as caught:
            open_line(address)
        assert address in caught.value.message
        assert "simulated bench" in caught.value.remedy


@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_lost_link_is_an_error_and_the_next_query_reopens(opened: Opener, how: str) -> None:
    def drop(peer: Peer) -> None:
        getattr(peer, how)()

    with LineServer(answers(("DROP?", drop), ("A?", "1"))) as server:
        link = opened(server)
        with pytest.raises(TransportError, match="link lost"):
            link.query("DROP?")
        assert link.query("A?") == "1"


def test_a_write_on_a_closed_link_is_not_lost_in_silence(opened: Opener) -> None:
    closed = threading.Event()

    def drop(peer: Peer) -> None:
        peer.send(b"1\n")
        peer.close()
        closed.set()

    with LineServer(answers(("LAST?", drop))) as server:
        link = opened(server)
        assert link.query("LAST?") == "1"
        assert closed.wait(30)
        with pytest.raises(TransportError, match="link lost"):
            link.write("CURR 5")
        link.write("CURR 0")
        assert "CURR 5" not in server.wait_for("CURR 0")


def test_a_closed_line_stays_closed(opened: Opener) -> None:
    with LineServer(answers(("A?", "1"))) as server:
        link = opened(server)
        link.close()
        with pytest.raises(TransportError, match="closed by the station"):
            link.query("A?")
        assert server.lines == []


def test_nodelay_is_really_set(opened: Opener) -> None:
    with LineServer(answers()) as server:
        link = opened(server)
        raw = link._socket  # type: ignore[attr-defined]
        assert raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_byte_log_sees_both_directions_and_spares() -> None:
    seen: list[tuple[str, bytes]] = []
    with LineServer(answers(("A?", b"1\n2\n"))) as server:
        link = open_line(server.address, log=lambda way, data: seen.append((way, data)))
        link.write("X 1")
        link.query("A?")
        link.drain()
        link.close()
    assert [s for s in seen if s[0] != "spare"] == [("tx", b"X 1\n"), ("tx", b"A?\n"), ("rx", b"1\n")]
    assert b"".join(data for way, data in seen if way == "spare") == b"2\n"


def test_set_then_query_does_not_stall(opened: Opener) -> None:
    """With Nagle and a delayed acknowledgement each pair takes about 44 ms."""
    with LineServer(answers(("MEAS:VOLT?", "3.7000"))) as server:
        link = opened(server)
        times = []
        for _ in range(40):
            begin = time.perf_counter()
            link.write("CURR 10")
            link.query("MEAS:VOLT?")
            times.append(time.perf_counter() - begin)
        assert sorted(times)[20] < 0.02


def test_a_peer_that_floods_is_cut_off(opened: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = threading.Event()

    def flood(peer: Peer) -> None:
        peer.send(b"1\n")
        peer.send(b"9" * 400_000)
        sent.set()

    with LineServer(answers(("FLOOD?", flood), ("A?", "2"))) as server:
        link = opened(server)
        assert link.query("FLOOD?") == "1"
        assert sent.wait(30)
        monkeypatch.setattr(tcp, "_SPARE_CHUNKS_MAX", 2)
        with pytest.raises(TransportError, match="without being asked"):
            link.drain()
        assert link.query("A?") == "2"
