"""Simulated Maccor MacNet server: JSON-RPC on one TCP port, binary frames on another, channels from 0.

Facts: the vendor's help text. Played here as told: answers end with CR LF; errors per JSON-RPC; FClass 0
echoes; a completed channel must be reset before a test starts on it; test names are unique; at least 100 ms
between two direct outputs; (6,10) repeats the limits as set. Chosen here: the one procedure in the folder
plays VAR1 … VAR14 as seven pairs of current and time (a time of 0 ends); a safety limit suspends the
channel with RF2 190; a stopped channel is completed with RF2 192; results other than OK are told by their
number, which is 16 bits wide on the binary port; anybody logs in; archiving moves nothing. The binary form
of a procedure's start is not in the facts and has no answer. Only loopback is served.
"""

from __future__ import annotations

import asyncio
import datetime
import struct
from collections.abc import Callable, Mapping
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field

from simulators.instruments.cycler_channel import CyclerChannel, Kind, Limits, Step
from simulators.instruments.cycler_rack import CyclerRack
from simulators.instruments.maccor_links import BinaryClient, JsonClient

DIRECT_GAP_S = 0.1
ALL_SELECTED = 65535
_PERSONS = 8
"""The class of logging in and out, which is about no channel."""
_EPOCH = datetime.datetime(2026, 1, 1, 8, 0, 0)
_LIMITS = ("VSafeMax", "VSafeMin", "ISafeChg", "ISafeDis", "PBatSafeChg", "PBatSafeDis")


