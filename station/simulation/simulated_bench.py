"""From a bench file to the simulators' own configuration, and the process that runs them.

The bench file names drivers and addresses; the simulators have their own names for what stands
at the other side. This table is the only place that knows both.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from drivers.transports.address import canonical_address
from station.bench import Bench, Channel, InstrumentRef, PrinterRef, SensorInput, SensorRef
from station.child_environment import child_environment
from station.child_program import SIMULATORS, child_command
from station.errors import BenchError, InstrumentFault
from station.simulation.simulated_bms import LANGUAGES, bms_options
from station.simulation.simulated_cyclers import CYCLERS, cycler_options

SIMULATOR_OF_DRIVER = {
    "delta-sm15k": "delta-sm15k",
    "rigol-dl3021": "rigol-dl3021",
    "keysight-34970a": "keysight-34970a",
    "nissan-leaf-bms": "leaf-bms",
    "kunkin-kp184": "kunkin-kp184",
    "itech-it8500": "itech-it8500",
    "itech-it8500-scpi": "itech-it8500-scpi",
    "siglent-sdl1000x": "siglent-sdl1000x",
    "korad-kel103": "korad-kel103",
    "maynuo-m97": "maynuo-m97",
    "tti-ld400p": "tti-ld400p",
    "neware-bts8": "neware-bts8",
    "arbin-cti": "arbin-cti",
    "maccor-macnet": "maccor-macnet",
    "ea-psb10000": "ea-psb10000",
    "itech-it6000c": "itech-it6000c",
    "hioki-bt3562": "hioki-bt3562",
    "keithley-daq6510": "keithley-daq6510",
    "dcon-thermocouples": "dcon-thermocouples",
    "bms-can": "can-bms",
    "bms-serial": "serial-bms",
    "bms-gbt-charger": "gbt-vehicle",
    "ea-psb10000-modbus": "ea-psb10000",
    "keysight-el30000": "keysight-el30000",
}
PRINTER_OF_DRIVER = {"zpl-printer": "zpl", "tspl-printer": "tspl"}
_PORT = re.compile(r"(?P<host>127\.0\.0\.1|localhost)(?P<sep>::?)(?P<port>\d+)")
READY_TIMEOUT_S = 60.0
SCANNER_MAX_V = 300.0
_CHASSIS_ROLES = ("minus_chassis", "plus_chassis")
#: Where coils and inputs begin, by the relay driver's option ``map``.
_RELAY_OFFSETS = {"adam-6050": (16, 0), "adam-6060": (16, 0), "waveshare-8": (0, 0), "plain": (0, 0)}


def with_free_ports(bench: Bench) -> Bench:
    """The same bench with every loopback port replaced by a free one."""
    data = bench.model_dump(mode="json", by_alias=True)
    with ExitStack() as held:
        chosen: dict[str, str] = {}

        def replace(match: re.Match[str]) -> str:
            old = match["port"]
            if old not in chosen:
                holder = held.enter_context(socket.socket())
                holder.bind(("127.0.0.1", 0))
                chosen[old] = str(holder.getsockname()[1])
            return f"{match['host']}{match['sep']}{chosen[old]}"

        return Bench.model_validate(_rewrite(data, replace))


def _rewrite(node: Any, replace: Any) -> Any:
    if isinstance(node, dict):
        return {key: _rewrite(value, replace) for key, value in node.items()}
    if isinstance(node, list):
        return [_rewrite(value, replace) for value in node]
    return _PORT.sub(replace, node) if isinstance(node, str) else node


def write_bench(bench: Bench, path: Path) -> None:
    """Write ``bench`` as a bench file."""
    from ruamel.yaml import YAML

    with path.open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump(
            bench.model_dump(mode="json", by_alias=True, exclude_defaults=True), stream
        )


def simulation_config(bench: Bench, *, speed: float = 1.0, seed: int = 1) -> dict[str, Any]:
    """The simulators' configuration for ``bench``. Raises BenchError when it is not a simulated bench."""
    if bench.simulation is None:
        raise BenchError(
            f"bench {bench.name} has no simulation section",
            remedy="add `simulation:` with control and batteries, as in the demo bench",
            code="bench.not_simulated",
        )
    host, port = _endpoint(bench.simulation.control)
    return {
        "name": bench.name,
        "speed": speed,
        "control": {"host": host, "port": port},
        "relay": _relay(bench),
        "channels": [
            _channel(bench, channel, seed + number) for number, channel in enumerate(bench.channels)
        ],
        "printers": [_printer(printer) for printer in bench.printers],
    }


