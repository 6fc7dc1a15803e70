"""Builds the SM15K's sequencer program from current steps: plain text words, no link.

Step words (Delta Elektronika, sequencer programming manual SM15K, July 2021):
SV, SC, SP set voltage, current, power; SCN, SPN the negative current and power;
W waits 0.001 to 65535 s; END ends. Inside a program SP and SPN start at 0, so
they are set first. Negative setpoints carry a minus sign, as in
``SOURce:CURrent:NEGative``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from drivers.contracts.power import Protection, SequenceStep
from drivers.errors import OutOfRange

_STEP_NUMBER = re.compile(r"^[0-9]+[\s,]+")
PROGRAM_NAME = "PULSE"
WORDS_MAX = 2000
_WAIT_MIN_S = 0.001
_WAIT_MAX_S = 65535.0
_HEAD = 5
_TAIL = 3
_WORDS_PER_STEP = 4
STEPS_MAX = (WORDS_MAX - _HEAD - _TAIL) // _WORDS_PER_STEP


def number(value: float) -> str:
    """Write a setpoint the way the instrument answers it: four decimals, no negative zero."""
    return f"{round(value, 4) + 0.0:.4f}"


def setpoint_order(current_A: float, protection: Protection) -> tuple[tuple[str, float], ...]:
    """Get the setpoints for a signed current, in the order in which they are safe to write.

    The opposite direction goes to zero first, then the voltage the regulator
    heads for, then the current. ``V``, ``I``, ``N`` stand for voltage, positive
    and negative current.
    """
    if current_A > 0:
        return (("N", 0.0), ("V", protection.voltage_max_V), ("I", current_A))
    if current_A < 0:
        return (("I", 0.0), ("V", protection.voltage_min_V), ("N", current_A))
    return (("I", 0.0), ("N", 0.0))


_WORD = {"V": "SV", "I": "SC", "N": "SCN"}


def build_program(steps: Sequence[SequenceStep], protection: Protection, address: str) -> list[str]:
    """Build the words of a program that plays ``steps`` once and ends at zero current.

    Raises OutOfRange for durations the sequencer cannot keep and for too many steps.
    """
    if not 1 <= len(steps) <= STEPS_MAX:
        raise OutOfRange(
            f"{address}: a sequence of {len(steps)} steps; the sequencer takes 1 to {STEPS_MAX}",
            remedy="Split the profile into shorter trains.",
            address=address,
            value=len(steps),
        )
    words = [
        "SC=0.0000",
        "SCN=0.0000",
        f"SV={number(protection.voltage_max_V)}",
        f"SP={number(protection.charge_power_max_W)}",
        f"SPN={number(-protection.discharge_power_max_W)}",
    ]
    for step in steps:
        words += [
            f"{_WORD[key]}={number(value)}" for key, value in setpoint_order(step.current_A, protection)
        ]
        words.append(f"W={_wait(step.duration_s, address)}")
    return [*words, "SC=0.0000", "SCN=0.0000", "END"]


def _wait(duration_s: float, address: str) -> str:
    whole_ms = round(duration_s * 1000) if _WAIT_MIN_S - 1e-9 <= duration_s <= _WAIT_MAX_S else 0
    if whole_ms == 0 or abs(duration_s * 1000 - whole_ms) > 1e-3:
        raise OutOfRange(
            f"{address}: a step of {duration_s:g} s; the sequencer waits 0.001 to 65535 s in whole ms",
            remedy="Use step durations in whole milliseconds.",
            address=address,
            value=duration_s,
        )
    return f"{whole_ms / 1000:.3f}"


def same_word(sent: str, answered: str) -> bool:
    """Compare a step word with its read-back: same name, same number however it is written.

    The answer may repeat the step number before the word; the sources differ in this.
    """
    name, _, value = sent.partition("=")
    other_name, _, other_value = _STEP_NUMBER.sub("", answered.strip(), count=1).partition("=")
    if name.upper() != other_name.strip().upper():
        return False
    if not value:
        return not other_value
    try:
        return abs(float(value) - float(other_value)) <= 1e-3 + 1e-5 * abs(float(value))
    except ValueError:
        return False
