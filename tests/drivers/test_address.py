"""Addresses: every accepted form, and errors that name the address and the remedy."""

from __future__ import annotations

import pytest

from drivers.errors import TransportError
from drivers.transports.address import (
    CanAddress,
    ModbusTcpAddress,
    SerialAddress,
    SocketcandAddress,
    TcpAddress,
    UdpAddress,
    VisaAddress,
    parse_address,
)
from drivers.transports.open import open_line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tcp://127.0.0.1:8462", TcpAddress("tcp://127.0.0.1:8462", "127.0.0.1", 8462)),
        ("tcp://[::1]:5025", TcpAddress("tcp://[::1]:5025", "::1", 5025)),
        (
            "TCPIP0::127.0.0.1::5555::SOCKET",
            VisaAddress("TCPIP0::127.0.0.1::5555::SOCKET", "TCPIP0::127.0.0.1::5555::SOCKET"),
        ),
        ("USB0::0x1AB1::0x0E11::DL3A1::INSTR", VisaAddress(*["USB0::0x1AB1::0x0E11::DL3A1::INSTR"] * 2)),
        ("ASRL/dev/ttyUSB0::INSTR", VisaAddress(*["ASRL/dev/ttyUSB0::INSTR"] * 2)),
        (
            "modbus-tcp://10.0.0.9:1502?unit=0",
            ModbusTcpAddress("modbus-tcp://10.0.0.9:1502?unit=0", "10.0.0.9", 1502, 0),
        ),
        ("modbus-tcp://adam", ModbusTcpAddress("modbus-tcp://adam", "adam", 502, 1)),
        (
            "socketcand://127.0.0.1:29536/vcan0",
            SocketcandAddress("socketcand://127.0.0.1:29536/vcan0", "127.0.0.1", 29536, "vcan0"),
        ),
        (
            "can://slcan//dev/ttyACM0?bitrate=500000",
            CanAddress(
                "can://slcan//dev/ttyACM0?bitrate=500000", "slcan", "/dev/ttyACM0", {"bitrate": 500000}
            ),
        ),
        ("udp://10.0.0.9:18190", UdpAddress("udp://10.0.0.9:18190", "10.0.0.9", 18190)),
        (
            "serial:///dev/ttyUSB0?baud=4800&parity=E&stopbits=2",
            SerialAddress(
                "serial:///dev/ttyUSB0?baud=4800&parity=E&stopbits=2", "/dev/ttyUSB0", 4800, False, "E", 2
            ),
        ),
        ("can://virtual/bms", CanAddress("can://virtual/bms", "virtual", "bms", {})),
    ],
)
def test_accepted_forms(text: str, expected: object) -> None:
    assert parse_address(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "127.0.0.1:8462",
        "tcp://127.0.0.1",
        "udp://127.0.0.1",
        "serial:/dev/ttyUSB0?parity=X",
        "serial:/dev/ttyUSB0?stopbits=3",
        "serial:/dev/ttyUSB0?baud=fast",
        "tcp://:8462",
        "tcp://host:99999",
        "tcp://host:port",
        "tcp://host:1/path",
        "tcp://[::1:5",
        "http://host:80",
        "USB0",
        "modbus-tcp://host:502?unit=256",
        "modbus-tcp://host:502?unti=1",
        "socketcand://host:29536",
        "can://slcan",
        "can:///x",
    ],
)
def test_wrong_addresses_name_themselves_and_the_accepted_forms(text: str) -> None:
    with pytest.raises(TransportError) as caught:
        parse_address(text)
    assert repr(text) in caught.value.message
    assert caught.value.params["address"] == text
    for form in ("tcp://HOST:PORT", "TCPIP0::", "modbus-tcp://", "socketcand://", "can://"):
        assert form in caught.value.remedy


def test_a_line_instrument_refuses_a_can_address() -> None:
    with pytest.raises(TransportError, match="speaks text lines"):
        open_line("can://virtual/x")
