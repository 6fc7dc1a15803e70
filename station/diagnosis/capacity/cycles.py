"""The capacity of a battery from its discharges, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from station.diagnosis.capacity.count import CountedCharge

SPREAD_MAX = 0.03
"""Discharges of one result differ by less than this share of the nominal capacity, and three in a row that do
are enough (remembered from GB/T 31486-2015, not verified)."""
IN_A_ROW = 3
BRIDGED_MAX = 0.01
"""No more than this share of a discharge may have been bridged over gaps."""

REFUSALS: Mapping[str, str] = {
    "capacity.no_discharge": "the record holds no discharge to the lower voltage",
    "capacity.not_full": "the charge before a discharge did not reach its voltage",
    "capacity.not_empty": "a discharge did not reach the lower voltage",
    "capacity.interrupted": "a charge or discharge was interrupted; what came before is not part of it",
    "capacity.gaps": "too much of a discharge was not sampled",
    "capacity.not_repeatable": "the discharges differ by more than they may",
}


@dataclass(frozen=True)
class Refusal:
    """``code`` is a key of ``REFUSALS``; ``params`` are the facts of the case."""

    code: str
    params: Mapping[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The reason in English."""
        return REFUSALS[self.code]


@dataclass(frozen=True)
class Discharge:
    """One discharge and what came before it. ``temperature_degC`` is the mean, None when not measured."""

    counted: CountedCharge
    full_before: bool
    reached_empty: bool
    interrupted: bool
    temperature_degC: float | None = None


@dataclass(frozen=True)
class MeasuredCapacity:
    """Mean of the ``used`` discharges with its bound; ``spread_Ah`` lies between them, ``rate_C`` is the
    current's."""

    capacity_Ah: float
    low_Ah: float
    high_Ah: float
    used: int
    spread_Ah: float
    rate_C: float
    temperature_degC: float | None


def measured_capacity(
    discharges: Sequence[Discharge], nominal_capacity_Ah: float
) -> MeasuredCapacity | Refusal:
    """The mean of the last discharges (three at most) that agree, or the first reason against it.

    The bound of the mean is the largest bound of one (a gain error is the same in all of them) and half of
    their spread. ``nominal_capacity_Ah`` must be positive.
    """
    used = list(discharges[-IN_A_ROW:])
    if not used:
        return Refusal("capacity.no_discharge")
    for number, discharge in enumerate(used, start=len(discharges) - len(used) + 1):
        refusal = _against(discharge, float(number))
        if refusal is not None:
            return refusal
    charges_Ah = [-discharge.counted.charge_Ah for discharge in used]
    spread_Ah = max(charges_Ah) - min(charges_Ah)
    if spread_Ah >= SPREAD_MAX * nominal_capacity_Ah:
        return Refusal("capacity.not_repeatable", {"spread_Ah": spread_Ah})
    mean_Ah = sum(charges_Ah) / len(charges_Ah)
    bound_Ah = max(discharge.counted.bound_Ah for discharge in used) + spread_Ah / 2
    warm = [d.temperature_degC for d in used if d.temperature_degC is not None]
    return MeasuredCapacity(
        mean_Ah,
        mean_Ah - bound_Ah,
        mean_Ah + bound_Ah,
        len(used),
        spread_Ah,
        -sum(d.counted.mean_A for d in used) / len(used) / nominal_capacity_Ah,
        sum(warm) / len(warm) if warm else None,
    )


def _against(discharge: Discharge, number: float) -> Refusal | None:
    counted, which = discharge.counted, {"discharge": number}
    if discharge.interrupted:
        return Refusal("capacity.interrupted", which)
    if not discharge.full_before:
        return Refusal("capacity.not_full", which)
    if not discharge.reached_empty:
        return Refusal("capacity.not_empty", which)
    if not counted.charge_Ah < 0:
        return Refusal("capacity.no_discharge", which)
    if counted.bridged_Ah > BRIDGED_MAX * -counted.charge_Ah:
        return Refusal("capacity.gaps", {**which, "longest_gap_s": counted.longest_gap_s})
    return None
