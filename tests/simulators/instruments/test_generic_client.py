"""Clients of others that were written for no instrument here: scpi-instrument-control and easy-scpi (MIT).

The first knows a 34970A by its identity, and treats what it does not know as a supply of SCPI-99, with the
suffix 1 on every header (``SOUR1:VOLT``, ``OUTP1``, ``MEAS1:VOLT?``). The second makes headers of the names
of attributes, through VISA.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from simulators.bench import running
from simulators.config import BenchSimulation
from tests.simulators.instruments.conftest import OhmicBattery

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # theirs, not ours
    theirs: Any = pytest.importorskip("scpi_control.data_logger")
    supplies: Any = pytest.importorskip("scpi_control.power_supply")
    easy: Any = pytest.importorskip("easy_scpi")

POINTS = {"101": {"point": "battery"}, "102": {"point": "battery"},
          "103": {"kind": "thermocouple", "point": "ambient"}}  # fmt: skip
KINDS: dict[str, dict[str, Any]] = {
    "keysight-34970a": {"channels": POINTS, "voltage_noise_ppm": 0, "thermocouple_noise_K": 0},
    "itech-it6000c": {},
    "ea-psb10000": {},
    "itech-it8500-scpi": {},
    "siglent-sdl1000x": {},
    "keysight-el30000": {},
}


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, tuple[str, int]]]:
    bench = BenchSimulation.model_validate(
        {
            "speed": 50.0,
            "channels": [
                {"id": kind, "instruments": [{"kind": kind, "options": options}]}
                for kind, options in KINDS.items()
            ],
        }
    )
    with running(bench, battery_builder=OhmicBattery) as info:
        yield {unit["kind"]: (unit["host"], unit["port"]) for unit in info["instruments"]}


def test_it_scans_with_the_34970a(addresses: dict[str, tuple[str, int]]) -> None:
    host, port = addresses["keysight-34970a"]
    unit = theirs.DataLogger(host, port=port, timeout=30.0)
    unit.connect()
    try:
        assert "34970A" in unit.identify()
        unit.reset()
        unit.configure_voltage_dc([101, 102])
        unit.set_scan_list([101, 102])
        unit.set_trigger_source("IMM")
        unit.set_trigger_count(1)
        assert [reading.value for reading in unit.read()] == [pytest.approx(3.6)] * 2
        unit.configure_temperature([103])
        unit.initiate()
        assert [reading.value for reading in unit.fetch()] == [pytest.approx(25.0)]
        assert unit.get_data_points() == 1
        assert [reading.value for reading in unit.read_and_remove(10)] == [pytest.approx(25.0)]
        assert unit.get_data_points() == 0
        (one,) = unit.measure_voltage_dc([101])
        assert (one.value, one.channel) == (pytest.approx(3.6), 101)
        assert unit.get_error() == '+0,"No error"'
    finally:
        unit.disconnect()


@pytest.mark.parametrize("kind", ["itech-it6000c", "ea-psb10000"])
def test_it_takes_a_source_for_a_supply_of_scpi_99(addresses: dict[str, tuple[str, int]], kind: str) -> None:
    host, port = addresses[kind]
    unit = supplies.PowerSupply(host, port=port, timeout=30.0)
    unit.connect()
    try:
        unit.write("SYST:LOCK ON" if kind == "ea-psb10000" else "SYST:REM")
        (number,) = unit.supported_outputs
        output = unit.get_output(number)
        output.voltage = 3.6
        if kind == "itech-it6000c":  # the other answers with its unit, which this client does not read
            assert output.voltage == 3.6
        output.enable()
        assert unit.query("OUTP1?") == ("1" if kind == "itech-it6000c" else "ON")
        if kind == "itech-it6000c":
            assert output.measure_voltage() == pytest.approx(3.6, abs=0.02)
            assert output.measure_current() == pytest.approx(0.0, abs=0.5)
        output.disable()
        assert output.enabled is False
        assert unit.get_error().lstrip("+").startswith("0,")
    finally:
        unit.disconnect()


@pytest.mark.parametrize("kind", ["siglent-sdl1000x", "keysight-el30000", "itech-it8500-scpi"])
def test_easy_scpi_runs_a_load(addresses: dict[str, tuple[str, int]], kind: str) -> None:
    host, port = addresses[kind]
    unit = easy.Instrument(
        port=f"TCPIP0::{host}::{port}::SOCKET", port_match=False, backend="@py", timeout=30000,
        read_termination="\n", write_termination="\n",
    )  # fmt: skip
    unit.connect()
    try:
        assert unit.id
        unit.func("CURR")
        unit.curr(1.5)
        assert float(unit.source.current.level.immediate.amplitude()) == 1.5
        unit.inp("ON")
        assert float(unit.meas.curr()) == pytest.approx(1.5, abs=0.01)
        assert float(unit.measure.voltage.dc()) == pytest.approx(3.6, abs=0.05)
        unit.inp("OFF")
        assert unit.inp() == "0"
        assert unit.syst.err() == '0,"No error"'
    finally:
        unit.disconnect()
