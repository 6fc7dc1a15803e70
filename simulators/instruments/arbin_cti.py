"""Simulated Arbin CTI server (MITS Pro): binary frames over TCP, log-in first, channels counted from 0.

Facts: the vendor's protocol text and captures. A request's length counts what follows its first 12 bytes, a
feedback's the whole frame. Played here as told: 0x21 on a start that follows an assignment too closely,
0x14 on metavariables set more often than every 200 ms, 0x12 on a start of a running channel, 0x13 for an
unknown schedule, 0x10 for a channel that is not there, 0x23 for a test name that is empty or was used, the
end of a test by a jump to a step that is not there. Chosen here: such a jump is answered 0x19; a continue is
read like a start or like a resume, as its length tells; the one schedule in its library plays metavariables:
UD1/UD2 highest and lowest voltage, UD3/UD4 largest charge and discharge current, UD5–UD16 six pairs of
current and time (a time of 0 ends); it answers nothing before a log-in, nor to commands whose fields the
facts do not tell: connect, many metavariables, serial number, files, pop-up message.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import cast

from pydantic import BaseModel, ConfigDict, Field

from simulators.instruments.cycler_channel import CyclerChannel, Kind, Limits, Step
from simulators.instruments.cycler_rack import CyclerRack
from simulators.link import Cable, Link

TOKEN = 0x11DDDDDDDDDDDDDD
TOKEN_BYTES = TOKEN.to_bytes(8, "little")
MESSAGE_MAX = 1_000_000
LOGIN_LENGTH, INFO_LENGTH, CONTROL_LENGTH = 8678, 1779, 128
DOWNLOAD_S, VARIABLE_S = 0.2, 0.2
_STATUS = {"idle": 0, "stop": 0, "finish": 15, "protect": 8, "pause": 18}
_KINDS = {
    "charge": (2, "Current(A)"),
    "discharge": (3, "Current(A)"),
    "rest": (4, "Rest"),
    "cv": (2, "Voltage(V)"),
}
_CODES = {**{52 + n: n for n in range(4)}, **{105 + n: 4 + n for n in range(12)}}


class ArbinPlace(BaseModel):
    """One channel, counted from 1 as MITS shows it, and the bench channel it is wired to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    chlid: int = Field(default=1, ge=1)
    bench_channel: str | None = None


class ArbinOptions(BaseModel):
    """Settings of one simulated server."""

    model_config = ConfigDict(extra="forbid")

    places: list[ArbinPlace] = Field(default_factory=lambda: [ArbinPlace()])
    channels: int = Field(default=16, ge=1, le=1024)
    serial: str = "SIM-LBT21084"
    schedule: str = "pulse_station.sdx"
    voltage_max_V: float = Field(default=5.0, gt=0)
    current_max_A: float = Field(default=100.0, gt=0)
    voltage_noise_V: float = Field(default=0.0001, ge=0)
    current_noise_A: float = Field(default=0.002, ge=0)
    record_period_min_s: float = Field(default=0.05, gt=0)
    username: str = "admin"
    password: str = "000000"
    max_clients: int | None = None


class _Wired:
    """A channel with what was assigned to it."""

    def __init__(self, channel: CyclerChannel) -> None:
        self.channel = channel
        self.schedule, self.barcode = "", ""
        self.variables = [0.0] * 16
        self.assigned_s = self.variable_s = float("-inf")


