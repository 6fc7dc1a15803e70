"""The same frames as loggers of every kind write them."""

# ruff: noqa: E501 - lines of loggers as they write them
from __future__ import annotations

import bz2
import gzip
import lzma
import math
import tarfile
import zipfile
from pathlib import Path

import pytest

from drivers.bms.errors import BadLog
from drivers.bms.log_files import read_log
from drivers.bms.log_times import clock_s, tick_s
from drivers.bms.serial_logs import read_serial_log
from tests.drivers.bms.test_log_files import plain

VOLTS = bytes.fromhex("0b00b8b80000180e")
LONG = bytes(range(12))
KONA = (0x595, False, VOLTS)
REPLY = (0x18DAF1DB, True, bytes.fromhex("037f2231"))

CANDUMP = {
    "logged": "(1700000000.000000) can0 595#0B00B8B80000180E\n(1700000000.100000) can0 18DAF1DB#037F2231\n",
    "directions": "(10.000000) can0 595#0B00B8B80000180E R\n(10.100000) can0 18DAF1DB#037F2231 T\n",
    "raw length": "(10.0) can0 595#0B00B8B80000180E_9\n(10.1) can0 18DAF1DB#037F2231\n",
    "padded": "(10.0) can0 00000595#0B00B8B80000180E\n(10.1) can0 18DAF1DB#03.7F.22.31\n",
    "flagged": "(10.0) can0 595#0B00B8B80000180E\n(10.1) can0 98DAF1DB#037F2231\n",
    "screen": "  can0  595   [8]  0B 00 B8 B8 00 00 18 0E\n  can0  18DAF1DB   [4]  03 7F 22 31\n",
    "-a": " (10.0)  can0  595   [8]  0B 00 B8 B8 00 00 18 0E   '........'\n"
    " (10.1)  can0  18DAF1DB   [4]  03 7F 22 31               '..\"1'\n",
    "-x": " (10.0)  can0  RX - -  595   [8]  0B 00 B8 B8 00 00 18 0E\n"
    " (10.1)  can0  TX B E  18DAF1DB   [4]  03 7F 22 31\n",
    "-t z": " (000.000000)  can0  595   [8]  0B 00 B8 B8 00 00 18 0E\n"
    " (000.100000)  can0  18DAF1DB   [4]  03 7F 22 31\n",
    "-t A": " (2026-01-02 23:59:59.950)  can0  595   [8]  0B 00 B8 B8 00 00 18 0E\n"
    " (2026-01-03 00:00:00.050)  can0  18DAF1DB   [4]  03 7F 22 31\n",
    "-S": "  can0  595   [8]  0E`18`00`00`B8`B8`00`0B\n  can0  18DAF1DB   [4]  31`22`7F`03\n",
    "-i": "  can0  595   [2]  00001011 00000000\n",
    "coloured": "\x1b[31m  can0  595   [8]  0B 00 B8 B8 00 00 18 0E\x1b[0m\n  can0  18DAF1DB   [4]  03 7F 22 31\n",
    "iso times": "2026-01-02T10:00:00.000Z can0 595#0B00B8B80000180E\n"
    "2026-01-02T10:00:00.100Z can0 18DAF1DB#037F2231\n",
    "no brackets": "10.000 can0 595 [8] 0B00B8B80000180E\n10.100 can0 18DAF1DB [4] 037F2231\n",
}
OTHERS = {
    "python-can": "Timestamp:   10.000000    ID:      595    S Rx                DL:  8    0b 00 b8 b8 00 00 18 0e"
    "     '........'     Channel: can0\n"
    "Timestamp:   10.100000    ID: 18daf1db    X Tx                DL:  4    03 7f 22 31     Channel: can0\n",
    "crtd": "1632509059.000000 CXX OVMS CRTD\n1632509059.000000 2R11 595 0b 00 b8 b8 00 00 18 0e\n"
    "1632509059.100000 2R29 18daf1db 03 7f 22 31\n1632509059.2 CER error\n",
    "canking": "Chn Identifier Flg   DLC  D0...1...2...3...4...5...6..D7       Time     Dir\n"
    " 0    00000595         8  0B 00 B8 B8 00 00 18 0E      10.000000 R\n"
    " 0    18DAF1DB X       4  03 7F 22 31                  10.100000 T\n",
    "busmaster": "***BUSMASTER Ver 3.2.2***\n***HEX***\n***<Time><Tx/Rx><Channel><CAN ID><Type><DLC><DataBytes>***\n"
    "14:35:36:0000 Rx 1 0x595 s 8 0B 00 B8 B8 00 00 18 0E\n14:35:36:1000 Tx 1 0x18DAF1DB x 4 03 7F 22 31\n",
    "busmaster decimal": "***BUSMASTER Ver 3.2.2***\n***DEC***\n"
    "14:35:36:0000 Rx 1 1429 s 8 011 000 184 184 000 000 024 014\n"
    "14:35:36:1000 Rx 1 417001947 x 4 003 127 034 049\n",
    "counted": "10.0 595 8 0B 00 B8 B8 00 00 18 0E\n10.1 18DAF1DBx Rx 4 03 7F 22 31\n",
    "dumped": "[12:00:00.000] 595 0B 00 B8 B8 00 00 18 0E\n[12:00:00.100] 18DAF1DB 03 7F 22 31\n",
    "run": "5950B00B8B80000180E\n18DAF1DB037F2231\n",
    "strings": '{"test": {"response": "5950B00B8B80000180E\\r18DAF1DB037F2231\\r>"}}',
}  # fmt: skip
TABLES = {
    "savvycan": "Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n"
    "-1688467643383897,00000595,false,Rx,0,8,0B,00,B8,B8,00,00,18,0E,\n"
    "-1688467643283897,18DAF1DB,true,Rx,0,4,03,7F,22,31,\n",
    "gvret": "Time Stamp,ID,Extended,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\r\n"
    "1953613500,00000595,0,0,8,0B,00,B8,B8,00,00,18,0E\r\n1953713500,18DAF1DB,1,0,4,03,7F,22,31\r\n",
    "python-can": "timestamp,arbitration_id,extended,remote,error,dlc,data\n"
    "10.0,0x595,0,0,0,8,CwC4uAAAGA4=\n10.1,0x18daf1db,1,0,0,4,A38iMQ==\n",
    "tabs": "ParserFlags\tCh\tCounter\tT/R\tTime\tFlags\tCAN ID\tLen\tData\t\n"
    "1\t0\t1\tRX\t565214935\t\t0x00000595\t8\t0x0b 00 b8 b8 00 00 18 0e \t\n"
    "1\t0\t2\tRX\t565215035\t\t0x18daf1db\t4\t0x03 7f 22 31 \t\n"
    + "".join(f"1\t0\t{n}\tRX\t{565215035 + n}\t\t0x00000123\t1\t0x00 \t\n" for n in range(3, 9)),
    "semicolons": "\ufeffTime [s];ID;DLC;Data\r\n0,000;0x595;8;0B 00 B8 B8 00 00 18 0E\r\n0,100;0x18DAF1DB;4;03 7F 22 31\r\n",
    "milliseconds": "time_ms,id,dlc,data\n0,595h,8,0B00B8B80000180E\n100,18DAF1DBx,4,037F2231\n",
    "decimal": "timestamp,can_id,dlc,d0,d1,d2,d3,d4,d5,d6,d7\n"
    "0.0,1429,8,11,0,184,184,0,0,24,14\n0.1,417001947,4,3,127,34,49,,,,\n",
    "listed": 'time,addr,bus,data\n0.0,1429,0,"[11, 0, 184, 184, 0, 0, 24, 14]"\n0.1,417001947,0,"[3, 127, 34, 49]"\n',
    "python bytes": "time,addr,bus,data\n0.0,0x595,0,b'\\x0b\\x00\\xb8\\xb8\\x00\\x00\\x18\\x0e'\n"
    "0.1,0x18daf1db,0,0x037f2231\n",
    "loose bytes": "Time,ID,DLC,Data\n0.0,595,8,0B,00,B8,B8,00,00,18,0E\n0.1,18DAF1DB,4,03,7F,22,31\n",
    "analyser": "序号,传输方向,时间标识,帧ID,帧格式,帧类型,数据长度,数据(HEX)\n"
    "0,接收,09:29:43:600,0x00000595,数据帧,标准帧,0x08,0B 00 B8 B8 00 00 18 0E\n"
    "1,发送,09:29:43:700,0x18DAF1DB,数据帧,扩展帧,0x04,03 7F 22 31\n",
    "analyser's counts": "序号,系统时间,时间标识,CAN通道,传输方向,ID号,帧类型,帧格式,长度,数据\n"
    "0,09:29:43.600,0x1F40,ch1,接收,0x0595,数据帧,标准帧,0x08,x| 0B 00 B8 B8 00 00 18 0E \n"
    "1,09:29:43.700,0x2328,ch1,发送,0x18DAF1DB,数据帧,扩展帧,0x04,x| 03 7F 22 31 \n",
    "logger's buses": "TimestampEpoch;BusChannel;ID;IDE;DLC;DataLength;Dir;EDL;BRS;DataBytes\n"
    "1700000000.0;1;595;0;8;8;0;0;0;0B00B8B80000180E\n1700000000.1;2;18DAF1DB;1;4;4;0;0;0;037F2231\n",
    "logger head": "# Logger type: X;\n# Time: 20260126T205936;\nTimestamp;Type;ID;Data\n"
    "26T205936000;0;595;0B00B8B80000180E\n26T205936100;1;18DAF1DB;037F2231\n",
    "numbered": "Line,Abs Time(Sec),Rel Time (Sec),Status,Er,Tx,Description,Network,Node,Arb ID,Remote,Xtd,"
    "B1,B2,B3,B4,B5,B6,B7,B8\n"
    "1,0.0,0.0,0,F,F,,HS CAN,,595,F,F,0B,00,B8,B8,00,00,18,0E\n2,0.1,0.1,0,F,F,,HS CAN,,18DAF1DB,F,T,03,7F,22,31,,,,\n",
}  # fmt: skip
ASC = {
    "plain": "date Sat Nov 28 10:00:00.000 am 2026\nbase hex  timestamps absolute\nno internal events logged\n"
    "// version 9.0.0\nBegin Triggerblock Sat Nov 28 10:00:00.000 am 2026\n   0.000000 Start of measurement\n"
    "   0.500000 1  595             Rx   d 8 0B 00 B8 B8 00 00 18 0E  Length = 240000 BitCount = 124 ID = 1429\n"
    "   0.550000 1  18DAF1DBx       TxRq d 4 03 7F 22 31\n"
    "   0.600000 1  18DAF1DBx       Tx   d 4 03 7F 22 31\n"
    "// 0.6000 1 OTP(3) Atom 7F 22 31\n   0.610000 J1939TP FEE3p 6 0 0 - Rx d 10 00\nEnd TriggerBlock\n",
    "decimal": "base dec  timestamps absolute\n   0.5 1  1429 Rx d 8 11 0 184 184 0 0 24 14\n"
    "   0.6 1  417001947x Rx d 4 3 127 34 49\n",
    "relative": "base hex  timestamps relative\n   0.5 1  595 Rx d 8 0B 00 B8 B8 00 00 18 0E\n"
    "   0.04 1  Statistic: D 1 R 0 XD 0 XR 0 E 0 O 0 B 3.00%\n   0.06 1  18DAF1DBx Rx d 4 03 7F 22 31\n",
    "headless": "   0.5 1  595 Rx d 8 0B 00 B8 B8 00 00 18 0E\n   0.6 1  18DAF1DBx Rx d 4 03 7F 22 31\n",
}
TRC = {
    "1.0": "      1)       0 0595 8 0B 00 B8 B8 00 00 18 0E\n      2)     100 18DAF1DB 4 03 7F 22 31\n"
    "      3)     100 FFFFFFFF 4 00 00 00 08 -- -- -- -- BUSHEAVY\n",
    "1.1": ";$FILEVERSION=1.1\n;$STARTTIME=43008.5\n      1)     0.0  Rx         0595  8  0B 00 B8 B8 00 00 18 0E\n"
    "      2)   100.0  Tx     18DAF1DB  4  03 7F 22 31\n      3)   101.0  Warng  FFFFFFFF  4  00 00 00 08  BUSHEAVY\n",
    "1.2": ";$FILEVERSION=1.2\n      1)     0.0 1  Rx         0595  8  0B 00 B8 B8 00 00 18 0E\n"
    "      2)   100.0 1  Rx     18DAF1DB  4  03 7F 22 31\n",
    "1.3": ";$FILEVERSION=1.3\n      1)     0.0 1  Rx         0595  -  8  0B 00 B8 B8 00 00 18 0E\n"
    "      2)   100.0 1  Rx     18DAF1DB  -  4  03 7F 22 31\n",
    "2.0": ";$FILEVERSION=2.0\n;$STARTTIME=43008.5\n;$COLUMNS=N,O,T,I,d,l,D\n"
    "      1       0.000 DT     0595 Rx 8  0B 00 B8 B8 00 00 18 0E\n"
    "      2       50.0 ST          Rx 4  00 00 00 08\n      3     100.000 DT 18DAF1DB Tx 4  03 7F 22 31\n",
    "2.1": ";$FILEVERSION=2.1\n;$COLUMNS=N,O,T,B,I,d,R,L,D\n"
    "      1       0.000 DT 1     0595 Rx -  8    0B 00 B8 B8 00 00 18 0E\n"
    "      2     100.000 DT 1 18DAF1DB Rx -  4    03 7F 22 31\n",
    "headless": "      7       0.000 DT 1     0595 Rx -  8    0B 00 B8 B8 00 00 18 0E\n"
    "      8     100.000 DT 1 18DAF1DB Rx -  4    03 7F 22 31\n",
}
CASES = [
    (f"{kind}{suffix}", text)
    for suffix, group in ((".log", CANDUMP), (".txt", OTHERS), (".csv", TABLES), (".asc", ASC), (".trc", TRC))
    for kind, text in group.items()
]


