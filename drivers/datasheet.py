"""What a driver states about itself beside its code: models, evidence, proofs. Plain data for the matrix.

Everything is optional; what a source does not tell stays None and is printed as "not stated", which is
another thing than "none". Nothing here steers the engine: it plans with ``capabilities`` of the open
instrument. A driver says these things in ``DriverSpec(..., datasheet=Datasheet(...))``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from drivers.capabilities import Span, TimingClass

NOT_STATED = "not stated"


class Evidence(StrEnum):
    """How far the protocol facts behind a driver are known."""

    A = "A"
    """The vendor's document, or bytes captured from a real machine, was read."""
    A_MINUS = "A-"
    """Single pages of the vendor's document were read."""
    B = "B"
    """Open drivers that say they were validated on hardware, or several independent ones that agree."""
    C = "C"
    """One open driver, one manual page, or a part only."""
    D = "D"
    """Not verified."""
    NOT_STATED = NOT_STATED


@dataclass(frozen=True)
class Variant:
    """One model as its sources give it. Current and power: positive charges, negative takes energy out.

    A meter's ranges are what it can read. ``watchdog_s``: settable times of a host watchdog that turns the
    output off; ``load_on_timer_s``: of a timer that turns an input off counted from turning it on; False:
    the sources say or show that there is none. ``sequence_steps_max`` 0: no sequencer. ``grades``: evidence
    of single figures where it is another than the driver's; D for one that no source supports.
    """

    model: str
    voltage_V: Span | None = None
    current_A: Span | None = None
    power_W: Span | None = None
    resistance_ohm: Span | None = None
    temperature_degC: Span | None = None
    voltage_resolution_V: float | None = None
    current_resolution_A: float | None = None
    channels: int | None = None
    pulse_min_s: float | None = None
    timing: frozenset[TimingClass] | None = None
    sequence_steps_max: int | None = None
    buffered_readback: bool | None = None
    watchdog_s: Span | Literal[False] | None = None
    load_on_timer_s: Span | Literal[False] | None = None
    remote_sense: bool | None = None
    note: str = ""
    grades: Mapping[str, Evidence] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain data; spans as ``[low, high]``, what is not stated as null."""
        return {name: _plain(value) for name, value in vars(self).items()}


@dataclass(frozen=True)
class Proof:
    """Something outside this project that was held against the driver or its simulator.

    ``against``: ``simulator`` (their client spoke to our simulator), ``driver`` (our driver spoke to their
    simulator), ``both`` (golden bytes, or their words compared with ours). ``test`` is the test file.
    """

    by: str
    against: Literal["simulator", "driver", "both"]
    what: str
    test: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return dict(vars(self))


@dataclass(frozen=True)
class Datasheet:
    """``simulators``: the kinds of simulated instruments this driver is tested on, as a bench simulation
    names them. ``links``: of tcp, visa, serial, modbus-tcp, modbus-rtu, can. ``hardware``: on which real
    instrument it ran, "no" for none. ``unverified``: what stays open, in a few words each. ``identity``: a
    regular expression, without regard to case, for the answer to ``*IDN?``; '' where there is none."""

    evidence: Evidence = Evidence.NOT_STATED
    sources: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()
    simulators: tuple[str, ...] = ()
    proofs: tuple[Proof, ...] = ()
    unverified: tuple[str, ...] = ()
    hardware: str = "no"
    identity: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "evidence": str(self.evidence),
            "sources": list(self.sources),
            "links": list(self.links),
            "variants": [variant.as_dict() for variant in self.variants],
            "simulators": list(self.simulators),
            "proofs": [proof.as_dict() for proof in self.proofs],
            "unverified": list(self.unverified),
            "run_on_hardware": self.hardware,
            "identity": self.identity,
        }


def _plain(value: object) -> object:
    if isinstance(value, Span):
        return [value.low, value.high]
    if isinstance(value, Mapping):
        return {name: str(grade) for name, grade in value.items()}
    if isinstance(value, frozenset):
        return sorted(item.value for item in value)
    return value
