"""Recordings in every form hold the same frames; noise is counted and left out."""

from __future__ import annotations

import gzip
from pathlib import Path

import can
import pytest

from drivers.bms.errors import BadLog, NoBytes
from drivers.bms.family import load_family
from drivers.bms.log_decode import decode_log
from drivers.bms.log_files import SUFFIXES, read_log, write_log
from drivers.bms.serial_logs import read_serial_log
from drivers.transports.replay import ReplayBus
from tests.drivers.bms.recordings import KONA, frame
from tests.drivers.bms.test_serial_frames import JBD_BASIC, JBD_CELLS

FRAMES = [
    frame(1000.0, 0x595, bytes.fromhex("0b00b8b80000180e")),
    frame(1000.1, 0x7EC, bytes.fromhex("037f227f")),
    frame(1000.2, 0x1C1156F4, bytes.fromhex("ff00ff"), extended=True),
    frame(1000.3, 0x542, b""),
]


def plain(frames: list[can.Message]) -> list[tuple[float, int, bool, bytes]]:
    start_s = frames[0].timestamp
    return [
        (round(f.timestamp - start_s, 3), f.arbitration_id, f.is_extended_id, bytes(f.data)) for f in frames
    ]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_form_holds_the_same_frames(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"recorded{suffix}"
    assert write_log(path, FRAMES) == 4
    assert plain(read_log(path).frames) == plain(FRAMES)


TORN = {
    ".log": b"(1000.1) can0 595#0b00\n(1000.1) can0 59Z#00\n\x00\xff\xfe\n(1000.2) can0 595#0b0\n",
    ".asc": b"   0.5 1  595  Rx   d 8 0B 00\n   0.6 1  ZZZ  Rx   d 8 00 00 00\n   0.7 1  595 Rx d\n",
    ".csv": b"1000.2,0x595,0,0,0,8,AAAAAAAAAAA=\n1000.2,zz,0,0,0,8,AAAA\n1000.2,0x595\n",
    ".trc": b"      9 123.0 DT 1 0595 Rx - 8 ZZ 00\n garbage\n      9 123.0 DT\n",
    ".blf": b"LOBJ\x20\x00\x01\x00garbage",
}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_torn_lines_do_not_end_a_recording(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"torn{suffix}"
    write_log(path, FRAMES)
    raw = path.read_bytes()
    path.write_bytes(raw + TORN[suffix])
    assert plain(read_log(path).frames)[:4] == plain(FRAMES)
    if suffix != ".blf":
        lines = raw.splitlines(keepends=True)
        path.write_bytes(b"".join(lines[:-1]) + TORN[suffix] + lines[-1])
        frames = plain(read_log(path).frames)
        assert plain(FRAMES)[0] in frames
        assert plain(FRAMES)[3][1:] in [one[1:] for one in frames]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (" (1.234)  can0  595   [8]  0B 00 B8 B8 00 00 18 0E\n", 1),
        ("(1.234) RX0 595 [8] 0B 00 B8 B8 00 00 18 0E\n(1.3) TX1 1C1156F4 [2] 00 01\n", 2),
        (" (2026-01-02 03:04:05.678)  can0  595  [8]  0B 00 B8 B8 00 00 18 0E\n", 1),
        ("Timestamp: 12.5  ID:  595  S Rx  DL:  8    0b 00 b8 b8 00 00 18 0e     Channel: can0\n", 1),
        ("595#0B00B8B80000180E\n", 1),
        ("7EC 10 27 62 01 02 FF FF FF\n7EC2101020304050607\n", 2),
        ("Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n"
         "166064000,00000595,false,Rx,0,8,0B,00,B8,B8,00,00,18,0E,\n", 1),
        ("time;id;data\n0.5;0x595;0b 00 b8 b8 00 00 18 0e\n", 1),
    ],
)  # fmt: skip
def test_what_programs_print_is_read(tmp_path: Path, text: str, count: int) -> None:
    path = tmp_path / "printed.txt"
    path.write_text("# a comment\n" + text if "," not in text and ";" not in text else text, encoding="utf-8")
    recording = read_log(path)
    assert len(recording.frames) == count
    if "B8 B8" in text or "b8 b8" in text:
        assert recording.frames[0].arbitration_id == 0x595
        assert not recording.frames[0].is_extended_id
        assert bytes(recording.frames[0].data) == bytes(FRAMES[0].data)


def test_compressed_and_useless_files(tmp_path: Path) -> None:
    packed = tmp_path / "idle.asc.gz"
    packed.write_bytes(gzip.compress((KONA / "main_relay_neg_on.asc").read_bytes()))
    assert len(read_log(packed).frames) == 640
    for name, content in (("empty.log", b""), ("text.log", b"no frames here\n"), ("x.blf", b"LOGG nothing")):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(BadLog):
            read_log(path)
    with pytest.raises(BadLog):
        read_log(tmp_path / "missing.log")


