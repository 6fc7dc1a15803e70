"""The contract of a cycler system: it gets a schedule, plays it by itself, and is read while it does.

Unlike a ``PowerPort`` nobody sends it edges. It takes a whole schedule with its protections, starts it under
a name, goes on alone whatever becomes of the host, and keeps records with time stamps of its own.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from drivers.capabilities import Capabilities
from drivers.contracts.common import Instrument
from drivers.contracts.power import PowerReading, Protection, SafeState
from drivers.errors import Unsupported

PROTECTIONS = frozenset(
    {
        "voltage_min_V",
        "voltage_max_V",
        "charge_current_max_A",
        "discharge_current_max_A",
        "charge_power_max_W",
        "discharge_power_max_W",
    }
)
"""The fields of ``Protection``: which of them a cycler can watch by itself, it says in ``protections``."""


class CannotSay(Unsupported):
    """The schedule holds what the cycler's own format cannot say; ``step`` counts from 1, 0 is the whole."""

    code = "driver.cycler_step"


class CyclerState(Enum):
    """What a channel is doing. Only FINISHED, STOPPED, PROTECTED and FREE say that it drives nothing."""

    FREE = "free"
    """No test, or one that is over and said nothing about how."""
    RUNNING = "running"
    PAUSED = "paused"
    """A test is held; it may go on at any moment."""
    FINISHED = "finished"
    STOPPED = "stopped"
    """Ended by somebody before its end."""
    PROTECTED = "protected"
    """Ended by a protection or a fault of the cycler."""
    UNKNOWN = "unknown"
    """A word that is not known: whoever asks must take it for running."""

    @property
    def over(self) -> bool:
        """True when no test can drive a current."""
        return self in (CyclerState.FREE, CyclerState.FINISHED, CyclerState.STOPPED, CyclerState.PROTECTED)


@dataclass(frozen=True)
class CyclerStatus:
    """One look at a channel.

    ``test`` is the name that its test was started under, '' where the protocol does not tell. ``step`` counts
    from 1 and ``elapsed_s`` from the start of the test; None where unknown. ``word`` is the vendor's own.
    """

    state: CyclerState
    test: str
    step: int | None
    elapsed_s: float | None
    reading: PowerReading | None
    word: str


@dataclass(frozen=True)
class CyclerStep:
    """Hold ``current_A`` (positive charges, 0 rests) for ``duration_s``.

    ``until_V`` ends it before: at or above it on charge, at or below it on discharge (terminal voltage).
    """

    current_A: float
    duration_s: float
    until_V: float | None = None


@dataclass(frozen=True)
class Schedule:
    """What is handed over. ``record_period_s`` is how often the cycler is to keep a record."""

    steps: tuple[CyclerStep, ...]
    protection: Protection
    record_period_s: float


@dataclass(frozen=True)
class CyclerRecord:
    """One record of the running test: ``number`` counts from 1 without gaps.

    ``step`` counts from 1 and ``step_time_s`` from the beginning of that step, by the cycler's own clock.
    """

    number: int
    step: int
    step_time_s: float
    voltage_V: float
    current_A: float


class Cycler(Instrument):
    """One channel of a cycler system.

    A setting out of range raises OutOfRange and what the format cannot say raises CannotSay; nothing is sent
    then. A record with a missing or impossible number raises NoReading; it is never 0.
    """

    @property
    @abstractmethod
    def capabilities(self) -> Capabilities:
        """Get what the channel can do."""

    @property
    @abstractmethod
    def protections(self) -> frozenset[str]:
        """Get which fields of ``Protection`` the cycler watches by itself."""

    @property
    @abstractmethod
    def record_period_min_s(self) -> float:
        """Get the shortest time between two of its records, in s."""

    @abstractmethod
    def status(self) -> CyclerStatus:
        """Look at the channel. Raises TransportError, InstrumentError."""

    @abstractmethod
    def read(self) -> PowerReading:
        """Get terminal voltage and current now. Raises NoReading, TransportError."""

    @abstractmethod
    def check(self, schedule: Schedule) -> None:
        """Say whether it can be handed over. Raises CannotSay, OutOfRange; sends nothing."""

    @abstractmethod
    def upload(self, schedule: Schedule, name: str) -> str:
        """Translate and hand over; nothing starts. Returns what was handed over, in one line for the record.

        Raises what ``check`` raises, InstrumentError, TransportError.
        """

    @abstractmethod
    def start(self, name: str) -> None:
        """Start what was uploaded under ``name``. Raises InstrumentError when the cycler refuses."""

    @abstractmethod
    def stop(self) -> None:
        """End the test; the current is zero afterwards. Harmless when none runs."""

    @abstractmethod
    def pause(self) -> None:
        """Hold the test at zero current. Raises Unsupported where the protocol has no word for it."""

    @abstractmethod
    def resume(self) -> None:
        """Go on with a held test. Raises Unsupported where the protocol has no word for it."""

    @abstractmethod
    def records(self, after: int) -> Sequence[CyclerRecord]:
        """Get the records of the started test with a number above ``after``, as they come.

        May be empty, and may be only the first part of what there is. Raises NoReading, TransportError.
        """

    @abstractmethod
    def make_safe(self) -> None:
        """End whatever runs on this channel, from any state. Raises the first error after all was tried."""

    @abstractmethod
    def verify_safe(self) -> SafeState:
        """Ask the channel whether it drives anything and measure its current; never assumes."""