def read(folder: Path, text: str, name: str = "recorded.log") -> list[tuple[float, int, bool, bytes]]:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return plain(read_log(path).frames)


@pytest.mark.parametrize(("name", "text"), CASES, ids=[name for name, _ in CASES])
def test_frames_of_every_logger(tmp_path: Path, name: str, text: str) -> None:
    frames = read(tmp_path, text, f"recorded{Path(name).suffix}")
    if name == "-i.log":
        assert frames == [(0.0, 0x595, False, b"\x0b\x00")]
        return
    assert [frame[1:] for frame in frames[:2]] == [KONA, REPLY]
    timeless = ("screen", "-S", "coloured", "run", "strings")
    assert [frame[0] for frame in frames[:2]] == [0.0, 0.0 if name.rsplit(".", 1)[0] in timeless else 0.1]
    # Told by their content: the name says nothing.
    assert read(tmp_path, text, "recorded") == frames
    packed = tmp_path / f"recorded{Path(name).suffix}.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    assert plain(read_log(packed).frames) == frames


def test_long_frames(tmp_path: Path) -> None:
    shown = " ".join(f"{byte:02X}" for byte in LONG)
    forms = {
        "a.log": f"(1.0) can0 16A954E8##5{LONG.hex().upper()}\n(1.1) can0 16A954E8##D{LONG.hex()}\n",
        "b.log": f"  can0  16A954E8  [12]  {shown}\n",
        "c.asc": f"base hex timestamps absolute\n 1.0 CANFD   1 Rx 16A954E8x Cells 1 0 9 12 {shown} 130 16 303000 0\n"
        f" 1.1 CANFD   1 Rx 16A954E8x 1 0 9 12 {shown} 130 16 303000 0\n 1.2 CANFD   1 Rx ErrorFrame\n",
        "e.csv": "Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n"
        f"1000000,16A954E8,true,Rx,0,12,{','.join(shown.split())},\n",
        "d.trc": f";$FILEVERSION=2.0\n;$COLUMNS=N,O,T,I,d,L,D\n  1  0.0 FB 16A954E8 Rx 9 {shown}\n",
    }
    for name, text in forms.items():
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        for frame in (f for f in read_log(path).frames if not f.is_error_frame):
            assert (frame.arbitration_id, frame.is_fd, bytes(frame.data)) == (0x16A954E8, True, LONG), name


