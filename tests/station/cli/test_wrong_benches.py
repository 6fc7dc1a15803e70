"""Bench files with one mistake in an instrument: the error names file, instrument, field and remedy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from station.cli.main import invoke

SM15K = {"driver": "delta-sm15k", "address": "tcp://127.0.0.1:18462"}
CYCLER = {"driver": "maccor-macnet", "address": "tcp://127.0.0.1:57570"}
EA_MODBUS = {"driver": "ea-psb10000-modbus", "address": "tcp://127.0.0.1:502"}
RATING = {"voltage_max_V": 80, "current_max_A": 120, "power_max_W": 5000}


def pair(**load: object) -> dict[str, object]:
    return {"driver": "supply-and-load", "options": {"supply": SM15K, "load": load}}


@pytest.mark.parametrize(
    ("power", "told"),
    [
        (
            {"driver": "itech-it6000c", "address": "tcp://127.0.0.1:1", "options": {"pause": 0.02}},
            ("power: options of driver 'itech-it6000c': pause: no such option", "knows:", "pause_s"),
        ),
        (
            {"driver": "ea-psb10000", "address": "tcp://127.0.0.1:1",
             "options": {**RATING, "voltage_max_V": "eighty"}},
            ("power: options of driver 'ea-psb10000': voltage_max_V:", "valid number", "correct its options"),
        ),
        (
            pair(driver="itech-it8500-scpi", address="serial:/dev/ttyUSB9"),
            ("load: options of driver 'itech-it8500-scpi': voltage_max_V: Field required", "knows:"),
        ),
        (
            {**CYCLER, "options": {"voltage_max_V": 5, "current_max_A": 10}},
            ("power: options of driver 'maccor-macnet': channel: Field required", "correct its options"),
        ),
        (
            pair(driver="kunkin-kp184", address="serial:/dev/ttyUSB9", options={"crc": "middle"}),
            ("load: options of driver 'kunkin-kp184': crc:", "'high-first'", "correct its options"),
        ),
        (
            {**SM15K, "address": "tcp://127.0.0.1:1846299"},
            ("power: address 'tcp://127.0.0.1:1846299' cannot be used", "check its power, cable and address"),
        ),
        (
            {**EA_MODBUS, "options": RATING},
            ("power: address 'tcp://127.0.0.1:502' cannot be used", "'ea-psb10000-modbus'", "modbus-tcp"),
        ),
        (
            {**SM15K, "driver": "delta-sm15"},
            ("power: no driver named 'delta-sm15'", "check the driver's name"),
        ),
    ],
)  # fmt: skip
def test_it_names_file_instrument_field_and_remedy(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    power: dict[str, object],
    told: tuple[str, ...],
) -> None:
    monkeypatch.setenv("STATION_LANG", "en")
    limits = {
        "voltage_min_V": 1.9,
        "voltage_max_V": 4.3,
        "charge_current_max_A": 20,
        "discharge_current_max_A": 20,
        "power_max_W": 100,
    }
    title = {"zh": "坏", "en": "bad"}
    channel = {"id": "1", "name": title, "level": "cell", "power": power, "limits": limits}
    file = tmp_path / "wrong.yaml"
    file.write_text(
        json.dumps({"schema": "pulse-station/bench/1", "name": "bad", "title": title, "channels": [channel]})
    )
    assert invoke(["bench", "check", str(file)]) == 4
    shown = capsys.readouterr().err
    for part in (str(file), "channel 1", *told):
        assert part in shown, shown
