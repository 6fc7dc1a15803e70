"""ITECH IT8500+, BK Precision 8500B and 8600 electronic loads where they speak SCPI (serial, USB).

Protocol facts (grade B): two open drivers that agree, one of them validated on an 8514B. 115200 baud, lines
end with LF. ``SYST:REM`` takes control; ``SYST:ERR?`` is asked after what is set. The sources name no limit,
list, timer or watchdog: the driver keeps the limits and reads every setting back, and the bench needs
another cut-off. They do not tell how ratings are asked either: those of the type plate stand in the bench
file. Not verified: the answers of settings when asked back, the answer to ``*IDN?``, which of ``SYST:SENS``
and ``REM:SENS`` a model has (option ``sense``), the resolution. The frames of 26 bytes that the same loads
may be set to are ``itech-it8500``. Never run on a real instrument.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from drivers.capabilities import Span, TimingClass
from drivers.commanded_load import CommandedLoad
from drivers.contracts.common import Identity
from drivers.contracts.load import LoadCapabilities, LoadProtection, LoadReading
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.spec import Category, DriverOptions, DriverSpec, need_address
from drivers.transports.line import LineOptions, LineTransport
from drivers.transports.open import open_line
from drivers.transports.scpi import check_errors, parse_bool, query_identity, query_number

_ERRORS = "SYST:ERR?"


class ItechScpiOptions(DriverOptions):
    """Ratings in V, A, W as on the type plate. Times in s. ``sense``: which command switches remote sense.

    ``step_V`` and ``step_A`` are the load's resolution. ``slew_A_per_us``: of commanded edges, the load's own
    without it. ``pulse_min_s`` is what the host can command.
    """

    voltage_max_V: float = Field(gt=0)
    current_max_A: float = Field(gt=0)
    power_max_W: float = Field(gt=0)
    remote_sense: bool = True
    sense: Literal["SYST:SENS", "REM:SENS"] = "SYST:SENS"
    step_V: float = Field(default=0.001, gt=0)
    step_A: float = Field(default=0.001, gt=0)
    slew_A_per_us: float | None = Field(default=None, gt=0)
    pulse_min_s: float = Field(default=0.1, gt=0)
    baudrate: int = 115200
    timeout_s: float = 2.0
    open_timeout_s: float = 1.0


class ItechIT8500Scpi(CommandedLoad):
    """One load behind a line transport."""

    def __init__(self, link: LineTransport, options: ItechScpiOptions) -> None:
        self._link = link
        self.address = link.address
        self._options = options

    def identify(self) -> Identity:
        return query_identity(self._link)

    def close(self) -> None:
        self._link.close()

    @property
    def capabilities(self) -> LoadCapabilities:
        """Get the ratings of the bench file."""
        options = self._options
        return LoadCapabilities(
            voltage_V=Span(0.0, options.voltage_max_V),
            current_A=Span(0.0, options.current_max_A),
            power_W=Span(0.0, options.power_max_W),
            voltage_resolution_V=options.step_V,
            current_resolution_A=options.step_A,
            pulse_min_s=options.pulse_min_s,
            timing=frozenset({TimingClass.COMMANDED}),
            remote_sense=options.remote_sense,
        )

    def input_is_on(self) -> bool:
        return parse_bool(self._link.query("INP?"), "input", self.address)

    def read(self) -> LoadReading:
        voltage = query_number(self._link, "MEAS:VOLT?", "voltage")
        current = query_number(self._link, "MEAS:CURR?", "current")
        return LoadReading(
            self._plausible(voltage, self._options.voltage_max_V, "voltage", "V"),
            self._plausible(current, self._options.current_max_A, "current", "A"),
        )

    # ---- parts ---------------------------------------------------------------------------

    def _take_control(self) -> None:
        self._link.write("SYST:REM")

    def _set_up(self, protection: LoadProtection) -> None:
        self._link.write("*CLS")
        self._link.write("FUNC CURR")
        function = self._link.query("FUNC?").strip().upper()
        if not function.startswith("CURR"):
            raise self._refused(f"FUNC CURR: it answers {function!r}")
        self._link.write(f"CURR:RANG {protection.current_max_A:.3f}")
        chosen_A = query_number(self._link, "CURR:RANG?", "current range")
        if chosen_A < protection.current_max_A - self._options.step_A:
            raise self._refused(f"CURR:RANG: {chosen_A:g} A is below {protection.current_max_A:g} A")
        if (slew := self._options.slew_A_per_us) is not None:
            self._link.write(f"CURR:SLEW:BOTH {slew:.4f}")
        self._set_sense()
        check_errors(self._link, "prepare", _ERRORS)

    def _set_sense(self) -> None:
        header, wanted = self._options.sense, self._options.remote_sense
        self._link.write(f"{header} {int(wanted)}")
        if parse_bool(self._link.query(f"{header}?"), "remote sense", self.address) is not wanted:
            raise self._refused(f"{header} did not switch")

    def _command(self, current_A: float) -> None:
        self._link.write(f"CURR {current_A:.4f}")
        self._confirm("CURR", current_A, self._commanded_A(), self._options.step_A)
        check_errors(self._link, f"CURR {current_A:g}", _ERRORS)

    def _commanded_A(self) -> float:
        return query_number(self._link, "CURR?", "commanded current")

    def _switch(self, on: bool) -> None:
        self._link.write(f"INP {int(on)}")


def _open(address: str | None, options: Any) -> ItechIT8500Scpi:
    assert isinstance(options, ItechScpiOptions)
    line = LineOptions(
        timeout_s=options.timeout_s, open_timeout_s=options.open_timeout_s, baudrate=options.baudrate
    )
    return ItechIT8500Scpi(open_line(need_address(address, driver.name), line), options)


driver = DriverSpec(
    name="itech-it8500-scpi",
    category=Category.LOAD,
    title="ITECH IT8500+, BK Precision 8500B/8600 electronic loads, SCPI",
    open=_open,
    options_model=ItechScpiOptions,
    datasheet=Datasheet(
        evidence=Evidence.B,
        sources=("an open driver validated on an 8514B", "a second open driver that agrees"),
        links=("serial", "tcp", "visa"),
        variants=(
            Variant(
                "IT8500+, BK 8500B, BK 8600",
                timing=frozenset({TimingClass.COMMANDED}),
                sequence_steps_max=0,
                buffered_readback=False,
                watchdog_s=False,
                load_on_timer_s=False,
                remote_sense=True,
                note="ratings are given in the bench file; no limit can be written: the driver keeps them",
            ),
        ),
        simulators=("itech-it8500-scpi",),
        proofs=(
            Proof(
                "instro 1.22.0 BK85XXB (Apache-2.0)",
                "simulator",
                "remote, four modes, ranges, slew, levels, input, short, V, I, error queue each time",
                "tests/drivers/test_load_counterparts.py",
            ),
        ),
        unverified=(
            "answers of settings when asked back",
            "answer to *IDN?",
            "SYST:SENS or REM:SENS, model by model",
            "resolution",
            "lists, timers and protections of these loads: not in the sources, not used",
        ),
        # Anchored to the models: the answer of an 8514 without B, or of an IT8500, has not been seen.
        identity=r"(ITECH|B&?K)[^,]*,\s*(IT85\d\d[A-Z]?\+|85\d\dB|86\d\d)",
    ),
)
