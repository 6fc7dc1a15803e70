"""Recordings as they come: packs of other sizes, answers alone, torn, doubled, mixed; which family fits."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import can
import pytest

from drivers.bms.errors import BadLog
from drivers.bms.family import load_family
from drivers.bms.log_decode import decode_frames, decode_log, summary
from drivers.bms.log_families import proposals
from drivers.bms.log_files import write_log
from drivers.bms.serial_logs import read_serial_log
from drivers.bms.signals import SignalStore
from simulators.instruments.pack_language_daly import DalyCanLanguage
from simulators.instruments.pack_language_meb import MebLanguage
from simulators.instruments.pack_languages import BydLanguage, EgmpLanguage, PackView, PylontechCanLanguage
from simulators.instruments.socketcand import Frame
from tests.drivers.bms.recordings import GBT, KONA, frame, isotp_frames
from tests.drivers.bms.test_serial_frames import JBD_BASIC, JBD_CELLS, captured
from tests.drivers.leaf_pack import frame_1db, frame_55b

CELLS_96 = b"\x61\x02" + b"".join((3700 + n).to_bytes(2, "big") for n in range(96)) + bytes(4)


def general(length: int) -> bytes:
    """Group 01 of a pack: -50 A, 385.43 V, 812 kohm, and Hx 74.94 %, SOC 76.0629 %, 52.9224 Ah."""
    body = bytearray(length)
    body[:2], body[20:22], body[24:26] = b"\x61\x01", (38543).to_bytes(2, "big"), (812).to_bytes(2, "big")
    body[2:6] = (-50 * 1024).to_bytes(4, "big", signed=True)
    at = 30 if length == 53 else 28
    body[at : at + 2] = (7494 if at == 28 else round(74.94 * 102.4)).to_bytes(2, "big")
    body[at + 3 : at + 6], body[at + 7 : at + 10] = (760629).to_bytes(3, "big"), (529224).to_bytes(3, "big")
    return bytes(body)


def leaf(frames: list[can.Message]) -> SignalStore:
    decoder, _ = decode_frames(load_family("nissan-leaf"), frames)
    return decoder.store


def findings(store: SignalStore) -> list[str]:
    """But for the broadcasts that a recording of answers alone has not."""
    return [found.kind for found in store.findings() if found.kind != "message_missing"]


@pytest.mark.parametrize("length", [41, 43, 53], ids=["24 kWh", "30 kWh", "40 and 62 kWh"])
def test_leaf_packs_of_every_size(length: int) -> None:
    """Answers alone, as a listener behind a dongle records them."""
    store = leaf(isotp_frames(0x7BB, general(length)) + isotp_frames(0x7BB, CELLS_96, 2.0))
    told = {r.name: r.value for r in store.readings() if r.number is None}
    assert told["current_fine_A"] == -50.0
    assert told["pack_voltage_fine_V"] == pytest.approx(385.43)
    assert told["insulation_ohm"] == 812_000.0
    assert told["hx_pct"] == pytest.approx(74.94, abs=0.005)
    assert told["soc_fine_pct"] == pytest.approx(76.0629)
    assert told["capacity_Ah"] == pytest.approx(52.9224)
    assert [r.value for r in store.members("cell_voltage_V")][::95] == pytest.approx([3.7, 3.795])
    assert findings(store) == []


def test_an_answer_just_after_waking_is_left_out_by_name() -> None:
    store = leaf(isotp_frames(0x7BB, general(43) + b"\0"))
    assert findings(store) == ["length_wrong", "silent"]
    assert (store.findings()[0].where, store.findings()[0].detail) == ("general", "44 bytes")


def test_answers_doubled_torn_mixed_and_begun_before() -> None:
    whole = isotp_frames(0x7BB, CELLS_96)
    assert len(leaf([one for one in whole for _ in range(2)]).members("cell_voltage_V")) == 96
    assert findings(leaf([one for one in whole for _ in range(2)])) == []
    assert findings(leaf(whole[:7] + whole[8:])) == ["isotp_sequence", "silent"]
    assert findings(leaf(whole[:7])) == ["isotp_truncated", "silent"]
    begun = leaf(whole[5:] + isotp_frames(0x7BB, general(43), 5.0))
    assert [r.name for r in begun.readings()].count("current_fine_A") == 1
    assert findings(begun) == []
    # The answers of three controllers, frame by frame in turn.
    others = [isotp_frames(name, general(43)) for name in (0x7EC, 0x763)]
    mixed = [one for group in zip(whole, *(o * 5 for o in others), strict=False) for one in group]
    assert len(leaf(mixed).members("cell_voltage_V")) == 96


def test_counters_and_checksums_of_a_recording() -> None:
    good = [frame(n / 100, 0x1DB, frame_1db(-20, 771, n)) for n in range(40)]
    wrong = [frame(0.4, 0x1DB, frame_1db(-20, 771, 0)[:7] + b"\x00"), frame(0.41, 0x1DB, b"\x01\x02")]
    lost = [frame(n / 100, 0x1DB, frame_1db(-20, 771, n)) for n in range(41, 50)]
    stands = [frame(n / 100, 0x1DB, frame_1db(-20, 700, 1)) for n in range(51, 60)]
    found = {f.kind: f.count for f in leaf(good + wrong + lost + stands).findings()}
    assert found["checksum_wrong"] == 1
    assert found["length_wrong"] == 1
    assert found["frames_missed"] == 1
    assert found["counter_frozen"] >= 6


def view(cells: int) -> PackView:
    volts = tuple(3.3 + 0.001 * (n % 100) for n in range(cells))
    return PackView(-12.5, sum(volts), 0.55, 0.9, volts, (24.0, 26.0), 8e5, 1234.0, 1230.0, False)


def recorded(frames: list[Frame], t_s: float) -> list[can.Message]:
    return [frame(t_s, one.can_id, one.data, extended=one.can_id > 0x7FF) for one in frames]


@pytest.mark.parametrize(
    ("family", "language", "cells"),
    [
        ("byd-atto3", BydLanguage(), 104),
        ("byd-atto3", BydLanguage(), 126),
        ("vw-meb", MebLanguage(), 84),
        ("vw-meb", MebLanguage(), 96),
        ("vw-meb", MebLanguage(), 108),
        ("hyundai-egmp", EgmpLanguage(), 144),
        ("hyundai-egmp", EgmpLanguage(), 180),
        ("daly-can", DalyCanLanguage(), 16),
        ("pylontech-can", PylontechCanLanguage(), 15),
    ],
)
def test_sweeps_of_every_length(tmp_path: Path, family: str, language: Any, cells: int) -> None:
    """What simulated packs say, through a compressed BLF file; without a family it is proposed."""
    state, frames = view(cells), []
    for cycle, period_s in language.cycles.items():
        for count in range(45):
            frames += recorded(language.frames(cycle, state, count), count * period_s)
    if family == "hyundai-egmp":
        for at, group in enumerate(language.groups):
            frames += isotp_frames(0x7EC, language.reply(b"\x22" + group, state), 0.5 * at)
    if family == "daly-can":
        for command in range(0x90, 0x99):
            asked = Frame(0x18000140 | command << 16, bytes(8))
            frames += recorded([asked, *language.heard(asked, state)], 0.1 * (command & 15))
    frames.sort(key=lambda one: one.timestamp)
    write_log(tmp_path / "sweep.blf", frames)
    body = summary(decode_log(load_family(family), tmp_path / "sweep.blf"))
    if family != "pylontech-can":
        told = body["members"]["cell_voltage_V"]
        step_V = 0.02 if family == "hyundai-egmp" else 0.001
        assert told["numbers"] == list(range(1, cells + 1))
        assert told["values"] == pytest.approx(list(state.cells_V), abs=step_V / 2 + 1e-9)
    if "current_A" in body["signals"]:
        assert body["signals"]["current_A"]["value"] == pytest.approx(-12.5)
    assert {found["kind"] for found in body["findings"]} <= {"not_available", "message_missing"}
    best = proposals(tmp_path / "sweep.blf")
    assert best[0].family == family or {one.family for one in best[:2]} >= {family, "hyundai-kona-64"}
    assert best[0].wrong == 0


def test_families_are_proposed(tmp_path: Path) -> None:
    path = tmp_path / "leaf.csv"
    rows = [(n, 475, frame_1db(-20, 771, n)) for n in range(30)] + [
        (30 + n, 1371, frame_55b(700, n)) for n in range(4)
    ]
    text = "".join(f"{t / 100},{name},{data.hex(' ')}\n" for t, name, data in rows)
    path.write_text("time,id,data\n" + text, encoding="utf-8")
    (only,) = proposals(path)
    assert (only.family, only.kinds, only.wrong) == ("nissan-leaf", 2, 0)
    assert decode_log(load_family("nissan-leaf"), path).frames["used"] == 34
    assert proposals(KONA / "main_relay_neg_on.asc")[0].family == "hyundai-kona-64"
    assert proposals(GBT)[0].family == "gbt27930-2015"
    board = tmp_path / "board.txt"
    board.write_text(f"{JBD_BASIC.hex(' ')}\n{JBD_CELLS.hex(' ')}\n", encoding="utf-8")
    assert [one.family for one in proposals(board)] == ["jbd"]
    nothing = tmp_path / "nothing.log"
    nothing.write_text("(1.0) can0 123#00\n", encoding="utf-8")
    assert proposals(nothing) == []
    nothing.write_text("words and no frames\n", encoding="utf-8")
    with pytest.raises(BadLog):
        proposals(nothing)
    with pytest.raises(BadLog, match="no bus 'can7'"):
        decode_log(load_family("gbt27930-2015"), GBT, "can7")


def dumped(data: bytes, grouped: int) -> str:
    """As hexdump -C and xxd show bytes."""
    lines = []
    for at in range(0, len(data), 16):
        part = data[at : at + 16]
        if grouped == 1:
            shown = " ".join(f"{byte:02x}" for byte in part)
            lines.append(f"{at:08x}  {shown:<47}  |{'.' * len(part)}|")
        else:
            shown = " ".join(part[n : n + 2].hex() for n in range(0, len(part), 2))
            lines.append(f"{at:08x}: {shown:<39}  {'.' * len(part)}")
    return "\n".join(lines) + "\n"


WHOLE = JBD_BASIC + JBD_CELLS
LINES = {
    "own": f"12.345678 {JBD_BASIC.hex(' ')}\n13.345678 {JBD_CELLS.hex(' ')}\n",
    "dated": f"2026-01-02 23:59:59.5 RX: {JBD_BASIC.hex()}\n2026-01-03 00:00:00.5 RX: {JBD_CELLS.hex()}\n",
    "firmware": f"[12:34:56][D][uart_debug:114]: <<< {':'.join(f'{b:02X}' for b in JBD_BASIC)}\n"
    "[12:34:56][I][sensor]: state of charge is 100 %\n[12:34:56][C][wifi]: connected\n"
    f"[12:34:57][D][uart_debug:114]: <<< {':'.join(f'{b:02X}' for b in JBD_CELLS)} (15)\n",
    "c": "".join("recv: " + ", ".join(f"0x{b:02X}" for b in part) + "\n" for part in (JBD_BASIC, JBD_CELLS)),
    "colons": ":".join(f"{b:02x}" for b in WHOLE) + "\n",
    "hexdump": dumped(WHOLE, 1),
    "xxd": dumped(WHOLE, 2),
    "analyser": "Time [s],Value,Parity Error,Framing Error\n"
    + "".join(f"{n / 960:.9f},0x{b:02X},,\n" for n, b in enumerate(WHOLE)),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_captures_of_a_serial_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / "line.txt"
    path.write_text(LINES[name], encoding="utf-8")
    decoded = decode_log(load_family("jbd"), path)
    assert dict(decoded.frames) == {"received": 2, "used": 2, "noise_bytes": 0}
    if name in ("own", "dated", "firmware"):
        assert decoded.duration_s == pytest.approx(1.0)
    (tmp_path / "packed.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert decode_log(load_family("jbd"), tmp_path / "packed.gz").frames == decoded.frames


def test_ascii_frames_and_bytes(tmp_path: Path) -> None:
    ascii_frame = captured("pylontech_rs485", next(iter_names("pylontech_rs485")))
    path = tmp_path / "line.txt"
    path.write_bytes(b"12:00:00.5 << " + ascii_frame + b"\n12:00:01.5 >> " + ascii_frame + b"\n")
    assert [c.data for c in read_serial_log(path, "pylontech")] == [ascii_frame] * 2
    path.write_bytes(b"\x00\xff" + WHOLE[:-3])
    decoded = decode_log(load_family("jbd"), path)
    assert (decoded.frames["used"], decoded.frames["length_wrong"]) == (1, 1)


def iter_names(part: str) -> Iterator[str]:
    from tests.drivers.bms.test_serial_frames import FRAMES

    return iter(FRAMES[part]["frames"])
