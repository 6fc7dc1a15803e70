"""``station bms``: what it prints of real recordings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from station.cli.main import invoke
from tests.drivers.bms.recordings import isotp_frames
from tests.drivers.bms.test_serial_frames import JBD_BASIC, JBD_CELLS

CAN = Path(__file__).parents[2] / "data" / "can"
KONA = CAN / "kona-cc0" / "precharge_sequence.asc"
GBT = CAN / "gbt27930" / "charger_bms_session.log"


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = invoke(["bms", *arguments])
    return code, capsys.readouterr().out


def test_families(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = told(capsys, "families", "--json")
    rows = {row["family"]: row for row in json.loads(out)["families"]}
    assert code == 0
    assert {"hyundai-kona-64", "gbt27930-2015", "jbd", "daly", "jk", "pylontech-rs485"} <= rows.keys()
    assert {"pylontech-can", "byd-atto3", "vw-meb", "nissan-leaf"} <= rows.keys()
    assert rows["hyundai-kona-64"]["cell_resolution_V"] == 0.02
    assert rows["byd-atto3"]["evidence"] == "source"


def test_decode(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = told(capsys, "decode", str(KONA), "--family", "hyundai-kona-64", "--json", "--series")
    body = json.loads(out)
    volts = body["signals"]["pack_voltage_V"]
    assert code == 0
    assert (volts["min"], volts["max"], len(volts["series"])) == (360.8, 363.4, 37)
    assert {row["kind"] for row in body["findings"]} == {"written_to", "negative_response"}
    code, out = told(capsys, "decode", str(GBT), "--family", "gbt27930-2015")
    assert "490.1 … 497.1" in out
    assert "fault: the BMS missed CCS" in out


def test_history_of_a_recording(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = told(capsys, "history", str(GBT), "--family", "gbt27930-2015", "--json")
    body = json.loads(out)
    assert code == 0
    assert body["history"]["charge_count"]["value"] == 1.0
    assert body["identity"]["chemistry"]["value"] == "NMC"
    assert "reset" in body["note"]


def test_watch_and_record_a_recording_played_fast(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "again.blf"
    address = f"replay:{KONA}?speed=20"
    code, out = told(capsys, "watch", address, "--family", "hyundai-kona-64", "--record", str(copy), "--json")
    rows = {row["name"]: row for row in json.loads(out)["signals"]}
    assert code == 0
    assert rows["pack_voltage_V"]["value"] == pytest.approx(360.8)
    assert rows["pack_voltage_V"]["unit"] == "V"
    code, out = told(capsys, "decode", str(copy), "--family", "hyundai-kona-64", "--json")
    assert json.loads(out)["frames"]["received"] == 720
    code, out = told(capsys, "convert", str(copy), str(tmp_path / "again.log"))
    assert (code, out.split()[0]) == (0, "720")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("decode", str(KONA), "--family", "tesla", "--json"), "driver.family"),
        (("decode", str(KONA.parent), "--family", "jbd", "--json"), "driver.log_unreadable"),
        (("decode", str(KONA), "--family", "jbd", "--json"), "driver.log_no_bytes"),
        (("decode", str(KONA), "--family", "hyundai-kona-64", "--channel", "7", "--json"), "driver.log_bus"),
        (("history", str(KONA.with_name("none.asc")), "--family", "jbd", "--json"), "driver.log_missing"),
        (("watch", f"replay:{KONA}?speed=0", "--family", "hyundai-kona-64", "--json"), "driver.log_replay"),
        (("watch", f"replay:{KONA}?spood=9", "--family", "hyundai-kona-64", "--json"), "driver.log_replay"),
        (("decode", str(KONA.with_name("none.asc")), "--family", "jbd", "--json"), "driver.log_missing"),
        (
            ("decode", str(KONA.with_name("none.asc")), "--family", "byd-atto3", "--json"),
            "driver.log_missing",
        ),
    ],
)
def test_errors_have_code_and_remedy(
    arguments: tuple[str, ...], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    exit_code, out = told(capsys, *arguments)
    error = json.loads(out)["error"]
    assert exit_code == (2 if code == "driver.family" else 6)
    assert error["code"] == code
    assert error["remedy"]


def test_findings_and_remedies_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "silent.log"
    path.write_text("".join(f"({n}.0) can0 123#00\n" for n in range(9)), encoding="utf-8")
    for lang, text, remedy in (
        ("en", "nothing of this family", "check 12 V"),
        ("zh", "没有收到该系列", "检查 12 V"),
    ):
        monkeypatch.setenv("STATION_LANG", lang)
        _, out = told(capsys, "decode", str(path), "--family", "byd-atto3")
        assert f"! silent ×1: {text}" in out
        assert f"→ silent: {remedy}" in out


def test_a_recorded_serial_line_is_played(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "line.txt"
    path.write_text(f"0.0 {JBD_BASIC.hex()}\n0.4 {JBD_CELLS.hex()}\n", encoding="utf-8")
    code, out = told(capsys, "watch", f"replay:{path}?speed=4", "--family", "jbd", "--json")
    rows = {(row["name"], row["number"]): row["value"] for row in json.loads(out)["signals"]}
    assert code == 0
    assert rows["pack_voltage_V", None] == pytest.approx(15.6)
    assert rows["cell_voltage_V", 4] == pytest.approx(3.417)


def test_the_bus_of_the_pack_is_played_of_several(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    volts, other = "0000000000003714", "FFFFFFFFFFFF5555"  # 595: the last two bytes in 0.1 V
    lines = [
        f"(1.{n}) {bus} 595#{data}\n"
        for n in range(9)
        for bus, data in (("body", other[:6]), ("pack", volts))
    ]
    (tmp_path / "two.log").write_text("".join(lines), encoding="utf-8")
    address = f"replay:{tmp_path / 'two.log'}?speed=50"
    _, out = told(capsys, "watch", address, "--family", "hyundai-kona-64", "--json")
    body = json.loads(out)
    assert {row["name"]: row["value"] for row in body["signals"]}["pack_voltage_V"] == pytest.approx(517.5)
    assert body["frames"]["received"] == 9


def test_what_a_form_cannot_hold_is_said_not_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "fd.log"
    path.write_text("(1.0) can0 16A954E8##50102030405060708090A0B0C\n", encoding="utf-8")
    code, _ = told(capsys, "convert", str(path), str(tmp_path / "fd.trc"))
    assert code == 6
    assert not (tmp_path / "fd.trc").exists()
    assert told(capsys, "convert", str(path), str(tmp_path / "fd.xlsx"))[0] == 6
    path.write_text("(1.0) can0 595#0B00\n(1.1) can0 20000004#0004\n(1.2) can0 595#R\n", encoding="utf-8")
    assert invoke(["bms", "convert", str(path), str(tmp_path / "plain.trc")]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("1 frames")
    assert "left out: 2" in said.err


def test_counters_that_contradict_each_other_are_said_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Kona's answer with 32 461 Ah charged and 12 Ah discharged."""
    body = bytearray(62)
    body[:3], body[33:37], body[37:41] = (
        b"\x62\x01\x01",
        (324610).to_bytes(4, "big"),
        (120).to_bytes(4, "big"),
    )
    path = tmp_path / "reset.log"
    lines = [f"({one.timestamp:.3f}) can0 7EC#{one.data.hex()}\n" for one in isotp_frames(0x7EC, bytes(body))]
    path.write_text("".join(lines), encoding="utf-8")
    for lang, text, note in (
        ("en", "one counter was reset", "never trust one"),
        ("zh", "曾被清零", "绝不单独相信"),
    ):
        monkeypatch.setenv("STATION_LANG", lang)
        assert invoke(["bms", "history", str(path), "--family", "hyundai-kona-64"]) == 0
        said = capsys.readouterr()
        assert text in said.out
        assert note in said.err
