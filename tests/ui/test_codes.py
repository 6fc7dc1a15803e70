"""What a scan is."""

from __future__ import annotations

import pytest

from station.ui.codes import BadScan, BatteryCode, Command, LabelPart, read_scan


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("04QCB76G88201JD1A0000017", "04QCB76G88201JD1A0000017"),
        (" 04qcb76g88201jd1a0000017\r", "04QCB76G88201JD1A0000017"),
        ("０４ＱＣＢ７６Ｇ８８２０１ＪＤ１Ａ０００００１７", "04QCB76G88201JD1A0000017"),
        ("]C104QCB76G88201JD1A0000017", "04QCB76G88201JD1A0000017"),
        ("own-0042", "OWN-0042"),
        ("旧电池 12", "旧电池 12"),
    ],
)
def test_a_battery_code_is_folded(raw: str, code: str) -> None:
    assert read_scan(raw) == BatteryCode(code)


@pytest.mark.parametrize(
    ("raw", "command"),
    [
        ("#CMD#START#", Command("START")),
        ("#cmd#stop,2#", Command("STOP", "2")),
        ("＃CMD＃STOPALL＃", Command("STOPALL")),
        ("#CMD#STOP#", Command("STOP")),
        ("#CMD#CHANNEL,2#", Command("CHANNEL", "2")),
        ("#CMD#CHANNEL,2#CMD#", Command("CHANNEL", "2")),
        ("#CMD#PROFILE,rapid#", Command("PROFILE", "RAPID")),
    ],
)
def test_a_command_barcode_is_read(raw: str, command: Command) -> None:
    assert read_scan(raw) == command


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("", "refuse.empty_code"),
        ("  \t", "refuse.empty_code"),
        ("!!bad", "refuse.malformed_code"),
        ("AB", "refuse.malformed_code"),
        ("04QCB76G88201JD1A000001704QCB76G88201JD1A0000017", "refuse.long_code"),
        ("#CMD#ESTOP#", "refuse.unknown_command"),
        ("#CMD#START,2#", "refuse.unknown_command"),
        ("#CMD#CHANNEL#", "refuse.unknown_command"),
        ("#CMD#START", "refuse.unknown_command"),
    ],
)
def test_what_is_neither_is_refused_by_name(raw: str, key: str) -> None:
    read = read_scan(raw)
    assert isinstance(read, BadScan)
    assert read.key == key


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("]E04006381333931", "refuse.foreign_goods"),
        ("HTTPS://example.com/x", "refuse.foreign_link"),
        ("20261128T142305-1-0a1b2c", "refuse.foreign_report"),
    ],
)
def test_foreign_codes_have_a_name(raw: str, key: str) -> None:
    read = read_scan(raw)
    assert isinstance(read, BadScan)
    assert read.key == key


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        ("]C102lcc0210010", LabelPart("02LCC0210010", 24)),
        ("02LCC02100101A", LabelPart("02LCC02100101A", 24)),
        ("02LCB01D15", LabelPart("02LCB01D15", 24)),
    ],
)
def test_half_a_label_is_known_by_its_form(raw: str, part: LabelPart) -> None:
    assert read_scan(raw) == part


@pytest.mark.parametrize(
    "free", ["515092901207", "H27735291063", "PIP15828A00225770", "87Y0026421", "OWN-261128-1"]
)
def test_free_ids_are_no_halves(free: str) -> None:
    assert read_scan(free) == BatteryCode(free)