def _simulator(of_driver: Mapping[str, str], driver: str) -> str:
    """Raises BenchError where there is none."""
    kind = of_driver.get(driver)
    if kind is None:
        raise BenchError(
            f"there is no simulator for driver {driver!r}",
            remedy=f"simulated are: {', '.join(sorted(of_driver))}",
            code="bench.not_simulated",
        )
    return kind


def _printer(printer: PrinterRef) -> dict[str, Any]:
    kind = _simulator(PRINTER_OF_DRIVER, printer.driver)
    host, port = _endpoint(printer.address or "")
    return {"id": printer.id, "kind": kind, "host": host, "port": port}


def _relay(bench: Bench) -> dict[str, Any] | None:
    if bench.guard is None:
        return None
    host, port = _endpoint(bench.guard.relay.address or "")
    unit = re.search(r"unit=(\d+)", bench.guard.relay.address or "")
    inputs: dict[str, int] = bench.guard.inputs.model_dump(exclude_none=True)
    for channel in bench.channels:
        if channel.cutoff and channel.cutoff.feedback_input is not None:
            inputs[f"contactor {channel.id}"] = channel.cutoff.feedback_input
    options = bench.guard.relay.options
    coil_offset, input_offset = _relay_offsets(options)
    return {
        "host": host,
        "port": port,
        "unit": int(unit[1]) if unit else 1,
        "coils": {
            name: coil + coil_offset for channel in bench.channels for name, coil in _coils(channel).items()
        },
        "inputs": {name: number + input_offset for name, number in inputs.items()},
        "timed_coils": bool(options.get("timed_coils", options.get("map") == "waveshare-8")),
    }


def _relay_offsets(options: dict[str, Any]) -> tuple[int, int]:
    """Where coils and inputs begin on the board that the driver's options describe."""
    coil, contact = _RELAY_OFFSETS[options.get("map", "plain")]
    given = options.get("coil_offset"), options.get("input_offset")
    return (coil if given[0] is None else given[0]), (contact if given[1] is None else given[1])


def _coils(channel: Channel) -> dict[str, int]:
    """The channel's coils as the bench file numbers them, by the names that its wiring uses."""
    found: dict[str, int] = {}
    if channel.cutoff:
        found[f"contactor {channel.id}"] = channel.cutoff.coil
        if channel.cutoff.precharge:
            found[f"precharge {channel.id}"] = channel.cutoff.precharge.coil
    if channel.insulation:
        found[f"insulation {channel.id}"] = channel.insulation.coil
    return found


def _channel(bench: Bench, channel: Channel, seed: int) -> dict[str, Any]:
    assert bench.simulation is not None  # checked by the caller
    battery = bench.simulation.batteries.get(channel.id)
    if battery is None:
        raise BenchError(
            f"simulation.batteries has no battery for channel {channel.id}",
            remedy="add one, as in the demo bench",
            code="bench.no_battery",
            field=f"simulation.batteries.{channel.id}",
        )
    refs: list[tuple[str, InstrumentRef]] = [("power", channel.power)]
    for part in ("supply", "load"):
        if part in channel.power.options:
            refs.append((part, InstrumentRef.model_validate(channel.power.options[part])))
    refs += [("sensors", sensor) for sensor in channel.sensors]
    if channel.bms:
        refs.append(("bms", channel.bms))
    # A scanner of several channels stands in the first of them, with the inputs of all.
    refs = [(kind, ref) for kind, ref in refs if _first_user(bench, ref) is channel]
    return {
        "id": channel.id,
        "battery": dict(battery),
        "seed": seed,
        "wiring": _wiring(channel, bench.simulation.options.get("wiring", {}).get(channel.id, {})),
        "instruments": [_instrument(bench, ref, channel) for _, ref in refs if ref.address is not None],
    }


