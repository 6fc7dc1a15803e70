"""Named results: checksums, lengths, counters, sentinels, silence, two packs; frames built by hand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.bms.decoder import CanDecoder
from drivers.bms.family import load_family
from drivers.bms.others import AnswerCount
from drivers.bms.snapshot import snapshot_of
from tests.drivers.bms.recordings import isotp_frames
from tests.drivers.leaf_pack import frame_1db, frame_5bc, frame_5c0, frame_55b


def decoder(family: str) -> CanDecoder:
    return CanDecoder(load_family(family))


def value(found: CanDecoder, name: str, number: int | None = None) -> object:
    reading = found.store.get(name, number)
    return None if reading is None else reading.value


def kinds(found: CanDecoder) -> list[str]:
    return [finding.kind for finding in found.store.findings()]


def byd(body: bytes) -> bytes:
    return body + bytes([~sum(body) & 0xFF])


def test_byd_signals_sweeps_and_checksum() -> None:
    found = decoder("byd-atto3")
    # 420 V, 12.5 A discharging, SOH 97 %, SOC 55 %
    found.on_frame(
        0.0, 0x444, False, byd(bytes([0xA4, 0x01, *(5000 + 125).to_bytes(2, "little"), 97, 55, 0]))
    )
    found.on_frame(0.0, 0x438, False, byd(bytes(5) + (4203).to_bytes(2, "little")))
    found.on_frame(0.0, 0x43A, False, byd(bytes([0, 0, *(900).to_bytes(2, "little"), 0, 0, 0])))
    for index in range(42):
        cells = b"".join((3300 + 3 * index + one).to_bytes(2, "little") for one in range(3))
        found.on_frame(0.03 * index, 0x43D, False, bytes([index]) + cells + b"\0")
    found.on_frame(1.5, 0x43D, False, bytes([42, 0xFF, 0x0F, 0xFF, 0x0F, 0xFF, 0x0F, 0]))  # not populated
    found.on_frame(1.5, 0x447, False, byd(bytes([1, 62, 9, 65, *(553).to_bytes(2, "little"), 63])))
    assert value(found, "current_A") == pytest.approx(-12.5)
    assert value(found, "pack_voltage_V") == pytest.approx(420.3)
    assert value(found, "soc_pct") == pytest.approx(55.3)
    cells = found.store.members("cell_voltage_V")
    assert [round(float(c.value or 0), 3) for c in cells] == [round(3.3 + 0.001 * n, 3) for n in range(126)]
    assert (cells[0].t_s, cells[-1].t_s) == (0.0, pytest.approx(0.03 * 41))  # each cell has its own time
    snapshot = snapshot_of(found.store, 2.0)
    assert snapshot.cell_voltages_age_s == 2.0
    assert snapshot.cell_ages_s[-1] == pytest.approx(2.0 - 0.03 * 41)
    assert snapshot.cell_resolution_V == 0.001
    assert snapshot.signals["insulation_ohm"].value == pytest.approx(900 * 420.3)
    assert (snapshot.signals["current_A"].unit, snapshot.signals["current_A"].resolution) == ("A", 0.1)
    found.on_frame(3.0, 0x438, False, byd(bytes(5) + (4300).to_bytes(2, "little"))[:7] + b"\x00")
    assert kinds(found) == ["checksum_wrong"]
    assert value(found, "pack_voltage_V") == pytest.approx(420.3)


MEB_CF = bytes.fromhex("ee806e4e29c692c065aa3aa18fcde690")


def meb_cf(count: int, current_A: float, pack_V: float, mode: int = 1) -> bytes:
    """A BMS_20 frame; its checksum as long division, from the written rule."""
    bits = round((current_A + 1630) / 0.1) << 24 | round(pack_V / 0.25) << 52 | round(pack_V / 0.25) << 40
    body = bytearray((bits | mode << 16 | count << 8).to_bytes(8, "little"))
    crc = 0xFF
    for byte in (*body[1:], MEB_CF[count]):
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x2F if crc & 0x80 else crc << 1) & 0xFF
    body[0] = crc ^ 0xFF
    return bytes(body)


def test_meb_current_voltage_counter_and_cells() -> None:
    found = decoder("vw-meb")
    for count in range(6):
        found.on_frame(0.01 * count, 0x0CF, False, meb_cf(count, 55.5, 360.25))
    assert value(found, "current_A") == pytest.approx(55.5)
    assert value(found, "pack_voltage_V") == 360.25
    assert value(found, "mode") == "on"
    for count in range(10):
        found.on_frame(0.1 + 0.01 * count, 0x0CF, False, meb_cf(6, 60.0, 361.0))
    assert kinds(found) == ["counter_frozen"]
    assert value(found, "pack_voltage_V") == 361.0
    found.on_frame(0.3, 0x0CF, False, meb_cf(9, 0.0, 300.0, mode=7))  # starting: values mean nothing yet
    assert value(found, "pack_voltage_V") == 361.0
    assert kinds(found) == ["counter_frozen", "frames_missed"]
    for mux, cells in ((1, 42), (2, 42), (3, 12)):
        packed = sum((2700 + 10 * mux + n if n < cells else 0xFFE) << 12 * n for n in range(42))
        found.on_frame(0.4, 0x16A954E8, True, bytes([mux]) + packed.to_bytes(63, "little"))
    members = found.store.members("cell_voltage_V")
    assert len(members) == 96
    assert members[95].value == pytest.approx(3.741)
    found.on_frame(0.5, 0x16A954E8, True, b"\0" + bytes([130, 132]) + b"\xfd" * 61)
    assert [m.value for m in found.store.members("cell_temperature_degC")] == [25.0, 26.0]


def test_kona_replies_give_cells_history_and_insulation() -> None:
    found = decoder("hyundai-kona-64")
    general = bytearray(62)
    general[:3] = b"\x62\x01\x01"
    general[13:15], general[15:17] = (-123 & 0xFFFF).to_bytes(2, "big"), (3637).to_bytes(2, "big")
    for at, raw in ((33, 324610), (37, 324300), (41, 122510), (45, 121000), (49, 12_600_000)):
        general[at : at + 4] = raw.to_bytes(4, "big")
    general[60:62] = (1000).to_bytes(2, "big")
    t_s = 0.0
    for reply in (
        bytes(general),
        *(b"\x62\x01" + bytes([n]) + b"\xff\xff\xff\xff" + bytes([184] * 32) for n in (2, 3, 4)),
    ):
        for frame in isotp_frames(0x7EC, reply, t_s):
            found.on_frame(frame.timestamp, 0x7EC, False, bytes(frame.data))
        t_s += 0.1
    assert value(found, "current_diagnostic_A") == pytest.approx(12.3)  # negative on the wire: charging
    assert value(found, "charged_Ah") == pytest.approx(32461.0)
    assert value(found, "discharged_Ah") == pytest.approx(32430.0)
    assert value(found, "charged_Wh") == pytest.approx(12_251_000.0)
    assert value(found, "operating_time_s") == 12_600_000.0
    assert value(found, "insulation_ohm") == 1_000_000.0
    assert len(found.store.members("cell_voltage_V")) == 96
    assert value(found, "cell_voltage_V", 96) == pytest.approx(3.68)
    assert found.store.get("cell_voltage_V", 1).resolution == 0.02  # type: ignore[union-attr]
    assert kinds(found) == []
    found.on_frame(9.0, 0x7EC, False, bytes.fromhex("037f227800000000"))  # pending is no refusal
    assert kinds(found) == []
    found.on_frame(9.0, 0x7EC, False, bytes.fromhex("037f223100000000"))
    assert found.store.findings()[-1].where == "22 31 out of range"
    found.on_frame(9.1, 0x595, False, kona_595(360.0))
    assert value(found, "pack_voltage_V") == 360.0
    found.on_frame(9.2, 0x595, False, kona_595(6553.5))  # all ones: it has just woken and measured nothing
    assert value(found, "pack_voltage_V") is None


def test_leaf_frames_as_its_own_driver_reads_them() -> None:
    found = decoder("nissan-leaf")
    found.on_frame(0.0, 0x1DB, False, frame_1db(0x3FF, 0x3FF, 0, flags=0))
    assert value(found, "pack_voltage_V") is None
    assert kinds(found) == ["not_available", "not_available"]
    found.on_frame(0.01, 0x1DB, False, frame_1db(-100, 720, 1))
    found.on_frame(0.01, 0x55B, False, frame_55b(866, 0))
    found.on_frame(0.01, 0x5BC, False, frame_5bc(96))
    found.on_frame(0.01, 0x5C0, False, frame_5c0(1, 27.5))
    found.on_frame(0.01, 0x5C0, False, frame_5c0(3, 24.0))
    got = [value(found, n) for n in ("current_A", "pack_voltage_V", "soc_pct", "soh_pct", "temperature_degC")]
    assert got == [-50.0, 360.0, pytest.approx(86.6), 96.0, 27.5]
    assert value(found, "temperature_min_degC") == 24.0
    cells = b"".join((3700 + n).to_bytes(2, "big") for n in range(96))
    for frame in isotp_frames(0x7BB, b"\x61\x02" + cells + bytes(4)):
        found.on_frame(frame.timestamp, 0x7BB, False, bytes(frame.data))
    assert value(found, "cell_voltage_V", 96) == pytest.approx(3.795)


def test_pylontech_can_signs_and_protections() -> None:
    found = decoder("pylontech-can")
    found.on_frame(0.0, 0x351, False, bytes.fromhex("1402e803e803"))  # six bytes: no lower voltage limit
    found.on_frame(0.0, 0x355, False, bytes.fromhex("40006300"))
    found.on_frame(
        0.0, 0x356, False, (5012).to_bytes(2, "little") + (-123 & 0xFFFF).to_bytes(2, "little") + b"\xfa\x00"
    )
    found.on_frame(0.0, 0x359, False, bytes.fromhex("02000000010050"))
    found.on_frame(0.0, 0x35E, False, b"PYLON   ")
    assert value(found, "charge_voltage_limit_V") == pytest.approx(53.2)
    assert (value(found, "pack_voltage_V"), value(found, "current_A")) == (
        pytest.approx(50.12),
        pytest.approx(-12.3),
    )
    assert (value(found, "soc_pct"), value(found, "soh_pct")) == (64.0, 99.0)
    assert value(found, "manufacturer") == "PYLON"
    assert found.store.faults() == ("overvoltage",)
    found.on_frame(0.1, 0x356, False, b"\x01")
    assert kinds(found) == ["length_wrong"]
    found.on_frame(0.2, 0x356, True, b"\x01" * 8)  # an extended identifier is another message
    assert found.frames["foreign"] == 1


def kona_595(volts: float) -> bytes:
    return bytes(6) + round(volts * 10).to_bytes(2, "little")


def test_two_packs_on_one_bus_and_a_burst_after_a_pause_are_told_apart() -> None:
    found = decoder("hyundai-kona-64")
    for number in range(100):
        found.on_frame(0.1 * number, 0x595, False, kona_595(360))
        found.on_frame(0.1 * number + 0.03, 0x595, False, kona_595(340))
    assert "two_packs" in kinds(found)
    told = next(f for f in found.store.findings() if f.kind == "two_packs")
    assert "two_packs: BMS_595" in snapshot_of(found.store, told.last_s + 1.0).faults
    one = decoder("hyundai-kona-64")
    for number in range(100):
        late = 30 <= number < 50  # a busy host hands over two seconds at once
        one.on_frame(5.0 if late else 0.1 * number, 0x595, False, kona_595(360))
    assert "two_packs" not in kinds(one)


def test_a_message_that_stops_and_a_silent_pack_are_told() -> None:
    found = decoder("hyundai-kona-64")
    for number in range(20):
        found.on_frame(0.1 * number, 0x595, False, kona_595(360))
        found.on_frame(0.1 * number, 0x594, False, bytes(8))
    for number in range(20, 60):
        found.on_frame(0.1 * number, 0x594, False, bytes(8))
    found.look(6.0)
    assert [(f.kind, f.where) for f in found.store.findings()] == [("message_missing", "BMS_595")]
    found.on_frame(6.1, 0x595, False, b"")
    assert found.frames["empty"] == 1
    silent = decoder("hyundai-kona-64")
    silent.on_frame(0.0, 0x123, False, b"\x01")
    silent.end()
    assert kinds(silent)[-1] == "silent"


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0x1DB, 0x0CF, 0x595, 0x7EC, 0x43D, 0x16A954E8, 0x1C1556F4, 0x1CEC56F4]),
            st.booleans(),
            st.binary(max_size=64),
        ),
        max_size=20,
    )
)
@pytest.mark.parametrize("family", ["hyundai-kona-64", "gbt27930-2015", "vw-meb", "byd-atto3", "nissan-leaf"])
def test_no_frames_crash_a_decoder(family: str, frames: list[tuple[int, bool, bytes]]) -> None:
    found = decoder(family)
    for number, (name, extended, data) in enumerate(frames):
        found.on_frame(0.01 * number, name, extended, data)
    found.end()


def test_a_family_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "family: mine\ntitle: Mine\nbus: can\nevidence: uncertain\nbyte_order: little\nmessages:\n"
        "  - {id: 0x100, fields: [{name: pack_voltage_V, at: 1, bytes: 2, scale: 0.1}]}\n",
        encoding="utf-8",
    )
    found = CanDecoder(load_family(path))
    found.on_frame(0.0, 0x100, False, b"\0\x10\x0e")
    assert value(found, "pack_voltage_V") == pytest.approx(360.0)


def test_answers_to_one_request_are_counted_and_no_others() -> None:
    """A poll of another answer, a repeated request and its late answer are no second pack."""
    (asked,) = [reply for reply in load_family("byd-atto3").replies if reply.name == "charge count"]
    speaking = SimpleNamespace(sent=Counter())

    def answers(*frames: str, sent: int = 1) -> int:
        def wait(_seconds: float) -> None:
            speaking.sent[asked.request] += sent
            for one in frames:
                counted.hear(bytes.fromhex(one))

        return counted.ask(speaking, asked, wait)  # type: ignore[arg-type]

    speaking.ask = lambda _reply: None
    counted = AnswerCount()
    one, other = "0562000b41010000", "0562000f204e0000"
    assert answers(one) == answers() == answers(one, other, other, "21ff", "") == 1
    assert answers(one, one, sent=2) == 1
    assert answers(one, one) == 2
    assert answers("100a62000b410100", "100a62000b410100") == 2