def test_errors_and_remote_frames_are_no_data(tmp_path: Path) -> None:
    forms = {
        "a.log": "(1.0) can0 595#R\n(1.0) can0 595#R8\n(1.1) can0 20000004#0004000000000000\n",
        "b.log": "  can0  595   [0]  remote request\n  can0  595   [8]  remote request\n"
        "  can0  20000088   [8]  00 00 80 00 00 00 00 00   ERRORFRAME\n\tprotocol-violation{{}{acknowledge-slot}}\n",
        "c.asc": "base hex timestamps absolute\n 1.0 1 595 Rx r\n 1.0 1 595 Rx r 8 Length = 0\n 1.1 1 ErrorFrame\n",
        "d.csv": "timestamp,arbitration_id,extended,remote,error,dlc,data\n"
        "1.0,0x595,0,1,0,0,\n1.0,0x595,0,1,0,8,\n1.1,0x0,0,0,1,0,\n",
        "e.trc": ";$FILEVERSION=2.0\n;$COLUMNS=N,O,T,I,d,l,D\n 1 0.0 RR 0595 Rx 0\n 2 0.1 RR 0595 Rx 8\n"
        " 3 0.2 ER     - Rx 5 01 02 03 04 05\n",
    }
    for name, text in forms.items():
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        frames = read_log(path).frames
        assert [f.is_remote_frame for f in frames] == [True, True, False], name
        assert [f.is_error_frame for f in frames] == [False, False, True], name