def _first_user(bench: Bench, ref: InstrumentRef) -> Channel | None:
    """The channel in which this instrument is simulated."""
    return next(
        (c for c in bench.channels if any(_same(ref, other) for other in c.instruments().values())), None
    )


def _same(one: InstrumentRef, other: InstrumentRef) -> bool:
    if one.address is None or other.address is None:
        return one is other
    return canonical_address(one.address) == canonical_address(other.address)


def _wiring(channel: Channel, given: dict[str, Any]) -> dict[str, Any]:
    """The channel's power path; what ``given`` says stands above what is assumed here.

    With a pre-charge the instrument senses at its own terminals and has an output capacitor that
    discharges below 60 V within 5 s from any voltage up to 580 V, and charges to within 2 % of the pack.
    """
    wiring: dict[str, Any] = {}
    if channel.cutoff:
        wiring["cutoff_coil"] = f"contactor {channel.id}"
        if channel.cutoff.feedback_input is not None:
            wiring["feedback_input"] = f"contactor {channel.id}"
        if channel.cutoff.precharge:
            ohm = channel.cutoff.precharge.resistance_ohm
            bleeder_ohm = max(5000.0, 50.0 * ohm)
            wiring |= {
                "precharge": {"coil": f"precharge {channel.id}", "resistance_ohm": ohm},
                "sense_at": "terminals",
                "bleeder_ohm": bleeder_ohm,
                "output_capacitance_F": 2.2 / bleeder_ohm,
                "weld_inrush_A": 1000.0,
            }
    meters = [s for s in channel.sensors if any(item.role in _CHASSIS_ROLES for item in s.inputs)]
    if channel.insulation or meters:
        wiring["insulation"] = {"voltmeter_ohm": meters[0].input_ohm} if meters else {}
        if channel.insulation:
            wiring["insulation"] |= {
                "test_coil": f"insulation {channel.id}",
                "test_ohm": channel.insulation.resistance_ohm,
            }
        wiring["insulation"] |= given.get("insulation", {})
    return {**wiring, **{name: value for name, value in given.items() if name != "insulation"}}


def _instrument(bench: Bench, ref: InstrumentRef, channel: Channel) -> dict[str, Any]:
    kind = _simulator(SIMULATOR_OF_DRIVER, ref.driver)
    host, port = _endpoint(ref.address or "")
    assert bench.simulation is not None  # checked by the caller
    given = bench.simulation.options.get("instruments", {}).get(channel.id, {}).get(ref.driver, {})
    options = {**_options(bench, ref, channel), **given}
    return {"kind": kind, "host": host, "port": port, "options": options}


_EA_RATINGS = ("voltage_max_V", "current_max_A", "power_max_W")
_ITECH_MODEL = re.compile(r"IT60(?P<power>\d\d)C-(?P<voltage>\d+)-(?P<current>\d+)")
"""IT6054C-800-225 is a unit of 54 kW, 800 V, 225 A."""
_SM15K_MODEL = re.compile(r"SM(?P<voltage>\d+)-CP-(?P<current>\d+)")


