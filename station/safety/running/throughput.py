"""Charge and energy that went in and out, and their limits."""

from __future__ import annotations

from dataclasses import replace

from station.errors import LimitTripped
from station.safety.envelope import Envelope, Limit
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
        self.charge_Ah = self.discharge_Ah = self.charge_Wh = self.discharge_Wh = 0.0
        self._t_s: float | None = None
        self._current_A = self._power_W = 0.0
        self._charge, self.charge = _bound("charge_max", envelope.charge_max_Ah, "Ah")
        self._discharge, self.discharge = _bound("discharge_max", envelope.discharge_max_Ah, "Ah")
        self._energy, self.energy = _bound("energy_max", envelope.energy_max_Wh, "Wh")
        self._balance, self.balance = _bound("balance_max", envelope.balance_max_Ah, "Ah")

    def carry_on(
        self, charge_Ah: float, discharge_Ah: float, charge_Wh: float = 0.0, discharge_Wh: float = 0.0
    ) -> None:
        """Go on from the totals of an earlier part of the same run."""
        self.charge_Ah, self.discharge_Ah = charge_Ah, discharge_Ah
        self.charge_Wh, self.discharge_Wh = charge_Wh, discharge_Wh

    def played_again(self, before: dict[str, float]) -> None:
        """What has moved since ``before`` was for nothing and is done anew: the plan's own share of the
        limits grows by it, nobody else's does."""
        charge_Ah, discharge_Ah = (
            self.charge_Ah - before["charge_Ah"],
            self.discharge_Ah - before["discharge_Ah"],
        )
        self._charge, self.charge = _grown(self._charge, self.charge, charge_Ah)
        self._discharge, self.discharge = _grown(self._discharge, self.discharge, discharge_Ah)
        moved_Wh = max(self.charge_Wh - before["charge_Wh"], self.discharge_Wh - before["discharge_Wh"])
        self._energy, self.energy = _grown(self._energy, self.energy, moved_Wh)
        self._balance, self.balance = _grown(self._balance, self.balance, max(charge_Ah, discharge_Ah))

    def as_dict(self) -> dict[str, float]:
        """The totals so far."""
        return {
            "charge_Ah": self.charge_Ah,
            "discharge_Ah": self.discharge_Ah,
            "charge_Wh": self.charge_Wh,
            "discharge_Wh": self.discharge_Wh,
        }

    def check(self, sample: Sample, witness: Witness) -> LimitTripped | None:
        """Add one valid sample and judge."""
        del witness
        t_s, current_A = sample.t_s, sample.current_A
        assert current_A is not None
        assert sample.voltage_V is not None
        power_W = sample.voltage_V * current_A
        last_s = self._t_s
        if last_s is not None and t_s > last_s:
            half_h = (t_s - last_s) / 7200
            moved_Ah = (self._current_A + current_A) * half_h
            moved_Wh = (self._power_W + power_W) * half_h
            if moved_Ah >= 0:
                self.charge_Ah += moved_Ah
                self.charge_Wh += abs(moved_Wh)
            else:
                self.discharge_Ah -= moved_Ah
                self.discharge_Wh += abs(moved_Wh)
        if last_s is None or t_s > last_s:
            self._t_s, self._current_A, self._power_W = t_s, current_A, power_W
        if (
            self.charge_Ah <= self._charge
            and self.discharge_Ah <= self._discharge
            and self.charge_Wh <= self._energy
            and self.discharge_Wh <= self._energy
            and -self._balance <= self.charge_Ah - self.discharge_Ah <= self._balance
        ):
            return None
        return self._tripped(sample)

    def _tripped(self, sample: Sample) -> LimitTripped | None:
        energy_Wh = max(self.charge_Wh, self.discharge_Wh)
        balance_Ah = abs(self.charge_Ah - self.discharge_Ah)
        for info, value, text in (
            (self.charge, self.charge_Ah, f"{self.charge_Ah:.4g} Ah have been charged"),
            (self.discharge, self.discharge_Ah, f"{self.discharge_Ah:.4g} Ah have been discharged"),
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
