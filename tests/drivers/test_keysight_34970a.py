"""Keysight 34970A: exact bytes, and every kind of missing value is None, never a number."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from drivers.contracts.scanner import Quantity, ScanChannel, ScanReading
from drivers.errors import InstrumentError, NoReading, TransportError
from drivers.keysight_34970a import Keysight34970A, KeysightOptions
from drivers.transports.line import LineOptions
from drivers.transports.open import open_line
from tests.drivers.line_server import Answer, LineServer, Peer

V, T = Quantity.VOLTAGE, Quantity.TEMPERATURE
CHANNELS = [ScanChannel(101, V), ScanChannel(102, T), ScanChannel(103, V), ScanChannel(210, T)]
READING = "+3.70012000E+00,101,+2.53100000E+01,102,-1.84280000E-05,103,+2.60000000E+01,210"


class Script:
    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {
            "*IDN?": "HEWLETT-PACKARD,34970A,0,13-2-2",
            "SYST:ERR?": '+0,"No error"',
            "ROUT:SCAN?": "#219(@101,102,103,210)",
            "READ?": READING,
        }
        self.server = LineServer(self.answers)


@pytest.fixture
def script() -> Iterator[Script]:
    it = Script()
    yield it
    it.server.close()


@pytest.fixture
def scanner(script: Script) -> Iterator[Keysight34970A]:
    link = open_line(script.server.address, LineOptions(timeout_s=0.5))
    device = Keysight34970A(link, KeysightOptions(scan_timeout_s=0.5))
    yield device
    device.close()


def test_configure_sets_the_full_scan_list_last(script: Script, scanner: Keysight34970A) -> None:
    scanner.configure(CHANNELS)
    assert script.server.lines == [
        "*CLS",
        "ABOR",
        "CONF:TEMP TC,K,(@102,210)",
        "TEMP:TRAN:TC:RJUN:TYPE INT,(@102,210)",
        "UNIT:TEMP C,(@102,210)",
        "CONF:VOLT:DC AUTO,DEF,(@101,103)",
        "ROUT:SCAN (@101,102,103,210)",
        "FORM:READ:UNIT OFF",
        "FORM:READ:TIME OFF",
        "FORM:READ:ALAR OFF",
        "FORM:READ:CHAN ON",
        "TRIG:SOUR IMM",
        "TRIG:COUN 1",
        "SYST:ERR?",
        "ROUT:SCAN?",
    ]


def test_scan(script: Script, scanner: Keysight34970A) -> None:
    scanner.configure(CHANNELS)
    assert scanner.scan() == [
        ScanReading(101, V, 3.70012),
        ScanReading(102, T, 25.31),
        ScanReading(103, V, -1.8428e-5),
        ScanReading(210, T, 26.0),
    ]
    assert script.server.lines[-1] == "READ?"


@pytest.mark.parametrize("missing", ["+9.90000000E+37", "-9.90000000E+37", "+9.91000000E+37", "", "OPEN"])
def test_overload_and_open_thermocouple_are_none(
    script: Script, scanner: Keysight34970A, missing: str
) -> None:
    scanner.configure(CHANNELS)
    script.answers["READ?"] = READING.replace("+2.53100000E+01", missing)
    values = [reading.value for reading in scanner.scan()]
    assert values[1] is None
    assert values[0] == 3.70012


@pytest.mark.parametrize(
    "reply",
    [
        "+3.7E+00,101",
        READING.replace("103", "104"),
        READING.replace(",210", ""),
        READING.replace("+3.70012000E+00,101", "+3.70012000E+00 VDC"),
        "",
    ],
)
def test_a_reply_of_another_shape_is_no_reading(script: Script, scanner: Keysight34970A, reply: str) -> None:
    scanner.configure(CHANNELS)
    script.answers["READ?"] = reply
    with pytest.raises(NoReading):
        scanner.scan()


def test_a_reply_in_pieces(script: Script, scanner: Keysight34970A) -> None:
    def pieces(peer: Peer) -> None:
        for start in range(0, len(READING), 7):
            peer.send(READING[start : start + 7].encode())
        peer.send(b"\r\n")

    scanner.configure(CHANNELS)
    script.answers["READ?"] = pieces
    assert [reading.number for reading in scanner.scan()] == [101, 102, 103, 210]


def test_a_wrong_scan_list_is_refused(script: Script, scanner: Keysight34970A) -> None:
    script.answers["ROUT:SCAN?"] = "#13(@)"
    with pytest.raises(InstrumentError, match="scan list"):
        scanner.configure(CHANNELS)
    with pytest.raises(NoReading, match="no channels"):
        scanner.scan()


def test_a_scan_list_with_a_range_is_understood(script: Script, scanner: Keysight34970A) -> None:
    script.answers["ROUT:SCAN?"] = "#214(@101:103,210)"
    scanner.configure(CHANNELS)


def test_an_error_while_configuring_is_raised(script: Script, scanner: Keysight34970A) -> None:
    queue = ['-222,"Data out of range"', '+0,"No error"']
    script.answers["SYST:ERR?"] = lambda peer: peer.send(queue.pop(0).encode() + b"\n")
    with pytest.raises(InstrumentError) as caught:
        scanner.configure(CHANNELS)
    assert caught.value.params["error_code"] == -222


@pytest.mark.parametrize("numbers", [[], [102, 101], [101, 101]])
def test_channels_ascend(scanner: Keysight34970A, numbers: list[int]) -> None:
    with pytest.raises(ValueError, match="ascending"):
        scanner.configure([ScanChannel(number, V) for number in numbers])


def test_identity_without_a_serial(scanner: Keysight34970A) -> None:
    who = scanner.identify()
    assert (who.model, who.serial) == ("34970A", "")


def test_a_silent_scan_is_a_transport_error(script: Script, scanner: Keysight34970A) -> None:
    scanner.configure(CHANNELS)
    script.answers["READ?"] = None
    with pytest.raises(TransportError):
        scanner.scan()
