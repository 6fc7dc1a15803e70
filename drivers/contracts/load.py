"""The contract of an electronic load on its own: it only takes energy out of a battery."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from drivers.capabilities import Span, TimingClass, Watchdog
from drivers.contracts.common import Instrument
from drivers.contracts.power import SafeState
from drivers.errors import Unsupported


@dataclass(frozen=True)
class LoadCapabilities:
    """Ranges of a load. ``current_A`` and ``power_W`` are positive magnitudes of what it sinks."""

    voltage_V: Span
    current_A: Span
    power_W: Span
    voltage_resolution_V: float
    current_resolution_A: float
    pulse_min_s: float
    timing: frozenset[TimingClass]
    list_steps_max: int = 0
    watchdog: Watchdog | None = None
    load_on_timer: Span | None = None
    """Times in s after which the load turns its input off by itself, counted from turning it on."""
    remote_sense: bool = False
    """Measures at the battery, by leads of its own; else the drop in the power leads is in each voltage."""


@dataclass(frozen=True)
class LoadProtection:
    """Limits written to the load and read back before its input goes on (V, A, W; positive)."""

    voltage_min_V: float
    voltage_max_V: float
    current_max_A: float
    power_max_W: float


@dataclass(frozen=True)
class LoadReading:
    """One measurement: voltage in V (``remote_sense`` says where), sunk current in A (positive)."""

    voltage_V: float
    current_A: float


@dataclass(frozen=True)
class ListStep:
    """Sink ``current_A`` (positive) for ``duration_s``, reached with ``slew_A_per_us``."""

    current_A: float
    duration_s: float
    slew_A_per_us: float


class ElectronicLoad(Instrument):
    """A current sink. Setting out of range raises OutOfRange and sends nothing; it never clips.

    A failed measurement raises NoReading or TransportError; it is never 0.
    """

    @property
    @abstractmethod
    def capabilities(self) -> LoadCapabilities:
        """Get what the load can do."""

    @abstractmethod
    def prepare(self, protection: LoadProtection) -> None:
        """Set constant current, zero, input off, ranges and limits, all read back.

        Raises InstrumentError when a read-back differs from what was written.
        """

    @abstractmethod
    def set_current(self, current_A: float) -> None:
        """Set the sunk current in A, 0 or positive, inside the protection."""

    @abstractmethod
    def input_on(self) -> None:
        """Set the input on. The commanded current must be 0 before."""

    @abstractmethod
    def input_off(self) -> None:
        """Set the input off."""

    @abstractmethod
    def input_is_on(self) -> bool:
        """Get the input state by asking the instrument."""

    @abstractmethod
    def read(self) -> LoadReading:
        """Measure voltage and current once, voltage first. Raises NoReading, TransportError."""

    @abstractmethod
    def load_list(self, steps: Sequence[ListStep]) -> None:
        """Set the load's own list program, run once, input off at its end."""

    @abstractmethod
    def start_list(self) -> None:
        """Trigger the loaded list."""

    @abstractmethod
    def stop_list(self) -> None:
        """Return to a fixed current of zero."""

    def set_load_on_timer(self, limit_s: float) -> None:
        """Set after how many s the input, once on, goes off by itself.

        Raises Unsupported where ``capabilities.load_on_timer`` is None.
        """
        raise Unsupported(
            f"there is no load-on timer to set to {limit_s:g} s",
            remedy="Use a guard-driven cut-off relay.",
        )

    @abstractmethod
    def make_safe(self) -> None:
        """Current to zero, then input off, from any state. Tries every part even if one fails.

        Raises the first error after all parts were tried.
        """

    @abstractmethod
    def verify_safe(self) -> SafeState:
        """Measure the state after ``make_safe``: input state and residual sunk current."""
