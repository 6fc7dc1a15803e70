"""A channel of a Maccor cycler behind MacNet (JSON-RPC over TCP, port 57570).

Facts: the vendor's help text (evidence A) and the open client pymacnet.

*  **The procedure.** MacNet starts procedures by name; their file format is not public, so none is
  written here. The site makes one procedure once, named in the option ``procedure``, that plays what the
  station writes into the channel's variables (function 6,9): VAR1 … VAR14 are seven pairs of a current in
  A (positive charges, 0 rests) and a time in s. Steps 1 to 7 play them in order; a time of 0 ends the
  test. The limits are the channel's own safety limits (6,10), which MacNet repeats as set; they are
  compared.

Not told by the source, and done so: the current is taken as a magnitude whose sign the state (RF1) gives;
the name of a running test is not told at all. MacNet keeps no records for the station: the channel is read
(4,7) as fast as records are wanted. The watchdog of direct mode does not watch procedures. Of the binary
port only the frames whose layout is known are in ``maccor_frames``; control goes by JSON.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from drivers.capabilities import Capabilities, Span, TimingClass
from drivers.contracts.common import Identity
from drivers.contracts.cycler import (
    PROTECTIONS,
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
from drivers.errors import InstrumentError, NoReading, TransportError
from drivers.maccor_status import state_of, word_of
from drivers.ranges import require_in
from drivers.spec import Category, DriverSpec, need_address
from drivers.transports.address import TcpAddress, parse_address, wrong_address
from drivers.transports.line import link_lost
from drivers.transports.messages import TcpMessages
from drivers.transports.scpi import attempt_all

STEPS_MAX = 7
VARIABLES = 14
MESSAGE_ID = 1987
SAME = 0.001
_GENERAL, _SYSTEM, _STATUS = (1, 2), (1, 1), (4, 7)
_PROCEDURE, _SUSPEND, _RESUME, _RESET = (6, 2), (6, 3), (6, 4), (6, 5)
_VARIABLE, _SAFETY = (6, 9), (6, 10)


class MaccorOptions(CyclerOptions):
    """``channel`` as MacTest counts it, from 1 (the wire counts from 0). Ratings are those of the channel."""

    channel: int = Field(ge=1, le=65_000)
    procedure: str = Field(default="PULSE-STATION", min_length=1, max_length=25)
    power_max_W: float | None = Field(default=None, gt=0)


def message_size(data: bytes) -> int:
    """An answer ends with CR LF."""
    at = data.find(b"\r\n")
    return 0 if at < 0 else at + 2


class MaccorMacnet(Cycler):
    """One channel. Every failed exchange drops the link; the next one connects again."""

    def __init__(self, address: TcpAddress, options: MaccorOptions) -> None:
        self.address, self._options = address.text, options
        self._channel = options.channel - 1
        self._number = 0
        self._newest_s = -1.0
        self._link = TcpMessages(address, message_size, timeout_s=options.timeout_s)

    # ------------------------------------------------------------------ what it is

    @property
    def capabilities(self) -> Capabilities:
        o = self._options
        power_W = o.power_max_W or o.voltage_max_V * o.current_max_A
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
        return PROTECTIONS

    @property
    def record_period_min_s(self) -> float:
        return self._options.record_period_min_s

    def identify(self) -> Identity:
        """System and channel number stand for a serial number. Raises InstrumentError without the channel."""
        general = self._ask(_GENERAL)
        channels = self._whole(general, "TestChannels")
        if self._channel >= channels:
            raise self._refused("general", f"there are {channels} channels")
        system = self._ask(_SYSTEM)
        version = ".".join(
            str(system.get(f"MacTest32EXEversion{part}", "")) for part in ("Major", "Minor", "Build")
        )
        serial = f"{general.get('SystemID', '')}-{self._options.channel}"
        return Identity("MACCOR", f"type {general.get('SystemType', '?')}", serial, version.strip("."))

    def close(self) -> None:
        self._link.close()

    # ------------------------------------------------------------------ looking

    def status(self) -> CyclerStatus:
        answer = self._status()
        stat, reason = self._whole(answer, "Stat"), self._whole(answer, "RF2")
        state = state_of(stat, reason)
        running = state in (CyclerState.RUNNING, CyclerState.PAUSED)
        return CyclerStatus(
            state,
            "",
            self._whole(answer, "Step") if running else None,
            self._number_of(answer, "TestTime") if running else None,
            self._reading(answer),
            word_of(stat, reason),
        )

    def read(self) -> PowerReading:
        return self._reading(self._status())

    def records(self, after: int) -> Sequence[CyclerRecord]:
        """What the channel shows now, once for each new test time."""
        answer = self._status()
        state = state_of(self._whole(answer, "Stat"), self._whole(answer, "RF2"))
        test_s = self._number_of(answer, "TestTime")
        step = self._whole(answer, "Step")
        if state is not CyclerState.RUNNING or test_s <= self._newest_s or step < 1:
            return []
        self._newest_s, self._number = test_s, max(self._number, after) + 1
        reading = self._reading(answer)
        step_s = self._number_of(answer, "StepTime")
        return [CyclerRecord(self._number, step, step_s, reading.voltage_V, reading.current_A)]

    # ------------------------------------------------------------------ acting

    def check(self, schedule: Schedule) -> None:
        caps, limits = self.capabilities, schedule.protection
        if not schedule.steps:
            raise self._cannot(0, "there is no step")
        own = Span(-limits.discharge_current_max_A, limits.charge_current_max_A)
        for number, step in enumerate(schedule.steps, 1):
            if number > STEPS_MAX:
                raise self._cannot(number, f"its procedure has room for {STEPS_MAX} steps")
            if step.until_V is not None:
                raise self._cannot(number, "its procedure ends steps by their time only")
            if not 0 < step.duration_s < 1e6:
                raise self._cannot(number, f"{step.duration_s!r} s is no time of a step")
            require_in(step.current_A, caps.current_A, "current", "A", self.address, "rating")
            require_in(step.current_A, own, "current", "A", self.address, "protection")
        for name in ("voltage_min_V", "voltage_max_V"):
            require_in(getattr(limits, name), caps.voltage_V, name, "V", self.address, "rating")

    def upload(self, schedule: Schedule, name: str) -> str:
        self.check(schedule)
        if state_of(self._whole(status := self._status(), "Stat"), self._whole(status, "RF2")).over:
            self._done(_RESET)  # a completed channel must be reset before it starts again
        p = schedule.protection
        wanted = {
            "VSafeMax": p.voltage_max_V,
            "VSafeMin": p.voltage_min_V,
            "ISafeChg": p.charge_current_max_A,
            "ISafeDis": p.discharge_current_max_A,
            "PBatSafeChg": p.charge_power_max_W,
            "PBatSafeDis": p.discharge_power_max_W,
        }
        answer = self._ask(_SAFETY, wanted)
        for key, value in wanted.items():
            if abs(self._number_of(answer, key) - value) > SAME * max(1.0, abs(value)):
                raise self._refused("safety limits", f"{key} is {answer[key]}, not {value:g}")
        values = [value for step in schedule.steps for value in (step.current_A, step.duration_s)]
        values += [0.0] * (VARIABLES - len(values))
        for number, value in enumerate(values, 1):
            self._done(_VARIABLE, {"VarNum": number, "Value": value})
        return f"{self._options.procedure} with {len(schedule.steps)} steps in its variables for {name}"

    def start(self, name: str) -> None:
        self._number, self._newest_s = 0, -1.0
        self._done(
            _PROCEDURE,
            {
                "TestName": name, "ProcName": self._options.procedure, "Comment": "pulse-station", "Crate": 1,
                "ChamberNum": 0, "StartCycle": 0, "TotCycles": 0, "Mass": 1, "VGain": 0, "AbsTRepAlign": 0,
                "ParallelR": 0, "VDivHiR": 0, "VDivLoR": 0, "CANpos": -1, "CANprof": "", "RegimeName": "",
            },
        )  # fmt: skip

    def stop(self) -> None:
        """Suspended first, which ends the current, then reset."""
        attempt_all(lambda: self._ask(_SUSPEND), lambda: self._done(_RESET))

    def pause(self) -> None:
        self._done(_SUSPEND)

    def resume(self) -> None:
        self._done(_RESUME)

    def make_safe(self) -> None:
        self.stop()

    def verify_safe(self) -> SafeState:
        status = self.status()
        assert status.reading is not None
        return SafeState(not status.state.over, status.reading.current_A)

    # ------------------------------------------------------------------ parts

    def _status(self) -> dict[str, Any]:
        return self._ask(_STATUS)

    def _ask(self, function: tuple[int, int], parameters: dict[str, Any] | None = None) -> dict[str, Any]:
        """One function of this channel. Raises TransportError for no answer to it, InstrumentError."""
        own = {} if function[0] == 1 else {"Chan": self._channel}
        params = {"FClass": function[0], "FNum": function[1], **own, **(parameters or {})}
        message = {"jsonrpc": "2.0", "method": "MacNet", "params": params, "id": MESSAGE_ID}
        what = f"function {function[0]},{function[1]}"
        data = self._link.ask(json.dumps(message).encode(), what)
        try:
            answer = json.loads(data, parse_constant=lambda _: None)
        except (ValueError, RecursionError) as error:
            self._link.drop()
            raise link_lost(self.address, what, f"the answer is no JSON: {error}") from error
        if not isinstance(answer, dict) or answer.get("id") != MESSAGE_ID:
            self._link.drop()
            raise link_lost(self.address, what, "the answer is to something else")
        if answer.get("error") is not None:
            raise self._refused(what, str(answer["error"])[:200])
        result = answer.get("result")
        if not isinstance(result, dict) or any(
            result.get(key) != params[key] for key in ("FClass", "FNum", *own)
        ):
            self._link.drop()
            raise TransportError(
                f"{self.address}: the answer to {what} is about something else",
                remedy="Check that nothing else answers at this address.",
                address=self.address,
            )
        return result

    def _done(self, function: tuple[int, int], parameters: dict[str, Any] | None = None) -> None:
        result = self._ask(function, parameters).get("Result")
        if result not in ("OK", 0):
            raise self._refused(f"function {function[0]},{function[1]}", str(result))

    def _reading(self, answer: dict[str, Any]) -> PowerReading:
        current_A = self._number_of(answer, "Current")
        state = self._whole(answer, "RF1")
        if state in (1, 2):
            current_A = abs(current_A) if state == 1 else -abs(current_A)
        return PowerReading(self._number_of(answer, "Voltage"), current_A)

    def _number_of(self, answer: dict[str, Any], name: str) -> float:
        value = answer.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e9:
            raise NoReading(
                f"{self.address}: {name}: {value!r} is no reading",
                remedy="Look at the channel in MacTest; check leads and boards.",
                address=self.address,
                quantity=name,
            )
        return float(value)

    def _whole(self, answer: dict[str, Any], name: str) -> int:
        value = answer.get(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._refused(name, f"{value!r} is no whole number")
        return value

    def _refused(self, what: str, why: str) -> InstrumentError:
        return InstrumentError(
            f"{self.address}: {what}: {why}",
            remedy="Look at the channel in MacTest: its name and procedure, and who uses it.",
            address=self.address,
            error_code=0,
            text=why,
            command=what,
        )

    def _cannot(self, step: int, why: str) -> CannotSay:
        return cannot_say(self.address, "the station's Maccor procedure", step, why)


def _open(address: str | None, options: Any) -> MaccorMacnet:
    assert isinstance(options, MaccorOptions)
    text = need_address(address, driver.name)
    parsed = parse_address(text)
    if not isinstance(parsed, TcpAddress):
        raise wrong_address(text, "MacNet speaks JSON on TCP: use tcp://HOST:57570")
    return MaccorMacnet(parsed, options)


driver = DriverSpec(
    name="maccor-macnet",
    category=Category.CYCLER,
    title="Maccor cycler channel behind MacNet (JSON over TCP)",
    open=_open,
    options_model=MaccorOptions,
    datasheet=Datasheet(
        evidence=Evidence.A,
        sources=("the vendor's MacNet help text", "the open client pymacnet"),
        links=("tcp",),
        variants=(
            Variant(
                "any channel behind MacNet",
                timing=frozenset({TimingClass.HANDED_OVER}),
                sequence_steps_max=STEPS_MAX,
                buffered_readback=False,
                watchdog_s=False,
                note="ratings are given in the bench file; the site makes one procedure",
            ),
        ),
        simulators=("maccor-macnet",),
        proofs=(
            Proof(
                "pymacnet",
                "simulator",
                "its client speaks to the simulated MacNet server",
                "tests/drivers/cyclers/test_cti_and_macnet.py",
            ),
            Proof(
                "MaccorSpoofer of pymacnet",
                "driver",
                "status and readings",
                "tests/drivers/cyclers/test_cti_and_macnet.py",
            ),
        ),
        unverified=(
            "sign of the current (grade C: taken from the state)",
            "name of a running test: not told",
            "binary layouts beyond the order of fields",
        ),
    ),
)
