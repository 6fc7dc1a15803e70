"""A whole simulated bench in one process and one thread: channels, relay module, control port.

Everything runs on one asyncio loop, so that nothing needs a lock; a tick lets watchdogs,
sequencers and batteries move on while nobody asks.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from simulators.battery.base import Battery
from simulators.bench_operations import BenchOperations
from simulators.channel import BatteryBuilder, Server, SimulatedChannel
from simulators.clock import SimClock
from simulators.config import BenchSimulation
from simulators.control import ControlServer
from simulators.host_time import WaitingClock
from simulators.instruments.code_scanner import build_code_scanners
from simulators.instruments.modbus_relay import ModbusRelay
from simulators.instruments.printers import build_printers
from simulators.instruments.safety_io import SafetyIO
from simulators.triggers import Watcher

#: Real seconds between ticks while an output is on, and while none is.
BUSY_TICK_S = 0.020
IDLE_TICK_S = 0.200
_SMALLEST_MODULE = 16


def build_battery(settings: Mapping[str, Any], seed: int) -> Battery:
    """Build a battery from a channel's free mapping."""
    # Imported late: the battery models load data tables that a bench of fakes does not need.
    from simulators.battery import build_battery as build

    return build(settings, seed=seed)


class Bench(BenchOperations):
    """Start, run, stop. All methods must be called on the loop that ``start`` ran on."""

    def __init__(
        self,
        settings: BenchSimulation,
        *,
        battery_builder: BatteryBuilder = build_battery,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self.clock = SimClock(speed=settings.speed, monotonic=monotonic)
        if settings.host_time is not None:
            self.clock = WaitingClock(settings.host_time, speed=settings.speed, monotonic=monotonic)
        self._build = battery_builder
        self.channels = {}
        self.io = None
        self._relay: ModbusRelay | None = None
        for channel in settings.channels:
            self.channels[channel.id] = SimulatedChannel(
                channel,
                self.clock,
                self._build(channel.battery, channel.seed),
                has_contactor="cutoff" in settings.coil_addresses(channel),
            )
        self._wire_scanners()
        self._wire_cyclers()
        self._wire_relay()
        self.watchers = {identifier: self._watcher(channel) for identifier, channel in self.channels.items()}
        for wanted in settings.scenario:
            self._arm(wanted)
        self.printers = build_printers(settings.printers)
        self.code_scanners = build_code_scanners(settings.code_scanners)
        self._control = ControlServer(self, host=settings.control.host, port=settings.control.port)
        self._tick_handle: asyncio.TimerHandle | None = None
        self._tasks = set()
        self._started: list[Server] = []
        self.stopping = asyncio.Event()

    def _wire_scanners(self) -> None:
        """A scanner's inputs may be wired to any channel. Raises ValueError naming one that is not there."""
        circuits = {identifier: channel.circuit for identifier, channel in self.channels.items()}
        for channel in self.channels.values():
            for scanner in channel.scanners:
                wired = {point.bench_channel for point in scanner.options.channels.values()} - {None}
                if unknown := sorted(str(name) for name in wired - circuits.keys()):
                    raise ValueError(f"a scanner is wired to unknown channels: {', '.join(unknown)}")
                scanner.neighbours = circuits

    def _wire_cyclers(self) -> None:
        """A cycler's places may be wired to any channel. Raises ValueError naming one that is not there."""
        for channel in self.channels.values():
            for cycler in channel.cyclers:
                for name in cycler.others:
                    if name not in self.channels:
                        raise ValueError(f"a cycler is wired to unknown channel {name}")
                    cycler.wire(name, self.channels[name].circuit)

    def _watcher(self, channel: SimulatedChannel) -> Watcher:
        powers = [unit.power for unit in channel.units if unit.power is not None]
        return Watcher(
            channel.circuit,
            self.clock,
            outputs=lambda: [power.output_on for power in powers],
            apply=lambda fault: self._begin({"channel": channel.id, **fault}),
        )

    def _wire_relay(self) -> None:
        relay = self.settings.relay
        if relay is None:
            return
        coils = {c.id: self.settings.coil_addresses(c) for c in self.settings.channels}
        feedbacks = {c.id: self.settings.feedback_address(c) for c in self.settings.channels}
        coil_addresses = [*relay.coils.values(), *(a for by in coils.values() for a in by.values())]
        input_addresses = [*relay.inputs.values(), *(a for a in feedbacks.values() if a is not None)]
        io = SafetyIO(
            coil_count=relay.coil_count or max(_SMALLEST_MODULE, *(a + 1 for a in [0, *coil_addresses])),
            input_count=relay.input_count or max(_SMALLEST_MODULE, *(a + 1 for a in [0, *input_addresses])),
            hardwired=relay.hardwired,
            real_s=self.clock.real_s,
        )
        reports: dict[int, Callable[[], bool]] = {}
        if "estop" in relay.inputs:
            reports[relay.inputs["estop"]] = io.estop_healthy
        if "interlock" in relay.inputs:
            reports[relay.inputs["interlock"]] = io.interlock_healthy
        for identifier, channel in self.channels.items():
            circuit, feedback = channel.circuit, feedbacks[identifier]
            commands = {
                "cutoff": circuit.command_contactor,
                "precharge": circuit.command_precharge,
                "insulation": circuit.command_insulation_test,
            }
            for purpose, coil in coils[identifier].items():
                io.wire_contactor(coil, commands[purpose])
            if feedback is not None:
                reports[feedback] = partial(_contactor_closed, channel)
        io.wire_inputs(reports)
        self.io = io
        self._relay = ModbusRelay(
            io, host=relay.host, port=relay.port, unit=relay.unit, timed_coils=relay.timed_coils
        )

    # ---- life -----------------------------------------------------------------------------

    async def start(self) -> None:
        """Open all ports. On failure everything opened so far is closed again; raises OSError."""
        servers: list[Server] = [unit.server for channel in self.channels.values() for unit in channel.units]
        if self._relay is not None:
            servers.append(self._relay)
        servers += self.printers.values()
        servers += self.code_scanners.values()
        servers.append(self._control)
        try:
            for server in servers:
                await server.start()
                self._started.append(server)
        except BaseException:
            await self.stop()
            raise
        self._tick()

    async def stop(self) -> None:
        """Close all ports."""
        if self._tick_handle is not None:
            self._tick_handle.cancel()
            self._tick_handle = None
        while self._started:
            await self._started.pop().stop()

    def _tick(self) -> None:
        active = False
        if self.io is not None:
            self.io.expire()
        for channel in self.channels.values():
            channel.circuit.advance()
            active = active or channel.circuit.active
        delay_s = BUSY_TICK_S if active else IDLE_TICK_S
        self._tick_handle = asyncio.get_running_loop().call_later(delay_s, self._tick)

    # ---- what it offers -------------------------------------------------------------------

    def info(self) -> dict[str, Any]:
        """Name, speed, simulated time, and all real addresses."""
        return {
            "bench": self.settings.name,
            "speed": self.clock.speed,
            "host_time": None if self.settings.host_time is None else str(self.settings.host_time),
            "time_s": self.clock.now_s(),
            "control": _address(self._control),
            "relay": None if self._relay is None else _address(self._relay),
            "channels": list(self.channels),
            "printers": {name: _address(server) for name, server in self.printers.items()},
            "code_scanners": {
                name: {"address": _address(server), "device": server.terminal}
                for name, server in self.code_scanners.items()
            },
            "instruments": [
                {
                    "kind": unit.kind,
                    "address": _address(unit.server),
                    "host": unit.server.address[0],
                    "port": unit.server.address[1],
                    "channel": identifier,
                    "device": getattr(unit.server, "terminal", None),
                }
                for identifier, channel in self.channels.items()
                for unit in channel.units
            ],
        }


def _contactor_closed(channel: SimulatedChannel) -> bool:
    channel.circuit.refresh()
    return channel.circuit.contactor_closed


def _address(server: Server) -> str:
    host, port = server.address
    return f"{host}:{port}"


async def run(bench: Bench, ready: Callable[[dict[str, Any]], None]) -> None:
    """Run a bench until ``bench.stopping`` is set; ``ready`` gets its addresses."""
    await bench.start()
    try:
        ready(bench.info())
        await bench.stopping.wait()
        await _turns()  # a server that closes while it accepts a client leaves that socket open
    finally:
        await bench.stop()
        await _turns()  # and one that was accepted just before is hung up here


async def _turns() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


@contextmanager
def running(
    settings: BenchSimulation,
    *,
    battery_builder: BatteryBuilder = build_battery,
    monotonic: Callable[[], float] = time.monotonic,
    timeout_s: float = 20.0,
) -> Iterator[dict[str, Any]]:
    """Run a bench in a thread for the length of a ``with``; yields its ``info`` with addresses."""
    began = threading.Event()
    shared: dict[str, Any] = {}

    async def main() -> None:
        bench = Bench(settings, battery_builder=battery_builder, monotonic=monotonic)
        shared["bench"] = bench
        shared["loop"] = asyncio.get_running_loop()

        def ready(info: dict[str, Any]) -> None:
            shared["info"] = info
            began.set()

        await run(bench, ready)

    def thread() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001  (handed to the thread that waits)
            shared["error"] = error
        finally:
            began.set()

    worker = threading.Thread(target=thread, name="simulated bench", daemon=True)
    worker.start()
    if not began.wait(timeout_s):
        raise TimeoutError(f"the simulated bench did not start within {timeout_s} s")
    if "error" in shared:
        raise shared["error"]
    try:
        yield shared["info"]
    finally:
        if worker.is_alive():
            shared["loop"].call_soon_threadsafe(shared["bench"].stopping.set)
            worker.join(timeout_s)
    if "error" in shared:
        raise shared["error"]