@pytest.mark.parametrize(
    "begin", ["00000) can0 595#0B00B8B80000180E", "595#0B00B8B80000180E", "can0 595#0B00B8B8"]
)
def test_the_rest_of_a_line_is_no_frame_of_1970(tmp_path: Path, begin: str) -> None:
    path = tmp_path / "begun.log"
    path.write_text(begin + "\n" + CANDUMP["logged"], encoding="utf-8")
    recording = read_log(path)
    assert (len(recording.frames), recording.left_out) == (2, 1)
    assert recording.duration_s == pytest.approx(0.1)


def test_a_torn_table_costs_a_row_and_nothing_more(tmp_path: Path) -> None:
    """A quotation mark that is never closed, a time that is none, a row that broke off."""
    rows = [f"{n / 100},595,0B 00 B8 B8 00 00 18 0E" for n in range(6000)]
    rows[7:10] = ['0.07,"595,0B 00 B8 B8 00 00 18 0E', "nan,595,0B 00", "1e999,595,0B 00"]
    path = tmp_path / "torn.csv"
    path.write_text("time,id,data\n" + "\n".join(rows) + "\n0.", encoding="utf-8")
    recording = read_log(path)
    assert (len(recording.frames), recording.left_out) == (5997, 4)
    path.write_text("time,id,data\n0.0,595," + "00 " * 90_000, encoding="utf-8")
    with pytest.raises(BadLog):
        read_log(path)


