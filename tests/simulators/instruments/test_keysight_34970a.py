"""Simulated 34970A on the wire: scan list, timing within a sweep, memory, format, faults."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from instro.daq.drivers.keysight_34980a import Keysight34980A
from instro.daq.types import AnalogVoltageChannel, Direction, HWTimingConfig
from instro.lib.transports.visa import TerminatorConfig, TimeoutConfig, VisaConfig

SCANNER = {
    "kind": "keysight-34970a",
    "options": {
        "voltage_noise_ppm": 0,
        "thermocouple_noise_K": 0,
        "channels": {
            "101": {"kind": "thermocouple", "point": "temperature:1"},
            "102": {"kind": "thermocouple", "point": "ambient"},
            "103": {"kind": "voltage", "point": "battery"},
            "104": {"kind": "voltage", "point": "cell:2"},
            "105": {"kind": "voltage", "point": "output"},
        },
    },
}


@pytest.fixture
def bench(start, delta_unit):
    return start([SCANNER, delta_unit], battery={"cells": 2})


@pytest.fixture
def daq(bench):
    return bench.client("keysight-34970a")


def _numbers(text: str) -> list[float]:
    return [float(part) for part in text.split(",")]


def _scan(bench, daq, seconds: float = 1.0) -> list[float]:
    daq.write("INIT")
    bench.advance(seconds)
    return _numbers(daq.ask("FETC?"))


def test_identity_and_empty_state(daq) -> None:
    assert daq.ask("*IDN?").startswith("HEWLETT-PACKARD,34970A,0,")
    assert daq.ask("ROUT:SCAN?") == "#13(@)"
    assert daq.ask("SYST:ERR?") == '+0,"No error"'
    daq.write("INIT")
    assert daq.ask("SYST:ERR?").startswith("-221")


def test_scan_list_is_sorted_and_configure_redefines_it(daq) -> None:
    daq.write("ROUT:SCAN (@108,103)")
    assert daq.ask("ROUT:SCAN?") == "#210(@103,108)"
    assert daq.ask("ROUT:SCAN:SIZE?") == "+2"
    daq.write("FORM:READ:UNIT ON", "CONF:VOLT:DC 10,0.001,(@104)")
    assert daq.ask("ROUT:SCAN?") == "#16(@104)"
    assert daq.ask("FORM:READ:UNIT?") == "0"
    daq.write("CONF:TEMP TC,K,(@101:102)", "ROUT:SCAN (@)")
    assert daq.ask("ROUT:SCAN?") == "#13(@)"


def test_one_sweep_reads_every_point(bench, daq) -> None:
    daq.write("CONF:VOLT:DC 10,(@103:105)", "CONF:TEMP TC,K,(@101,102)", "ROUT:SCAN (@101:105)")
    values = _scan(bench, daq)
    assert values == pytest.approx([25.0, 25.0, 7.2, 3.6, 7.2], abs=1e-4)
    assert _numbers(daq.ask("FETC?")) == values  # FETCh keeps the memory
    assert daq.ask("DATA:POIN?") == "+5"


def test_each_channel_is_read_at_its_own_time(bench, daq) -> None:
    unit = bench.client("delta-sm15k")
    unit.write("SOUR:VOLT 2", "SOUR:CURR:NEG -100", "SOUR:POW:NEG -15000")
    daq.write("CONF:VOLT:DC 10,(@103,104)", "TRIG:COUN 2", "FORM:READ:TIME ON;CHAN ON", "INIT")
    bench.advance(0.030)  # channel 103 is done, 104 is not
    unit.write("OUTP 1")
    bench.advance(0.500)
    fields = daq.ask("FETC?").split(",")
    readings = [fields[i : i + 3] for i in range(0, len(fields), 3)]
    assert [(time, channel) for _, time, channel in readings] == [
        ("0.020", "103"), ("0.040", "104"), ("0.060", "103"), ("0.080", "104"),
    ]  # fmt: skip
    assert [float(value) for value, _, _ in readings] == pytest.approx([7.2, 3.5, 7.0, 3.5], abs=1e-3)


def test_read_answers_when_the_sweep_is_done(start) -> None:
    bench = start([SCANNER], battery={"cells": 2}, real_time=True)
    daq = bench.client("keysight-34970a")
    daq.write("CONF:VOLT:DC 10,(@103,104)")
    began = bench.truth()["time_s"]
    assert _numbers(daq.ask("READ?")) == pytest.approx([7.2, 3.6], abs=1e-4)
    assert bench.truth()["time_s"] - began >= 0.040


def test_commands_behind_a_read_wait_for_it(bench, daq) -> None:
    daq.write("CONF:VOLT:DC 10,(@103)", "READ?", "*IDN?")
    assert daq.silent_for(0.05)
    bench.time.advance(1.0)
    assert float(daq.read()) == pytest.approx(7.2, abs=1e-4)
    assert daq.read().startswith("HEWLETT")


def test_format_of_a_reading(bench, daq) -> None:
    daq.write("SYST:DATE 2004,11,21", "SYST:TIME 14,54,33.000", "CONF:VOLT:DC 10,(@103)")
    daq.write(
        "FORM:READ:UNIT ON",
        "FORM:READ:TIME ON",
        "FORM:READ:TIME:TYPE ABS",
        "FORM:READ:CHAN ON",
        "FORM:READ:ALAR ON",
        "INIT",
    )
    bench.advance(1.0)
    assert daq.ask("FETC?") == "+7.20000000E+00 VDC,2004,11,21,14,54,33.020,103,0"


def test_blocks_and_removal(bench, daq) -> None:
    daq.write("CONF:VOLT:DC 10,(@103,104)", "TRIG:COUN 3")
    _scan(bench, daq)
    assert daq.ask("R? 2") == "#231+7.20000000E+00,+3.60000000E+00"
    assert _numbers(daq.ask("DATA:REM? 1")) == [7.2]
    assert daq.ask("DATA:POIN?") == "+3"
    assert _numbers(daq.ask("DATA:LAST? (@103)")) == [7.2]
    daq.write("DATA:REM? 99")
    assert daq.ask("SYST:ERR?").startswith("-222")
    assert daq.ask("R?").startswith("#247")
    assert daq.ask("R?") == "#10"


def test_timer_bus_and_state(bench, daq) -> None:
    daq.write("CONF:VOLT:DC 10,(@103)", "TRIG:SOUR TIM", "TRIG:TIM 2", "TRIG:COUN INF", "INIT")
    bench.advance(7.0)
    assert daq.ask("DATA:POIN?") == "+4"
    assert int(daq.ask("STAT:OPER:COND?")) == 16
    daq.write("ABOR")
    assert int(daq.ask("STAT:OPER:COND?")) == 0
    daq.write("TRIG:SOUR BUS", "TRIG:COUN 1", "INIT")
    assert int(daq.ask("STAT:OPER:COND?")) == 16 | 32
    daq.write("*TRG")
    bench.advance(1.0)
    assert daq.ask("DATA:POIN?") == "+1"


def test_overload_and_open_thermocouple(bench, daq) -> None:
    daq.write("CONF:VOLT:DC 1,(@103)", "CONF:TEMP TC,K,(@101,106)", "ROUT:SCAN (@101,103,106)")
    assert _scan(bench, daq) == [25.0, 9.9e37, 9.9e37]
    bench.fault("thermocouple_open", 101)
    assert _scan(bench, daq)[0] == 9.9e37
    bench.fault("thermocouple_open", False)
    assert _scan(bench, daq)[0] == 25.0


def test_frozen_reading_repeats_the_last_one(bench, daq) -> None:
    daq.write("CONF:VOLT:DC 10,(@103)")
    assert _scan(bench, daq) == pytest.approx([7.2])
    bench.control("connect", channel="1", battery={"cells": 2, "soc": 1.0})
    bench.fault("frozen_reading", instrument="keysight-34970a")
    assert _scan(bench, daq) == pytest.approx([7.2])
    bench.fault("frozen_reading", False, instrument="keysight-34970a")
    assert _scan(bench, daq) == pytest.approx([8.4])
    bench.fault("sentinel_reading", instrument="keysight-34970a")
    assert _scan(bench, daq) == [9.9e37]


def test_more_than_300_V_is_overload(start) -> None:
    bench = start([SCANNER], battery={"cells": 96})
    daq = bench.client("keysight-34970a")
    daq.write("CONF:VOLT:DC 300,(@103)")
    assert _scan(bench, daq) == [9.9e37]


def test_temperature_units(bench, daq) -> None:
    daq.write("CONF:TEMP TC,K,(@102)", "UNIT:TEMP F,(@102)", "SENS:TEMP:TRAN:TC:RJUN:TYPE INT,(@102)")
    assert _scan(bench, daq) == pytest.approx([77.0])


def test_instro_34980a_driver_partly(start) -> None:
    """A sister model's driver: it adds to the scan list, which the option allows here."""
    scanner = {**SCANNER, "options": {**SCANNER["options"], "accept_scan_add": True}}
    bench = start([scanner], battery={"cells": 2}, real_time=True)
    host, port = bench.address("keysight-34970a")
    driver = Keysight34980A(
        VisaConfig(
            f"TCPIP0::{host}::{port}::SOCKET",
            visa_backend="@py",
            terminator=TerminatorConfig("\n", "\n"),
            timeout=TimeoutConfig(recv=5),
        )
    )
    driver.open()
    try:
        driver.configure_ai_voltage_channel(
            AnalogVoltageChannel(
                physical_channel="103",
                alias="pack",
                direction=Direction.INPUT,
                range_min=-10,
                range_max=10,
                scaler=None,
            )
        )
        timing = HWTimingConfig(sample_rate=20.0, sample_period=50_000_000, samples_per_channel=3)
        driver.configure_ai_hw_timing(timing)
        driver.start()
        text = driver.fetch_analog().data
        driver.stop()
    finally:
        driver.close()
    fields = text.split(",")
    assert [float(value) for value in fields[::7]] == pytest.approx([7.2] * (len(fields) // 7), abs=1e-4)
    assert len(fields) // 7 >= 3
    assert int(fields[1]) == datetime.now(UTC).year


def test_what_a_channel_was_given_can_be_asked_for(daq) -> None:
    daq.write("CONF:TEMP TC,J,(@101)", "TEMP:TRAN:TC:RJUN:TYPE EXT,(@101)", "TEMP:NPLC 2,(@101)")
    daq.write("CONF:VOLT:DC 10,(@103)", "VOLT:DC:NPLC 0.2,(@103)", "ROUT:CHAN:DEL 0.5,(@103)")
    daq.write("ROUT:SCAN (@101,103)")
    assert daq.ask("SENS:FUNC? (@101,103)") == '"TEMP","VOLT"'
    assert daq.ask("TEMP:TRAN:TC:TYPE? (@101)") == "J"
    assert daq.ask("TEMP:TRAN:TC:RJUN:TYPE? (@101)") == "EXT"
    assert daq.ask("TEMP:NPLC? (@101)") == "+2.00000000E+00"
    assert daq.ask("VOLT:DC:RANG? (@103)") == "+1.00000000E+01"
    assert daq.ask("VOLT:NPLC? (@103)") == "+2.00000000E-01"
    assert daq.ask("ROUT:CHAN:DELAY? (@103)") == "+5.00000000E-01"
    assert daq.ask("SYST:ERR?") == '+0,"No error"'


def test_the_monitor_reads_one_channel_at_once(daq) -> None:
    daq.write("ROUT:MON (@101)", "ROUT:MON:DATA?")
    assert daq.ask("SYST:ERR?").startswith("-221")  # not configured
    assert daq.ask("SYST:ERR?").startswith("-230")
    daq.write("CONF:VOLT:DC 10,(@103)", "ROUT:MON (@103)", "ROUT:MON:STAT ON")
    assert daq.number("ROUT:MON:DATA?") == pytest.approx(7.2, abs=0.01)
    assert daq.ask("DATA:POIN?") == "+0"  # no reading of a scan
    assert daq.ask("SYST:ERR?") == '+0,"No error"'


def test_what_clients_ask_of_the_mainframe(start) -> None:
    line = start(
        [{"kind": "keysight-34970a", "options": {"channels": {"101": {"point": "battery"}}}}]
    ).client("keysight-34970a")
    assert line.ask("SYST:CTYP? 100") == "HEWLETT-PACKARD,34901A,0,2.3"
    assert line.ask("SYST:CTYP? 200") == "HEWLETT-PACKARD,0,0,0"
    line.write("CONF:VOLT:DC 10,(@101)", "CONF:TEMP TC,J,(@102)", "SYST:REM", 'DISP:TEXT "run"')
    assert line.ask("CONF? (@101,102)") == (
        '"VOLT +1.000000E+01,+3.000000E-05","TEMP TC,J,+1.000000E+00,+3.000000E-06"'
    )
    assert line.ask("INST:DMM?;:DISP:TEXT?") == '1;"run"'
    assert line.ask("SYST:ERR?") == '+0,"No error"'
    line.write("SYST:CTYP? 150")
    assert line.ask("SYST:ERR?").startswith("-222")
