"""The battery's own management system, seen as an instrument with ageing signals."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from drivers.contracts.common import Instrument
from drivers.errors import DriverError


@dataclass(frozen=True)
class BmsSignal:
    """A decoded value with its age in s since reception; None when not available (sentinel, never seen).

    ``resolution``: the smallest step in ``unit``; ``arrived_s``: when it came, on the driver's clock.
    """

    value: float | None
    age_s: float
    unit: str = ""
    resolution: float | None = None
    arrived_s: float = -float("inf")


@dataclass(frozen=True)
class BmsSnapshot:
    """The newest of every signal. Current: positive charges, whatever the bus says.

    ``signals`` holds ``pack_voltage_V``, ``current_A``, ``soc_pct``, ``soh_pct``,
    ``temperature_degC``, ``failsafe``, ``relay_permission``, ``interlock`` …
    ``insulation_ohm`` … as far as this BMS has them. ``gives_cells``: cell voltages are to be expected.
    ``cell_ages_s``: of each cell, where the BMS tells them one after the other; else empty.
    ``cell_arrived_s``: when each was told, on the driver's clock; the same number is the same telling.
    """

    signals: dict[str, BmsSignal] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    cell_voltages_V: tuple[float, ...] = ()
    cell_voltages_age_s: float = float("inf")
    gives_cells: bool = False
    cell_ages_s: tuple[float, ...] = ()
    cell_resolution_V: float | None = None
    cell_arrived_s: tuple[float, ...] = ()


class Bms(Instrument):
    """Listens (and, where the pack needs it, keeps it awake) in the background."""

    @abstractmethod
    def start(self) -> None:
        """Start listening and the keep-alive frames."""

    @abstractmethod
    def snapshot(self) -> BmsSnapshot:
        """Get the newest signals without waiting."""

    def beat(self) -> None:
        """The station's main loop lives: frames that keep a pack awake are only sent as long as it does."""


ContactorFinding = Literal["refused", "not_closed", "precharge_stuck", "not_opened", "silent", "keep_alive"]


class ContactorFault(DriverError):
    """The pack's own contactors did not follow; params: ``finding``, ``step``, ``waited_s``, ``limit_s``."""

    code = "driver.contactors"

    def __init__(self, message: str, finding: ContactorFinding, **params: Any) -> None:
        super().__init__(message, finding=finding, **params)
        self.finding = finding


@dataclass(frozen=True)
class ContactorFacts:
    """What is known of a sequence. ``link``: what the pack wants to see outside before it closes."""

    family: str
    evidence: str
    note: str
    link: Literal["open", "precharged"]
    confirms: bool
    """The pack itself says whether they are closed."""
    open_below_A: float


@dataclass(frozen=True)
class ContactorStep:
    """One step that has been done."""

    name: str
    took_s: float
    limit_s: float


class PackContactors(ABC):
    """A BMS that can close and open its pack's contactors by the family's own sequence."""

    @abstractmethod
    def contactor_facts(self) -> ContactorFacts | None:
        """What is known of it; None: they are not driven over this bus, or the bench does not want it."""

    @abstractmethod
    def close_contactors(self, agree: Callable[[], None], link_V: Callable[[], float]) -> list[ContactorStep]:
        """Go through the sequence. ``agree`` is called again and again and raises to end it at once.

        ``link_V`` gives the voltage measured outside. Whatever it raises, the opening is the caller's.
        Raises ContactorFault, TransportError, and what ``agree`` raises.
        """

    @abstractmethod
    def open_contactors(self, on_step: Callable[[], None]) -> list[ContactorStep]:
        """The sequence back, from wherever the other one has come. Raises ContactorFault, TransportError."""

    @abstractmethod
    def contactors_closed(self) -> bool | None:
        """What the pack says at present; None where it says nothing."""