def _options(bench: Bench, ref: InstrumentRef, channel: Channel) -> dict[str, Any]:
    """What the simulator must know to be the instrument that the bench file describes."""
    options: dict[str, Any] = {}
    model = ref.expect.get("model")
    if ref.driver == "delta-sm15k" and model and (rating := _SM15K_MODEL.search(model)):
        options = {"voltage_max_V": float(rating["voltage"]), "current_max_A": float(rating["current"])}
    if model and ref.driver in {"delta-sm15k", "rigol-dl3021", "ea-psb10000", "itech-it6000c"}:
        options["model"] = model
    if ref.driver == "ea-psb10000-modbus":
        options["modbus"] = True
    if ref.driver in ("ea-psb10000", "ea-psb10000-modbus"):
        options |= {name: ref.options[name] for name in _EA_RATINGS if name in ref.options}
    if ref.driver == "itech-it6000c" and (rating := _ITECH_MODEL.search(model or "")):
        options |= {
            "voltage_max_V": float(rating["voltage"]),
            "current_max_A": float(rating["current"]),
            "power_max_W": 1000.0 * float(rating["power"]),
            "step_V": float(ref.options.get("step_V", 0.01)),
            "step_A": float(ref.options.get("step_A", 0.01)),
        }
    if ref.driver == "keysight-34970a" and model in ("34970A", "34972A", "DAQ970A"):
        options["model"] = model
    if ref.driver in LANGUAGES:
        options = bms_options(ref)
    if ref.driver in CYCLERS:
        options = cycler_options(
            ref, [(user, user.power) for user in bench.channels if _same(ref, user.power)]
        )
    if isinstance(ref, SensorRef):
        options["channels"] = {}
        for user in bench.channels:
            high = user.limits.voltage_max_V > SCANNER_MAX_V
            elsewhere = {} if user is channel else {"bench_channel": user.id}
            for sensor in user.sensors:
                if _same(ref, sensor):
                    points = {i.number: {**_point(i, high_voltage=high), **elsewhere} for i in sensor.inputs}
                    options["channels"] = {**points, **options["channels"]}
    return options


def _point(item: SensorInput, *, high_voltage: bool) -> dict[str, Any]:
    """What an input is wired to; behind a divider where a scanner could not take the voltage."""
    if item.role == "ambient":
        return {"kind": "thermocouple", "point": "ambient"}
    if item.role == "cell_surface":
        return {"kind": "thermocouple", "point": f"temperature:{item.cell or 1}"}
    if item.role == "cell":
        return {"kind": "voltage", "point": f"cell:{item.cell or 1}"}
    point = "battery" if item.role == "terminals" else item.role
    return {"kind": "voltage", "point": point, "divider": 10.0 if high_voltage else 1.0}


def _endpoint(address: str) -> tuple[str, int]:
    match = re.search(
        r"(?P<host>[A-Za-z0-9_.-]+)::?(?P<port>\d+)", address.split("//")[-1].replace("TCPIP0::", "")
    )
    if match is None:
        raise BenchError(
            f"cannot simulate an instrument at {address!r}",
            remedy="a simulated instrument needs a loopback host and port",
            code="bench.address",
        )
    return match["host"], int(match["port"])


class SimulatedBench:
    """A simulated bench in a process of its own; ends with the ``with`` block, or with this process."""

    def __init__(
        self, bench: Bench, *, speed: float = 1.0, seed: int = 1, host_time: Path | None = None
    ) -> None:
        self._config = simulation_config(bench, speed=speed, seed=seed)
        if host_time is not None:
            self._config["host_time"] = str(host_time)
        self._process: subprocess.Popen[str] | None = None
        self.ready: dict[str, Any] = {}

    def __enter__(self) -> SimulatedBench:
        command = [*child_command(SIMULATORS), "--config", "-", "--until-stdin-closes"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=child_environment(),
        )
        assert self._process.stdin is not None  # pipes were asked for
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(self._config) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        try:
            self.ready = json.loads(line)
        except ValueError as error:
            self.__exit__(None, None, None)
            raise InstrumentFault(
                "the simulated bench did not start; see the lines above",
                remedy="another one may be running on the same ports; try --free-ports",
                code="bench.simulation_start",
            ) from error
        return self

    @property
    def pid(self) -> int:
        """Process id of the simulated bench."""
        assert self._process is not None
        return self._process.pid

    def wait(self) -> None:
        """Wait until the simulated bench ends by itself."""
        if self._process is not None:
            self._process.wait()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