class ArbinCti(CyclerRack[ArbinPlace]):
    """The server. ``wire`` connects one of its channels to a circuit; the others have no battery."""

    KIND = "arbin-cti"

    def __init__(self, options: ArbinOptions, *, host: str, port: int, seed: int) -> None:
        super().__init__(options, host=host, port=port, seed=seed)
        self.options = options
        self.wired: dict[int, _Wired] = {}
        self._names: set[str] = set()
        self._server: asyncio.Server | None = None

    def _keep(self, place: ArbinPlace, channel: CyclerChannel) -> None:
        self.wired[place.chlid - 1] = _Wired(channel)

    async def start(self) -> None:
        """Bind and listen."""
        cable = self._cable
        assert cable is not None
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Client(self, cable), self._host, self._port)
        self._port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Hang up and stop listening."""
        if self._server is not None and self._cable is not None:
            self._server.close()
            self._cable.hang_up()
            await self._server.wait_closed()
            self._server = None

    # ---- the protocol ---------------------------------------------------------------------

    def answer(self, frame: bytes, client: _Client) -> list[bytes]:
        """Feedbacks to one request; none to what is not understood."""
        command: int = struct.unpack_from("<I", frame, 12)[0]
        try:
            if command == 0xEEAB0001:
                return [self._log_in(frame, client)]
            if not client.logged_in:
                return []
            if command == 0xEEAB0003:
                return self._info(frame)
            if command == 0xBB210001:
                return [self._assign(frame)]
            if command == 0xBB320004:
                return [self._start(frame)]
            if command == 0xBB310001:
                return [self._control(0xBB130001, frame, lambda wired: wired.channel.stop() or True)]
            if command == 0xBB310002:
                return [self._control(0xBB130002, frame, lambda wired: wired.channel.resume())]
            if command == 0xBB320006:
                return [self._continued(frame)]
            if command == 0xBB320005:
                return [self._jump(frame)]
            if command == 0xBB150001:
                return [self._variable(frame)]
        except struct.error:
            return []
        return []

    def _log_in(self, frame: bytes, client: _Client) -> bytes:
        user, password = (frame[at : at + 32].split(b"\0", 1)[0].decode("latin-1") for at in (20, 52))
        again = client.logged_in
        client.logged_in = (user, password) == (self.options.username, self.options.password)
        body = bytearray(LOGIN_LENGTH - 22)
        result = (3 if again else 1) if client.logged_in else 2
        struct.pack_into("<I4s16s", body, 0, result, bytes((127, 0, 0, 1)), self.options.serial.encode()[:16])
        struct.pack_into("<IIII", body, 8656 - 20, 1, 1, self.options.channels, 1)
        return _frame(0xEEBA0001, bytes(body))

    def _info(self, frame: bytes) -> list[bytes]:
        wanted: int = struct.unpack_from("<h", frame, 20)[0]
        numbers = range(self.options.channels) if wanted == -1 else [wanted]
        return [
            self._one_info(number, len(numbers)) for number in numbers if 0 <= number < self.options.channels
        ]

    def _one_info(self, number: int, count: int) -> bytes:
        body = bytearray(INFO_LENGTH - 22)

        def put(form: str, at: int, *values: object) -> None:
            struct.pack_into(form, body, at - 20, *values)

        wired = self.wired.get(number)
        put("<II", 20, count, number)
        put("<H", 1683, number)
        put("<100s", 575, _text16("N/A"))
        if wired is None:
            return _frame(0xEEBA0003, bytes(body))
        channel = wired.channel
        channel.circuit.refresh()
        status = _STATUS.get(channel.state, 0)
        if channel.state in ("working", "pause"):
            code, word = _KINDS[channel.present.kind]
            status = code if channel.state == "working" else status
            put("<64s", 675, _text16(f"[1] {channel.step}: Step_{channel.step}, {word}"))
            put("<dd", 1685, channel.test_s, channel.step_s)
        if channel.state == "protect":
            put("<100s", 575, _text16("Safety limit"))
        put("<hB", 28, status, 0)
        put("<400s144s", 31, _text16(wired.schedule), _text16(channel.test))
        put("<144s", 739, _text16(wired.barcode))
        volts, amps = float(channel.voltage("%.9g")), float(channel.current("%.9g"))
        put("<fff", 1701, volts, amps, volts * amps)
        put("<ffff", 1713, *channel.totals())
        return _frame(0xEEBA0003, bytes(body))

    def _assign(self, frame: bytes) -> bytes:
        number: int = struct.unpack_from("<i", frame, 20)[0]
        wired = self.wired.get(number)
        schedule = _read16(frame[25:425])
        if wired is None:
            return _feedback(0xBB120001, number, 0x10)
        if not schedule:
            return _feedback(0xBB120001, number, 0x12)
        if schedule != self.options.schedule:
            return _feedback(0xBB120001, number, 0x13)
        if wired.channel.state in ("working", "pause"):
            return _feedback(0xBB120001, number, 0x14)
        wired.schedule, wired.barcode = schedule, _read16(frame[429:573])
        wired.variables = list(struct.unpack_from("<16f", frame, 573))
        wired.assigned_s = wired.channel.circuit.clock.real_s()
        return _feedback(0xBB120001, number, 0)

    def _start(self, frame: bytes) -> bytes:
        count: int = struct.unpack_from("<I", frame, 164)[0]
        numbers = struct.unpack_from(f"<{min(count, 512)}H", frame, 168)
        result, name = 0, _read16(frame[20:164])
        for number in numbers:
            result = result or self._start_one(number, name)
        return _feedback(0xBB230004, numbers[0] if numbers else -1, result)

    def _start_one(self, number: int, name: str) -> int:
        wired = self.wired.get(number)
        if wired is None:
            return 0x10
        if wired.channel.state in ("working", "pause"):
            return 0x12
        if not wired.schedule:
            return 0x15
        if not name or name in self._names:
            return 0x23
        if wired.channel.circuit.clock.real_s() - wired.assigned_s < DOWNLOAD_S:
            return 0x21
        steps, limits = _program(wired.variables)
        if not wired.channel.start(name, steps, limits, self.options.record_period_min_s):
            return 0x26
        self._names.add(name)
        return 0

    def _control(self, command: int, frame: bytes, act: Callable[[_Wired], bool]) -> bytes:
        """One channel, or with the flag behind its number all."""
        number, everyone = struct.unpack_from("<i?", frame, 20)
        if everyone:
            done = [act(wired) for wired in self.wired.values()]
            return _feedback(command, number, 0 if any(done) else 0x10)
        wired = self.wired.get(number)
        return _feedback(command, number, 0 if wired is not None and act(wired) else 0x10)

    def _continued(self, frame: bytes) -> bytes:
        """Continue: a list of channels where it is as long as a start, else one channel like a resume."""
        if len(frame) == CONTROL_LENGTH:
            return self._control(0xBB230006, frame, lambda wired: wired.channel.resume())
        count: int = struct.unpack_from("<I", frame, 164)[0]
        numbers = struct.unpack_from(f"<{min(count, 512)}H", frame, 168)
        known = [self.wired.get(number) for number in numbers]
        done = [wired is not None and wired.channel.resume() for wired in known]
        return _feedback(0xBB230006, numbers[0] if numbers else -1, 0 if done and all(done) else 0x10)

    def _jump(self, frame: bytes) -> bytes:
        step, number = struct.unpack_from("<ii", frame, 20)
        wired = self.wired.get(number)
        if wired is None:
            return _feedback(0xBB230005, number, 0x10)
        return _feedback(0xBB230005, number, 0 if wired.channel.jump(step) else 0x19)

    def _variable(self, frame: bytes) -> bytes:
        number, kind, code = struct.unpack_from("<iii", frame, 20)
        value: float = struct.unpack_from("<f", frame, 52)[0]
        wired = self.wired.get(number)
        if wired is None or kind != 1:
            return _feedback(0xBB510001, number, 0x10)
        if code not in _CODES:
            return _feedback(0xBB510001, number, 0x11)
        if not wired.channel.output_on:
            return _feedback(0xBB510001, number, 0x12)
        now_s = wired.channel.circuit.clock.real_s()
        if now_s - wired.variable_s < VARIABLE_S:
            return _feedback(0xBB510001, number, 0x14)
        wired.variable_s = now_s
        wired.variables[_CODES[code]] = value
        return _feedback(0xBB510001, number, 0)


class _Client(asyncio.Protocol):
    def __init__(self, server: ArbinCti, cable: Cable) -> None:
        self._arbin, self._cable = server, cable
        self._link: Link | None = None
        self._rest = b""
        self.logged_in = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._link = Link(self._cable, cast(asyncio.Transport, transport))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's signature)
        if self._link is not None:
            self._link.lost()

    def data_received(self, data: bytes) -> None:
        assert self._link is not None
        self._rest += self._link.heard(data)
        while (frame := self._next()) is not None:
            for feedback in self._arbin.answer(frame, self):
                self._link.send(feedback)
        if len(self._rest) > MESSAGE_MAX:
            self._link.abort()

    def _next(self) -> bytes | None:
        """The next whole request with a right checksum; anything else is let go."""
        while True:
            at = self._rest.find(TOKEN_BYTES)
            if at < 0:
                self._rest = self._rest[-7:]
                return None
            self._rest = self._rest[at:]
            if len(self._rest) < 12:
                return None
            size = 12 + int(struct.unpack_from("<I", self._rest, 8)[0])
            if not 22 <= size <= MESSAGE_MAX:
                self._rest = self._rest[8:]
                continue
            if len(self._rest) < size:
                return None
            frame, self._rest = self._rest[:size], self._rest[size:]
            if struct.unpack_from("<H", frame, size - 2)[0] == sum(frame[:-2]) % 65536:
                return frame


def _program(variables: list[float]) -> tuple[list[Step], Limits]:
    """What the schedule in the library plays."""
    upper_V, lower_V, charge_A, discharge_A, *pairs = variables
    steps: list[Step] = []
    for current_A, time_s in zip(pairs[::2], pairs[1::2], strict=True):
        if time_s <= 0:
            break
        kind: Kind = "charge" if current_A > 0 else "discharge" if current_A < 0 else "rest"
        steps.append(Step(kind, abs(current_A), time_s))
    return steps, Limits(lower_V, upper_V, charge_A, discharge_A)


def _frame(command: int, body: bytes) -> bytes:
    """A feedback: its length counts the whole frame."""
    frame = struct.pack("<QIII", TOKEN, 22 + len(body), command, 0) + body
    return frame + struct.pack("<H", sum(frame) % 65536)


def _feedback(command: int, channel: int, result: int) -> bytes:
    return _frame(command, struct.pack("<iB", channel, result) + bytes(CONTROL_LENGTH - 27))


def _text16(text: str) -> bytes:
    return text.encode("utf-16-le")


def _read16(field: bytes) -> str:
    return field.decode("utf-16-le", errors="replace").split("\0", 1)[0]
