"""What a recording tells of a pack that stops, refuses to answer, is not alone, or is none at all."""

from __future__ import annotations

from pathlib import Path

import can
import pytest

from drivers.bms.family import load_family
from drivers.bms.log_decode import decode_frames, decode_log, summary
from drivers.bms.log_files import write_log
from drivers.bms.serial_decoder import SerialDecoder
from drivers.bms.signals import FINDINGS, Finding
from station.messages import LANGUAGES, say
from tests.drivers.bms.recordings import frame, isotp_frames
from tests.drivers.bms.test_serial_frames import JBD_BASIC, JBD_CELLS, daly, jk_frame

JBD_ASKS = (bytes.fromhex("dda50300fffd77"), bytes.fromhex("dda50400fffc77"))


def byd_volts(t_s: float, volts: int = 4151) -> can.Message:
    """438: pack voltage in 0.1 V in bytes 5 and 6, inverted sum in byte 7."""
    body = bytes(5) + volts.to_bytes(2, "little")
    return frame(t_s, 0x438, body + bytes([~sum(body) & 0xFF]))


def byd_extremes(t_s: float) -> can.Message:
    """446, once a second: lowest and highest cell with their numbers."""
    low, high = (3290).to_bytes(2, "little"), (3306).to_bytes(2, "little")
    return frame(t_s, 0x446, b"\x03" + low + b"\0\x09" + high + b"\0")


def found(family: str, frames: list[can.Message]) -> dict[str, Finding]:
    decoder, _ = decode_frames(load_family(family), sorted(frames, key=lambda one: one.timestamp))
    return {one.kind: one for one in decoder.store.findings()}


def test_a_pack_that_stops_while_the_bus_goes_on() -> None:
    pack = [byd_volts(n / 10) for n in range(30)]
    others = [frame(n / 10, 0x123, bytes(8)) for n in range(100)]
    stopped = found("byd-atto3", pack + others)["stopped"]
    assert stopped.first_s == pytest.approx(2.9)
    assert stopped.detail == "7.0 s"
    # Asked seldom, and answering each time: no end of it.
    answers = [one for n in range(12) for one in isotp_frames(0x7EF, b"\x62\x00\x0b\x01\x41", 5.0 * n)]
    quiet = [frame(n / 10, 0x123, bytes(8)) for n in range(750)]
    assert "stopped" not in found("byd-atto3", answers + quiet)
    assert "stopped" not in found("byd-atto3", pack + others[:45])


def test_requests_without_answers() -> None:
    asked = [one for n in range(3) for one in isotp_frames(0x7E4, b"\x22\x01\x01", n * 2.0)]
    unanswered = found("hyundai-kona-64", asked)["no_reply"]
    assert (unanswered.where, unanswered.count) == ("general", 2), "the recording ends with the third"
    pending, refused = isotp_frames(0x7EC, b"\x7f\x22\x78", 0.1), isotp_frames(0x7EC, b"\x7f\x22\x31", 0.9)
    assert "no_reply" not in found("hyundai-kona-64", asked[:1] + pending + refused + asked[2:])
    assert found("hyundai-kona-64", asked[:1] + pending + asked[2:])["no_reply"].count == 1
    wants_none = isotp_frames(0x7E4, b"\x3e\x80") + isotp_frames(0x7E4, b"\x3e\x80", 2.0)
    assert "no_reply" not in found("hyundai-kona-64", wants_none)


@pytest.mark.parametrize(
    ("family", "asks", "answers", "name"),
    [
        ("jbd", JBD_ASKS, (JBD_BASIC, JBD_CELLS), "basicinfo"),
        ("daly", (daly(0x90, 2, 13, address=0x40),), (daly(0x90, 2, 13),), "pack"),
        ("jk", (jk_frame(b"\0", command=6, kind=0),), (jk_frame(b"\x85\x0f\xc0\x01"),), "status"),
    ],
)
def test_a_board_that_stops_answering(
    family: str, asks: tuple[bytes, ...], answers: tuple[bytes, ...], name: str
) -> None:
    decoder = SerialDecoder(load_family(family), recorded=True)
    for n in range(24):
        at = n % len(asks)
        decoder.on_bytes(float(n), asks[at])
        if n < 12:
            decoder.on_bytes(n + 0.1, answers[at])
    decoder.end()
    told = {one.kind: one for one in decoder.store.findings()}
    assert told["stopped"].first_s == pytest.approx(11.1)
    assert told["no_reply"].count >= 5
    assert name in {one.where for one in decoder.store.findings() if one.kind == "no_reply"}


@pytest.mark.parametrize("seconds", [9, 15])
def test_two_packs_that_speak_once_a_second(seconds: int) -> None:
    one = [byd_extremes(float(n)) for n in range(seconds)]
    two = [byd_extremes(n + 0.4) for n in range(seconds)]
    assert "two_packs" not in found("byd-atto3", one)
    assert found("byd-atto3", one + two)["two_packs"].where == "BMS_446"
    late = [byd_extremes(n if n > 4 else 4.0 + n / 1000) for n in range(seconds)]  # a host that was busy
    assert "two_packs" not in found("byd-atto3", late)


def test_a_long_message_to_everybody() -> None:
    group = b"\x00\x15\x00"  # BMV: two bytes a cell
    cells = b"".join((370 + n).to_bytes(2, "little") for n in range(7))
    frames = [frame(0.0, 0x1CECFFF4, b"\x20" + len(cells).to_bytes(2, "little") + b"\x02\xff" + group, True)]
    frames += [
        frame(0.1, 0x1CEBFFF4, b"\x01" + cells[:7], True),
        frame(0.2, 0x1CEBFFF4, b"\x02" + cells[7:], True),
    ]
    decoder, _ = decode_frames(load_family("gbt27930-2015"), frames)
    read = [reading.value for reading in decoder.store.members("cell_voltage_V")]
    assert read == pytest.approx([3.70 + n / 100 for n in range(7)])


def test_what_no_battery_can_have_is_no_number(tmp_path: Path) -> None:
    path = tmp_path / "garbage.log"
    write_log(path, [byd_volts(0.0), byd_volts(0.1, 60_000), byd_volts(0.2, 4152)])
    body = summary(decode_log(load_family("byd-atto3"), path), series=True)
    volts = body["signals"]["pack_voltage_V"]
    assert [value for _, value in volts["series"]] == [415.1, None, 415.2]
    assert (volts["max"], volts["not_available"]) == (415.2, 1)
    told = [one for one in body["findings"] if one["kind"] == "implausible"]
    assert [(one["where"], one["count"], one["first_s"]) for one in told] == [("pack_voltage_V", 1, 0.1)]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", FINDINGS)
def test_every_finding_has_words_and_a_remedy(kind: str, lang: str) -> None:
    told = say(f"bms.{kind}", {"where": "43D"}, lang)
    assert told.text != f"bms.{kind}"
    assert told.remedy
