"""What an expression comes to, given a number for each of its names."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping

from profiles.expressions.errors import ExpressionError
from profiles.expressions.nodes import Binary, Call, Name, Node, Number, Unary

_OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {"min": min, "max": max, "abs": abs}


def names_of(node: Node) -> Iterator[Name]:
    """Every name in ``node``, from left to right."""
    if isinstance(node, Name):
        yield node
    elif isinstance(node, Unary):
        yield from names_of(node.inner)
    elif isinstance(node, Binary):
        yield from names_of(node.left)
        yield from names_of(node.right)
    elif isinstance(node, Call):
        for argument in node.arguments:
            yield from names_of(argument)


def evaluate(node: Node, values: Mapping[str, float | None]) -> float:
    """A finite number; of a condition 1.0 or 0.0.

    ``values`` in the units that the names bear; None where there is no reading at present. Raises
    ExpressionError for a name without a value, a division by zero, a number out of bounds.
    """
    return float(_value(node, values))


def _value(node: Node, values: Mapping[str, float | None]) -> float:
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Name):
        value = values.get(node.name)
        if value is None:
            known = (
                f"use one of {', '.join(sorted(values))}"[:400] if values else "declare it under parameters"
            )
            raise ExpressionError(f"{node.name} has no value here", node.column, known)
        return value
    if isinstance(node, Unary):
        inner = _value(node.inner, values)
        return -inner if node.sign == "-" else float(not inner)
    if isinstance(node, Call):
        return float(_FUNCTIONS[node.function](*(_value(one, values) for one in node.arguments)))
    return _binary(node, values)


def _binary(node: Binary, values: Mapping[str, float | None]) -> float:
    left = _value(node.left, values)
    if node.sign == "and":
        return float(bool(left) and bool(_value(node.right, values)))
    if node.sign == "or":
        return float(bool(left) or bool(_value(node.right, values)))
    right = _value(node.right, values)
    if node.sign != "/":
        result = float(_OPERATORS[node.sign](left, right))
    elif right == 0:
        raise ExpressionError("a division by zero", node.column)
    else:
        result = left / right
    if not math.isfinite(result):
        raise ExpressionError("the result is out of bounds", node.column)
    return result
