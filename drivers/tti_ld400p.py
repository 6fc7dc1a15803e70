"""TTi (Aim-TTi) LD400P electronic load: text lines over LAN, USB, RS-232 or GPIB.

Protocol facts (grade B): an open driver that cites the maker's manual 48511-1730. Level A is commanded in
constant current; replies of settings repeat the command and carry the unit (``A 1.0A``), measurements carry
the unit. There is no error queue, no list and no host watchdog in the sources, and no limit to write: the
driver keeps the limits and reads every setting back.
Not verified: the ratings (data sheet), the LAN port (9221 by convention), the answer to ``*IDN?``, remote
sense (a switch on the instrument). Never run on a real instrument.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from drivers.capabilities import Span, TimingClass
from drivers.commanded_load import CommandedLoad
from drivers.contracts.common import Identity
from drivers.contracts.load import LoadCapabilities, LoadProtection, LoadReading
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.errors import InstrumentError
from drivers.spec import Category, DriverOptions, DriverSpec, need_address
from drivers.transports.line import LineOptions, LineTransport
from drivers.transports.open import open_line
from drivers.transports.scpi import parse_bool, parse_number, query_identity

_RESOLUTION = 0.01


class LD400POptions(DriverOptions):
    """Times in s. ``remote_sense``: whether the switch on the instrument stands on external sense.
    The ratings are not verified: compare the type plate."""

    remote_sense: bool = False
    timeout_s: float = 1.0
    open_timeout_s: float = 1.0
    voltage_max_V: float = Field(default=80.0, gt=0)
    current_max_A: float = Field(default=80.0, gt=0)
    power_max_W: float = Field(default=600.0, gt=0)
    pulse_min_s: float = 0.1


class TTiLD400P(CommandedLoad):
    """One LD400P behind a line transport; any command puts it in remote."""

    def __init__(self, link: LineTransport, options: LD400POptions | None = None) -> None:
        self._link = link
        self.address = link.address
        self._options = options or LD400POptions()

    def identify(self) -> Identity:
        return query_identity(self._link)

    def close(self) -> None:
        self._link.close()

    @property
    def capabilities(self) -> LoadCapabilities:
        """Get the data sheet's ratings."""
        return LoadCapabilities(
            voltage_V=Span(0.0, self._options.voltage_max_V),
            current_A=Span(0.0, self._options.current_max_A),
            power_W=Span(0.0, self._options.power_max_W),
            voltage_resolution_V=_RESOLUTION,
            current_resolution_A=_RESOLUTION,
            pulse_min_s=self._options.pulse_min_s,
            timing=frozenset({TimingClass.COMMANDED}),
            remote_sense=self._options.remote_sense,
        )

    def input_is_on(self) -> bool:
        return parse_bool(self._answer("INP"), "input", self.address)

    def read(self) -> LoadReading:
        voltage = parse_number(self._link.query("V?"), "voltage", self.address, "V")
        current = parse_number(self._link.query("I?"), "current", self.address, "A")
        return LoadReading(
            self._plausible(voltage, self._options.voltage_max_V, "voltage", "V"),
            self._plausible(current, self._options.current_max_A, "current", "A"),
        )

    # ---- parts ---------------------------------------------------------------------------

    def _take_control(self) -> None:
        """Any command puts the load in remote."""

    def _set_up(self, protection: LoadProtection) -> None:  # noqa: ARG002 - no limits to write
        for name, wanted in (("MODE", "C"), ("LVLSEL", "A")):
            self._write(f"{name} {wanted}")
            if (got := self._answer(name).upper()) != wanted:
                raise self._refused(f"{name} {wanted}: it answers {got!r}")

    def _command(self, current_A: float) -> None:
        self._write(f"A {current_A:.3f}")
        self._confirm("level A", current_A, self._commanded_A(), _RESOLUTION)

    def _commanded_A(self) -> float:
        return parse_number(self._answer("A"), "commanded current", self.address, "A")

    def _switch(self, on: bool) -> None:
        self._write(f"INP {int(on)}")

    def _write(self, command: str) -> None:
        """Send a command and have something else answered before it is asked back.

        The load answers ``INP?`` with the very words that switch it: on a line that echoes, a late echo of
        the command would pass for the answer. The voltage cannot be mistaken for either.
        """
        self._link.write(command)
        parse_number(self._link.query("V?"), "voltage", self.address, "V")

    def _answer(self, name: str) -> str:
        """The value in an answer that repeats the command. Raises InstrumentError when it does not."""
        answer = self._link.query(f"{name}?").strip()
        head, _, value = answer.partition(" ")
        if head.upper() != name or not value.strip():
            raise InstrumentError(
                f"{self.address}: {name}?: it answers {answer[:60]!r}",
                remedy="Check that the address belongs to the instrument named in the bench file.",
                address=self.address,
                error_code=0,
                text=answer[:200],
            )
        return value.strip()


def _open(address: str | None, options: Any) -> TTiLD400P:
    assert isinstance(options, LD400POptions)
    line = LineOptions(timeout_s=options.timeout_s, open_timeout_s=options.open_timeout_s)
    return TTiLD400P(open_line(need_address(address, driver.name), line), options)


driver = DriverSpec(
    name="tti-ld400p",
    category=Category.LOAD,
    title="TTi (Aim-TTi) LD400P electronic load",
    open=_open,
    options_model=LD400POptions,
    datasheet=Datasheet(
        evidence=Evidence.B,
        sources=("an open driver that cites the maker's manual 48511-1730",),
        links=("tcp", "serial", "visa"),
        variants=(
            Variant(
                "LD400P",
                voltage_V=Span(0.0, LD400POptions().voltage_max_V),
                current_A=Span(0.0, LD400POptions().current_max_A),
                power_W=Span(0.0, LD400POptions().power_max_W),
                voltage_resolution_V=_RESOLUTION,
                current_resolution_A=_RESOLUTION,
                pulse_min_s=LD400POptions().pulse_min_s,
                timing=frozenset({TimingClass.COMMANDED}),
                sequence_steps_max=0,
                buffered_readback=False,
                watchdog_s=False,
                load_on_timer_s=False,
                note="no limit can be written: the driver keeps them",
                grades={"voltage_V": Evidence.D, "current_A": Evidence.D, "power_W": Evidence.D},
            ),
        ),
        simulators=("tti-ld400p",),
        proofs=(
            Proof(
                "pymeasure 0.16.0 LD400P (MIT)",
                "simulator",
                "mode, level select, levels, input, V, I",
                "tests/drivers/test_load_counterparts.py",
            ),
        ),
        unverified=("ratings", "LAN port", "answer to *IDN?", "remote sense"),
        identity=r"(THURLBY|AIM-?TTI|TTI)[^,]*,\s*LD400",
    ),
)
