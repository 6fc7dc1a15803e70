"""Siglent SDL1020X and SDL1030X (-E) electronic loads: SCPI over LAN (raw socket 5025), VXI-11, USB.

Protocol facts (grade A-): pages of the programming guide V1.0, an open driver annotated with it, and
libsigrok. Settings answer with three decimals; there is no remote command and no host watchdog. An error
queue is not in these sources: every setting is read back instead (option ``error_query`` adds the queue
where there is one).

``waveform`` reads the load's buffer of 200 points; how far apart they are in time is not in the sources.
What the input does after a list's last step is not stated: a last step of zero is added, and ``stop_list``
switches off. Not verified: port 5025 in the maker's text, the number of the first list step, the shortest
step. Never run on a real instrument.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from drivers.capabilities import Span, TimingClass
from drivers.commanded_load import CommandedLoad
from drivers.contracts.common import Identity
from drivers.contracts.load import ListStep, LoadCapabilities, LoadProtection, LoadReading
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.errors import NoReading
from drivers.spec import Category, DriverOptions, DriverSpec, need_address
from drivers.transports.line import LineOptions, LineTransport
from drivers.transports.open import open_line
from drivers.transports.scpi import check_errors, parse_bool, parse_measured, query_identity, query_number

# Maker's data sheet ratings in W; all models take 150 V and 30 A.
_POWER_W = {"SDL1020X": 200.0, "SDL1030X": 300.0}
_VOLTAGES, _CURRENTS = (36.0, 150.0), (5.0, 30.0)
_RESOLUTION = 0.001
_WAVEFORM_POINTS = 200
_LAST_STEP_S = 0.1


class SiglentOptions(DriverOptions):
    """What the public sources leave open stays settable here. ``slew_A_per_us`` of commanded edges.
    ``protection_delay_s``: how long the load lets a current or power above its protections flow.
    ``power_max_W``: of the type plate, where it is another than 200 W (SDL1020X) or 300 W (SDL1030X), which
    are not verified."""

    remote_sense: bool = True
    timeout_s: float = 2.0
    open_timeout_s: float = 1.0
    pulse_min_s: float = 0.05
    slew_A_per_us: float = 0.1
    protection_delay_s: float = Field(default=0.5, ge=0)
    list_first_step: Literal[0, 1] = 1
    list_steps_max: int = 99
    list_width_min_s: float = 0.001
    error_query: str = ""
    power_max_W: float | None = Field(default=None, gt=0)


class SiglentSDL1000X(CommandedLoad):
    """One SDL1000X behind a line transport; any command puts it in remote."""

    def __init__(self, link: LineTransport, options: SiglentOptions | None = None) -> None:
        self._link = link
        self.address = link.address
        self._options = options or SiglentOptions()

    def identify(self) -> Identity:
        return query_identity(self._link)

    def close(self) -> None:
        self._link.close()

    @cached_property
    def capabilities(self) -> LoadCapabilities:
        """Get the ratings of the model that answers."""
        model = self.identify().model.upper()
        power_W = next((watts for name, watts in _POWER_W.items() if model.startswith(name)), None)
        if power_W is None:
            raise self._refused(f"model {model!r} is not one of {', '.join(_POWER_W)}")
        return LoadCapabilities(
            voltage_V=Span(0.0, _VOLTAGES[-1]),
            current_A=Span(0.0, _CURRENTS[-1]),
            power_W=Span(0.0, self._options.power_max_W or power_W),
            voltage_resolution_V=_RESOLUTION,
            current_resolution_A=_RESOLUTION,
            pulse_min_s=self._options.pulse_min_s,
            timing=frozenset({TimingClass.COMMANDED, TimingClass.SEQUENCED}),
            list_steps_max=self._options.list_steps_max,
            remote_sense=self._options.remote_sense,
        )

    def input_is_on(self) -> bool:
        return parse_bool(self._link.query("INP?"), "input", self.address)

    def read(self) -> LoadReading:
        return LoadReading(self._measure("VOLT", "voltage"), self._measure("CURR", "current"))

    def waveform(self, quantity: Literal["CURR", "VOLT", "POW", "RES"]) -> list[float]:
        """Get the load's buffer: 200 points in A, V, W or ohm, oldest first.

        Raises NoReading unless all of them came, and as numbers.
        """
        parts = self._link.query(f"MEAS:WAVE? {quantity}").split(",")
        if len(parts) != _WAVEFORM_POINTS:
            raise NoReading(
                f"{self.address}: {len(parts)} points of a waveform came, not {_WAVEFORM_POINTS}",
                remedy="Read the waveform again.",
                address=self.address,
                quantity=quantity,
                reply=str(len(parts)),
            )
        return [parse_measured(part, f"waveform {quantity}", self.address) for part in parts]

    def load_list(self, steps: Sequence[ListStep]) -> None:
        protection = self._check_list(steps, Span(self._options.list_width_min_s, float("inf")))
        whole = [*steps, ListStep(0.0, _LAST_STEP_S, steps[-1].slew_A_per_us)]
        write = self._link.write
        write("LIST:MODE CURR")
        self._set("LIST:IRANG", _range(_CURRENTS, protection.current_max_A), "{:g}")
        self._set("LIST:VRANG", _range(_VOLTAGES, protection.voltage_max_V), "{:g}")
        self._set("LIST:COUN", 1, "{:g}")
        self._set("LIST:STEP", len(whole), "{:g}")
        for number, step in enumerate(whole, start=self._options.list_first_step):
            write(f"LIST:LEV {number},{step.current_A + 0.0:.3f}")
            write(f"LIST:WID {number},{step.duration_s:.3f}")
            write(f"LIST:SLEW {number},{step.slew_A_per_us:.3f}")
        self._errors("upload of the list")

    def start_list(self) -> None:
        self._prepared()
        self._link.write("LIST:STAT:ON")
        self._link.write("TRIG:SOUR BUS")
        self._switch(True)
        self._link.write("*TRG")
        self._errors("start of the list")

    def stop_list(self) -> None:
        self.input_off()
        self._constant_current()
        self._command(0.0)

    # ---- parts ---------------------------------------------------------------------------

    def _take_control(self) -> None:
        """Any command puts the load in remote."""

    def _set_up(self, protection: LoadProtection) -> None:
        p = protection
        self._constant_current()
        self._set("CURR:IRANG", _range(_CURRENTS, p.current_max_A), "{:g}")
        self._set("CURR:VRANG", _range(_VOLTAGES, p.voltage_max_V), "{:g}")
        self._set("CURR:SLEW", self._options.slew_A_per_us)
        self._set("CURR:PROT:LEV", p.current_max_A)
        self._set("CURR:PROT:DEL", self._options.protection_delay_s)
        self._flag("CURR:PROT:STAT", True)
        self._set("POW:PROT:LEV", p.power_max_W)
        self._set("POW:PROT:DEL", self._options.protection_delay_s)
        self._flag("POW:PROT:STAT", True)
        self._flag("SYST:SENS", self._options.remote_sense)
        self._errors("prepare")

    def _constant_current(self) -> None:
        self._link.write("FUNC CURR")
        function = self._link.query("FUNC?").strip().upper()
        if not function.startswith("CURR"):
            raise self._refused(f"FUNC CURR: it answers {function!r}")

    def _command(self, current_A: float) -> None:
        self._set("CURR", current_A)
        self._errors("CURR")

    def _commanded_A(self) -> float:
        return query_number(self._link, "CURR?", "commanded current")

    def _switch(self, on: bool) -> None:
        self._link.write(f"INP {int(on)}")

    def _measure(self, what: str, name: str) -> float:
        value = query_number(self._link, f"MEAS:{what}?", name)
        top = _VOLTAGES[-1] if what == "VOLT" else _CURRENTS[-1]
        return self._plausible(value, top, name, "V" if what == "VOLT" else "A")

    def _set(self, name: str, value: float, form: str = "{:.3f}") -> None:
        self._link.write(f"{name} {form.format(value)}")
        self._confirm(name, value, query_number(self._link, f"{name}?", name), _RESOLUTION)

    def _flag(self, name: str, on: bool) -> None:
        self._link.write(f"{name} {int(on)}")
        if parse_bool(self._link.query(f"{name}?"), name, self.address) is not on:
            raise self._refused(f"{name} did not switch")

    def _errors(self, after: str) -> None:
        if self._options.error_query:
            check_errors(self._link, after, self._options.error_query)


def _range(ranges: tuple[float, ...], wanted: float) -> float:
    return next(top for top in ranges if wanted <= top)


def _open(address: str | None, options: Any) -> SiglentSDL1000X:
    assert isinstance(options, SiglentOptions)
    line = LineOptions(timeout_s=options.timeout_s, open_timeout_s=options.open_timeout_s)
    return SiglentSDL1000X(open_line(need_address(address, driver.name), line), options)


driver = DriverSpec(
    name="siglent-sdl1000x",
    category=Category.LOAD,
    title="Siglent SDL1000X(-E) electronic load",
    open=_open,
    options_model=SiglentOptions,
    datasheet=Datasheet(
        evidence=Evidence.A_MINUS,
        sources=("pages of the programming guide V1.0", "an open driver annotated with it", "libsigrok"),
        links=("tcp", "visa"),
        variants=tuple(
            Variant(
                f"{model}, {model}-E",
                voltage_V=Span(0.0, _VOLTAGES[-1]),
                current_A=Span(0.0, _CURRENTS[-1]),
                power_W=Span(0.0, power_W),
                voltage_resolution_V=_RESOLUTION,
                current_resolution_A=_RESOLUTION,
                pulse_min_s=SiglentOptions().pulse_min_s,
                timing=frozenset({TimingClass.COMMANDED, TimingClass.SEQUENCED}),
                sequence_steps_max=SiglentOptions().list_steps_max,
                buffered_readback=True,
                watchdog_s=False,
                load_on_timer_s=False,
                remote_sense=True,
                note="buffer of 200 points; their distance in time is not in the sources",
                grades={"power_W": Evidence.D, "sequence_steps_max": Evidence.D},
            )
            for model, power_W in _POWER_W.items()
        ),
        simulators=("siglent-sdl1000x",),
        proofs=(
            Proof(
                "easy-scpi 0.1.7 (MIT)",
                "simulator",
                "setpoint, input, measurement, error queue by headers of its own making",
                "tests/simulators/instruments/test_generic_client.py",
            ),
        ),
        unverified=(
            "port 5025",
            "first list step and shortest step",
            "input after a list",
            "time between points",
        ),
        identity=r"SIGLENT.*,\s*SDL10",
    ),
)
