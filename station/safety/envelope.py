"""The envelope: every limit of a test, tightest of all who have a say, checked on every sample."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import MISSING, dataclass, fields

from station.errors import LimitTripped, UsageError
from station.safety.chemistry import ChemistryLimits, temperature_defaults_degC
from station.safety.sample import Sample, is_reading

CURRENT_TOLERANCE = 0.02
CURRENT_TOLERANCE_A = 0.1
"""Measured current and power may exceed what may be commanded by this much (noise, calibration)."""


@dataclass(frozen=True)
class Limit:
    """A value and whose it is: ``chemistry``, ``battery``, ``bench``, ``profile``, ``instrument``, ``plan``,
    or ``station`` where the program itself knows no reason for more."""

    value: float
    source: str


@dataclass(frozen=True)
class EnvelopePart:
    """What one party demands; None where it has no say. Magnitudes for current and power."""

    source: str
    voltage_min_V: float | None = None
    voltage_max_V: float | None = None
    cell_voltage_min_V: float | None = None
    cell_voltage_max_V: float | None = None
    charge_current_max_A: float | None = None
    discharge_current_max_A: float | None = None
    power_max_W: float | None = None
    temperature_min_degC: float | None = None
    temperature_max_degC: float | None = None
    temperature_rate_max_K_per_min: float | None = None
    charge_max_Ah: float | None = None
    discharge_max_Ah: float | None = None
    balance_max_Ah: float | None = None
    energy_max_Wh: float | None = None
    cell_spread_max_V: float | None = None
    cell_temperature_spread_max_K: float | None = None


@dataclass(frozen=True)
class Envelope:
    """The merged limits. Nothing outside this is ever commanded, and a sample outside it ends the test.

    Charge and energy count from the start of the run, charge in and out apart; ``balance_max_Ah`` bounds
    their difference and ``energy_max_Wh`` each direction. None: nobody bounds it.
    """

    voltage_min_V: Limit
    voltage_max_V: Limit
    cell_voltage_min_V: Limit
    cell_voltage_max_V: Limit
    charge_current_max_A: Limit
    discharge_current_max_A: Limit
    power_max_W: Limit
    temperature_min_degC: Limit
    temperature_max_degC: Limit
    temperature_rate_max_K_per_min: Limit
    cell_spread_max_V: Limit
    cell_temperature_spread_max_K: Limit
    charge_max_Ah: Limit | None = None
    discharge_max_Ah: Limit | None = None
    balance_max_Ah: Limit | None = None
    energy_max_Wh: Limit | None = None

    def as_dict(self) -> dict[str, dict[str, float | str]]:
        """Plain data for the journal."""
        return {
            field.name: {"value": limit.value, "source": limit.source}
            for field in fields(self)
            for limit in [getattr(self, field.name)]
            if limit is not None
        }

    def check(self, sample: Sample) -> LimitTripped | None:
        """What ``sample`` breaks, or None. A missing voltage or current breaks the envelope."""
        voltage_V, current_A = sample.voltage_V, sample.current_A
        if voltage_V is None or current_A is None or not is_reading(voltage_V) or not is_reading(current_A):
            return _no_reading(sample)
        if voltage_V > self.voltage_max_V.value:
            return _tripped("voltage_max", voltage_V, self.voltage_max_V, "V", sample)
        if voltage_V < self.voltage_min_V.value:
            return _tripped("voltage_min", voltage_V, self.voltage_min_V, "V", sample)
        limit = self.charge_current_max_A if current_A > 0 else self.discharge_current_max_A
        if abs(current_A) > limit.value * (1 + CURRENT_TOLERANCE) + CURRENT_TOLERANCE_A:
            rule = "charge_current_max" if current_A > 0 else "discharge_current_max"
            return _tripped(rule, abs(current_A), limit, "A", sample)
        power_W = abs(voltage_V * current_A)
        if power_W > self.power_max_W.value * (1 + CURRENT_TOLERANCE) + abs(voltage_V) * CURRENT_TOLERANCE_A:
            return _tripped("power_max", power_W, self.power_max_W, "W", sample)
        return self.check_temperature(sample.surface_degC, sample)

    def check_temperature(
        self, value_degC: float | None, sample: Sample | None = None
    ) -> LimitTripped | None:
        """What a battery temperature breaks. None is not judged here: sensor ages are watched elsewhere."""
        if value_degC is None:
            return None
        if not is_reading(value_degC):
            return _no_reading(sample)
        if value_degC > self.temperature_max_degC.value:
            return _tripped("temperature_max", value_degC, self.temperature_max_degC, "°C", sample)
        if value_degC < self.temperature_min_degC.value:
            return _tripped("temperature_min", value_degC, self.temperature_min_degC, "°C", sample)
        return None

    def check_cells(self, voltages_V: Sequence[float | None]) -> LimitTripped | None:
        """What the single cells of a module or pack break; a missing cell is not judged here."""
        for number, voltage_V in enumerate(voltages_V, start=1):
            if voltage_V is None or not is_reading(voltage_V):
                continue
            limit, rule = None, ""
            if voltage_V > self.cell_voltage_max_V.value:
                limit, rule = self.cell_voltage_max_V, "cell_voltage_max"
            elif voltage_V < self.cell_voltage_min_V.value:
                limit, rule = self.cell_voltage_min_V, "cell_voltage_min"
            if limit is not None:
                error = _tripped(rule, voltage_V, limit, "V", None)
                error.params["cell"] = number
                return error
        return None


STATION = EnvelopePart(
    "station",
    temperature_rate_max_K_per_min=6.0,
    cell_spread_max_V=0.5,
    cell_temperature_spread_max_K=10.0,
)
"""Has a say in every envelope. The rate and the spread of temperatures are the early signs of a thermal
runaway by usual practice, the spread of the cells is an engineering choice; none is verified."""


def build_envelope(parts: Iterable[EnvelopePart], *, series_cells: int = 1) -> Envelope:
    """Merge: the tightest of each limit wins and keeps its source.

    Cell voltage limits also bound the terminals, times ``series_cells``, and where only
    terminal limits exist they bound the cells. Raises UsageError when nobody bounds
    something or the limits leave no room.
    """
    low: dict[str, Limit] = {}
    for part in (*parts, STATION):
        for field in fields(EnvelopePart):
            value = None if field.name == "source" else getattr(part, field.name)
            if value is None:
                continue
            _tighten(low, field.name, Limit(float(value), part.source))
            if field.name.startswith("cell_voltage_"):
                _tighten(
                    low, field.name.removeprefix("cell_"), Limit(float(value) * series_cells, part.source)
                )
    for name in ("voltage_min_V", "voltage_max_V"):
        if name in low and f"cell_{name}" not in low:
            low[f"cell_{name}"] = Limit(low[name].value / series_cells, low[name].source)
    missing = [field.name for field in fields(Envelope) if field.name not in low and field.default is MISSING]
    if missing:
        raise UsageError(
            f"nobody limits {', '.join(missing)}",
            remedy="add it to the channel's limits",
            code="safety.no_limit",
        )
    envelope = Envelope(**low)
    for below, above in (
        ("voltage_min_V", "voltage_max_V"),
        ("cell_voltage_min_V", "cell_voltage_max_V"),
        ("temperature_min_degC", "temperature_max_degC"),
    ):
        first, second = getattr(envelope, below), getattr(envelope, above)
        if first.value >= second.value:
            raise UsageError(
                f"{below} {first.value:g} ({first.source}) >= {above} {second.value:g} ({second.source})",
                remedy="this battery does not belong on this channel, or one of the two limits is wrong",
                code="safety.empty_envelope",
                below=below,
                above=above,
            )
    return envelope


def chemistry_part(limits: ChemistryLimits) -> EnvelopePart:
    """What the chemistry demands: protection voltages per cell and the temperatures of charging."""
    temperatures = temperature_defaults_degC()
    return EnvelopePart(
        "chemistry",
        cell_voltage_min_V=limits.protection_min_V,
        cell_voltage_max_V=limits.protection_max_V,
        temperature_min_degC=temperatures["charge_min"],
        temperature_max_degC=temperatures["stop_surface"],
    )


PLAN_SHARE = 1.1
PLAN_CAPACITIES = 0.05
ZERO_SHARE = 0.001
"""What a plan asks for may be exceeded by 10 %, a twentieth of the capacity (groups that are made again,
edges between two samples) and what an offset at zero of 0.1 A or 0.1 % of the range adds up to."""
BATTERY_CAPACITIES = 1.1


def plan_part(
    segments: Sequence[tuple[float, float]],
    *,
    nominal_capacity_Ah: float,
    voltage_max_V: float,
    range_A: float,
) -> EnvelopePart:
    """What the plan never asks for is never allowed: its largest currents, its charge and its energy.

    ``segments`` are currents in A and durations in s.
    """
    zero_Ah = max(0.1, ZERO_SHARE * range_A) * sum(s for _, s in segments) / 3600
    room_Ah = PLAN_CAPACITIES * nominal_capacity_Ah + zero_Ah
    charge_Ah = PLAN_SHARE * sum(a * s for a, s in segments if a > 0) / 3600 + room_Ah
    discharge_Ah = PLAN_SHARE * -sum(a * s for a, s in segments if a < 0) / 3600 + room_Ah
    return EnvelopePart(
        "plan",
        charge_current_max_A=max([0.0, *(a for a, _ in segments)]),
        discharge_current_max_A=max([0.0, *(-a for a, _ in segments)]),
        charge_max_Ah=charge_Ah,
        discharge_max_Ah=discharge_Ah,
        energy_max_Wh=max(charge_Ah, discharge_Ah) * voltage_max_V,
    )


def battery_part(nominal_capacity_Ah: float) -> EnvelopePart:
    """No battery takes or gives more than it can hold; a new one holds a little more than its label says."""
    return EnvelopePart("battery", balance_max_Ah=BATTERY_CAPACITIES * nominal_capacity_Ah)


def _tighten(merged: dict[str, Limit], name: str, limit: Limit) -> None:
    old = merged.get(name)
    tighter = old is None or (limit.value > old.value if "_min_" in name else limit.value < old.value)
    if tighter:
        merged[name] = limit


_REMEDIES = {
    "voltage_max": "let the battery rest, discharge it a little, or use a profile with smaller currents",
    "voltage_min": "charge the battery a little, or use a profile with smaller currents",
    "cell_voltage_max": "one cell is far from the others: inspect the module",
    "cell_voltage_min": "one cell is far from the others: inspect the module",
    "temperature_max": "let the battery cool down and watch it; do not touch it while it is getting warmer",
    "temperature_min": "let the battery warm up to room temperature",
}


def _tripped(rule: str, value: float, limit: Limit, unit: str, sample: Sample | None) -> LimitTripped:
    side = "below" if "_min" in rule else "above"
    where = {} if sample is None else {"t_s": round(sample.t_s, 4), "segment": sample.segment}
    return LimitTripped(
        f"{rule}: {value:.4g} {unit} is {side} {limit.value:.4g} {unit}, the limit of the {limit.source}",
        remedy=_REMEDIES.get(rule, "find out why before the next test"),
        code=f"safety.{rule}",
        rule=rule,
        value=value,
        limit=limit.value,
        unit=unit,
        source=limit.source,
        **where,
    )


def _no_reading(sample: Sample | None) -> LimitTripped:
    where = {} if sample is None else {"t_s": round(sample.t_s, 4), "segment": sample.segment}
    return LimitTripped(
        "the instrument gave no valid reading",
        remedy="check sense leads and wiring; the station never drives a battery it cannot see",
        code="safety.no_reading",
        rule="no_reading",
        value=None,
        limit=None,
        **where,
    )
