"""``station bms``: what it prints of real recordings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from station.cli.main import invoke

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
        (("decode", str(KONA.with_name("none.asc")), "--family", "jbd", "--json"), "driver.log"),
        (("decode", str(KONA.with_name("none.asc")), "--family", "byd-atto3", "--json"), "driver.log"),
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
