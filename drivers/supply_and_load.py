"""A supply and an electronic load on the same battery terminals, joined into one PowerPort.

Interlock: never are both energised. Crossing zero takes the active side to zero
and off, asks it whether it is off and without current, and only then switches
the other side on. At rest the side that was last used stays on at zero.

How long neither side was on is told with each crossing (``take_dead_time_s``).

Readings: voltage, in both directions, from the part that measures at the battery:
the load's sense terminals, else the supply's. Where neither has sense leads the
drop in the power leads is in it, and ``capabilities.remote_sense`` says so.
Current is the supply's minus the load's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from typing import Any, NoReturn

from drivers.capabilities import Capabilities, Span, TimingClass
from drivers.catalogue import check_identity, open_instrument
from drivers.contracts.common import Identity, Instrument
from drivers.contracts.load import ElectronicLoad, LoadProtection
from drivers.contracts.power import (
    PowerPort,
    PowerReading,
    Protection,
    SafeState,
    SequenceState,
    SequenceStep,
)
from drivers.datasheet import Datasheet, Variant
from drivers.errors import InstrumentError, Unsupported
from drivers.ranges import require_in
from drivers.spec import BadOptions, Category, ChildOptions, DriverOptions, DriverSpec
from drivers.transports.scpi import attempt_all

_POLL_S = 0.005


class SupplyAndLoadOptions(DriverOptions):
    """``supply`` and ``load`` are instruments of their own.

    A crossing waits up to ``crossing_timeout_s`` until the side that was switched
    off carries no more than ``crossing_current_A``.
    """

    supply: ChildOptions
    load: ChildOptions
    crossing_current_A: float = 0.1
    crossing_timeout_s: float = 0.5


class _Side(Enum):
    SUPPLY = "supply"
    LOAD = "load"


class SupplyAndLoad(PowerPort):
    """One signed current from two instruments; the host sends each edge."""

    def __init__(
        self,
        supply: PowerPort,
        load: ElectronicLoad,
        crossing_current_A: float = 0.1,
        crossing_timeout_s: float = 0.5,
    ) -> None:
        self._supply = supply
        self._load = load
        self._crossing_current_A = crossing_current_A
        self._crossing_timeout_s = crossing_timeout_s
        self._protection: Protection | None = None
        self._side: _Side | None = None  # the side that is on; None: both off
        self._dead_s: float | None = None

    @property
    def address(self) -> str:
        """Get both addresses."""
        return " + ".join(str(getattr(part, "address", "?")) for part in (self._supply, self._load))

    def identify(self) -> Identity:
        """Get both identities, joined part by part with ' + '; blank where one of them is blank."""
        one, two = self._supply.identify(), self._load.identify()

        def both(a: str, b: str) -> str:
            return f"{a} + {b}" if a and b else ""

        return Identity(
            both(one.manufacturer, two.manufacturer),
            both(one.model, two.model),
            both(one.serial, two.serial),
            both(one.firmware, two.firmware),
        )

    def close(self) -> None:
        self._supply.close()
        self._load.close()

    @property
    def capabilities(self) -> Capabilities:
        source, sink = self._supply.capabilities, self._load.capabilities
        return Capabilities(
            voltage_V=Span(
                max(source.voltage_V.low, sink.voltage_V.low), min(source.voltage_V.high, sink.voltage_V.high)
            ),
            current_A=Span(-sink.current_A.high, source.current_A.high),
            power_W=Span(-sink.power_W.high, source.power_W.high),
            voltage_resolution_V=max(source.voltage_resolution_V, sink.voltage_resolution_V),
            current_resolution_A=max(source.current_resolution_A, sink.current_resolution_A),
            pulse_min_s=max(source.pulse_min_s, sink.pulse_min_s),
            timing=frozenset({TimingClass.COMMANDED}),
            watchdog=source.watchdog,
            load_on_timer=sink.load_on_timer,
            unwatched=tuple(
                name
                for name, part in (("supply", source), ("load", sink))
                if part.watchdog is None and part.load_on_timer is None
            ),
            remote_sense=sink.remote_sense or source.remote_sense,
        )

    def prepare(self, protection: Protection) -> None:
        self._protection = None
        self._side = None
        self._load.prepare(
            LoadProtection(
                voltage_min_V=protection.voltage_min_V,
                voltage_max_V=protection.voltage_max_V,
                current_max_A=protection.discharge_current_max_A,
                power_max_W=protection.discharge_power_max_W,
            )
        )
        # The supply is held to its source side even where it could sink.
        self._supply.prepare(replace(protection, discharge_current_max_A=0.0, discharge_power_max_W=0.0))
        self._protection = protection

    def set_current(self, current_A: float) -> None:
        protection = self._prepared()
        allowed = Span(-protection.discharge_current_max_A, protection.charge_current_max_A)
        require_in(current_A, allowed, "current", "A", self.address, "protection")
        if current_A == 0:
            if self._side is not _Side.SUPPLY:
                self._load.set_current(0.0)
            if self._side is not _Side.LOAD:
                self._supply.set_current(0.0)
            return
        if self._side is None:
            raise self._refused("a current while the output is off")
        if current_A > 0:
            self._change_to(_Side.SUPPLY)
            self._supply.set_current(current_A)
        else:
            self._change_to(_Side.LOAD)
            self._load.set_current(-current_A)

    def output_on(self) -> None:
        self._prepared()
        if self._side is not None and self.output_is_on():
            return
        self._side = None
        self._require_off(_Side.LOAD)
        self._supply.output_on()
        self._side = _Side.SUPPLY

    def output_off(self) -> None:
        self._side = None
        attempt_all(self._supply.output_off, self._load.input_off)

    def output_is_on(self) -> bool:
        supply_on = self._supply.output_is_on()
        return self._load.input_is_on() or supply_on

    def read(self) -> PowerReading:
        sunk, sourced = self._load.read(), self._supply.read()
        by_supply = self._supply.capabilities.remote_sense and not self._load.capabilities.remote_sense
        voltage_V = sourced.voltage_V if by_supply else sunk.voltage_V
        return PowerReading(voltage_V, sourced.current_A - sunk.current_A)

    def load_sequence(self, steps: Sequence[SequenceStep]) -> None:  # noqa: ARG002 - the contract's
        self._no_sequence()

    def start_sequence(self) -> None:
        self._no_sequence()

    def sequence_state(self) -> SequenceState:
        self._no_sequence()

    def stop_sequence(self) -> None:
        self._no_sequence()

    def arm_watchdog(self, timeout_s: float) -> None:
        """Arm the supply's; the load has none (``capabilities.unwatched`` names it)."""
        self._need_watchdog()
        self._supply.arm_watchdog(timeout_s)

    def feed_watchdog(self) -> None:
        self._need_watchdog()
        self._supply.feed_watchdog()

    def disarm_watchdog(self) -> None:
        self._need_watchdog()
        self._supply.disarm_watchdog()

    def make_safe(self) -> None:
        """Make both safe at the same time, so that a dead link of one cannot delay the other."""
        self._side = None
        errors: list[Exception] = []

        def load_part() -> None:
            try:
                self._load.make_safe()
            except Exception as error:  # noqa: BLE001 - carried to the caller below
                errors.append(error)

        beside = threading.Thread(target=load_part, name="make-safe-load", daemon=True)
        try:
            beside.start()
        except RuntimeError:  # no thread can start any more: one after the other then
            attempt_all(self._supply.make_safe, self._load.make_safe)
            return
        try:
            self._supply.make_safe()
        finally:
            beside.join()
        if errors:
            raise errors[0]

    def verify_safe(self) -> SafeState:
        """Measure both; the current is the larger of the two, so that opposite ones cannot cancel."""
        load = self._load.verify_safe()
        supply = self._supply.verify_safe()
        worst = max(supply.current_A, -abs(load.current_A), key=abs)
        return SafeState(supply.output_on or load.output_on, worst)

    def take_dead_time_s(self) -> float | None:
        taken, self._dead_s = self._dead_s, None
        return taken

    # ------------------------------------------------------------------ interlock

    def _change_to(self, side: _Side) -> None:
        if self._side is side:
            return
        began_s, handed_over = time.monotonic(), self._side is not None
        if side is _Side.LOAD:
            self._supply.set_current(0.0)
            self._side = None  # whatever fails from here on, a new output_on is needed
            self._supply.output_off()
            self._require_off(_Side.SUPPLY)
            self._load.set_current(0.0)
            self._load.input_on()
        else:
            self._load.set_current(0.0)
            self._side = None
            self._load.input_off()
            self._require_off(_Side.LOAD)
            self._supply.set_current(0.0)
            self._supply.output_on()
        self._side = side
        if handed_over:
            self._dead_s = time.monotonic() - began_s

    def _require_off(self, side: _Side) -> None:
        """Ask a side whether it is off and without current. Raises InstrumentError otherwise."""
        deadline = time.monotonic() + self._crossing_timeout_s
        while True:
            if side is _Side.SUPPLY:
                state = SafeState(self._supply.output_is_on(), self._supply.read().current_A)
            else:
                state = SafeState(self._load.input_is_on(), self._load.read().current_A)
            if state.is_safe(self._crossing_current_A):
                return
            if state.output_on or time.monotonic() >= deadline:
                switch = "on" if state.output_on else "off"
                raise self._refused(f"the {side.value} is {switch} and carries {state.current_A:g} A")
            time.sleep(_POLL_S)

    def _prepared(self) -> Protection:
        if self._protection is None:
            raise self._refused("not prepared")
        return self._protection

    def _refused(self, why: str) -> InstrumentError:
        return InstrumentError(
            f"{self.address}: refused by the interlock: {why}",
            remedy="Make the pair safe, check both instruments, and prepare again.",
            address=self.address,
            error_code=0,
            text=why,
        )

    def _no_sequence(self) -> NoReturn:
        raise Unsupported(
            f"{self.address}: a supply and a load have no common sequencer",
            remedy="Run the profile with commanded edges.",
            address=self.address,
        )

    def set_load_on_timer(self, limit_s: float) -> None:
        self._load.set_load_on_timer(limit_s)

    def _need_watchdog(self) -> None:
        if self._supply.capabilities.watchdog is None:
            raise Unsupported(
                f"{self.address}: neither supply nor load has a host watchdog",
                remedy="Use a guard-driven cut-off relay.",
                address=self.address,
            )


