"""What each step does, in English. Every entry gets the step and says one sentence without its full stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from profiles.explaining.numbers import current, span, volts

Say = Callable[[Any], str]


def _t(seconds: float) -> str:
    return span(seconds, "en")


def _floor(step: Any) -> str:
    floor = getattr(step, "current_floor_C", None)
    return f" (down to {floor:g} C where the channel cannot do more)" if floor else ""


def _until(step: Any, *, other_end: bool = False) -> str:
    ends = [f"until {' or '.join(step.until)}"] if step.until else []
    if step.charge_max_of_capacity:
        ends.append(f"at most {step.charge_max_of_capacity:.4g} of the capacity")
    ends.append(
        f"at most {_t(step.duration_max_s)}" if ends or other_end else f"for {_t(step.duration_max_s)}"
    )
    return ", ".join(ends) + _must(step)


def _between(step: Any) -> str:
    bounds = [f"at least {step.low:g}"] if step.low is not None else []
    bounds += [f"at most {step.high:g}"] if step.high is not None else []
    return f" ({' and '.join(bounds)})" if bounds else ""


def _must(step: Any) -> str:
    return "; the test ends where this is not reached" if getattr(step, "must_reach", False) else ""


def _way(step: Any) -> str:
    return str(step.direction).capitalize()


def _until_voltage(step: Any) -> str:
    most = f"{_t(step.duration_max_s)} or {step.charge_max_of_capacity:.4g} of the capacity"
    to = volts(step.cell_voltage_V, "en")
    return f"{_way(step)} at {current(step)}{_floor(step)} until a cell reaches {to}, at most {most}{_must(step)}"


def _cccv(step: Any) -> str:
    to = volts(step.cell_voltage_V, "en")
    return (
        f"{_way(step)} at {current(step)}{_floor(step)} to {to} per cell, then hold that voltage until the current "
        f"has fallen to {step.current_end_C:g} C; {_until(step, other_end=True)}"
    )


def _constant_voltage(step: Any) -> str:
    end = f" until the current has fallen to {step.current_end_C:g} C" if step.current_end_C else ""
    return (
        f"Hold {volts(step.cell_voltage_V, 'en')} per cell ({step.direction}, at most {step.current_max_C:g} C){end}; "
        f"{_until(step, other_end=bool(end))}"
    )


def _power(step: Any) -> str:
    power = f"{step.power_W:g} W" if step.power_W else f"{step.cell_power_W_per_Ah:g} W per cell and Ah"
    return f"{_way(step)} at a held {power}, at most {step.current_max_C:g} C; {_until(step)}"


def _train(step: Any) -> str:
    currents = ", ".join(f"{c:g}" for c in step.currents_C)
    return (
        f"For each of {currents} C{_floor(step)}: charge {_t(step.duration_s)}, rest, discharge {_t(step.duration_s)}, "
        f"rest; each rest is {step.rest_factor:g} times the pulse"
    )


def _pair(step: Any) -> str:
    return (
        f"Charge at {current(step)}{_floor(step)} for {_t(step.duration_s)}, rest {_t(step.rest_s)}, discharge the "
        f"same, rest {_t(step.last_rest_s or step.rest_s)}"
    )


def _hppc(step: Any) -> str:
    return (
        f"HPPC block: discharge at {current(step)}{_floor(step)} for {_t(step.discharge_s)}, rest {_t(step.between_s)}, "
        f"charge at {step.charge_share:g} of that current for {_t(step.charge_s)}, rest {_t(step.rest_s)}"
    )


def _capacity(step: Any) -> str:
    to, down = volts(step.charge_to_V, "en"), volts(step.discharge_to_V, "en")
    agree = (
        f"until {step.agree} discharges in a row agree within {step.agree_within:.2%} of the nominal capacity, "
        if step.agree > 1
        else ""
    )
    return (
        f"Capacity: charge at {step.charge_C:g} C to {to} and down to {step.charge_end_C:g} C, rest "
        f"{_t(step.rest_s)}, discharge at {step.discharge_C:g} C to {down}, rest; {agree}at most "
        f"{step.cycles_max} times"
        + ("; the test ends where they do not agree" if step.must_agree and step.agree > 1 else "")
    )


def _adaptive(step: Any) -> str:
    goals = []
    if step.goal.inside_grade:
        goals.append("SOH lies inside one grade")
    if step.goal.half_width_points is not None:
        goals.append(f"half of the SOH interval is below {step.goal.half_width_points:g} points")
    return (
        f"Adaptive: decide on the way what to measure next, until {' or '.join(goals)}; at most {_t(step.budget_s)}, "
        f"{step.charge_max_C:g} C charge, {step.discharge_max_C:g} C discharge, {step.soc_shift_max:.0%} of SOC away"
    )


SAY: dict[str, Say] = {
    "rest": lambda s: f"Rest {_t(s.duration_s)}",
    "ocv_check": lambda s: (
        f"Watch the open-circuit voltage for {_t(s.duration_s)}; the test ends where it drifts by more than "
        f"{s.drift_max_mV_per_min:g} mV a minute per cell"
    ),
    "ocv_wait": lambda s: (
        f"Wait at zero current until the voltage drifts by less than {s.drift_max_mV_per_min:g} mV a minute per cell, "
        f"{_t(s.duration_min_s)} at least, {_t(s.duration_max_s)} at most{_must(s)}"
    ),
    "contact_check": lambda s: (
        f"Contact check: discharge at {current(s)} for {_t(s.duration_s)}, rest {_t(s.rest_s)}; the test ends where "
        "leads or resistance are not plausible"
    ),
    "pulse": lambda s: (
        f"{_way(s)} pulse of {current(s)}{_floor(s)} for {_t(s.duration_s)}, then rest {_t(s.rest_s)}"
    ),
    "pulse_pair": _pair,
    "pulse_train": _train,
    "hppc_block": _hppc,
    "constant_current_until": _until_voltage,
    "constant_current": lambda s: (
        f"{_way(s)} at {current(s)}{_floor(s)}{',' if s.charge_max_of_capacity and not s.until else ''} {_until(s)}"
    ),
    "constant_voltage": _constant_voltage,
    "cccv": _cccv,
    "constant_power": _power,
    "constant_resistance": lambda s: (
        f"Discharge through {s.resistance_ohm:g} ohm, at most {s.current_max_C:g} C; {_until(s)}"
    ),
    "ramp": lambda s: (
        f"Ramp from {s.from_C:g} C to {s.to_C:g} C in {_t(s.duration_s)}, in stairs of {_t(s.hold_s)}"
    ),
    "current_table": lambda s: (
        f"Play {len(s.rows)} currents from {s.file or 'a table'}, scaled by {s.scale:g}"
    ),
    "multi_sine": lambda s: (
        f"Excite with {len(s.harmonics)} sines together up to {s.current_C:g} C, base {s.base_Hz:g} Hz, "
        f"{s.periods} period(s), then rest {_t(s.rest_s)}"
    ),
    "prbs": lambda s: (
        f"Excite with a pseudo-random sequence of ±{current(s)}, {2**s.order - 1} bits of {_t(s.bit_s)}, {s.periods} time(s), "
        f"then rest {_t(s.rest_s)}"
    ),
    "wait_temperature": lambda s: (
        f"Wait until the surface has been between {s.low_degC:g} and {s.high_degC:g} °C for {_t(s.stable_s)}, at most "
        f"{_t(s.duration_max_s)}{_must(s)}"
    ),
    "prompt": lambda s: (
        f"Ask the operator: “{s.text.en}”"
        + (f" and keep the number{_between(s)} as {s.name}" if s.name else "")
        + f"; without an answer within {_t(s.timeout_s)} "
        + ("the test ends" if s.default is None else f"{s.default:g} is taken")
    ),
    "bms_request": lambda s: (
        f"Ask the BMS for {s.signal}{_between(s)} and keep it as {s.name}; the test ends where it does not come or lies outside"
    ),
    "set": lambda s: f"Keep {s.value} as {s.name}",
    "repeat": lambda s: f"{s.times} times:",
    "loop": lambda s: f"{s.times} times:",
    "repeat_until": lambda s: f"Until {s.condition}, at most {s.times_max} times{_must(s)}:",
    "if": lambda s: f"If {s.condition}:",
    "call": lambda s: (
        f"The profile {s.profile}"
        + (f" with {', '.join(f'{k} = {v:g}' for k, v in s.parameters.items())}:" if s.parameters else ":")
    ),
    "capacity_test": _capacity,
    "adaptive": _adaptive,
}
HEAD = "{title}. {count} steps, at most {longest}; edges: {timing}; {sampling:g} samples a second."
TIMING = {
    "sequenced": "by the instrument",
    "commanded": "by the station",
    "best": "by whoever does it best",
}
MOVES = "For a battery of {capacity:g} Ah: at most {charge:.3g} Ah charged, {discharge:.3g} Ah discharged, largest current {largest:.3g} A."
ELSE = "Otherwise:"
UNKNOWN = "{kind}: {fields}"
