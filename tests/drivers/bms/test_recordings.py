"""Real recordings decode to the values that are known of them."""

from __future__ import annotations

import pytest

from drivers.bms.family import load_family
from drivers.bms.log_decode import decode_log, summary
from tests.drivers.bms.recordings import CAN, GBT, KONA


@pytest.mark.parametrize(
    ("file", "low_V", "high_V", "frames"),
    [
        ("idle_first_4s.asc", 360.8, 360.8, 897),
        ("main_relay_neg_on.asc", 360.8, 360.9, 640),
        ("precharge_sequence.asc", 360.8, 363.4, 720),
    ],
)
def test_a_kona_pack_on_the_bench(file: str, low_V: float, high_V: float, frames: int) -> None:
    decoded = decode_log(load_family("hyundai-kona-64"), KONA / file)
    body = summary(decoded)
    assert body["frames"]["received"] == frames
    volts = body["signals"]["pack_voltage_V"]
    assert (volts["min"], volts["max"], volts["unit"], volts["resolution"]) == (low_V, high_V, "V", 0.1)
    assert body["signals"]["current_A"]["max"] == 0.0 == body["signals"]["current_A"]["min"]
    assert 48.5 <= body["signals"]["soc_pct"]["min"] <= body["signals"]["soc_pct"]["max"] <= 57
    assert 50.0 <= body["signals"]["soc_shown_pct"]["min"] <= body["signals"]["soc_shown_pct"]["max"] <= 58.5
    assert 10 <= body["signals"]["temperature_degC"]["value"] <= 11
    assert body["messages"]["BMS_595"]["period_s"] == pytest.approx(0.1, abs=0.002)
    assert {found["kind"] for found in body["findings"]} <= {"written_to", "negative_response"}


def test_relays_driven_by_another_tool_are_told() -> None:
    findings = {f.kind: f for f in _findings("hyundai-kona-64", "precharge_sequence.asc")}
    assert findings["written_to"].count == 2
    assert "2f f0 32" in findings["written_to"].detail
    assert findings["negative_response"].where == "2F 7F service not in this session"


def _findings(family: str, file: str) -> list:
    return decode_log(load_family(family), KONA / file).store.findings()


def test_a_charging_session_with_its_long_messages() -> None:
    body = summary(decode_log(load_family("gbt27930-2015"), GBT))
    signals = body["signals"]
    value = {name: row["value"] for name, row in signals.items()}
    assert body["frames"]["received"] == 1149
    assert (signals["pack_voltage_V"]["min"], signals["pack_voltage_V"]["max"]) == (490.1, 497.1)
    # The station counts charging positive; on the wire this session shows 0 … −3.0 A.
    assert (signals["current_A"]["min"], signals["current_A"]["max"]) == (0.0, 3.0)
    assert (signals["cell_voltage_max_V"]["min"], signals["cell_voltage_max_V"]["max"]) == (3.71, 3.96)
    assert (value["soc_pct"], value["voltage_demand_V"], value["current_demand_A"]) == (97.0, 597.0, 3.0)
    assert (value["temperature_min_degC"], value["temperature_degC"]) == (24.0, 25.0)
    assert value["protocol_version"] == "1.1"
    assert (value["chemistry"], value["rated_capacity_Ah"], value["rated_voltage_V"]) == ("NMC", 18.0, 492.1)
    assert (value["production_year"], value["charge_count"], value["vendor"]) == (2015.0, 1.0, "KLIE")
    assert body["faults"] == ["the BMS missed CCS"]
    assert body["messages"]["BRM"]["count"] == 1
    # The recording ends inside a long message, which is told and nothing else.
    assert [(f["kind"], f["where"]) for f in body["findings"]] == [("tp_truncated", "BCS")]


def test_the_same_session_as_its_analyser_wrote_it() -> None:
    table = decode_log(load_family("gbt27930-2015"), CAN / "gbt27930" / "first_40_frames_gbk.csv")
    text = decode_log(load_family("gbt27930-2015"), GBT)
    assert table.frames["received"] == 40
    assert table.lines_left_out == 0
    for name in ("rated_voltage_V", "pack_voltage_start_V", "cell_voltage_limit_V", "ready_to_charge"):
        ours, theirs = table.of(name), text.of(name)
        assert ours is not None
        assert theirs is not None
        assert ours.values == theirs.values[: len(ours.values)]
