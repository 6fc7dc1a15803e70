"""PyPI's SM15K client, which opens a connection for every message, against the simulated unit."""

from __future__ import annotations

import pytest
from deltaelektronika.SM15K import SM15K, Communication


@pytest.fixture
def supply(start, delta_unit, monkeypatch):
    bench = start([delta_unit])
    host, port = bench.address("delta-sm15k")
    monkeypatch.setattr(Communication, "port_name", port)
    monkeypatch.setattr(Communication, "timeout", 5)
    return bench, SM15K(host)


def _until(read, wanted) -> None:
    """Writes travel on their own connections, so they may arrive after the next query's."""
    for _ in range(200):
        value = read()
        if value == wanted:
            return
    assert value == wanted


def test_identity_and_ratings(supply) -> None:
    _, unit = supply
    assert unit.Identification().split(",")[1] == "SM70-CP-450"
    assert float(unit.source.MaximumVoltage()) == 70
    assert float(unit.source.MaximumNegativeCurrent()) == -450
    assert float(unit.source.ReadCurrentStepSize()) > 0


def test_settings_and_measurements(supply) -> None:
    bench, unit = supply
    unit.ResetDefinedState()
    unit.source.SetVoltage(2.5)
    _until(unit.source.ReadVoltageSet, "2.5000")
    unit.source.SetNegativeCurrent(-50)
    _until(unit.source.ReadNegativeCurrentSet, "-50.0000")
    unit.source.SetNegativePower(-1000)
    _until(unit.source.ReadNegativePowerSet, "-1000.0000")
    unit.output.SetOutput(1)
    _until(unit.output.ReadOutputSet, "1")
    assert float(unit.measure.MeasureCurrent()) == pytest.approx(-50, abs=0.02)
    assert float(unit.measure.MeasureVoltage()) == pytest.approx(3.55, abs=2e-3)
    assert float(unit.measure.MeasurePower()) == pytest.approx(-177.5, abs=0.2)
    unit.measure.SetAhMeasurementState("ON")
    _until(unit.measure.ReadAhMeasurementSetState, "ON")
    bench.advance(72.0)
    assert float(unit.measure.MeasureAhNegativeTotal()) == pytest.approx(-1.0, rel=1e-3)
    assert float(unit.measure.ReadAhMeasurementTimeHours()) == pytest.approx(0.02, abs=1e-3)
    unit.shutdown.setShutdownValues()
    unit.shutdown.setShutdownOutput()
    _until(unit.output.ReadOutputSet, "0")


def test_limits_bracketed_headers_clock_and_errors(supply) -> None:
    _, unit = supply
    unit.system.SetNegativeCurrentLimit(-100, "ON")
    _until(unit.system.ReadNegativeCurrentLimitSet, "-100.0000,ON")
    unit.system.SetRemoteShutDown("ON")
    _until(unit.system.ReadRemoteShutDownSet, "1")
    unit.system.LockFrontPanel("ON")
    _until(unit.system.ReadLockFrontpanelSet, "1")
    assert unit.system.ReadTimeSet() == "UNKNOWN"
    unit.system.SetDate(2026, 9, 8)
    _until(unit.system.ReadDateSet, "2026-9-8")
    assert unit.system.ReadErrors() == "0,None"
    assert unit.system.ReadWarnings() == "0,None"


def test_watchdog(supply) -> None:
    bench, unit = supply
    unit.output.SetOutput(1)
    _until(unit.output.ReadOutputSet, "1")
    unit.system.SetWatchdog(500)
    _until(unit.system.ReadWatchdogSet, "500")
    bench.time.advance(1.0)
    assert unit.output.ReadOutputSet() == "0"
    assert unit.system.ReadCurrentWatchdogState() == "0"
    assert unit.system.ReadCurrentWatchdogState() == "-1"
