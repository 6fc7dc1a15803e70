"""Simulated packs of other families, seen through the drivers that never saw their code."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from drivers.bms.can_pack import CanPack
from drivers.bms.charger_pack import ChargerPack
from drivers.bms.serial_pack import SerialPack
from drivers.catalogue import open_instrument
from simulators.bench import running
from simulators.config import BenchSimulation
from tests.simulators.instruments.conftest import OhmicBattery

CELLS = {
    "kona": 98,
    "egmp": 180,
    "meb": 96,
    "byd": 126,
    "pylontech": 15,
    "daly-can": 16,
    "gbt": 100,
    "jbd": 4,
    "daly": 16,
    "jk": 14,
    "pylontech-rs485": 15,
}


class SpreadBattery(OhmicBattery):
    """Cells one millivolt apart, so that their order shows."""

    def cell_voltages_V(self, current_A: float) -> tuple[float, ...]:
        return tuple(self.voltage_V(current_A) / self.cells + 0.001 * n for n in range(self.cells))


@pytest.fixture(scope="module")
def bench() -> Iterator[dict[str, Any]]:
    def channel(name: str) -> dict[str, Any]:
        language = {"pylontech-rs485": "pylontech", "daly-can": "daly"}.get(name, name)
        on_can = ("kona", "egmp", "meb", "byd", "pylontech", "daly-can")
        kind = "can-bms" if name in on_can else "serial-bms"
        if name == "gbt":
            return {"id": name, "battery": {"cells": CELLS[name]}, "instruments": [{"kind": "gbt-vehicle"}]}
        instrument = {"kind": kind, "options": {"language": language}}
        return {"id": name, "battery": {"cells": CELLS[name]}, "instruments": [instrument]}

    settings = BenchSimulation.model_validate({"channels": [channel(name) for name in CELLS]})
    with running(settings, battery_builder=SpreadBattery) as info:
        yield info


def address(bench: dict[str, Any], name: str) -> str:
    found = next(one for one in bench["instruments"] if one["channel"] == name)
    host, port = found["host"], found["port"]
    return (
        f"socketcand://{host}:{port}/can0"
        if found["kind"] in ("can-bms", "gbt-vehicle")
        else f"tcp://{host}:{port}"
    )


def until(ready: Callable[[], bool], timeout_s: float = 30.0) -> None:
    pause = threading.Event()
    for _ in range(int(timeout_s / 0.02)):
        if ready():
            return
        pause.wait(0.02)
    raise AssertionError("did not happen in time")


TRUTH_V = 3.0 + 1.2 * 0.5


@pytest.mark.parametrize(
    ("name", "family", "cells", "step_V"),
    [
        ("kona", "hyundai-kona-64", 96, 0.02),
        ("egmp", "hyundai-egmp", 180, 0.02),
        ("byd", "byd-atto3", 126, 0.001),
        ("meb", "vw-meb", 96, 0.001),
    ],
)
def test_packs_on_can(bench: dict[str, Any], name: str, family: str, cells: int, step_V: float) -> None:
    pack = open_instrument("bms-can", address(bench, name), {"family": family})
    assert isinstance(pack, CanPack)
    try:
        pack.start()
        until(lambda: len(pack.snapshot().cell_voltages_V) == cells)
        until(lambda: pack.snapshot().signals["pack_voltage_V"].value is not None)
        snapshot = pack.snapshot()
        for number, volts in enumerate(snapshot.cell_voltages_V):
            truth_V = TRUTH_V + 0.001 * number
            assert math.isclose(volts, truth_V, abs_tol=step_V / 2 + 1e-9)
        assert snapshot.cell_resolution_V == step_V
        close_V = 0.13 if name == "meb" else 0.06
        assert snapshot.signals["pack_voltage_V"].value == pytest.approx(CELLS[name] * TRUTH_V, abs=close_V)
        assert snapshot.signals["current_A"].value == pytest.approx(0.0)
        until(lambda: pack.snapshot().signals["insulation_ohm"].value is not None)
        assert pack.snapshot().signals["insulation_ohm"].value == pytest.approx(1e6, rel=1e-3)
        if name == "meb":
            # Whole frames of 64 bytes; what a request for one cell answers is the same.
            (one,) = [r for r in pack.family.replies if r.name == "cell 17"]
            assert pack._ask(one)
            told = {r.number: r.value for r in pack.decoder.store.members("cell_voltage_diagnostic_V")}
            assert told[17] == pytest.approx(snapshot.cell_voltages_V[16], abs=1e-9)
            assert not snapshot.faults
            return
        if name == "byd":
            # Three cells every 20 ms: the sweep of 126 shows in their ages.
            assert max(snapshot.cell_ages_s) - min(snapshot.cell_ages_s) > 0.5
        charged = {r.name: r.value for r in pack.read(["history"])}
        assert charged["charged_Ah"] == pytest.approx(20_000.0)
    finally:
        pack.close()


def test_a_vehicle_at_a_gbt_plug(bench: dict[str, Any]) -> None:
    """Through the handshake to the cells; the vehicle closes its contactors only when it is told to go on."""
    where = address(bench, "gbt")
    shy = open_instrument("bms-gbt-charger", where, {"identify_timeout_s": 30.0})
    assert isinstance(shy, ChargerPack)
    try:
        identity = shy.identify()
        assert (identity.manufacturer, identity.serial) == ("SIMV", "SIMULATEDVEHICLE1")
        history = {r.name: r.value for r in shy.read(["history", "identity"])}
        assert (history["charge_count"], history["rated_capacity_Ah"]) == (321.0, 100.0)
        assert history["production_year"] == 2021.0
    finally:
        shy.close()
    bold = open_instrument("bms-gbt-charger", where, {"identify_timeout_s": 30.0, "cells": True})
    assert isinstance(bold, ChargerPack)
    try:
        bold.start()
        until(lambda: len(bold.snapshot().cell_voltages_V) == CELLS["gbt"])
        snapshot = bold.snapshot()
        for number, volts in enumerate(snapshot.cell_voltages_V):
            assert math.isclose(volts, TRUTH_V + 0.001 * number, abs_tol=0.005 + 1e-9)
        until(lambda: bold.snapshot().signals["pack_voltage_V"].value is not None)
        assert bold.snapshot().signals["pack_voltage_V"].value == pytest.approx(
            CELLS["gbt"] * TRUTH_V, abs=0.06
        )
        assert bold.snapshot().signals["current_A"].value == pytest.approx(0.0)
        assert not bold.snapshot().faults
    finally:
        bold.close()


def test_a_storage_battery_on_can(bench: dict[str, Any]) -> None:
    pack = open_instrument("bms-can", address(bench, "pylontech"), {"family": "pylontech-can"})
    assert isinstance(pack, CanPack)
    try:
        assert pack.identify().manufacturer.startswith("PYLON")
        until(lambda: "soh_pct" in pack.snapshot().signals)
        snapshot = pack.snapshot()
        assert snapshot.signals["pack_voltage_V"].value == pytest.approx(15 * TRUTH_V, abs=0.01)
        assert snapshot.signals["soc_pct"].value == 50.0
        assert not snapshot.gives_cells
    finally:
        pack.close()


def test_a_board_on_can_that_speaks_when_asked(bench: dict[str, Any]) -> None:
    options = {"family": "daly-can", "keep_awake": True, "keep_alive": "inside"}
    pack = open_instrument("bms-can", address(bench, "daly-can"), options)
    assert isinstance(pack, CanPack)
    try:
        pack.start()
        until(
            lambda: (
                len(pack.snapshot().cell_voltages_V) == 16
                and pack.decoder.store.get("fault_byte", 7) is not None
            )
        )
        expected = [TRUTH_V + 0.001 * number for number in range(16)]
        assert pack.snapshot().cell_voltages_V == pytest.approx(expected, abs=0.0006)
        assert pack.snapshot().signals["pack_voltage_V"].value == pytest.approx(16 * TRUTH_V, abs=0.06)
        assert not pack.snapshot().faults
    finally:
        pack.close()


@pytest.mark.parametrize("name", ["jbd", "daly", "jk", "pylontech-rs485"])
def test_boards_on_a_line(bench: dict[str, Any], name: str) -> None:
    pack = open_instrument("bms-serial", address(bench, name), {"family": name})
    assert isinstance(pack, SerialPack)
    try:
        assert pack.read(["live"])
        snapshot = pack.snapshot()
        expected = [TRUTH_V + 0.001 * number for number in range(CELLS[name])]
        assert snapshot.cell_voltages_V == pytest.approx(expected, abs=0.0006)
        truth_V = sum(expected) if name == "pylontech-rs485" else CELLS[name] * TRUTH_V
        assert snapshot.signals["pack_voltage_V"].value == pytest.approx(truth_V, abs=0.06)
        assert snapshot.signals["current_A"].value == pytest.approx(0.0)
        warmest = 25.0 + 0.5 * (min(CELLS[name], {"jbd": 3, "daly": 7}.get(name, CELLS[name])) - 1)
        if name == "pylontech-rs485":
            warmest = 27.0
        assert snapshot.signals["temperature_degC"].value == pytest.approx(warmest, abs=0.51)
        assert {f.kind for f in pack.decoder.store.findings()} <= {"no_reply", "negative_response"}
    finally:
        pack.close()
