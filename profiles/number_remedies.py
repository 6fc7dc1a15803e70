"""What to write in the place of a text that was meant as a number."""

from __future__ import annotations

import re

from profiles.expressions import ANY, ExpressionError, evaluate, parse, unit_of, unit_of_name

_NUMBER = re.compile(r"\s*[-+]?[0-9]+(?:\.[0-9]+)?\s*$")
_DECIMAL_COMMA = re.compile(r"\s*([-+]?[0-9]+),([0-9]+)\s*$")
_UNIT_WORDS = {"degC": "°C", "ohm": "Ω"}


def number_remedy(given: str, field: str) -> str:
    """For ``given`` in the field named ``field``; a unit behind the number is turned into the field's own.

    ``500 mA`` in a field in A is 0.5, never 500.
    """
    if _NUMBER.match(given):
        return f"write it without quotes: {given.strip()}"
    if match := _DECIMAL_COMMA.match(given):
        return f"write a decimal point: {match[1]}.{match[2]}"
    wanted = unit_of_name(field)
    told = f" in {_UNIT_WORDS.get(wanted, wanted)}" if wanted else ""
    try:
        node = parse(given)
        unit, value = unit_of(node), evaluate(node, {})
    except ExpressionError:
        return f"write the number alone{told}"
    if unit in ("", ANY, wanted):
        return f"write the number alone{told}: {value:.12g}"
    return f"this is in {unit}, the field is{told or ' a number without a unit'}"
