"""ZPL and TSPL printers: what is printed, every state, and that nothing is ever printed twice by itself."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from drivers.catalogue import open_instrument
from drivers.contracts.printer import Bitmap, LabelPrinter, PrinterNotReady, PrinterState, PrintUncertain
from drivers.errors import OutOfRange
from simulators.instruments.label_printer import Printer
from simulators.instruments.tspl_language import TsplLanguage
from simulators.instruments.zpl_language import ZplLanguage
from tests.drivers.printer_rig import Rig, printer_rig

DRIVERS = ("zpl-printer", "tspl-printer")
QUICK = {"answer_s": 0.3, "finish_s": 3.0}
FAULT_STATES = [
    ("paper_out", PrinterState.PAPER_OUT),
    ("ribbon_out", PrinterState.RIBBON_OUT),
    ("head_open", PrinterState.HEAD_OPEN),
    ("paused", PrinterState.PAUSED),
    ("link_silent", PrinterState.SILENT),
]


def a_label(seed: int = 1) -> Bitmap:
    """320 x 240 random dots: no bit may be lost, turned over or shifted."""
    rows = np.random.default_rng(seed).integers(0, 256, (240, 40), dtype=np.uint8)
    return Bitmap(320, 240, rows.tobytes())


def opened(driver: str, address: str, **options: Any) -> LabelPrinter:
    printer = open_instrument(driver, address, {**QUICK, **options})
    assert isinstance(printer, LabelPrinter)
    return printer


@pytest.fixture(params=DRIVERS)
def driver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def rig(driver: str) -> Iterator[Rig]:
    with printer_rig(driver) as made:
        yield made


@pytest.mark.parametrize("link", ["tcp", "pty"])
def test_what_is_printed_is_the_bitmap_dot_by_dot(driver: str, link: str) -> None:
    label = a_label()
    with printer_rig(driver, link) as rig:
        printer = opened(driver, rig.address)
        assert printer.identify().model
        assert printer.status().state is PrinterState.READY
        printer.print_label(label, copies=2)
        printer.close()
        assert rig.printer.labels == 2
        last = rig.printer.last
    assert last is not None
    assert (last.width, last.height, last.rows) == (label.width, label.height, label.rows)


@pytest.mark.parametrize(("fault", "state"), FAULT_STATES)
def test_a_printer_that_cannot_print_gets_nothing(
    driver: str, rig: Rig, fault: str, state: PrinterState
) -> None:
    printer = opened(driver, rig.address)
    rig.fault(fault)
    assert printer.status().state is state
    with pytest.raises(PrinterNotReady) as caught:
        printer.print_label(a_label())
    assert caught.value.params["state"] == state.value
    assert caught.value.remedy
    rig.fault(fault, None)
    assert printer.status().state is PrinterState.READY
    assert rig.printer.labels == 0
    printer.print_label(a_label())
    assert rig.printer.labels == 1
    printer.close()


def test_silence_may_mean_no_paper(driver: str, rig: Rig) -> None:
    rig.fault("quiet")
    rig.fault("paper_out")
    printer = opened(driver, rig.address)
    status = printer.status()
    assert status.state is PrinterState.SILENT
    printer.close()


def test_paper_that_ends_within_a_label_is_told_and_nothing_is_sent_again(driver: str, rig: Rig) -> None:
    printer = opened(driver, rig.address)
    rig.fault("paper_out_at_next")
    with pytest.raises(PrintUncertain) as caught:
        printer.print_label(a_label())
    assert caught.value.params["state"] == "paper_out"
    assert rig.printer.labels == 0
    rig.fault("paper_out", None)  # the printer itself prints what it holds
    assert printer.status().state is PrinterState.READY
    assert rig.printer.labels == 1
    printer.close()


def test_a_slow_label_is_waited_for(driver: str, rig: Rig) -> None:
    rig.fault("slow", 0.2)
    printer = opened(driver, rig.address)
    printer.print_label(a_label())
    assert rig.printer.labels == 1
    printer.close()


def test_a_link_that_breaks_after_the_label_leaves_it_uncertain(driver: str) -> None:
    """The other side takes everything and hangs up: the label went out once, and stays one."""
    ready = b"\x02@@@@\x03\r\n" if driver == "tspl-printer" else b""
    if driver == "zpl-printer":
        fields = ("030,0,0,0320,000,0,0,0,000,0,0,0", "001,0,0,0,1,2,6,0,00000000,1,000", "1234,0")
        ready = b"".join(b"\x02" + text.encode() + b"\x03\r\n" for text in fields)
    jobs: list[bytes] = []

    def serve() -> None:
        link, _ = listener.accept()
        with link:
            link.recv(100)
            link.sendall(ready)
            received = b""
            # The question for the state may come in the same piece as the label's end.
            while b"^XZ" not in received and b"PRINT 1,1" not in received:
                received += link.recv(65536)
            jobs.append(received)
        listener.close()

    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve)
    thread.start()
    printer = opened(driver, f"tcp://127.0.0.1:{listener.getsockname()[1]}")
    with pytest.raises(PrintUncertain) as caught:
        printer.print_label(a_label())
    thread.join(10)
    assert caught.value.params["state"] == "silent"
    assert len(jobs) == 1
    printer.close()


def test_a_printer_that_knows_the_one_byte_state_only() -> None:
    printer = Printer()
    language = TsplLanguage(printer, long_status=False)
    assert language.feed(b"\x1b!S\x1b!?") == [b"\x00"]
    for fault, byte in (("head_open", 1), ("paper_out", 4), ("ribbon_out", 8), ("paused", 0x10)):
        printer.faults.set(fault)
        assert language.feed(b"\x1b!?") == [bytes([byte])]
        printer.faults.clear()


def test_the_wire_of_zpl() -> None:
    """The states in the fields that the maker's manual gives them."""
    printer = Printer()
    printer.faults.set("paper_out")
    data = b"".join(ZplLanguage(printer).feed(b"~HS"))
    first, second, _ = (text.strip(b"\x02\r\n").split(b",") for text in data.split(b"\x03\r\n")[:3])
    assert (first[1], second[2]) == (b"1", b"0")
    assert (len(first), len(second)) == (12, 11)


def test_a_label_wider_than_the_head_is_refused(driver: str, rig: Rig) -> None:
    printer = opened(driver, rig.address, width_max=300)
    with pytest.raises(OutOfRange):
        printer.print_label(a_label())
    assert rig.printer.labels == 0
    printer.close()