def test_of_two_buses_in_one_file_the_fitting_one_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "two.log"
    path.write_text(
        "".join(
            f"({100 + n / 10:.6f}) can0 595#0102030405060708\n"
            f"({100 + n / 10:.6f}) can1 595#0B00B8B80000180E\n"
            f"({100 + n / 10:.6f}) can1 594#0000000000600000\n"
            for n in range(20)
        ),
        encoding="utf-8",
    )
    decoded = decode_log(load_family("hyundai-kona-64"), path)
    assert (decoded.channel, decoded.channels) == ("can1", {"can0": 20, "can1": 40})
    volts = decoded.of("pack_voltage_V")
    assert volts is not None
    assert {round(value, 6) for value in volts.numbers()} == {360.8}
    assert decode_log(load_family("hyundai-kona-64"), path, "can0").channel == "can0"


@pytest.mark.parametrize("form", ["raw", "hex", "timed", "arrows", "terminal", "json"])
def test_recordings_of_a_serial_line(tmp_path: Path, form: str) -> None:
    path = tmp_path / "line"
    whole = JBD_BASIC + JBD_CELLS
    if form == "raw":
        path.write_bytes(b"\x00\x01" + whole)
    elif form == "hex":
        path.write_text(f"{whole[:20].hex(' ')}\n{whole[20:].hex(' ')}\n", encoding="utf-8")
    elif form == "timed":
        path.write_text(
            f"12:00:01.5 RX: {JBD_BASIC.hex()}\n[2.5] << {JBD_CELLS.hex(' ')}\n", encoding="utf-8"
        )
    elif form == "arrows":
        path.write_text(
            f"# taken 2026-11-28\r\n2026-11-28 10:00:00.5 <- {JBD_BASIC.hex(' ')}\r\n"
            f"2026-11-28 10:00:01.5 -> dd a5 04 00 ff fc 77\r\n"
            f"2026-11-28 10:00:01.6 <- {JBD_CELLS.hex(' ')}\r\n",
            encoding="utf-8",
        )
    elif form == "terminal":
        path.write_text(
            f"[10:00:00.500]收←◆{JBD_BASIC.hex(' ')}\r\n[10:00:01.500]发→◇dd a5 04 00 ff fc 77 □\r\n"
            f"[10:00:01.600]收←◆{JBD_CELLS.hex(' ')}\r\n",
            encoding="gb18030",
        )
    else:
        path.write_text(
            f'{{"a": {{"one": "{JBD_BASIC.hex()}", "two": "{JBD_CELLS.hex()}"}}}}', encoding="utf-8"
        )
    decoded = decode_log(load_family("jbd"), path)
    assert decoded.frames["used"] == 2
    assert len(decoded.members("cell_voltage_V")) == 4
    assert read_serial_log(path, "jbd")


PROGRAMS = {
    "radio app": "I\t10:00:01.123\tNotification from 0000ff01-0000-1000-8000-00805f9b34fb: (0x) {dashes}",
    "python": "2026-11-28 10:00:01,123 DEBUG recv: {literal}",
    "c": "{{{commas}}},",
    "escaped": "{escaped}",
    "one digit": "{short}",
    "port monitor": "12\t0.000012\tapp.exe\tIRP_MJ_READ\tSerial0\tSUCCESS\tLength {count}: {spaces} ",
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_bytes_as_programs_print_them(tmp_path: Path, program: str) -> None:
    path = tmp_path / "line.txt"
    lines = [
        PROGRAMS[program].format(
            dashes=data.hex("-").upper(), spaces=data.hex(" "), literal=repr(data), count=len(data),
            commas=", ".join(f"0x{byte:02X}" for byte in data), short=" ".join(f"{byte:X}" for byte in data),
            escaped="".join(f"\\x{byte:02x}" for byte in data),
        )
        for data in (JBD_BASIC, JBD_CELLS)
    ]  # fmt: skip
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    decoded = decode_log(load_family("jbd"), path)
    assert decoded.frames["used"] == 2
    cells = [one.numbers()[-1] for one in decoded.members("cell_voltage_V")]
    assert cells == pytest.approx([3.43, 3.425, 3.432, 3.417])


def test_bytes_of_a_can_frame_are_none_of_a_serial_line(tmp_path: Path) -> None:
    path = tmp_path / "can.log"
    for text in (
        "  can0  595   [8]  0B 00 B8 B8 00 00 18 0E\n",
        "Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4\n1,00000595,false,Rx,0,4,0B,00,B8,B8,\n",
        "base hex timestamps absolute\n 0.5 1 595 Rx d 8 0B 00 B8 B8 00 00 18 0E\n",
    ):
        path.write_text(text * 3, encoding="utf-8")
        with pytest.raises(NoBytes):
            read_serial_log(path, "jbd")


def test_a_recording_is_played_at_its_own_pace() -> None:
    now = [0.0]
    bus = ReplayBus(FRAMES, speed=2.0, clock=lambda: now[0])
    try:
        assert bus.recv(0) is not None
        assert bus.recv(0) is None
        now[0] = 0.051
        assert bus.recv(0) is not None
        now[0] = 1.0
        assert [bus.recv(0) is not None for _ in range(3)] == [True, True, False]
        assert bus.finished.is_set()
        bus.send(FRAMES[0])
        assert bus.dropped == 1
        assert bus.now_s() == 2.0
    finally:
        bus.shutdown()