@pytest.mark.parametrize(
    ("text", "chunks"),
    [
        ('time,data\n0.1,dd0300\n0.2,"dd\n' + "0.3,dd0304\n" * 20_000, 20_002),
        ("data,time,x\ndd030000\n", 1),
        ("00000000: dd03 001d 061 8fee\n00000010: dd03 001d 0618 fee1\n", 1),
        ("time,data\nnan,dd0300\n", 1),
    ],
    ids=["quotation mark", "short row", "torn dump", "no time"],
)
def test_a_torn_recording_of_a_line_is_read_as_far_as_it_goes(tmp_path: Path, text: str, chunks: int) -> None:
    path = tmp_path / "torn.txt"
    path.write_text(text, encoding="utf-8")
    found = read_serial_log(path, "jbd")
    assert len(found) == chunks
    assert all(math.isfinite(chunk.t_s) for chunk in found)


def test_buses_that_a_logger_names(tmp_path: Path) -> None:
    path = tmp_path / "logger.csv"
    path.write_text(TABLES["logger's buses"], encoding="utf-8")
    assert [frame.channel for frame in read_log(path).frames] == ["1", "2"]


@pytest.mark.parametrize("same", [False, True])
def test_times_since_the_frame_before(tmp_path: Path, same: bool) -> None:
    gaps = [0.0] + [0.01 if same else (0.002, 0.018)[n % 2] for n in range(20)]
    text = "".join(f" ({gap:010.6f})  can0  595   [2]  0B 00\n" for gap in gaps)
    frames = read(tmp_path, text)
    assert frames[-1][0] == pytest.approx(0.2)
    assert [t for t, *_ in frames] == sorted(t for t, *_ in frames)


