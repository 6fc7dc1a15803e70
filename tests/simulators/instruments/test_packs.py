"""Simulated packs of other families, seen through the drivers that never saw their code."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from drivers.bms.can_pack import CanPack
from drivers.bms.serial_pack import SerialPack
from drivers.catalogue import open_instrument
from simulators.bench import running
from simulators.config import BenchSimulation
from tests.simulators.instruments.conftest import OhmicBattery

CELLS = {"kona": 98, "byd": 126, "pylontech": 15, "jbd": 4, "daly": 16, "jk": 14, "pylontech-rs485": 15}


class SpreadBattery(OhmicBattery):
    """Cells one millivolt apart, so that their order shows."""

    def cell_voltages_V(self, current_A: float) -> tuple[float, ...]:
        return tuple(self.voltage_V(current_A) / self.cells + 0.001 * n for n in range(self.cells))


@pytest.fixture(scope="module")
def bench() -> Iterator[dict[str, Any]]:
    def channel(name: str) -> dict[str, Any]:
        language = "pylontech" if name == "pylontech-rs485" else name
        kind = "can-bms" if name in ("kona", "byd", "pylontech") else "serial-bms"
        instrument = {"kind": kind, "options": {"language": language}}
        return {"id": name, "battery": {"cells": CELLS[name]}, "instruments": [instrument]}

    settings = BenchSimulation.model_validate({"channels": [channel(name) for name in CELLS]})
    with running(settings, battery_builder=SpreadBattery) as info:
        yield info


def address(bench: dict[str, Any], name: str) -> str:
    found = next(one for one in bench["instruments"] if one["channel"] == name)
    host, port = found["host"], found["port"]
    return f"socketcand://{host}:{port}/can0" if found["kind"] == "can-bms" else f"tcp://{host}:{port}"


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
    [("kona", "hyundai-kona-64", 96, 0.02), ("byd", "byd-atto3", 126, 0.001)],
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
        assert snapshot.signals["pack_voltage_V"].value == pytest.approx(CELLS[name] * TRUTH_V, abs=0.06)
        assert snapshot.signals["current_A"].value == pytest.approx(0.0)
        assert snapshot.signals["insulation_ohm"].value == pytest.approx(1e6, rel=1e-3)
        if name == "byd":
            # Three cells every 20 ms: the sweep of 126 shows in their ages.
            assert max(snapshot.cell_ages_s) - min(snapshot.cell_ages_s) > 0.5
        charged = {r.name: r.value for r in pack.read(["history"])}
        assert charged["charged_Ah"] == pytest.approx(20_000.0)
    finally:
        pack.close()


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
