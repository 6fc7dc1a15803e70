"""Charge and energy that went in and out, and their limits."""

from __future__ import annotations

from dataclasses import replace

from station.errors import LimitTripped
from station.safety.envelope import Envelope, Limit
from station.safety.running.moved import Moved, Totals
from station.safety.running.rule import RuleInfo
from station.safety.running.witness import Witness
from station.safety.sample import Sample

_REMEDY = (
    "the profile moves more than this battery or bench is meant to see: check the capacity and the profile"
)


class Throughput:
    """Totals by the trapezoid rule over all valid samples, and four limits on them: charge in, charge out,
    energy either way, and the difference of the charges, which no battery can hold beyond its capacity."""

    def __init__(self, envelope: Envelope) -> None:
        self._moved = Moved()
        self._charge, self.charge = _bound("charge_max", envelope.charge_max_Ah, "Ah")
        self._discharge, self.discharge = _bound("discharge_max", envelope.discharge_max_Ah, "Ah")
        self._energy, self.energy = _bound("energy_max", envelope.energy_max_Wh, "Wh")
        self._balance, self.balance = _bound("balance_max", envelope.balance_max_Ah, "Ah")

    @property
    def totals(self) -> Totals:
        """What has moved so far."""
        return self._moved.totals

    def carry_on(self, totals: Totals) -> None:
        """Go on from the totals of an earlier part of the same run."""
        self._moved = Moved(totals.copy())

    def played_again(self, before: Totals) -> None:
        """What has moved since ``before`` was for nothing and is done anew: the plan's own share of the
        limits grows by it, nobody else's does."""
        totals = self.totals
        charge_Ah = totals.charge_Ah - before.charge_Ah
        discharge_Ah = totals.discharge_Ah - before.discharge_Ah
        moved_Wh = max(totals.charge_Wh - before.charge_Wh, totals.discharge_Wh - before.discharge_Wh)
        self._charge, self.charge = _grown(self._charge, self.charge, charge_Ah)
        self._discharge, self.discharge = _grown(self._discharge, self.discharge, discharge_Ah)
        self._energy, self.energy = _grown(self._energy, self.energy, moved_Wh)
        self._balance, self.balance = _grown(self._balance, self.balance, max(charge_Ah, discharge_Ah))

    def as_dict(self) -> dict[str, float]:
        """The totals so far."""
        return self.totals.as_dict()

    def check(self, sample: Sample, witness: Witness) -> LimitTripped | None:
        """Add one valid sample and judge."""
        del witness
        assert sample.current_A is not None
        assert sample.voltage_V is not None
        self._moved.add(sample.t_s, sample.voltage_V, sample.current_A)
        totals = self._moved.totals
        if (
            totals.charge_Ah <= self._charge
            and totals.discharge_Ah <= self._discharge
            and totals.charge_Wh <= self._energy
            and totals.discharge_Wh <= self._energy
            and -self._balance <= totals.charge_Ah - totals.discharge_Ah <= self._balance
        ):
            return None
        return self._tripped(sample)

    def _tripped(self, sample: Sample) -> LimitTripped | None:
        totals = self.totals
        energy_Wh = max(totals.charge_Wh, totals.discharge_Wh)
        balance_Ah = abs(totals.charge_Ah - totals.discharge_Ah)
        for info, value, text in (
            (self.charge, totals.charge_Ah, f"{totals.charge_Ah:.4g} Ah have been charged"),
            (self.discharge, totals.discharge_Ah, f"{totals.discharge_Ah:.4g} Ah have been discharged"),
            (self.energy, energy_Wh, f"{energy_Wh:.4g} Wh have been moved one way"),
            (self.balance, balance_Ah, f"{balance_Ah:.4g} Ah more went one way than the other"),
        ):
            if info is not None and info.limit is not None and value > info.limit:
                limit_text = f"{text}, the {info.source} allows {info.limit:.4g} {info.unit}"
                return info.trip(limit_text, sample, value=value)
        return None


def _bound(name: str, limit: Limit | None, unit: str) -> tuple[float, RuleInfo | None]:
    if limit is None:
        return float("inf"), None
    return limit.value, RuleInfo.within(name, limit, unit, _REMEDY)


def _grown(bound: float, info: RuleInfo | None, by: float) -> tuple[float, RuleInfo | None]:
    if info is None or info.source != "plan":
        return bound, info
    return bound + by, replace(info, limit=bound + by)