def test_identifiers_that_may_be_decimal(tmp_path: Path) -> None:
    path = tmp_path / "either.csv"
    path.write_text("time,id,data\n0.0,475,01 02\n0.1,476,01 02\n", encoding="utf-8")
    recording = read_log(path)
    assert [f.arbitration_id for f in recording.frames] == [0x475, 0x476]
    assert [f.arbitration_id for f in recording.other] == [0x1DB, 0x1DC]


def test_packed_broken_off_and_doubled(tmp_path: Path) -> None:
    lines = [f"({n / 100:.6f}) can0 595#0B00B8B8{n:08X}\n" for n in range(4000)]
    text = "".join(lines).encode()
    for name, pack in (("a.log.bz2", bz2.compress), ("b.log.xz", lzma.compress), ("c.log.gz", gzip.compress)):
        (tmp_path / name).write_bytes(pack(text))
        assert len(read_log(tmp_path / name).frames) == 4000
    with zipfile.ZipFile(tmp_path / "d.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("d.log", text)
    assert len(read_log(tmp_path / "d.zip").frames) == 4000
    with tarfile.open(tmp_path / "e.tar.gz", "w:gz") as packed:
        packed.add(tmp_path / "d.zip")
        (tmp_path / "e.log").write_bytes(text)
        packed.add(tmp_path / "e.log")
    assert len(read_log(tmp_path / "e.tar.gz").frames) == 4000
    whole = gzip.compress(text)
    (tmp_path / "half.log.gz").write_bytes(whole[: len(whole) // 2])
    half = read_log(tmp_path / "half.log.gz")
    assert 1000 < len(half.frames) < 3000
    assert half.left_out <= 1  # the line that broke off
    (tmp_path / "utf16.log").write_bytes(text.decode().encode("utf-16"))
    assert len(read_log(tmp_path / "utf16.log").frames) == 4000
    (tmp_path / "twice.log").write_text("".join(line * 2 for line in lines), encoding="utf-8")
    twice = read_log(tmp_path / "twice.log")
    assert (len(twice.frames), twice.doubles) == (4000, 4000)
    for name, raw in (
        ("a.mf4", b"MDF     4.10"),
        ("a.gz", b"\x1f\x8b\x08garbage"),
        ("a.zip", b"PK\x03\x04garbage"),
    ):
        (tmp_path / name).write_bytes(raw)
        with pytest.raises(BadLog):
            read_log(tmp_path / name)


def test_times() -> None:
    assert clock_s("2026-01-02T03:04:05.5+01:00") == pytest.approx(3 * 3600 + 245.5)
    assert clock_s("12:00:00,250") == pytest.approx(43200.25)
    assert tick_s([1.7e12, 1.7e12 + 5]) == 1e-3
    assert tick_s([1.7e15, 1.7e15 + 5]) == 1e-6
    assert tick_s([0, 240, 500, 10_000]) == 1e-6
    assert tick_s([7, 8, 10, 11]) == 1e-3
    assert tick_s([0, 240_000, 500_000]) == 1e-9
