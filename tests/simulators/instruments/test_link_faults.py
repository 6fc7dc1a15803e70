"""Faults of link and readings, as a client meets them."""

from __future__ import annotations

import time

import pytest


@pytest.fixture
def bench(start, delta_unit):
    return start([delta_unit])


@pytest.fixture
def unit(bench):
    return bench.client("delta-sm15k")


def test_silent_link_loses_commands_too_and_so_trips_the_watchdog(bench, unit) -> None:
    unit.write("OUTP 1", "SYST:COM:WAT SET,200")
    unit.sync()
    bench.fault("link_silent")
    unit.write("MEAS:VOLT?")
    assert unit.silent_for(0.05)
    bench.time.advance(0.3)
    assert bench.control("truth", channel="1")["output_on"] == [False]
    bench.control("clear_faults")
    assert unit.ask("OUTP?") == "0"


def test_late_reply(bench, unit) -> None:
    bench.fault("late_reply", 0.08)
    began = time.monotonic()
    assert unit.ask("OUTP?") == "0"
    assert time.monotonic() - began >= 0.08


def test_late_replies_keep_their_order(bench, unit) -> None:
    bench.fault("late_reply", 0.03)
    unit.write("OUTP?", "SOUR:VOLT:MAX?", "*IDN?")
    assert [unit.read()[:5] for _ in range(3)] == ["0", "70", "DELTA"]


def test_split_reply_arrives_in_single_bytes(bench, unit) -> None:
    bench.fault("split_reply")
    whole = unit.ask("*IDN?") + "\n"
    unit.write("*IDN?")
    pieces = []
    while sum(map(len, pieces)) < len(whole):
        pieces.append(unit.socket.recv(1024))
    assert b"".join(pieces).decode() == whole
    assert len(pieces) > 5


def test_spare_line_text(bench, unit) -> None:
    bench.fault("spare_line", "garbage")
    unit.write("OUTP?")
    assert (unit.read(), unit.read()) == ("0", "garbage")


def test_sentinel_and_frozen_and_sign(bench, unit) -> None:
    unit.write("SOUR:VOLT 2.5", "SOUR:CURR:NEG -50", "SOUR:POW:NEG -15000", "OUTP 1")
    good = unit.ask("MEAS:VOLT?")
    assert unit.number("MEAS:CURR?") == pytest.approx(-50, abs=0.02)
    bench.fault("current_sign")
    assert unit.number("MEAS:CURR?") == pytest.approx(50, abs=0.02)
    bench.fault("frozen_reading")
    unit.write("OUTP 0")
    bench.advance(10.0)
    assert unit.ask("MEAS:VOLT?") == good
    bench.fault("sentinel_reading", "NAN")
    assert unit.ask("MEAS:VOLT?") == "NAN"
    bench.control("clear_faults")
    assert unit.number("MEAS:CURR?") == 0.0


def test_unknown_faults_are_refused_with_what_there_is(bench) -> None:
    answer = bench.control("fault", channel="1", name="gremlins", value=True)
    assert answer["ok"] is False
    assert "contactor_welded" in answer["error"]
    answer = bench.control("fault", channel="1", instrument="delta-sm15k", name="bms_silent")
    assert "delta-sm15k has no fault 'bms_silent'" in answer["error"]
    answer = bench.control("fault", channel="1", instrument="toaster", name="late_reply")
    assert "it has delta-sm15k" in answer["error"]
    answer = bench.control("fault", channel="1", name="late_reply", value="soon")
    assert "takes a number" in answer["error"]
    assert bench.truth()["faults"] == {}