def _open(address: str | None, options: Any) -> SupplyAndLoad:
    assert isinstance(options, SupplyAndLoadOptions)
    del address  # the catalogue refuses one
    supply = _child(options.supply)
    try:
        if not isinstance(supply, PowerPort):
            raise _wrong_category("supply", options.supply)
        load = _child(options.load)
    except BaseException:
        supply.close()
        raise
    if not isinstance(load, ElectronicLoad):
        supply.close()
        load.close()
        raise _wrong_category("load", options.load)
    return SupplyAndLoad(supply, load, options.crossing_current_A, options.crossing_timeout_s)


def _child(child: ChildOptions) -> Instrument:
    part = open_instrument(child.driver, child.address, child.options)
    try:
        if child.expect:
            check_identity(part, child.expect, child.address or "")
    except BaseException:
        part.close()
        raise
    return part


def _wrong_category(role: str, child: ChildOptions) -> BadOptions:
    return BadOptions(
        f"{role}: driver {child.driver!r} is of another category",
        remedy="The supply must be a power driver, the load a load driver.",
        driver=child.driver,
    )


driver = DriverSpec(
    name="supply-and-load",
    category=Category.POWER,
    title="A supply and an electronic load, joined by an interlock",
    open=_open,
    options_model=SupplyAndLoadOptions,
    needs_address=False,
    datasheet=Datasheet(
        sources=("those of its two parts",),
        links=("those of its parts",),
        variants=(
            Variant(
                "any supply with any load",
                timing=frozenset({TimingClass.COMMANDED}),
                sequence_steps_max=0,
                note="ranges are what both can do; watchdog and timer are those of the parts",
            ),
        ),
        simulators=("delta-sm15k", "rigol-dl3021"),
    ),
)
