"""A channel of an Arbin cycler behind the CTI of MITS Pro (binary, TCP port 9031).

Facts: the vendor's protocol text and captures of a 16-channel LBT21084 (evidence A).

*  **The schedule.** CTI starts schedules by name; their file format is not public, so none is written
  here. The site makes one schedule in MITS once, named in the option ``schedule``, that plays what the
  station fills into its metavariables (MITS 7; the assign command carries them):

* MV_UD1 upper and MV_UD2 lower voltage in V, MV_UD3 largest charge and MV_UD4 largest discharge current
  in A (positive): the schedule's own safety limits. Only with ``limits_in_schedule: true`` are they
  counted on;
* MV_UD5 … MV_UD16: six pairs of a current in A (positive charges, 0 rests) and a time in s. Steps 1 to 6
  play them in order; a time of 0 ends the test.

CTI keeps no records for the station: the channel is read as fast as records are wanted. The step number is
taken from the step text (``[1] 1: Step_A, Rest``, seen in one capture). There is no host watchdog.
"""

from __future__ import annotations

import re
import struct
import time
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from drivers.arbin_frames import (
    ASSIGN,
    INFO,
    LOGIN,
    START,
    STOP,
    ChannelInfo,
    arguments,
    channel_info,
    frame_size,
    request,
    text16,
)
from drivers.capabilities import Capabilities, Span, TimingClass
from drivers.contracts.common import Identity
from drivers.contracts.cycler import (
    CannotSay,
    Cycler,
    CyclerRecord,
    CyclerState,
    CyclerStatus,
    Schedule,
)
from drivers.contracts.power import PowerReading, SafeState
from drivers.cycler_driver import CyclerOptions, cannot_say
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.errors import InstrumentError, NoReading, TransportError, Unsupported
from drivers.ranges import require_in
from drivers.spec import Category, DriverSpec, need_address
from drivers.transports.address import TcpAddress, parse_address, wrong_address
from drivers.transports.messages import TcpMessages
from drivers.transports.scpi import attempt_all

STEPS_MAX = 6
DOWNLOADING = 0x21
START_S, RETRY_S = 10.0, 0.1
_FREE, _FINISHED, _FAULTY, _PAUSED = {0, 19, 20}, {15}, {8, 14, 29}, {18, 25}
_BUSY = {1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 16, 17, 21, 22, 23, 24, 26, 27, 28, 30}
_WORDS = (
    "idle",
    "transition",
    "charge",
    "discharge",
    "rest",
    "wait",
    "external-charge",
    "calibration",
    "unsafe",
    "pulse",
    "IR",
    "AC-impedance",
    "ACI-cell",
    "test-settings",
    "error",
    "finished",
    "voltmeter",
    "waiting-ACS",
    "pause",
    "empty",
    "idle-from-MCU",
    "start",
    "running",
    "step-transfer",
    "resume",
    "go-pause",
    "go-stop",
    "go-next",
    "online-update",
    "DAQ-memory-unsafe",
    "ACR",
)
"""By the number of a status."""
_RESULTS = {
    0x10: "bad channel",
    0x11: "somebody uses the monitor window",
    0x12: "running or unsafe, or the schedule's name is empty",
    0x13: "channel not connected, or schedule not found",
    0x14: "schedule incompatible, or channel running",
    0x15: "no schedule, or one is being downloaded",
    0x16: "schedule version, or a batch is open",
    0x17: "assign failed",
    0x19: "bad step",
    DOWNLOADING: "the schedule is still being downloaded",
    0x22: "database",
    0x23: "the test name is empty or exists",
    0x26: "the safety pre-check failed",
}
_STEP = re.compile(r"^\s*\[\d+\]\s*(\d+)\s*:")


class ArbinOptions(CyclerOptions):
    """``channel`` as MITS counts it, from 1 (the wire counts from 0). Ratings are those of the channel."""

    channel: int = Field(ge=1, le=65535)
    schedule: str = Field(default="pulse_station.sdx", min_length=1, max_length=199)
    limits_in_schedule: bool = False
    username: str = Field(default="admin", max_length=31)
    password: str = Field(default="000000", max_length=31)
    timeout_s: float = Field(default=3.0, gt=0, le=30)


