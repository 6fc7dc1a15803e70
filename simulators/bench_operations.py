"""What can be asked of a running simulated bench through its control port."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from simulators.channel import BatteryBuilder, SimulatedChannel
from simulators.clock import SimClock
from simulators.control import ControlError
from simulators.faults import FaultSet
from simulators.instruments.code_scanner import CodeScannerServer
from simulators.instruments.label_printer import PrinterServer
from simulators.instruments.safety_io import SafetyIO
from simulators.known_faults import known_faults
from simulators.mains import restart
from simulators.triggers import Watcher, armed_from


class BenchOperations:
    """The operations; ``Bench`` builds and runs what they act on."""

    clock: SimClock
    channels: dict[str, SimulatedChannel]
    io: SafetyIO | None
    printers: dict[str, PrinterServer]
    code_scanners: dict[str, CodeScannerServer]
    watchers: dict[str, Watcher]
    stopping: asyncio.Event
    _build: BatteryBuilder
    _tasks: set[asyncio.Task[None]]

    def info(self) -> dict[str, Any]:
        """Name, speed, simulated time, and all real addresses."""
        raise NotImplementedError

    def handle(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Do one control operation. Raises ValueError with a text for the client."""
        if operation == "info":
            return self.info()
        if operation == "speed":
            self._advance_all()
            self.clock.set_speed(float(request["value"]))
            return {"speed": self.clock.speed}
        if operation == "truth":
            return self._channel(request["channel"]).truth()
        if operation == "connect":
            return self._connect(request)
        if operation == "fault":
            return self._fault(request)
        if operation == "faults":
            return {"faults": known_faults(self.channels, self.io, self.printers)}
        if operation == "label":
            return self._printer(request["printer"]).printer.told()
        if operation == "scan":
            return self._scan(request)
        if operation == "arm":
            return self._arm(request)
        if operation == "armed":
            return self._watching(request["channel"]).armed(str(request["label"]))
        if operation == "flow":
            return self._watching(request["channel"]).flow()
        if operation == "disarm":
            self._disarm()
            return {}
        if operation == "instrument":
            return self._switch_instrument(request)
        if operation == "clear_faults":
            return self._clear_faults(request.get("channel"))
        if operation == "estop":
            return self._safety_input("estop", bool(request["pressed"]))
        if operation == "interlock":
            return self._safety_input("interlock", bool(request["open"]))
        if operation == "shutdown":
            # After the answer has left.
            asyncio.get_running_loop().call_later(0.05, self.stopping.set)
            return {}
        raise ControlError(f"unknown operation {operation!r}")

    def _channel(self, identifier: object) -> SimulatedChannel:
        channel = self.channels.get(str(identifier))
        if channel is None:
            raise ControlError(f"no channel {identifier!r}; there are {', '.join(self.channels)}")
        return channel

    def _printer(self, name: object) -> PrinterServer:
        server = self.printers.get(str(name))
        if server is None:
            raise ControlError(f"no printer {name!r}; there are {', '.join(self.printers) or 'none'}")
        return server

    def _scan(self, request: Mapping[str, Any]) -> dict[str, Any]:
        scanner = self.code_scanners.get(str(request["scanner"]))
        if scanner is None:
            known = ", ".join(self.code_scanners) or "none"
            raise ControlError(f"no scanner {request['scanner']!r}; there are {known}")
        return {"clients": scanner.scan(str(request["code"]))}

    def _connect(self, request: Mapping[str, Any]) -> dict[str, Any]:
        channel = self._channel(request["channel"])
        channel.circuit.connect(self._build(request["battery"], int(request.get("seed", 0))))
        return channel.truth()

    def _fault(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name = str(request["name"])
        if self.io is not None and name in ("estop", "interlock") and request.get("instrument") is None:
            return self._safety_input(name, bool(request.get("value", True)))
        if request.get("instrument") == "modbus-relay":
            if self.io is None:
                raise ControlError("this bench has no relay module")
            targets: list[FaultSet] = [self.io.faults]
        elif request.get("channel") is None and request.get("instrument") in self.printers:
            targets = [self._printer(request["instrument"]).printer.faults]
        else:
            targets = self._channel(request["channel"]).fault_sets(request.get("instrument"), name)
        self._advance_all()
        for target in targets:
            target.set(name, request.get("value", True))
        return {"targets": [target.target for target in targets]}

    def _begin(self, fault: Mapping[str, Any]) -> None:
        if fault["name"] in ("power_lost", "reboot") and fault.get("instrument") is not None:
            if fault.get("value", True) is not False:
                self._switch_instrument({**fault, "action": "reboot"})
            return
        self._fault(fault)

    def _watching(self, identifier: object) -> Watcher:
        return self.watchers[self._channel(identifier).id]

    def _arm(self, request: Mapping[str, Any]) -> dict[str, Any]:
        armed = armed_from(request)
        watcher = self._watching(request["channel"])
        if armed.fault is not None:
            self._known_fault({"channel": request["channel"], **armed.fault})
        watcher.arm(armed)
        return {}

    def _known_fault(self, fault: Mapping[str, Any]) -> None:
        """Raise now what would be raised at the moment itself."""
        name, instrument = str(fault["name"]), fault.get("instrument")
        if instrument == "modbus-relay" or (name in ("estop", "interlock") and instrument is None):
            if self.io is None or not self.io.faults.knows(name):
                raise ControlError(f"the relay module has no fault {name!r}, or there is none")
        elif name == "reboot":
            self._channel(fault["channel"]).unit(instrument)
        else:
            self._channel(fault["channel"]).fault_sets(instrument, name)

    def _disarm(self) -> None:
        for watcher in self.watchers.values():
            watcher.disarm()

    def _switch_instrument(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Take the mains from one instrument, or give it back."""
        action = str(request["action"])
        if action not in ("stop", "start", "reboot"):
            raise ControlError(f"unknown action {action!r}; there are stop, start, reboot")
        unit = self._channel(request["channel"]).unit(request.get("instrument"))
        self._advance_all()
        if action != "start" and unit.power_down is not None:
            unit.power_down()
        task = asyncio.get_running_loop().create_task(restart(unit.server, action))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return {"instrument": unit.kind}

    def _clear_faults(self, identifier: object) -> dict[str, Any]:
        self._disarm()
        self._advance_all()
        chosen = list(self.channels.values()) if identifier is None else [self._channel(identifier)]
        for channel in chosen:
            for faults in channel.all_faults():
                faults.clear()
        if self.io is not None and identifier is None:
            self.io.faults.clear()
        if identifier is None:
            for server in self.printers.values():
                server.printer.faults.clear()
        return {}

    def _safety_input(self, name: str, tripped: bool) -> dict[str, Any]:
        if self.io is None:
            raise ControlError("this bench has no relay module, so no emergency stop or interlock")
        self._advance_all()
        self.io.faults.set(name, tripped)
        return {"targets": [self.io.faults.target]}

    def _advance_all(self) -> None:
        if self.io is not None:
            self.io.expire()
        for channel in self.channels.values():
            channel.circuit.advance()
