"""From each kind of step to segments; steps that hold others are in ``lowering_flow``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from profiles.building import Builder, part
from profiles.open_step import OpenStep
from profiles.segment import Act, Control, End, Segment, SegmentRole, Until
from profiles.steps import (
    Adaptive,
    BmsRequest,
    CcCv,
    ConstantCurrent,
    ConstantCurrentUntil,
    ConstantPower,
    ConstantResistance,
    ConstantVoltage,
    ContactCheck,
    HppcBlock,
    OcvCheck,
    OcvWait,
    Prompt,
    Pulse,
    PulsePair,
    PulseTrain,
    Rest,
    SetValue,
    WaitTemperature,
)

_R = SegmentRole


def rest(to: Builder, step: Rest) -> None:
    """Zero current."""
    to.add([part(_R.REST, 0.0, step.duration_s)])


def ocv_check(to: Builder, step: OcvCheck) -> None:
    """Zero current, with a judgement at its end."""
    to.add([part(_R.OCV_CHECK, 0.0, step.duration_s, drift=step.drift_max_mV_per_min)])


def contact_check(to: Builder, step: ContactCheck) -> None:
    """Discharge first: a small discharge is harmless to a full and to an unknown cell alike."""
    current_A = to.allowed_A(step.current_C)
    to.add([part(_R.CONTACT_PULSE, -current_A, step.duration_s), part(_R.REST, 0.0, step.rest_s)])


def pulse_pair(to: Builder, step: PulsePair) -> None:
    """Charge first, then discharge."""
    current_A = to.allowed_A(step.current_C, step.current_floor_C)
    to.add(_pair(current_A, step.duration_s, step.rest_s, step.last_rest_s or step.rest_s))


def pulse_train(to: Builder, step: PulseTrain) -> None:
    """A group for each pair."""
    rest_s = step.duration_s * step.rest_factor
    for current_C in step.currents_C:
        to.add(_pair(to.allowed_A(current_C, step.current_floor_C), step.duration_s, rest_s, rest_s))


def _pair(current_A: float, duration_s: float, rest_s: float, last_rest_s: float) -> list[Segment]:
    return [
        part(_R.CHARGE_PULSE, current_A, duration_s),
        part(_R.REST, 0.0, rest_s),
        part(_R.DISCHARGE_PULSE, -current_A, duration_s),
        part(_R.REST, 0.0, last_rest_s),
    ]


def pulse(to: Builder, step: Pulse) -> None:
    """One pulse and its rest."""
    current_A = to.allowed_A(step.current_C, step.current_floor_C, step.direction)
    role = _R.CHARGE_PULSE if step.direction == "charge" else _R.DISCHARGE_PULSE
    to.add([part(role, _signed(step, current_A), step.duration_s), part(_R.REST, 0.0, step.rest_s)])


def hppc_block(to: Builder, step: HppcBlock) -> None:
    """Where the discharge has to be smaller the charge follows it."""
    current_A = to.allowed_A(step.current_C, step.current_floor_C, "discharge")
    charge_A = step.charge_share * current_A
    to.allowed_A(charge_A / to.capacity_Ah, None, "charge")
    to.add(
        [
            part(_R.DISCHARGE_PULSE, -current_A, step.discharge_s),
            part(_R.REST, 0.0, step.between_s),
            part(_R.CHARGE_PULSE, charge_A, step.charge_s),
            part(_R.REST, 0.0, step.rest_s),
        ]
    )


def current_until(to: Builder, step: ConstantCurrentUntil) -> None:
    """Until a voltage."""
    current_A = to.allowed_A(step.current_C, step.current_floor_C)
    end = End(step.cell_voltage_V, step.charge_max_of_capacity * to.capacity_Ah, step.must_reach)
    to.add([part(_R.CONSTANT_CURRENT, _signed(step, current_A), step.duration_max_s, end=end)])


def constant_current(to: Builder, step: ConstantCurrent) -> None:
    """With nothing to end it, an ordinary segment that an instrument's own program may hold."""
    current_C = step.current_C if step.current_C is not None else (step.current_A or 0.0) / to.capacity_Ah
    current_A = to.allowed_A(current_C, step.current_floor_C, step.direction)
    until = _until(to, step) if step.until or step.charge_max_of_capacity else None
    to.add([part(_R.CONSTANT_CURRENT, _signed(step, current_A), step.duration_max_s, until=until)])


def constant_voltage(to: Builder, step: ConstantVoltage) -> None:
    """Feels its way up to the voltage."""
    control = Control("voltage", cell_V=step.cell_voltage_V, end_A=_amps(to, step.current_end_C))
    _held(to, step, _R.CONSTANT_VOLTAGE, control, step.direction)


def cccv(to: Builder, step: CcCv) -> None:
    """The same, begun with the full current."""
    end_A = step.current_end_C * to.capacity_Ah
    control = Control("voltage", cell_V=step.cell_voltage_V, end_A=end_A, from_full=True)
    current_A = to.allowed_A(step.current_C, step.current_floor_C, step.direction)
    if current_A <= end_A:
        raise to.refused(
            f"the {current_A:.3g} A allowed here are no more than the {end_A:.3g} A at which it is to end",
            "use a channel with a larger limit, or a smaller current_end_C",
            "profile.beyond_limits",
        )
    to.add(
        [
            part(
                _R.CONSTANT_VOLTAGE, _signed(step, current_A), step.duration_max_s,
                control=control, until=_until(to, step),
            )
        ]
    )  # fmt: skip