class ArbinCti(Cycler):
    """One channel. Every failed exchange drops the link; the next one connects and logs in again."""

    def __init__(self, address: TcpAddress, options: ArbinOptions) -> None:
        self.address, self._options = address.text, options
        self._channel = options.channel - 1
        self._serial = ""
        self._number = 0
        self._newest_s = -1.0
        self._link = TcpMessages(address, frame_size, timeout_s=options.timeout_s, on_open=self._log_in)

    # ------------------------------------------------------------------ what it is

    @property
    def capabilities(self) -> Capabilities:
        o = self._options
        power_W = o.voltage_max_V * o.current_max_A
        return Capabilities(
            voltage_V=Span(o.voltage_min_V, o.voltage_max_V),
            current_A=Span(-o.current_max_A, o.current_max_A),
            power_W=Span(-power_W, power_W),
            voltage_resolution_V=o.voltage_resolution_V,
            current_resolution_A=o.current_resolution_A,
            pulse_min_s=o.pulse_min_s,
            timing=frozenset({TimingClass.HANDED_OVER}),
            sequence_steps_max=STEPS_MAX,
            remote_sense=True,  # a cycler has voltage leads of its own
        )

    @property
    def protections(self) -> frozenset[str]:
        if not self._options.limits_in_schedule:
            return frozenset()
        return frozenset(
            {"voltage_min_V", "voltage_max_V", "charge_current_max_A", "discharge_current_max_A"}
        )

    @property
    def record_period_min_s(self) -> float:
        return self._options.record_period_min_s

    def identify(self) -> Identity:
        """The serial number is the cycler's, followed by the channel."""
        self._info()  # there is such a channel, and its board answers
        return Identity("ARBIN", "CTI", f"{self._serial}-{self._options.channel}", "")

    def close(self) -> None:
        self._link.close()

    # ------------------------------------------------------------------ looking

    def status(self) -> CyclerStatus:
        info = self._info()
        code, found = info.status, _STEP.match(info.step_text)
        state = CyclerState.UNKNOWN
        for states, meant in (
            (_FREE, CyclerState.FREE),
            (_FINISHED, CyclerState.FINISHED),
            (_FAULTY, CyclerState.PROTECTED),
            (_PAUSED, CyclerState.PAUSED),
            (_BUSY, CyclerState.RUNNING),
        ):
            if code in states:
                state = meant
        running = state in (CyclerState.RUNNING, CyclerState.PAUSED)
        word = _WORDS[code] if 0 <= code < len(_WORDS) else str(code)
        return CyclerStatus(
            state,
            info.test,
            int(found[1]) if found and running else None,
            info.test_time_s if running else None,
            PowerReading(info.voltage_V, info.current_A),
            f"{word}: {info.exit_condition}" if info.exit_condition not in ("", "N/A") else word,
        )

    def read(self) -> PowerReading:
        info = self._info()
        return PowerReading(info.voltage_V, info.current_A)

    def records(self, after: int) -> Sequence[CyclerRecord]:
        """What the channel shows now, once for each new test time. Raises InstrumentError without a step."""
        info = self._info()
        if info.status not in _BUSY or info.test_time_s <= self._newest_s:
            return []
        found = _STEP.match(info.step_text)
        if found is None:
            raise self._refused("channel info", f"no step in {info.step_text!r}")
        self._newest_s, self._number = info.test_time_s, max(self._number, after) + 1
        return [CyclerRecord(self._number, int(found[1]), info.step_time_s, info.voltage_V, info.current_A)]

    # ------------------------------------------------------------------ acting

    def check(self, schedule: Schedule) -> None:
        caps, limits = self.capabilities, schedule.protection
        if not schedule.steps:
            raise self._cannot(0, "there is no step")
        own = Span(-limits.discharge_current_max_A, limits.charge_current_max_A)
        for number, step in enumerate(schedule.steps, 1):
            if number > STEPS_MAX:
                raise self._cannot(number, f"its schedule has room for {STEPS_MAX} steps")
            if step.until_V is not None:
                raise self._cannot(number, "its schedule ends steps by their time only")
            if not 0 < step.duration_s < 1e6:
                raise self._cannot(number, f"{step.duration_s!r} s is no time of a step")
            require_in(step.current_A, caps.current_A, "current", "A", self.address, "rating")
            require_in(step.current_A, own, "current", "A", self.address, "protection")
        for name in ("voltage_min_V", "voltage_max_V"):
            require_in(getattr(limits, name), caps.voltage_V, name, "V", self.address, "rating")

    def upload(self, schedule: Schedule, name: str) -> str:
        self.check(schedule)
        limits, o = schedule.protection, self._options
        values = [
            limits.voltage_max_V,
            limits.voltage_min_V,
            limits.charge_current_max_A,
            limits.discharge_current_max_A,
        ]
        for step in schedule.steps:
            values += [step.current_A, step.duration_s]
        values += [0.0] * (16 - len(values))
        body = struct.pack("<iB", self._channel, 0) + text16(o.schedule, 400)
        body += struct.pack("<f", 1.0) + text16(name, 144) + struct.pack("<16f", *values) + bytes(32)
        self._command(ASSIGN, body, "assign")
        return f"{o.schedule} with {len(schedule.steps)} steps in its metavariables"

    def start(self, name: str) -> None:
        """Where the schedule is still being downloaded it is tried again, as the vendor advises."""
        body = text16(name, 144) + struct.pack("<IH", 1, self._channel)
        self._number, self._newest_s = 0, -1.0
        until = time.monotonic() + START_S
        while True:
            try:
                self._command(START, body, "start")
                return
            except InstrumentError as error:
                if error.params["error_code"] != DOWNLOADING or time.monotonic() > until:
                    raise
            time.sleep(RETRY_S)

    def stop(self) -> None:
        self._command(STOP, struct.pack("<IB", self._channel, 0) + bytes(101), "stop")

    def pause(self) -> None:
        raise Unsupported(f"{self.address}: no verified command holds a test", remedy="Stop it.")

    def resume(self) -> None:
        raise Unsupported(f"{self.address}: no verified command goes on with a test", remedy="Start it anew.")

    def make_safe(self) -> None:
        attempt_all(self.stop)

    def verify_safe(self) -> SafeState:
        status = self.status()
        assert status.reading is not None
        return SafeState(not status.state.over, status.reading.current_A)

    # ------------------------------------------------------------------ parts

    def _log_in(self, link: TcpMessages) -> None:
        o = self._options
        body = o.username.encode().ljust(32, b"\0")[:32] + o.password.encode().ljust(32, b"\0")[:32]
        frame = arguments(link.ask(request(LOGIN, body), "log in"), LOGIN, 44, self.address)
        result: int = struct.unpack_from("<I", frame, 20)[0]
        if result not in (1, 3):  # 3: already logged in
            raise TransportError(
                f"{self.address}: CTI refuses the log-in ({result})",
                remedy="Check user name and password, and that this user may control channels.",
                address=self.address,
            )
        self._serial = frame[28:44].split(b"\0", 1)[0].decode("ascii", errors="replace").strip()

    def _ask(self, command: int, body: bytes, what: str) -> bytes:
        try:
            frame = self._link.ask(request(command, body), what)
            return arguments(frame, command, 25, self.address)
        except TransportError:
            self._link.drop()
            raise

    def _info(self) -> ChannelInfo:
        body = struct.pack("<hhI", self._channel, 1, 0) + bytes(32)
        info = channel_info(self._ask(INFO, body, "channel info"), self.address)
        if info.channel != self._channel:
            self._link.drop()
            raise self._refused("channel info", f"channel {info.channel + 1} answers")
        if info.comm_failure:
            raise NoReading(
                f"{self.address}: the cycler has lost its board of channel {self._options.channel}",
                remedy="Look at the monitor window; restart the cycler's controller.",
                address=self.address,
            )
        return info

    def _command(self, command: int, body: bytes, what: str) -> None:
        """A control command. Raises InstrumentError with the result's code."""
        frame = self._ask(command, body, what)
        channel, result = struct.unpack_from("<iB", frame, 20)
        if channel not in (-1, self._channel):
            self._link.drop()
            raise self._refused(what, f"channel {channel + 1} answers")
        if result:
            raise self._refused(what, _RESULTS.get(result, "unknown"), result)

    def _refused(self, what: str, why: str, code: int = 0) -> InstrumentError:
        return InstrumentError(
            f"{self.address}: {what}: {why}" + (f" ({code:#x})" if code else ""),
            remedy="Look at the channel in the monitor window of MITS Pro.",
            address=self.address,
            error_code=code,
            text=why,
            command=what,
        )

    def _cannot(self, step: int, why: str) -> CannotSay:
        return cannot_say(self.address, "the station's Arbin schedule", step, why)


