"""The contract of everything that moves energy in or out of a battery."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from drivers.capabilities import Capabilities
from drivers.contracts.common import Instrument
from drivers.errors import Unsupported


@dataclass(frozen=True)
class Protection:
    """Limits written to the instrument and read back before its output goes on.

    Terminal voltages in V; currents in A, both as positive magnitudes; powers
    in W, both as positive magnitudes.
    """

    voltage_min_V: float
    voltage_max_V: float
    charge_current_max_A: float
    discharge_current_max_A: float
    charge_power_max_W: float
    discharge_power_max_W: float


@dataclass(frozen=True)
class PowerReading:
    """One measurement: terminal (sense) voltage in V, current in A, positive charges."""

    voltage_V: float
    current_A: float


@dataclass(frozen=True)
class SequenceStep:
    """Hold ``current_A`` (positive charges, 0 rests) for ``duration_s``."""

    current_A: float
    duration_s: float


class SequenceState(Enum):
    """Where the instrument's own sequencer is."""

    STOPPED = "stopped"
    RUNNING = "running"
    PAUSED = "paused"


@dataclass(frozen=True)
class SafeState:
    """What the instrument answers after ``make_safe``: output state and residual current in A."""

    output_on: bool
    current_A: float

    def is_safe(self, current_tolerance_A: float) -> bool:
        """True when the output is off and the current is inside the tolerance."""
        return not self.output_on and abs(self.current_A) <= current_tolerance_A


class PowerPort(Instrument):
    """A source and a sink seen as one device with signed current.

    Setting out of range raises OutOfRange and sends nothing; it never clips.
    A failed measurement raises NoReading or TransportError; it is never 0.
    The watchdog's methods raise Unsupported where ``capabilities.watchdog`` is None,
    sequence methods where SEQUENCED is not among ``capabilities.timing``.
    """

    @property
    @abstractmethod
    def capabilities(self) -> Capabilities:
        """Get what the device can do."""

    @abstractmethod
    def prepare(self, protection: Protection) -> None:
        """Set remote control, zero currents, output off, and the protections, read back.

        Raises InstrumentError when a read-back differs from what was written.
        """

    @abstractmethod
    def set_current(self, current_A: float) -> None:
        """Set the commanded current inside the protection; positive charges, 0 rests."""

    @abstractmethod
    def output_on(self) -> None:
        """Set the output on. The commanded current must be 0 before."""

    @abstractmethod
    def output_off(self) -> None:
        """Set the output off."""

    @abstractmethod
    def output_is_on(self) -> bool:
        """Get the output state by asking the instrument."""

    @abstractmethod
    def read(self) -> PowerReading:
        """Measure voltage and current once, voltage first.

        Raises NoReading when either is missing, TransportError when the link fails.
        """

    @abstractmethod
    def load_sequence(self, steps: Sequence[SequenceStep]) -> None:
        """Set the sequencer's program to these steps and end at zero current."""

    @abstractmethod
    def start_sequence(self) -> None:
        """Start the loaded program; the output must be on."""

    @abstractmethod
    def sequence_state(self) -> SequenceState:
        """Get the sequencer's state."""

    @abstractmethod
    def stop_sequence(self) -> None:
        """Stop the program and return control to ``set_current`` at zero current."""

    @abstractmethod
    def arm_watchdog(self, timeout_s: float) -> None:
        """Set the host watchdog; expiry turns the output off inside the instrument."""

    @abstractmethod
    def feed_watchdog(self) -> None:
        """Re-arm the watchdog. Raises InstrumentError when it has already expired."""

    @abstractmethod
    def disarm_watchdog(self) -> None:
        """Set the watchdog off."""

    def take_dead_time_s(self) -> float | None:
        """Get how long the last ``set_current`` left both sides of a joined instrument off, in real s.

        None where nothing was handed over, and always for a single instrument.
        """
        return None

    def set_load_on_timer(self, limit_s: float) -> None:
        """Set after how many s the output, once on, goes off by itself.

        Raises Unsupported where ``capabilities.load_on_timer`` is None.
        """
        raise Unsupported(
            f"there is no load-on timer to set to {limit_s:g} s",
            remedy="Use a guard-driven cut-off relay.",
        )

    @abstractmethod
    def make_safe(self) -> None:
        """Current to zero, then output off, from any state. Tries every part even if one fails.

        Raises the first error after all parts were tried.
        """

    @abstractmethod
    def verify_safe(self) -> SafeState:
        """Measure the state after ``make_safe``; never assumes."""
