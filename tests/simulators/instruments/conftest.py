"""A bench with an ohmic battery, time moved by the test, and plain line clients."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from simulators.battery.base import Truth
from simulators.bench import running
from simulators.clock import ManualTime
from simulators.config import BenchSimulation

CAPACITY_AH = 50.0


class OhmicBattery:
    """Per cell: open-circuit voltage linear in charge, plus a resistance. Checkable by hand."""

    def __init__(self, settings: Mapping[str, Any], _seed: int = 0) -> None:
        self.cells = int(settings.get("cells", 1))
        self.resistance_ohm = float(settings.get("resistance_ohm", 0.001))
        self.charge_Ah = CAPACITY_AH * float(settings.get("soc", 0.5))
        self.steps: list[tuple[float, float]] = []

    @property
    def series_cells(self) -> int:
        return self.cells

    def ocv_V(self) -> float:
        return 3.0 + 1.2 * self.charge_Ah / CAPACITY_AH

    def advance(self, current_A: float, dt_s: float) -> None:
        self.charge_Ah += current_A * dt_s / 3600.0
        self.steps.append((current_A, dt_s))

    def voltage_V(self, current_A: float) -> float:
        return self.cells * (self.ocv_V() + current_A * self.resistance_ohm)

    def current_for_voltage_A(self, voltage_V: float) -> float:
        return (voltage_V / self.cells - self.ocv_V()) / self.resistance_ohm

    def cell_voltages_V(self, current_A: float) -> tuple[float, ...]:
        return (self.voltage_V(current_A) / self.cells,) * self.cells

    def temperatures_degC(self) -> tuple[float, ...]:
        return tuple(25.0 + 0.5 * index for index in range(self.cells))

    def truth(self) -> Truth:
        soc = self.charge_Ah / CAPACITY_AH
        return Truth(
            "NMC", 55.0, CAPACITY_AH, CAPACITY_AH / 55.0, soc, tuple(f"c{i}" for i in range(self.cells))
        )


class LineClient:
    """Sends lines, reads lines, with a short time-out."""

    def __init__(self, address: tuple[str, int], timeout_s: float = 20.0) -> None:
        self.socket = socket.create_connection(address, timeout=timeout_s)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._unheard = False

    def write(self, *lines: str) -> None:
        self.socket.sendall("".join(line + "\n" for line in lines).encode())
        self._unheard = True

    def sync(self) -> None:
        """Return when the instrument has executed all that was written."""
        if self._unheard:
            self.ask("*IDN?")

    def read(self) -> str:
        while b"\n" not in self._buffer:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("hung up")
            self._buffer += data
        line, self._buffer = self._buffer.split(b"\n", 1)
        self._unheard = False
        return line.decode()

    def ask(self, line: str) -> str:
        self.write(line)
        return self.read()

    def number(self, line: str) -> float:
        return float(self.ask(line))

    def silent_for(self, seconds: float) -> bool:
        """Whether nothing arrives for that long."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(1, socket.MSG_PEEK) == b"" and not self._buffer
        except TimeoutError:
            return not self._buffer
        finally:
            self.socket.settimeout(5.0)

    def close(self) -> None:
        self._unheard = False
        self.socket.close()


class BenchUnderTest:
    """A running bench: addresses, time, control port, clients that are closed with it."""

    def __init__(
        self, info: dict[str, Any], time: ManualTime | None, batteries: list[OhmicBattery], stack: ExitStack
    ) -> None:
        self.info = info
        self.time = time
        self.batteries = batteries
        self._stack = stack
        self._clients: list[LineClient] = []
        host, port = info["control"].split(":")
        self._control = self._client((host, int(port)))

    def address(self, kind: str, channel: str = "1") -> tuple[str, int]:
        return next(
            (unit["host"], unit["port"])
            for unit in self.info["instruments"]
            if unit["kind"] == kind and unit["channel"] == channel
        )

    @property
    def relay(self) -> tuple[str, int]:
        host, port = self.info["relay"].split(":")
        return host, int(port)

    def client(self, kind: str, channel: str = "1") -> LineClient:
        client = self._client(self.address(kind, channel))
        self._clients.append(client)
        return client

    def sync(self) -> None:
        """Return when all instruments have executed all that was written to them."""
        for client in self._clients:
            client.sync()

    def _client(self, address: tuple[str, int]) -> LineClient:
        client = LineClient(address)
        self._stack.callback(client.close)
        return client

    def control(self, op: str, **fields: Any) -> dict[str, Any]:
        return dict(json.loads(self._control.ask(json.dumps({"op": op, **fields}))))

    def truth(self, channel: str = "1") -> dict[str, Any]:
        self.sync()
        answer = self.control("truth", channel=channel)
        assert answer["ok"], answer
        return answer

    def fault(self, name: str, value: Any = True, **fields: Any) -> None:
        answer = self.control("fault", **{"channel": "1", **fields}, name=name, value=value)
        assert answer["ok"], answer

    def advance(self, seconds: float) -> None:
        assert self.time is not None
        self.sync()
        self.time.advance(seconds)


Starter = Callable[..., BenchUnderTest]


@pytest.fixture
def start() -> Iterator[Starter]:
    """Start a bench of one channel: ``start([{kind…}], battery={…}, relay=…, real_time=False)``."""
    with ExitStack() as stack:

        def begin(
            instruments: list[dict[str, Any]],
            *,
            battery: Mapping[str, Any] | None = None,
            wiring: Mapping[str, Any] | None = None,
            relay: Mapping[str, Any] | None = None,
            speed: float = 1.0,
            real_time: bool = False,
        ) -> BenchUnderTest:
            settings = BenchSimulation.model_validate(
                {
                    "name": "test bench",
                    "speed": speed,
                    "relay": relay,
                    "channels": [
                        {
                            "id": "1",
                            "battery": dict(battery or {}),
                            "wiring": dict(wiring or {}),
                            "instruments": instruments,
                        }
                    ],
                }
            )
            batteries: list[OhmicBattery] = []

            def build(mapping: Mapping[str, Any], seed: int) -> OhmicBattery:
                batteries.append(OhmicBattery(mapping, seed))
                return batteries[-1]

            time = None if real_time else ManualTime()
            clock = {} if time is None else {"monotonic": time}
            info = stack.enter_context(running(settings, battery_builder=build, **clock))
            return BenchUnderTest(info, time, batteries, stack)

        yield begin


DELTA = {
    "kind": "delta-sm15k",
    "options": {"voltage_noise_V": 0, "current_noise_A": 0, "power_on_source": "Ethernet"},
}
RIGOL = {"kind": "rigol-dl3021", "options": {"voltage_noise_V": 0, "current_noise_A": 0}}


@pytest.fixture
def delta_unit() -> dict[str, Any]:
    """An SM15K without noise, listening to Ethernet."""
    return json.loads(json.dumps(DELTA))  # type: ignore[no-any-return]


@pytest.fixture
def rigol_unit() -> dict[str, Any]:
    """A DL3021 without noise."""
    return json.loads(json.dumps(RIGOL))  # type: ignore[no-any-return]


@pytest.fixture
def ohmic_battery() -> OhmicBattery:
    """One cell, half full."""
    return OhmicBattery({})