def _open(address: str | None, options: Any) -> ArbinCti:
    assert isinstance(options, ArbinOptions)
    text = need_address(address, driver.name)
    parsed = parse_address(text)
    if not isinstance(parsed, TcpAddress):
        raise wrong_address(text, "CTI listens on TCP: use tcp://HOST:9031")
    return ArbinCti(parsed, options)


driver = DriverSpec(
    name="arbin-cti",
    category=Category.CYCLER,
    title="Arbin cycler channel behind the CTI of MITS Pro (binary, TCP)",
    open=_open,
    options_model=ArbinOptions,
    datasheet=Datasheet(
        evidence=Evidence.A,
        sources=("the vendor's CTI protocol text", "captures of a 16-channel LBT21084"),
        links=("tcp",),
        variants=(
            Variant(
                "any channel behind CTI, MITS 7 for the metavariables",
                timing=frozenset({TimingClass.HANDED_OVER}),
                sequence_steps_max=STEPS_MAX,
                buffered_readback=False,
                watchdog_s=False,
                note="ratings in the bench file; own limits only where the site's schedule has them",
            ),
        ),
        simulators=("arbin-cti",),
        proofs=(
            Proof(
                "pyctiarbin",
                "simulator",
                "its client speaks to the simulated CTI server",
                "tests/drivers/cyclers/test_cti_and_macnet.py",
            ),
            Proof(
                "ArbinSpoofer of pyctiarbin",
                "driver",
                "log-in, status and readings",
                "tests/drivers/cyclers/test_cti_and_macnet.py",
            ),
        ),
        unverified=("file port 9032 and schedule format: not used", "step text beyond one capture"),
    ),
)
