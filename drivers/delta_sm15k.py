"""Delta Elektronika SM15K: bidirectional 15 kW source and sink, SCPI on TCP port 8462.

Protocol facts: the vendor's Ethernet and sequencer programming manual (July
2021, firmware P0150) and the MIT-licensed package SM15K, which agrees that
negative setpoints are written with a minus sign. Positive current charges.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from drivers.capabilities import Capabilities, Span, TimingClass, Watchdog
from drivers.contracts.common import Identity
from drivers.contracts.power import (
    PowerPort,
    PowerReading,
    Protection,
    SafeState,
    SequenceState,
    SequenceStep,
)
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.delta_sm15k_program import (
    PROGRAM_NAME,
    STEPS_MAX,
    build_program,
    number,
    same_word,
    setpoint_order,
)
from drivers.errors import InstrumentError, OutOfRange
from drivers.ranges import require_in
from drivers.spec import Category, DriverOptions, DriverSpec, need_address
from drivers.transports.line import LineOptions, LineTransport
from drivers.transports.open import open_line
from drivers.transports.scpi import (
    attempt_all,
    check_errors,
    parse_bool,
    parse_number,
    query_identity,
    query_measured,
    query_number,
)

_LOOPS = ("CV", "CC", "CP")
_SETPOINT = {"V": "SOURce:VOLtage", "I": "SOURce:CURrent", "N": "SOURce:CURrent:NEGative"}
_STATE = {"STOP": SequenceState.STOPPED, "RUN": SequenceState.RUNNING, "PAUSE": SequenceState.PAUSED}
_WATCHDOG = "SYSTem:COMmunicate:WATchdog"
_PULSE_MIN_S = 0.001  # the shortest wait of the sequencer
_WATCHDOG_S = Span(0.02, 10.0)
_REGISTER_A = {
    10: "AC failure",
    6: "DC failure",
    8: "over-temperature",
    11: "interlock open",
    12: "remote shutdown",
}


class SM15KOptions(DriverOptions):
    """``remote_sense`` states how the sense leads are wired: the protocol has no query for it."""

    remote_sense: bool = False
    timeout_s: float = 2.0
    open_timeout_s: float = 1.0


class DeltaSM15K(PowerPort):
    """One SM15K behind a line transport.

    Charging regulates towards the protection's highest voltage with a positive
    current limit, discharging towards its lowest with a negative one; at rest
    both limits are 0.
    """

    def __init__(self, link: LineTransport, remote_sense: bool = False) -> None:
        self._link = link
        self._remote_sense = remote_sense
        self._protection: Protection | None = None

    @property
    def address(self) -> str:
        """Get the address as written in the bench file."""
        return self._link.address

    def identify(self) -> Identity:
        # Five fields: DELTA ELEKTRONIKA BV,SM500-CP-90,000010207248,H0_P0150,0
        return query_identity(self._link)

    def close(self) -> None:
        self._link.close()

    @cached_property
    def capabilities(self) -> Capabilities:
        """Get the ratings, read once from the instrument."""
        ask = self._number
        return Capabilities(
            voltage_V=Span(0.0, ask("SOURce:VOLtage:MAXimum?")),
            current_A=Span(
                -abs(ask("SOURce:CURrent:NEGative:MAXimum?")), abs(ask("SOURce:CURrent:MAXimum?"))
            ),
            power_W=Span(-abs(ask("SOURce:POWer:NEGative:MAXimum?")), abs(ask("SOURce:POWer:MAXimum?"))),
            voltage_resolution_V=ask("SOURce:VOLtage:STEpsize?"),
            current_resolution_A=ask("SOURce:CURrent:STEpsize?"),
            pulse_min_s=_PULSE_MIN_S,
            timing=frozenset({TimingClass.SEQUENCED, TimingClass.COMMANDED}),
            sequence_steps_max=STEPS_MAX,
            watchdog=Watchdog(_WATCHDOG_S),
            remote_sense=self._remote_sense,
        )

    def prepare(self, protection: Protection) -> None:
        self._check_protection(protection)
        self._protection = None
        p = protection
        self._link.write("*CLS")
        if self.sequence_state() is not SequenceState.STOPPED:
            self._link.write("PROGram:SELected:STAte STOP")
        self._link.write("OUTPut 0")
        self._to_ethernet()
        self._write_read("SOURce:CURrent", 0.0)
        self._write_read("SOURce:CURrent:NEGative", 0.0)
        self._write_limit("VOLtage", p.voltage_max_V)
        self._write_limit("CURrent", p.charge_current_max_A)
        self._write_limit("CURrent:NEGative", -p.discharge_current_max_A)
        self._write_limit("POWer", p.charge_power_max_W)
        self._write_limit("POWer:NEGative", -p.discharge_power_max_W)
        self._write_read("SOURce:VOLtage", p.voltage_max_V)
        self._write_read("SOURce:POWer", p.charge_power_max_W)
        self._write_read("SOURce:POWer:NEGative", -p.discharge_power_max_W)
        for loop in _LOOPS:
            source = self._link.query(f"SYSTem:REMote:{loop}?")
            if "ethernet" not in source.lower():
                raise self._refused(f"SYSTem:REMote:{loop} Ethernet", f"it answers {source!r}")
        if self.output_is_on():
            raise self._refused("OUTPut 0", "the output is still on")
        check_errors(self._link, "prepare")
        self._protection = protection

    def set_current(self, current_A: float) -> None:
        protection = self._prepared()
        self._check_current(current_A, protection)
        for key, value in setpoint_order(current_A, protection):
            self._link.write(f"{_SETPOINT[key]} {number(value)}")
        check_errors(self._link, f"set_current {current_A:g} A")

    def output_on(self) -> None:
        self._prepared()
        for name in ("SOURce:CURrent", "SOURce:CURrent:NEGative"):
            if abs(self._number(f"{name}?")) > self.capabilities.current_resolution_A:
                raise OutOfRange(
                    f"{self.address}: the output may only go on at zero current, {name} is not zero",
                    remedy="Call set_current(0) first.",
                    address=self.address,
                )
        self._link.write("OUTPut 1")
        if not self.output_is_on():
            raise self._refused("OUTPut 1", f"the output stays off ({self._why_off()})")

    def output_off(self) -> None:
        self._link.write("OUTPut 0")
        if self.output_is_on():
            raise self._refused("OUTPut 0", "the output is still on")

    def output_is_on(self) -> bool:
        return parse_bool(self._link.query("OUTPut?"), "output", self.address)

    def read(self) -> PowerReading:
        voltage = query_measured(self._link, "MEASure:VOLtage?", "voltage")
        return PowerReading(voltage, query_measured(self._link, "MEASure:CURrent?", "current"))

    def load_sequence(self, steps: Sequence[SequenceStep]) -> None:
        protection = self._prepared()
        for step in steps:
            self._check_current(step.current_A, protection)
        words = build_program(steps, protection, self.address)
        self._link.write(f"PROGram:SELected:NAMe {PROGRAM_NAME}")
        for index, word in enumerate(words, start=1):
            self._link.write(f"PROGram:SELected:STEp {index} {word}")
        check_errors(self._link, f"upload of program {PROGRAM_NAME}")
        for index, word in enumerate(words, start=1):
            answer = self._link.query(f"PROGram:SELected:STEp {index}?")
            if not same_word(word, answer):
                raise self._refused(f"PROGram:SELected:STEp {index} {word}", f"it answers {answer!r}")

    def start_sequence(self) -> None:
        self._prepared()
        if not self.output_is_on():
            raise self._refused("PROGram:SELected:STAte RUN", "the output is off")
        # What the loops return to when the program is stopped: zero.
        self._link.write("SOURce:CURrent 0.0000")
        self._link.write("SOURce:CURrent:NEGative 0.0000")
        for loop in reversed(_LOOPS):
            self._link.write(f"SYSTem:REMote:{loop} Sequencer")
        self._link.write("PROGram:SELected:STAte RUN")
        check_errors(self._link, "start of the program")

    def sequence_state(self) -> SequenceState:
        answer = self._link.query("PROGram:SELected:STAte?")
        state = _STATE.get(answer.split(",")[0].strip().upper())
        if state is None:
            raise self._refused("PROGram:SELected:STAte?", f"it answers {answer!r}")
        return state

    def stop_sequence(self) -> None:
        self._link.write("PROGram:SELected:STAte STOP")
        self._to_ethernet()
        self._write_read("SOURce:CURrent", 0.0)
        self._write_read("SOURce:CURrent:NEGative", 0.0)
        check_errors(self._link, "stop of the program")

    def arm_watchdog(self, timeout_s: float) -> None:
        watchdog = self.capabilities.watchdog
        assert watchdog is not None
        require_in(timeout_s, watchdog.timeout_s, "watchdog time", "s", self.address, "instrument")
        wanted_ms = round(timeout_s * 1000)
        self._link.write(f"{_WATCHDOG} SET,{wanted_ms}")
        answered_ms = self._number(f"{_WATCHDOG} SET?")
        if round(answered_ms) != wanted_ms:
            raise self._refused(f"{_WATCHDOG} SET,{wanted_ms}", f"it answers {answered_ms:g} ms")

    def feed_watchdog(self) -> None:
        # Every valid command reloads the timer; this query also says whether it had run out.
        left_ms = self._number(f"{_WATCHDOG}?")
        if left_ms <= 0:
            why = "has expired and turned the output off" if left_ms == 0 else "is not armed"
            raise InstrumentError(
                f"{self.address}: the host watchdog {why}",
                remedy="Find out what delayed the station, then prepare the instrument again.",
                address=self.address,
                error_code=int(left_ms),
                text="watchdog",
            )

    def disarm_watchdog(self) -> None:
        self._link.write(f"{_WATCHDOG} STOP")
        if self._number(f"{_WATCHDOG}?") > 0:
            raise self._refused(f"{_WATCHDOG} STOP", "it is still running")

    def make_safe(self) -> None:
        write = self._link.write
        attempt_all(
            lambda: write("PROGram:SELected:STAte STOP"),
            *(lambda loop=loop: write(f"SYSTem:REMote:{loop} Ethernet") for loop in _LOOPS),
            lambda: write("SOURce:CURrent 0.0000"),
            lambda: write("SOURce:CURrent:NEGative 0.0000"),
            self.output_off,
        )

    def verify_safe(self) -> SafeState:
        on = self.output_is_on()
        return SafeState(on, query_measured(self._link, "MEASure:CURrent?", "current"))

    # ------------------------------------------------------------------ parts

    def _number(self, command: str) -> float:
        return query_number(self._link, command, command.rstrip("?"))

    def _to_ethernet(self) -> None:
        for loop in _LOOPS:
            self._link.write(f"SYSTem:REMote:{loop} Ethernet")

    def _write_read(self, name: str, value: float) -> None:
        self._link.write(f"{name} {number(value)}")
        self._compare(f"{name} {number(value)}", value, self._number(f"{name}?"))

    def _write_limit(self, name: str, value: float) -> None:
        command = f"SYSTem:LIMits:{name} {number(value)},ON"
        self._link.write(command)
        reading, _, state = self._link.query(f"SYSTem:LIMits:{name}?").partition(",")
        self._compare(command, value, parse_number(reading, command, self.address))
        if state and not parse_bool(state, command, self.address):
            raise self._refused(command, "the limit is off")

    def _compare(self, command: str, wanted: float, got: float) -> None:
        # Setpoints are 16 bit: the answer may be off by one step of the range it belongs to.
        span = self.capabilities
        top = max(span.voltage_V.high, span.current_A.high, -span.current_A.low)
        if "POWer" in command:
            top = max(span.power_W.high, -span.power_W.low)
        elif "CURrent" in command:
            top = max(span.current_A.high, -span.current_A.low)
        elif "VOLtage" in command:
            top = span.voltage_V.high
        if abs(wanted - got) > top / 2**15 + 1e-4:
            raise self._refused(command, f"it answers {got:g}")

    def _check_protection(self, protection: Protection) -> None:
        span = self.capabilities
        p = protection
        source = Span(0.0, span.current_A.high)
        sink = Span(0.0, -span.current_A.low)
        for value, allowed, what, unit in (
            (p.voltage_max_V, span.voltage_V, "highest voltage", "V"),
            (p.voltage_min_V, Span(0.0, p.voltage_max_V), "lowest voltage", "V"),
            (p.charge_current_max_A, source, "charge current limit", "A"),
            (p.discharge_current_max_A, sink, "discharge current limit", "A"),
            (p.charge_power_max_W, Span(0.0, span.power_W.high), "charge power limit", "W"),
            (p.discharge_power_max_W, Span(0.0, -span.power_W.low), "discharge power limit", "W"),
        ):
            require_in(value, allowed, what, unit, self.address, "instrument rating")

    def _check_current(self, current_A: float, protection: Protection) -> None:
        allowed = Span(-protection.discharge_current_max_A, protection.charge_current_max_A)
        require_in(current_A, allowed, "current", "A", self.address, "protection")

    def _prepared(self) -> Protection:
        if self._protection is None:
            raise InstrumentError(
                f"{self.address}: not prepared",
                remedy="Call prepare(protection) first.",
                address=self.address,
                error_code=0,
                text="not prepared",
            )
        return self._protection

    def _why_off(self) -> str:
        bits = int(self._number("STATus:REGister:A?"))
        return ", ".join(text for bit, text in _REGISTER_A.items() if bits >> bit & 1) or "no cause reported"

    def _refused(self, command: str, why: str) -> InstrumentError:
        return InstrumentError(
            f"{self.address}: {command!r}: {why}",
            remedy="Check the front panel: remote source, interlock, remote shutdown, and alarms.",
            address=self.address,
            error_code=0,
            text=why,
            command=command,
        )


def _open(address: str | None, options: Any) -> DeltaSM15K:
    assert isinstance(options, SM15KOptions)
    line = LineOptions(timeout_s=options.timeout_s, open_timeout_s=options.open_timeout_s)
    return DeltaSM15K(open_line(need_address(address, driver.name), line), options.remote_sense)


driver = DriverSpec(
    name="delta-sm15k",
    category=Category.POWER,
    title="Delta Elektronika SM15K, bidirectional source and sink",
    open=_open,
    options_model=SM15KOptions,
    datasheet=Datasheet(
        evidence=Evidence.A,
        sources=("Delta Elektronika, SM15K Ethernet and sequencer programming manual, July 2021, P0150",),
        links=("tcp", "visa"),
        variants=tuple(
            Variant(
                model,
                voltage_V=Span(0.0, volt),
                current_A=Span(-ampere, ampere),
                power_W=Span(-15000.0, 15000.0),
                voltage_resolution_V=volt / 2**16,
                current_resolution_A=ampere / 2**16,
                pulse_min_s=_PULSE_MIN_S,
                timing=frozenset({TimingClass.SEQUENCED, TimingClass.COMMANDED}),
                sequence_steps_max=STEPS_MAX,
                buffered_readback=False,
                watchdog_s=_WATCHDOG_S,
                load_on_timer_s=False,
                note="ratings by the model's name; the driver asks the unit",
            )
            for model, volt, ampere in (("SM70-CP-450", 70.0, 450.0), ("SM500-CP-90", 500.0, 90.0))
        ),
        simulators=("delta-sm15k",),
        proofs=(
            Proof(
                "SM15K 0.0.7 (MIT)",
                "simulator",
                "every setpoint, limit, watchdog and program call",
                "tests/simulators/instruments/test_counterpart_sm15k.py",
            ),
            Proof(
                "SM15K 0.0.7 (MIT)", "both", "our driver uses its words", "tests/drivers/test_third_party.py"
            ),
        ),
        unverified=("error numbers", "literal answer of SYSTem:REMote:CV?", "remote sense has no query"),
        identity=r"DELTA ELEKTRONIKA.*,SM",
    ),
)