def constant_power(to: Builder, step: ConstantPower) -> None:
    """The power of the whole battery; how many cells it has is known to the station, not to the plan."""
    if step.power_W is not None:
        control = Control("power", target=step.power_W)
    else:
        control = Control("cell_power", target=(step.cell_power_W_per_Ah or 0.0) * to.capacity_Ah)
    _held(to, step, _R.CONSTANT_POWER, control, step.direction)


def constant_resistance(to: Builder, step: ConstantResistance) -> None:
    """A load."""
    _held(to, step, _R.CONSTANT_RESISTANCE, Control("resistance", target=step.resistance_ohm), "discharge")


def _held(to: Builder, step: Any, role: SegmentRole, control: Control, direction: Any) -> None:
    current_A = to.allowed_A(step.current_max_C, None, direction)
    signed_A = current_A if direction == "charge" else -current_A
    to.add([part(role, signed_A, step.duration_max_s, control=control, until=_until(to, step))])


def _until(to: Builder, step: Any) -> Until:
    return Until(
        conditions=tuple(step.until),
        charge_Ah=_amps(to, step.charge_max_of_capacity),
        must_reach=step.must_reach,
    )


def _amps(to: Builder, share: float | None) -> float | None:
    return None if share is None else share * to.capacity_Ah


def _signed(step: Any, current_A: float) -> float:
    return current_A if step.direction == "charge" else -current_A


def ocv_wait(to: Builder, step: OcvWait) -> None:
    """A rest until the drift is small."""
    drift = f"abs(drift_mV_per_min) <= {step.drift_max_mV_per_min!r}"
    until = Until((drift,), least_s=step.duration_min_s, must_reach=step.must_reach)
    to.add([part(_R.WAIT, 0.0, step.duration_max_s, until=until)])


def wait_temperature(to: Builder, step: WaitTemperature) -> None:
    """A rest until the surface has been inside the band."""
    inside = f"surface_degC >= {step.low_degC!r} and surface_degC <= {step.high_degC!r}"
    inside = inside.replace(">= -", ">= 0 degC - ").replace("<= -", "<= 0 degC - ")
    until = Until((inside,), steady_s=step.stable_s, must_reach=step.must_reach)
    to.add([part(_R.WAIT, 0.0, step.duration_max_s, until=until)])


def prompt(to: Builder, step: Prompt) -> None:
    """A rest until somebody answers."""
    facts = step.model_dump(mode="json", exclude={"step", "record", "timeout_s"})
    to.add([part(_R.WAIT, 0.0, step.timeout_s, act=Act("prompt", {**facts, "timeout_s": step.timeout_s}))])


def bms_request(to: Builder, step: BmsRequest) -> None:
    """A rest until the BMS has told a fresh value."""
    facts = step.model_dump(mode="json", exclude={"step", "record"})
    to.add([part(_R.WAIT, 0.0, step.timeout_s, act=Act("bms", facts))])


def set_value(to: Builder, step: SetValue) -> None:
    """Nothing is played."""
    to.junction("set", step.value, name=step.name)


def adaptive(to: Builder, step: Adaptive) -> None:
    """Currents lowered to what is allowed here: what is decided later has to fit, not the other way round."""
    capacity_Ah, own = to.capacity_Ah, to.profile.limits.current_max_C
    most_A = float("inf") if own is None else own * capacity_Ah
    charge_max_A = min(step.charge_max_C * capacity_Ah, most_A)
    discharge_max_A = min(step.discharge_max_C * capacity_Ah, most_A)
    if to.limits is not None:
        charge_max_A = min(charge_max_A, to.limits.charge_max_A)
        discharge_max_A = min(discharge_max_A, to.limits.discharge_max_A)
    points = step.goal.half_width_points
    to.opened.append(
        OpenStep(
            step=to.number,
            group=to.group,
            inside_grade=step.goal.inside_grade,
            half_width=None if points is None else points / 100,
            budget_s=step.budget_s,
            kinds=step.kinds,
            charge_max_A=charge_max_A,
            discharge_max_A=discharge_max_A,
            soc_shift_max_Ah=step.soc_shift_max * capacity_Ah,
            throughput_max_Ah=step.throughput_max * capacity_Ah,
            rest_factor=step.rest_factor,
            shift_rest_s=step.shift_rest_s,
            answer_timeout_s=step.answer_timeout_s,
        )
    )
    to.group += 1


LOWERED: dict[type, Callable[[Builder, Any], None]] = {
    Rest: rest,
    OcvCheck: ocv_check,
    ContactCheck: contact_check,
    PulsePair: pulse_pair,
    PulseTrain: pulse_train,
    Pulse: pulse,
    HppcBlock: hppc_block,
    ConstantCurrentUntil: current_until,
    ConstantCurrent: constant_current,
    ConstantVoltage: constant_voltage,
    CcCv: cccv,
    ConstantPower: constant_power,
    ConstantResistance: constant_resistance,
    OcvWait: ocv_wait,
    WaitTemperature: wait_temperature,
    Prompt: prompt,
    BmsRequest: bms_request,
    SetValue: set_value,
    Adaptive: adaptive,
}
"""How each of the steps that hold no others becomes segments."""
