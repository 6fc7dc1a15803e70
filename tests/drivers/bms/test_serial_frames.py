"""Captured frames of boards and modules decode to known values; damaged ones are named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.bms.family import load_family
from drivers.bms.framings import framing
from drivers.bms.log_decode import decode_log
from drivers.bms.serial_decoder import SerialDecoder
from drivers.bms.serial_frames import crc16_modbus
from tests.drivers.bms.recordings import UART

JBD_BASIC = bytes.fromhex("dd03001d0618fee101f201f4002a2c7c00000000000080640304030b8b0b8a0b84f88477")
JBD_CELLS = bytes.fromhex("dd0400080d660d610d680d59fe3c77")
JK_READ_ALL = bytes.fromhex("4e5700130000000006030000000000006800000129")
FRAMES: dict[str, Any] = json.loads(UART.read_text(encoding="utf-8"))


def captured(part: str, name: str) -> bytes:
    text = FRAMES[part]["frames"][name]
    return text.encode() + b"\r" if text.startswith("~") else bytes.fromhex(text)


def read(family: str, *chunks: bytes) -> SerialDecoder:
    decoder = SerialDecoder(load_family(family))
    for number, chunk in enumerate(chunks):
        decoder.on_bytes(float(number), chunk)
    return decoder


def value(decoder: SerialDecoder, name: str) -> Any:
    reading = decoder.store.get(name)
    return None if reading is None else reading.value


def members(decoder: SerialDecoder, name: str) -> list[Any]:
    return [
        r.value if not isinstance(r.value, float) else round(r.value, 6) for r in decoder.store.members(name)
    ]


def test_jbd() -> None:
    decoder = read("jbd", JBD_BASIC + JBD_CELLS)
    assert value(decoder, "pack_voltage_V") == pytest.approx(15.60)
    assert value(decoder, "current_A") == pytest.approx(-2.87)
    assert value(decoder, "remaining_Ah") == pytest.approx(4.98)
    assert value(decoder, "capacity_Ah") == pytest.approx(5.0)
    assert (value(decoder, "cycle_count"), value(decoder, "soc_pct")) == (42.0, 100.0)
    assert value(decoder, "production_date") == "2022-03-28"
    assert members(decoder, "temperature_degC") == [22.4, 22.3, 21.7]
    assert members(decoder, "cell_voltage_V") == [3.430, 3.425, 3.432, 3.417]
    assert decoder.store.findings() == []
    assert decoder.store.faults() == ()


def test_jbd_protection_bits_have_names() -> None:
    decoded = decode_log(load_family("jbd"), UART)
    assert decoded.stored["BASICINFO_FRAME_CELL_OVERVOLTAGE"]["cell_overvoltage"] == 1.0
    assert decoded.stored["BASICINFO_FRAME"]["cell_overvoltage"] == 0.0
    assert len(decoded.faults_seen) == 13
    assert decoded.stored["CELLINFO_FRAME"]["cell_voltage_V"] == [3.909, 3.901, 3.895, 3.901]


def test_daly_registers_of_the_radio() -> None:
    decoder = read("daly", captured("daly_ble", "STATUS_FRAME_80_REG_1"))
    cells = members(decoder, "cell_voltage_V")
    assert len(cells) == 16
    assert (cells[0], cells[15], min(cells), max(cells)) == (3.281, 3.283, 3.281, 3.283)
    assert value(decoder, "pack_voltage_V") == pytest.approx(52.5)
    # The board itself says that it discharges.
    assert (value(decoder, "current_A"), value(decoder, "state")) == (pytest.approx(-2.5), "discharging")
    assert value(decoder, "soc_pct") == pytest.approx(56.1)
    assert members(decoder, "temperature_degC") == [13.0, 13.0, 13.0, 13.0]
    assert (value(decoder, "cycle_count"), value(decoder, "remaining_Ah")) == (60.0, pytest.approx(117.8))
    assert decoder.store.faults() == ()
    decoder = read("daly", captured("daly_ble", "STATUS_FRAME_62_REG_ALARM_WARN_CELL_VOLTAGE_HIGH"))
    assert len(members(decoder, "cell_voltage_V")) == 8
    assert decoder.store.faults() == ("the board reports a fault or a warning",)


def daly(command: int, *data: int, address: int = 1) -> bytes:
    body = bytes([0xA5, address, command, 8, *data]).ljust(12, b"\0")
    return body + bytes([sum(body) & 0xFF])


def test_daly_serial_frames() -> None:
    assert framing("daly").request("90", 1).hex() == "a540900800000000000000007d"
    decoder = read(
        "daly",
        daly(0x90, 0x02, 0x0D, 0, 0, 0x75, 0x17, 0x02, 0x31),
        daly(0x94, 5, 1, 0, 0, 0, 0, 60),
        daly(0x95, 1, *b"\x0c\xd1\x0c\xd2\x0c\xd3"),
        daly(0x95, 2, *b"\x0c\xd4\x0c\xd5\xff\xff"),  # the sixth place of a board for five cells
        daly(0x96, 1, 65, 0, 0, 0, 0, 0, 0),
    )
    assert value(decoder, "current_A") == pytest.approx(-2.5)
    assert members(decoder, "cell_voltage_V") == [3.281, 3.282, 3.283, 3.284, 3.285]
    assert members(decoder, "temperature_degC") == [25.0]


def jk_frame(records: bytes, command: int = 6, kind: int = 1) -> bytes:
    body = bytes(4) + bytes([command, 0, kind]) + records + bytes(4) + b"\x68"
    head = b"NW" + (len(body) + 6).to_bytes(2, "big") + body
    return head + (sum(head) & 0xFFFF).to_bytes(4, "big")


def test_jk_records() -> None:
    assert framing("jk").request("all", 0) == JK_READ_ALL
    decoder = read("jk", jk_frame(captured("jk_uart", "STATUS_FRAME_14S")))
    cells = members(decoder, "cell_voltage_V")
    assert len(cells) == 14
    assert (cells[0], cells[13]) == (3.821, 3.826)
    assert value(decoder, "pack_voltage_V") == pytest.approx(53.59)
    assert value(decoder, "current_A") == pytest.approx(2.08)  # the highest bit: charging
    assert (value(decoder, "soc_pct"), value(decoder, "cycle_count")) == (15.0, 4.0)
    assert members(decoder, "temperature_degC") == [30.0, 28.0]
    assert value(decoder, "vendor") == "BT3072020120000200521001"
    assert decoder.store.findings() == []


@pytest.mark.parametrize(
    ("part", "name", "cells", "pack_V", "current_A", "soc", "cycles"),
    [
        ("jk_ble_frames_jk02_32s_v11", "CELL_INFO_JK02_32S_V11", 16, 51.689, 0.0, 52.0, 0.0),
        ("jk_ble_frames_jk02_24s_v10", "CELL_INFO_JK02_24S_V10", 24, 78.735, 0.0, 85.0, 0.0),
        ("jk_ble_frames_jk02_24s_v10", "CELL_INFO_JK02_24S_V10_NEG_TEMPS", 13, 42.786, 0.0, 47.0, 56.0),
    ],
)
def test_jk_radio_frames_of_both_sizes(
    part: str, name: str, cells: int, pack_V: float, current_A: float, soc: float, cycles: float
) -> None:
    decoder = read("jk", captured(part, name))
    found = members(decoder, "cell_voltage_V")
    assert len(found) == cells
    assert value(decoder, "pack_voltage_V") == pytest.approx(pack_V)
    assert sum(found) == pytest.approx(pack_V, abs=0.05)
    assert value(decoder, "current_A") == pytest.approx(current_A)
    assert (value(decoder, "soc_pct"), value(decoder, "cycle_count")) == (soc, cycles)


def test_pylontech_modules() -> None:
    decoder = read("pylontech-rs485", captured("pylontech_rs485", "0"))
    cells = members(decoder, "cell_voltage_V")
    assert len(cells) == 45
    assert (cells[0], cells[44]) == (3.303, 3.302)
    assert members(decoder, "module_voltage_V") == [49.545, 49.520, 49.504]
    assert members(decoder, "module_current_A") == [-2.6, -2.5, -2.7]
    assert members(decoder, "module_capacity_Ah") == [50.0, 50.0, 50.0]
    assert members(decoder, "module_cycle_count") == [31.0, 31.0, 31.0]
    assert members(decoder, "temperature_degC")[:2] == [23.0, 22.0]
    decoder = read("pylontech-rs485", captured("pylontech_rs485", "1"))
    assert members(decoder, "module_capacity_Ah") == [74.0] * 4  # told with three bytes
    decoder = read("pylontech-rs485", captured("pylontech_rs485", "2"))  # two kinds of modules
    assert members(decoder, "module_current_A") == [-6.1, -4.7]
    assert members(decoder, "module_remaining_Ah") == [32.56, 24.5]
    assert members(decoder, "module_cycle_count") == [564.0, 658.0]
    decoder = read("pylontech-rs485", captured("pylontech_rs485", "3"))  # module 2 alone, eight cells
    assert [r.number for r in decoder.store.members("module_voltage_V")] == [2]
    assert members(decoder, "module_voltage_V") == [26.638]
    assert members(decoder, "cell_voltage_V") == [3.33, 3.33, 3.33, 3.331, 3.328, 3.329, 3.329, 3.331]
    decoder = read("pylontech-rs485", captured("pylontech_rs485", "4"))
    assert value(decoder, "charge_voltage_limit_V") == pytest.approx(28.4)
    assert value(decoder, "charge_current_limit_A") == pytest.approx(55.5)
    assert value(decoder, "discharge_current_limit_A") == pytest.approx(55.5)


def damaged(frame: bytes, at: int) -> bytes:
    return frame[:at] + bytes([frame[at] ^ 1]) + frame[at + 1 :]


PYLON = captured("pylontech_rs485", "4")
WHOLE = {
    "jbd": (JBD_BASIC, 6, "checksum_wrong"),
    "daly": (daly(0x90, 2, 13), 6, "checksum_wrong"),
    "jk": (jk_frame(b"\x85\x0f\xc0\x01"), 12, "checksum_wrong"),
    "pylontech-rs485": (PYLON, 16, "checksum_wrong"),
}


@pytest.mark.parametrize("family", WHOLE)
def test_a_damaged_frame_is_named_and_the_next_one_is_read(family: str) -> None:
    frame, at, kind = WHOLE[family]
    decoder = read(family, damaged(frame, at), frame)
    assert kind in {found.kind for found in decoder.store.findings()}
    assert decoder.frames["used"] >= 1


@pytest.mark.parametrize("family", WHOLE)
@pytest.mark.parametrize("noise", [b"", b"\x00\xff\x13", b"\xa5\x5a\xdd", b"~2", b"NW\x00"])
def test_noise_and_small_pieces_do_not_matter(family: str, noise: bytes) -> None:
    frame, _, _ = WHOLE[family]
    decoder = SerialDecoder(load_family(family))
    for byte in noise + frame + frame + frame:
        decoder.on_bytes(0.0, bytes([byte]))
    decoder.end()  # what looked like the beginning of a longer frame was none
    assert decoder.frames["used"] >= 2


@pytest.mark.parametrize("family", WHOLE)
def test_a_frame_that_breaks_off_is_told(family: str) -> None:
    frame, _, _ = WHOLE[family]
    decoder = read(family, frame[:-3])
    assert decoder.frames["used"] == 0
    decoder.end()
    kinds = {found.kind for found in decoder.store.findings()}
    assert "silent" in kinds
    assert kinds & {"length_wrong", "checksum_wrong", "frame_malformed"}


def test_two_boards_on_one_line_are_told() -> None:
    decoder = read("daly", daly(0x90, 2, 13), daly(0x90, 2, 14, address=2))
    assert [f.kind for f in decoder.store.findings()] == ["two_packs"]


def test_writing_by_another_tool_and_refusals_are_told() -> None:
    body = b"\x00\x02\x56\x78"
    factory_mode = b"\xdd\x5a" + body + (0x10000 - sum(body)).to_bytes(2, "big") + b"\x77"
    refused = b"\xdd\x03\x80\x00" + (0x10000 - 0x80).to_bytes(2, "big") + b"\x77"
    decoder = read("jbd", factory_mode, refused)
    assert [f.kind for f in decoder.store.findings()] == ["written_to", "negative_response"]
    assert [f.kind for f in read("jk", jk_frame(b"\x9e\x00\x50", command=2, kind=0)).store.findings()] == [
        "written_to"
    ]


@settings(max_examples=30)
@given(st.binary(max_size=200))
@pytest.mark.parametrize("family", WHOLE)
def test_no_bytes_crash_a_decoder(family: str, data: bytes) -> None:
    decoder = read(family, data)
    decoder.end()


def test_modbus_crc() -> None:
    frame = captured("daly_ble", "BALANCER_SWITCH_FRAME_ON")
    assert crc16_modbus(frame[:-2]) == int.from_bytes(frame[-2:], "little")
