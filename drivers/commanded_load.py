"""What loads have in common that only follow the host: ranges, order of switching, refusals.

A driver says how its instrument is told a current, switched and asked; the contract's promises are kept here.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import NoReturn

from drivers.capabilities import Span
from drivers.contracts.load import ElectronicLoad, ListStep, LoadProtection
from drivers.contracts.power import SafeState
from drivers.errors import InstrumentError, NoReading, OutOfRange, Unsupported
from drivers.ranges import require_in
from drivers.transports.scpi import attempt_all

_LATER = "Prepare the load, and check its front panel for a protection that tripped."


class CommandedLoad(ElectronicLoad):
    """Base of a load driver. ``address`` is as written in the bench file."""

    address: str
    _protection: LoadProtection | None = None

    # ---- what a driver says --------------------------------------------------------------

    @abstractmethod
    def _take_control(self) -> None:
        """Set remote control where the instrument has such a thing."""

    @abstractmethod
    def _set_up(self, protection: LoadProtection) -> None:
        """Set constant current, ranges and limits, each read back. The input is off."""

    @abstractmethod
    def _command(self, current_A: float) -> None:
        """Set the level in A and confirm it as the protocol allows."""

    @abstractmethod
    def _commanded_A(self) -> float:
        """Get the level in A: the instrument's answer, or what it confirmed last."""

    @abstractmethod
    def _switch(self, on: bool) -> None:
        """Set the input on or off, without asking whether it did."""

    def trips(self) -> tuple[str, ...]:
        """Get the names of the protections that acted, where the instrument tells them."""
        return ()

    # ---- the contract --------------------------------------------------------------------

    def prepare(self, protection: LoadProtection) -> None:
        self._check(protection)
        self._protection = None
        self._take_control()
        self.input_off()
        self._set_up(protection)
        self._command(0.0)
        if self.input_is_on():
            raise self._refused("the input is still on")
        self._protection = protection

    def set_current(self, current_A: float) -> None:
        allowed = Span(0.0, self._prepared().current_max_A)
        require_in(current_A, allowed, "current", "A", self.address, "protection")
        self._command(current_A + 0.0)

    def input_on(self) -> None:
        self._prepared()
        if self._commanded_A() > self.capabilities.current_resolution_A:
            raise OutOfRange(
                f"{self.address}: the input may only go on at zero current",
                remedy="Call set_current(0) first.",
                address=self.address,
            )
        self._switch(True)
        if not self.input_is_on():
            told = ", ".join(self.trips())
            raise self._refused(f"the input stays off{f': {told}' if told else ''}")

    def input_off(self) -> None:
        self._switch(False)
        if self.input_is_on():
            raise self._refused("the input is still on")

    def load_list(self, steps: Sequence[ListStep]) -> None:  # noqa: ARG002 - the contract's
        self._no_list()

    def start_list(self) -> None:
        self._no_list()

    def stop_list(self) -> None:
        self._no_list()

    def make_safe(self) -> None:
        # The first part may fail where a person has the front panel; the others are tried all the same.
        attempt_all(self._take_control, lambda: self._command(0.0), self.input_off)

    def verify_safe(self) -> SafeState:
        return SafeState(self.input_is_on(), self.read().current_A)

    # ---- parts ---------------------------------------------------------------------------

    def _check(self, protection: LoadProtection) -> None:
        p, span = protection, self.capabilities
        for value, allowed, what, unit in (
            (p.voltage_max_V, span.voltage_V, "highest voltage", "V"),
            (p.voltage_min_V, Span(0.0, p.voltage_max_V), "lowest voltage", "V"),
            (p.current_max_A, span.current_A, "current limit", "A"),
            (p.power_max_W, span.power_W, "power limit", "W"),
        ):
            require_in(value, allowed, what, unit, self.address, "instrument rating")

    def _check_list(self, steps: Sequence[ListStep], width_s: Span) -> LoadProtection:
        protection, count, most = self._prepared(), len(steps), self.capabilities.list_steps_max
        if not 1 <= count <= most:
            raise OutOfRange(
                f"{self.address}: a list of {count} steps; the load takes 1 to {most}",
                remedy="Split the profile into shorter trains.",
                address=self.address,
                value=count,
            )
        for step in steps:
            current = Span(0.0, protection.current_max_A)
            require_in(step.current_A, current, "current", "A", self.address, "protection")
            require_in(step.duration_s, width_s, "list step", "s", self.address, "instrument")
        return protection

    def _plausible(self, value: float, highest: float, what: str, unit: str) -> float:
        """Return ``value``, or raise NoReading where no such load can have measured it."""
        if not -0.1 * highest <= value <= 1.5 * highest:
            raise NoReading(
                f"{self.address}: {what}: {value:g} {unit} is beyond what this load can measure",
                remedy="Check the leads; if it repeats, check for noise on the line and the load's ratings.",
                address=self.address,
                quantity=what,
                reply=f"{value:g}",
            )
        return value

    def _prepared(self) -> LoadProtection:
        if self._protection is None:
            raise self._refused("not prepared")
        return self._protection

    def _confirm(self, what: str, wanted: float, got: float, tolerance: float) -> None:
        if not abs(got - wanted) <= tolerance:
            raise self._refused(f"{what} was set to {wanted:g}; it answers {got:g}")

    def _refused(self, why: str, error_code: int = 0) -> InstrumentError:
        return InstrumentError(
            f"{self.address}: {why}", remedy=_LATER, address=self.address, error_code=error_code, text=why
        )

    def _no_list(self) -> NoReturn:
        raise Unsupported(
            f"{self.address}: this driver plays no list",
            remedy="Run the profile with commanded edges.",
            address=self.address,
        )
