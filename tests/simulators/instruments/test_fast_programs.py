"""Trains of load levels that are faster than the circuit: the bench goes on, with the mean current."""

from __future__ import annotations

import pytest

from simulators.clock import ManualTime, SimClock
from simulators.instruments.keysight_el30000 import EL30000Options, KeysightEL30000
from simulators.instruments.rigol_programs import LoadProgram, ProgramStep
from simulators.wiring import Circuit
from tests.simulators.instruments.conftest import OhmicBattery, Starter


@pytest.mark.timeout(20)
@pytest.mark.parametrize(("frequency", "seconds"), [("MAX", 60.0), ("20", 1.0)])
def test_a_load_that_swings_for_minutes(frequency: str, seconds: float) -> None:
    now = ManualTime()
    circuit = Circuit(SimClock(monotonic=now), OhmicBattery({}))
    load = KeysightEL30000(EL30000Options(current_noise_A=0.0), circuit)
    for line in (
        "TRAN:COUN INF,(@1)",
        f"CURR 1,(@1);:CURR:TLEV 3,(@1);:TRAN:DCYC 50,(@1);:TRAN:FREQ {frequency},(@1)",
        "CURR:MODE STEP,(@1);:INP ON,(@1);:INIT:TRAN (@1);:TRIG:TRAN (@1)",
    ):
        assert load.execute(line) == []
    assert load.execute("TRAN:COUN? (@1);:TRAN:COUN? MAX,(@1)") == ["9.9E+37;9999"]
    now.advance(seconds)
    circuit.refresh()
    assert -3600.0 * circuit.charge_Ah == pytest.approx(2.0 * seconds, rel=0.05)
    (current,) = load.execute("MEAS:CURR? (@1)")
    assert float(str(current)) == pytest.approx(2.0, abs=0.001 if frequency == "MAX" else 1.001)


def test_a_fast_list_ends_when_it_should() -> None:
    steps = [ProgramStep(4.0, 0.001), ProgramStep(0.0, 0.003)]
    program = LoadProgram(steps, 5.0, count=100)
    assert (program.level, program.next_s) == (1.0, pytest.approx(5.4))
    assert not program.step_on()
    assert LoadProgram(steps, 5.0).next_s == 5.001, "once is played as it is"


def test_a_transient_of_the_el30000_in_constant_power(start: Starter) -> None:
    bench = start([{"kind": "keysight-el30000", "options": {"current_noise_A": 0.0}}])
    line = bench.client("keysight-el30000")
    line.write("FUNC POW,(@1)", "POW 7.2,(@1)", "POW:TLEV 36,(@1)", "TRAN:MODE PULS,(@1)", "TRAN:TWID 2,(@1)")
    line.write("INP ON,(@1)", "INIT:TRAN (@1)")
    assert bench.truth()["current_A"] == pytest.approx(-2.0, abs=0.01)
    line.write("TRIG:TRAN (@1)")
    assert bench.truth()["current_A"] == pytest.approx(-10.0, abs=0.1)
    bench.advance(2.1)
    assert bench.truth()["current_A"] == pytest.approx(-2.0, abs=0.01)
    assert line.ask("SYST:ERR?") == '0,"No error"'
