"""A bench file with pre-charge and insulation becomes a pack stand that behaves so on the wire."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from pymodbus.client import ModbusTcpClient

from simulators.bench import running
from simulators.clock import ManualTime
from simulators.config import BenchSimulation
from station.bench import Bench, load_bench
from station.simulation import simulation_config, with_free_ports

CUT, PRECHARGE, INSULATION = 3, 20, 21
PRECHARGE_OHM, TEST_OHM = 100.0, 175_000.0
PACK_V = 360.0


def _bench(**relay_options: Any) -> Bench:
    data = load_bench("demo").model_dump(mode="json", by_alias=True)
    pack = data["channels"][3]
    pack["cutoff"] |= {"coil": CUT, "precharge": {"coil": PRECHARGE, "resistance_ohm": PRECHARGE_OHM}}
    pack["insulation"] = {"coil": INSULATION, "resistance_ohm": TEST_OHM}
    pack["sensors"][0]["inputs"] = [
        {"number": 101, "role": "cell_surface"},
        {"number": 111, "role": "terminals"},
        {"number": 112, "role": "minus_chassis"},
        {"number": 113, "role": "plus_chassis"},
    ]
    data["guard"]["relay"]["options"] = relay_options
    data["simulation"]["options"] = {"wiring": {"4": {"insulation": {"plus_ohm": 60_000.0}}}}
    return with_free_ports(Bench.model_validate(data))


class Wire:
    """One SCPI connection."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=5)
        self.lines = self.socket.makefile("rw", encoding="ascii", newline="\n")

    def write(self, line: str) -> None:
        self.lines.write(line + "\n")
        self.lines.flush()

    def ask(self, line: str) -> str:
        self.write(line)
        return self.lines.readline().strip()


class Stand:
    """The pack's instruments and the relay board, time moved by the test."""

    def __init__(self, info: dict[str, Any], time: ManualTime, stack: ExitStack, *, coil_offset: int) -> None:
        self.time, self._offset = time, coil_offset
        mine = {
            unit["kind"]: (unit["host"], unit["port"])
            for unit in info["instruments"]
            if unit["channel"] == "4"
        }
        self.source, self.scanner = Wire(mine["delta-sm15k"]), Wire(mine["keysight-34970a"])
        host, port = info["relay"].split(":")
        self.relay = ModbusTcpClient(host, port=int(port), timeout=2, retries=0)
        assert self.relay.connect()
        stack.callback(self.relay.close)
        for wire in (self.source, self.scanner):
            stack.callback(wire.socket.close)
            stack.callback(wire.lines.close)

    def coil(self, number: int, closed: bool) -> None:
        assert not self.relay.write_coil(number + self._offset, closed, device_id=1).isError()

    def wait(self, seconds: float) -> None:
        self.source.ask("*IDN?")
        self.time.advance(seconds)

    def source_V(self) -> float:
        return float(self.source.ask("MEAS:VOLT?"))

    def scan_V(self) -> list[float]:
        self.scanner.write("CONF:VOLT:DC (@111:113)")
        self.scanner.write("INIT")
        self.scanner.ask("*IDN?")
        self.wait(1.0)
        return [float(text) for text in self.scanner.ask("FETC?").split(",")]


@contextmanager
def _stand(coil_offset: int = 0, **relay_options: Any) -> Iterator[Stand]:
    settings = BenchSimulation.model_validate(simulation_config(_bench(**relay_options)))
    time = ManualTime()
    with running(settings, monotonic=time) as info, ExitStack() as stack:
        yield Stand(info, time, stack, coil_offset=coil_offset)


@pytest.mark.parametrize(("offset", "options"), [(0, {}), (16, {"map": "adam-6050"})])
def test_insulation_then_precharge_then_contactor_then_discharge(
    offset: int, options: dict[str, Any]
) -> None:
    with _stand(offset, **options) as stand:
        battery_V, v1, v2 = stand.scan_V()
        assert battery_V == pytest.approx(PACK_V, abs=20)
        assert v1 + v2 == pytest.approx(battery_V, rel=1e-3)
        stand.coil(INSULATION, True)
        stand.wait(1.0)
        _, v1_test, _ = stand.scan_V()
        stand.coil(INSULATION, False)
        insulation_ohm = TEST_OHM * battery_V * (1 / v1_test - 1 / v1)
        assert insulation_ohm == pytest.approx(1 / (1 / 60e3 + 1 / 10e6), rel=0.01)

        assert stand.source_V() == pytest.approx(0.0, abs=0.1)
        stand.coil(PRECHARGE, True)
        stand.wait(0.012 + 0.044)
        assert stand.source_V() == pytest.approx(battery_V * (1 - 0.368), rel=0.05)
        stand.wait(1.0)
        assert stand.source_V() == pytest.approx(battery_V, rel=0.03)
        stand.coil(CUT, True)
        stand.wait(0.1)
        stand.coil(PRECHARGE, False)
        stand.wait(0.1)
        assert stand.source_V() == pytest.approx(battery_V, rel=2e-3)
        stand.coil(CUT, False)
        stand.wait(5.0)
        assert stand.source_V() < 60.0


def test_a_waveshare_board_has_timed_coils() -> None:
    relay = simulation_config(_bench(map="waveshare-8"))["relay"]
    assert relay["timed_coils"] is True
    assert relay["coils"]["precharge 4"] == PRECHARGE
    assert simulation_config(_bench())["relay"]["timed_coils"] is False


def test_contactor_closed_without_precharge_welds() -> None:
    with _stand() as stand:
        stand.coil(CUT, True)
        stand.wait(0.1)
        stand.coil(CUT, False)
        stand.wait(10.0)
        assert stand.source_V() > 300.0
