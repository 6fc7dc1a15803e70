"""What a battery can deliver and take: HPPC power capability, and the two-step DC resistance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from station.diagnosis.pulses.results import Block, Pulse, time_key

#: Durations that standards and data sheets ask for, in s (HPPC 10, VDA and ISO 12405-4 18, EV manual 30).
STANDARD_TIMES_S = (0.1, 1.0, 2.0, 5.0, 10.0, 18.0, 30.0)
#: Two levels follow each other "at once" when no more than this lies between them, in s.
AT_ONCE_S = 0.5
#: The second level of a two-step measurement is at least this much larger than the first.
STEP_RATIO = 2.0


@dataclass(frozen=True)
class PowerCapability:
    """Resistance and power at one pulse length and one SOC; None where no pulse can tell."""

    time_s: float
    ocv_V: float
    discharge_resistance_ohm: float | None
    charge_resistance_ohm: float | None
    discharge_power_W: float | None
    charge_power_W: float | None
    discharge_current_A: float | None
    """Current of the pulse that the discharge value comes from, negative; likewise for charge, positive."""
    charge_current_A: float | None


@dataclass(frozen=True)
class TwoStep:
    """R = (V₁ − V₂) / (I₂ − I₁) with the end voltages of two discharge levels that follow at once."""

    resistance_ohm: float
    first_current_A: float
    second_current_A: float
    first_s: float
    second_s: float


def power_capability(
    block: Block,
    *,
    voltage_min_V: float,
    voltage_max_V: float,
    times_s: Sequence[float] = STANDARD_TIMES_S,
) -> list[PowerCapability]:
    """HPPC power of one block at each of ``times_s`` that one of its pulses reaches.

    P_discharge = Vmin · (OCV − Vmin) / R_discharge, P_charge = Vmax · (Vmax − OCV) / R_charge (the usual form
    of the USABC manuals). The resistances are those of the largest pulse of each direction that has one; the
    pulses must have been analysed with these times. A limit that the OCV is already beyond gives 0 W.
    A block without an OCV gives nothing. Limits in V at the same terminals as the record's voltage.
    """
    if voltage_min_V >= voltage_max_V:
        raise ValueError(f"voltage_min_V {voltage_min_V:g} is not below voltage_max_V {voltage_max_V:g}")
    if block.ocv_V is None:
        return []
    found = []
    for time_s in times_s:
        discharge = _largest(block.pulses, time_s, sign=-1)
        charge = _largest(block.pulses, time_s, sign=1)
        if discharge is None and charge is None:
            continue
        out_ohm = None if discharge is None else discharge.resistance(time_s)
        in_ohm = None if charge is None else charge.resistance(time_s)
        found.append(
            PowerCapability(
                time_s,
                block.ocv_V,
                out_ohm,
                in_ohm,
                None if out_ohm is None else voltage_min_V * max(block.ocv_V - voltage_min_V, 0.0) / out_ohm,
                None if in_ohm is None else voltage_max_V * max(voltage_max_V - block.ocv_V, 0.0) / in_ohm,
                None if discharge is None else discharge.current_A,
                None if charge is None else charge.current_A,
            )
        )
    return found


def _largest(pulses: Sequence[Pulse], time_s: float, *, sign: int) -> Pulse | None:
    """The pulse of the largest current in that direction, started from rest, that knows R at ``time_s``."""
    able = [
        pulse
        for pulse in pulses
        if pulse.current_A * sign > 0
        and pulse.after_rest
        and (pulse.resistance_ohm.get(time_key(time_s)) or 0.0) > 0.0
    ]
    return max(able, key=lambda pulse: abs(pulse.current_A), default=None)


def two_step_resistance(block: Block) -> TwoStep | None:
    """The DC resistance by two discharge levels (the principle of IEC 61960: 0.2 It 10 s, then 1 It 1 s).

    None when the block holds no discharge level that a clearly larger one follows at once. The first such
    pair counts. How fast the instrument switches between the levels goes into the value.
    """
    for first, second in pairwise(block.pulses):
        gap_s = second.start_s - first.start_s - first.duration_s
        larger = abs(second.current_A) >= STEP_RATIO * abs(first.current_A)
        if first.current_A < 0 and second.current_A < 0 and not second.after_rest and larger:
            if gap_s > AT_ONCE_S:
                continue
            return TwoStep(
                (first.end_voltage_V - second.end_voltage_V) / (first.current_A - second.current_A),
                first.current_A,
                second.current_A,
                first.duration_s,
                second.duration_s,
            )
    return None
