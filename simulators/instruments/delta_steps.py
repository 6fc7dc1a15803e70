"""Words of the SM15K sequencer, parsed: settings, waits, jumps, comparisons, arithmetic."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulators.scpi.errors import illegal_parameter, out_of_range

SETPOINTS = ("SV", "SCN", "SC", "SPN", "SP")
MEASURED = ("MV", "MC", "MP")
VARIABLES = tuple(f"#{letter}" for letter in "ABCDEFGHIJ")
WAIT_MINIMUM_S = 0.001
WAIT_MAXIMUM_S = 65535.0

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "CJE": operator.eq,
    "CJNE": operator.ne,
    "CJG": operator.gt,
    "CJL": operator.lt,
}
_ASSIGNMENT = re.compile(r"(SV|SCN|SC|SPN|SP|W|#[A-J])\s*=\s*(\S+)$")
_LABEL = re.compile(r"[A-Z][A-Z0-9]{0,9}$|[0-9]{1,4}$")


@dataclass(frozen=True)
class Step:
    """One parsed step; ``text`` is as given, in upper case, for read-back."""

    text: str
    word: str
    target: str = ""
    value: float = 0.0
    label: str = ""


def parse_step(text: str) -> Step:
    """Parse a step such as ``SCN=-30``, ``W=10``, ``CJL #A,3,5``. Raises ScpiError -224 or -222."""
    text = " ".join(text.upper().split())
    assignment = _ASSIGNMENT.match(text)
    if assignment:
        target, value = assignment.group(1), _number(assignment.group(2))
        if target == "W":
            if not WAIT_MINIMUM_S <= value <= WAIT_MAXIMUM_S:
                raise out_of_range()
            return Step(text, "W", value=value)
        return Step(text, "SET", target, value)
    word, _, rest = text.partition(" ")
    operands = [part.strip() for part in rest.split(",")] if rest else []
    if word in ("NOP", "TRG", "END", "RET") and not operands:
        return Step(text, word)
    if word in ("JP", "JS") and len(operands) == 1:
        return Step(text, word, label=_label(operands[0]))
    if word in ("INC", "DEC") and operands and _is_changeable(operands[0]):
        amount = _number(operands[1]) if len(operands) == 2 else 1.0
        return Step(text, word, operands[0], amount)
    if word in COMPARISONS and len(operands) == 3 and _is_readable(operands[0]):
        return Step(text, word, operands[0], _number(operands[1]), _label(operands[2]))
    raise illegal_parameter()


def _is_changeable(name: str) -> bool:
    return name in SETPOINTS or name in VARIABLES


def _is_readable(name: str) -> bool:
    return _is_changeable(name) or name in MEASURED


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise illegal_parameter() from error


def _label(text: str) -> str:
    if not _LABEL.match(text):
        raise illegal_parameter()
    return text