class MaccorPlace(BaseModel):
    """One channel, counted from 1, and the bench channel it is wired to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    chlid: int = Field(default=1, ge=1)
    bench_channel: str | None = None


class MaccorOptions(BaseModel):
    """Settings of one simulated server. ``binary_port`` 0 takes a free one."""

    model_config = ConfigDict(extra="forbid")

    places: list[MaccorPlace] = Field(default_factory=lambda: [MaccorPlace()])
    channels: int = Field(default=16, ge=1, le=512)
    system: str = "SIM-4000"
    procedure: str = "PULSE-STATION"
    binary_port: int = Field(default=0, ge=0, le=65535)
    voltage_max_V: float = Field(default=5.0, gt=0)
    current_max_A: float = Field(default=100.0, gt=0)
    voltage_noise_V: float = Field(default=0.0001, ge=0)
    current_noise_A: float = Field(default=0.002, ge=0)
    record_period_min_s: float = Field(default=0.05, gt=0)
    max_clients: int | None = None


class _Wired:
    def __init__(self, channel: CyclerChannel, voltage_max_V: float, current_max_A: float) -> None:
        self.channel = channel
        self.variables = [0.0] * 16
        watts = voltage_max_V * current_max_A
        self.limits = dict(
            zip(_LIMITS, (voltage_max_V, 0.0, current_max_A, current_max_A, watts, watts), strict=True)
        )
        self.was_reset = True
        self.direct_s: float | None = None


class _Bad(Exception):
    """A JSON-RPC error."""


class MaccorMacnet(CyclerRack[MaccorPlace]):
    """The server. ``wire`` connects one of its channels to a circuit; the others have no battery."""

    KIND = "maccor-macnet"
    TERMINATOR = b"\r\n"

    def __init__(self, options: MaccorOptions, *, host: str, port: int, seed: int) -> None:
        super().__init__(options, host=host, port=port, seed=seed)
        self.options = options
        self.wired: dict[int, _Wired] = {}
        self.binary_port = options.binary_port
        self._names: set[str] = set()
        self._servers: list[asyncio.Server] = []

    def _keep(self, place: MaccorPlace, channel: CyclerChannel) -> None:
        self.wired[place.chlid - 1] = _Wired(channel, self.options.voltage_max_V, self.options.current_max_A)

    async def start(self) -> None:
        """Bind and listen on both ports."""
        cable = self._cable
        assert cable is not None
        loop = asyncio.get_running_loop()
        json_server = await loop.create_server(lambda: JsonClient(self, cable), self._host, self._port)
        self._port = int(json_server.sockets[0].getsockname()[1])
        self._servers.append(json_server)
        binary = await loop.create_server(lambda: BinaryClient(self, cable), self._host, self.binary_port)
        self.binary_port = int(binary.sockets[0].getsockname()[1])
        self._servers.append(binary)

    async def stop(self) -> None:
        """Hang up and stop listening."""
        while self._servers:
            server = self._servers.pop()
            server.close()
            if self._cable is not None:
                self._cable.hang_up()
            await server.wait_closed()

    # ---- JSON -----------------------------------------------------------------------------

    def answer(self, message: Any) -> dict[str, Any]:
        """The answer to one JSON-RPC message."""
        number = message.get("id") if isinstance(message, dict) else None
        try:
            if not isinstance(message, dict) or message.get("method") != "MacNet":
                raise _Bad(-32600, "Invalid request")
            params = message.get("params")
            if not isinstance(params, dict):
                raise _Bad(-32602, "Invalid params")
            return {"jsonrpc": "2.0", "result": self._result(params), "id": number}
        except _Bad as bad:
            code, text = bad.args
            return {"jsonrpc": "2.0", "error": {"code": code, "message": text}, "id": number}
        except (TypeError, ValueError, KeyError):
            return {"jsonrpc": "2.0", "error": {"code": -32602, "message": "Illegal value"}, "id": number}

    def _result(self, params: Mapping[str, Any]) -> dict[str, Any]:
        function = (params.get("FClass"), params.get("FNum"))
        head = {"FClass": function[0], "FNum": function[1]}
        if function[0] == 0:
            return dict(params)
        if function == (1, 1):
            version = {"Major": 3, "Minor": 2, "Build": 18}
            exe = {f"MacTest32EXEversion{part}": value for part, value in version.items()}
            return {**head, "APIVersion": 1, **exe}
        if function == (1, 2):
            return {
                **head, "SystemID": self.options.system, "SystemType": 0, "ControllerBoards": 1,
                "TestChannels": self.options.channels, "AuxBoards": 0, "AuxChannels": 0,
                "SMB1Pos": 0, "SMB3Pos": 0,
            }  # fmt: skip
        handler = self._handlers().get(cast(tuple[int, int], function))
        if handler is None:
            known = {number for number, _ in self._handlers()} | {0, 1}
            raise _Bad(-32000, "Invalid FNum" if function[0] in known else "Invalid FClass")
        number = int(params["Chan"]) if function[0] != _PERSONS else 0
        return {**head, "Chan": number, **handler(number, params)}

    def _handlers(self) -> dict[tuple[int, int], Callable[[int, Mapping[str, Any]], dict[str, Any]]]:
        return {
            (3, 1): self._specification,
            (4, 1): self._several,
            (4, 2): lambda number, params: {"Volts": self._row(number, params, "Voltage")},
            (4, 3): lambda number, params: {"Amps": self._row(number, params, "Current")},
            (4, 4): lambda _number, _: {"Len": 0, "AuxValues": []},
            (4, 7): lambda number, _: self._now(number),
            (6, 2): self._procedure,
            (6, 3): lambda number, _: self._result_of(self._of(number).channel.pause()),
            (6, 4): lambda number, _: self._result_of(self._of(number).channel.resume()),
            (6, 5): self._reset,
            (6, 6): self._archive,
            (6, 7): self._direct,
            (6, 8): self._output,
            (6, 9): self._variable,
            (6, 10): self._safety,
            (6, 11): lambda number, params: {"Result": self._checked(self._of(number), params) or "OK"},
            (8, 1): lambda _number, _params: {"Result": "OK"},
            (8, 2): lambda _number, _params: {"Result": "OK"},
        }

    def _of(self, number: int) -> _Wired:
        wired = self.wired.get(number)
        if wired is None:
            raise _Bad(-32000, "Illegal value: Chan")
        return wired

    def _result_of(self, done: bool) -> dict[str, Any]:
        return {"Result": "OK" if done else 2}

    def _specification(self, number: int, _: Mapping[str, Any]) -> dict[str, Any]:
        self._of(number)
        o = self.options
        return {"TickSpeed": 0.01, "Vmax": o.voltage_max_V, "Vmin": 0.0, "IR4Chg": o.current_max_A,
                "IR4Dis": o.current_max_A, **self._of(number).limits}  # fmt: skip

    def _several(self, number: int, params: Mapping[str, Any]) -> dict[str, Any]:
        shown = self._shown_from(number, int(params["Len"]))
        return {
            "Len": len(shown),
            "Status": [{key: one[key] for key in ("RF1", "RF2", "Stat")} for one in shown],
        }

    def _shown_from(self, number: int, wanted: int) -> list[dict[str, Any]]:
        """Everything of up to 128 channels from ``number`` on.

        A known client asks from -1 on where it means the first; it is met as it asks.
        """
        number = max(number, 0)
        count = max(1, min(wanted, 128, self.options.channels - number))
        return [self._now(number + n) for n in range(count)]

    def _row(self, number: int, params: Mapping[str, Any], key: str) -> list[float]:
        return [one[key] for one in self._shown_from(number, int(params.get("Len", 1)))]

    def _now(self, number: int) -> dict[str, Any]:
        """Everything of one channel; zeros for one without a battery."""
        if not 0 <= number < self.options.channels:
            raise _Bad(-32000, "Illegal value: Chan")
        wired = self.wired.get(number)
        if wired is None:
            return _shown(0, 0, 0)
        channel = wired.channel
        channel.circuit.refresh()
        rf1, rf2, stat = self._state(wired)
        running = channel.state in ("working", "pause")
        charge_Ah, energy_Wh = channel.moved() if running else (0.0, 0.0)
        at = _EPOCH + datetime.timedelta(seconds=channel.circuit.time_s)
        return {
            **_shown(rf1, rf2, stat),
            "LastRecNum": len(channel.records),
            "Step": channel.step if running else 0,
            "TestTime": channel.test_s if running else 0.0,
            "StepTime": channel.step_s if running else 0.0,
            "Capacity": charge_Ah,
            "Energy": energy_Wh,
            "Current": _number(channel.current("%.9g"), absolute=True),
            "Voltage": _number(channel.voltage("%.9g")),
            "TesterTime": at.isoformat(timespec="seconds"),
        }

    def _state(self, wired: _Wired) -> tuple[int, int, int]:
        """RF1, RF2, Stat."""
        channel = wired.channel
        if channel.state == "working":
            return {"charge": 1, "discharge": 2, "rest": 4, "cv": 1}[channel.present.kind], 0, 2
        if channel.state == "pause":
            return 30, 192, 3
        if channel.state == "protect":
            return 30, 190, 3
        if wired.was_reset or channel.state == "idle":
            return 0, 0, 0
        return 31, 193 if channel.state == "finish" else 192, 4

    def _procedure(self, number: int, params: Mapping[str, Any]) -> dict[str, Any]:
        if number == ALL_SELECTED:
            return {"Result": 24}  # nobody selects channels here
        wired, name = self._of(number), str(params["TestName"])
        if wrong := self._checked(wired, params):
            return {"Result": wrong}
        steps = []
        for current_A, time_s in zip(wired.variables[0:14:2], wired.variables[1:14:2], strict=True):
            if time_s <= 0:
                break
            kind: Kind = "charge" if current_A > 0 else "discharge" if current_A < 0 else "rest"
            steps.append(Step(kind, abs(current_A), time_s))
        return {"Result": self._begin(wired, name, steps)}

    def _checked(self, wired: _Wired, params: Mapping[str, Any]) -> int:
        """Why a start of the procedure would be refused; 0 where it would not."""
        if str(params["ProcName"]) != self.options.procedure:
            return 14
        if str(params["TestName"]) in self._names or not params["TestName"]:
            return 18
        return 0 if wired.was_reset else 15

    def _archive(self, number: int, _: Mapping[str, Any]) -> dict[str, Any]:
        """Only what is over can be put away; nothing else happens to it here."""
        return {"Result": 15 if self._of(number).channel.state in ("working", "pause") else "OK"}

    def _begin(self, wired: _Wired, name: str, steps: list[Step]) -> str | int:
        limits = Limits(*(wired.limits[key] for key in ("VSafeMin", "VSafeMax", "ISafeChg", "ISafeDis")))
        if not wired.channel.start(name, steps, limits, self.options.record_period_min_s):
            return 22
        if name != "Random":
            self._names.add(name)
        wired.was_reset = False
        return "OK"

    def _reset(self, number: int, _: Mapping[str, Any]) -> dict[str, Any]:
        wired = self._of(number)
        wired.channel.stop()
        wired.channel.circuit.refresh()
        wired.was_reset = wired.channel.state not in ("working", "pause")
        if wired.channel.state == "protect":
            wired.channel.state = "stop"
        wired.direct_s = None
        return {"Result": "OK"}

    def _direct(self, number: int, params: Mapping[str, Any]) -> dict[str, Any]:
        """A direct test is a rest without end until an output is set."""
        wired = self._of(number)
        if not wired.was_reset:
            return {"Result": 2}
        started = self._begin(wired, str(params["TestName"]), [Step("rest")])
        wired.direct_s = float("-inf") if started == "OK" else None
        return {"Result": "OK" if started == "OK" else 3}

    def _output(self, number: int, params: Mapping[str, Any]) -> dict[str, Any]:
        mode, current_A = str(params["ChMode"]), abs(float(params["Current"]))
        if mode == "R":  # the known bug: JSON cannot set a rest
            return {"Result": 4}
        return {"Result": self.set_output(number, mode, current_A, float(params["Voltage"]))}

    def set_output(self, number: int, mode: str, current_A: float, voltage_V: float) -> str | int:
        """Function 6,8."""
        wired = self._of(number)
        if wired.direct_s is None:
            return 4
        channel = wired.channel
        if channel.state != "working":
            return 2
        now_s = channel.circuit.clock.real_s()
        if now_s - wired.direct_s < DIRECT_GAP_S:
            return 3
        wired.direct_s = now_s
        kind: Kind = "rest" if mode == "R" or current_A == 0 else "charge" if mode == "C" else "discharge"
        channel.replace_step(Step(kind, current_A, voltage_V=voltage_V))
        return "OK"

    def _variable(self, number: int, params: Mapping[str, Any]) -> dict[str, Any]:
        variable, value = int(params["VarNum"]), float(params["Value"])
        if not 1 <= variable <= 15:
            raise _Bad(-32000, "Illegal value: VarNum")
        self._of(number).variables[variable - 1] = value
        return {"Result": "OK"}

    def _safety(self, number: int, params: Mapping[str, Any]) -> dict[str, Any]:
        wired = self._of(number)
        wired.limits = {key: float(params[key]) for key in _LIMITS}
        return dict(wired.limits)

    # ---- binary ---------------------------------------------------------------------------

    def binary_answer(self, function: tuple[int, int], number: int, data: bytes, count: int = 1) -> bytes:
        """The data of the reply; what is not known is answered without. ``count``: of channels, class 4."""
        if function[0] == 0:
            return data
        try:
            if function == (4, 7):
                one = self._now(number)
                floats = [
                    one[key] for key in ("TestTime", "StepTime", "Capacity", "Energy", "Current", "Voltage")
                ]
                return struct.pack(
                    "<BBHIIHffffffQ",
                    *(one[key] for key in ("RF1", "RF2", "Stat", "LastRecNum", "Cycle", "Step")), *floats, 0,
                )  # fmt: skip
            if function == (4, 1):
                return b"".join(
                    struct.pack("<BBH", one["RF1"], one["RF2"], one["Stat"])
                    for one in self._shown_from(number, count)
                )
            if function in ((4, 2), (4, 3)):
                key = "Voltage" if function[1] == 2 else "Current"
                found = [one[key] for one in self._shown_from(number, count)]
                return struct.pack(f"<{len(found)}f", *found)
            if function in ((6, 3), (6, 4), (6, 5), (6, 6)):
                return _result(self._handlers()[function](number, {})["Result"])
            if function == (6, 7):
                name = struct.unpack("<25s4fBB3f", data)[0].split(b"\0", 1)[0].decode("latin-1")
                return _result(self._direct(number, {"TestName": name})["Result"])
            if function == (6, 8):
                current_A, voltage_V, _, _, _, mode = struct.unpack("<ffffBB", data)
                # A known client counts one channel more here than in JSON; it is met as it asks.
                return _result(self.set_output(number, chr(mode), abs(current_A), voltage_V))
        except (_Bad, struct.error):
            return b""
        return b""


def _result(told: str | int) -> bytes:
    """A result as the binary port tells it."""
    return struct.pack("<H", 0 if told == "OK" else int(told))


def _shown(rf1: int, rf2: int, stat: int) -> dict[str, Any]:
    return {
        "RF1": rf1, "RF2": rf2, "Stat": stat, "LastRecNum": 0, "Cycle": 0, "Step": 0, "TestTime": 0.0,
        "StepTime": 0.0, "Capacity": 0.0, "Energy": 0.0, "Current": 0.0, "Voltage": 0.0,
        "TesterTime": _EPOCH.isoformat(timespec="seconds"),
    }  # fmt: skip


def _number(text: str, *, absolute: bool = False) -> float:
    try:
        value = float(text)
    except ValueError:
        return 9.9e37
    return abs(value) if absolute else value
