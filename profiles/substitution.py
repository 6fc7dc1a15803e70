"""Puts numbers in the place of ``=`` expressions, and of parameters in conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from profiles.expressions import ExpressionError, evaluate, names_of, parse, unit_of, unit_of_name
from profiles.expressions.units import ANY
from profiles.step_errors import StepProblem

_LATER = frozenset({"condition", "until", "value"})
"""Fields whose expressions are judged while the test runs: in them only parameters are replaced."""
_WORDS = frozenset({"text", "picture", "profile", "file"})
"""Fields of steps that hold words, whatever they begin with."""
_NO_STEPS = frozenset({"parameters", "title", "description", "source", "schema", "name"})


def substituted(data: Any, overrides: Mapping[str, float]) -> Any:
    """``data`` with numbers for expressions, and ``overrides`` as the parameters in force.

    Raises StepProblem about the first wrong expression.
    """
    if not isinstance(data, dict):
        return data
    declared = data.get("parameters") or {}
    if not isinstance(declared, dict):
        return data  # its type is judged with the rest
    unknown = [name for name in overrides if name not in declared]
    if unknown:
        raise StepProblem(
            f"there is no parameter {unknown[0]!r}",
            ("parameters",),
            f"use one of {', '.join(declared) or 'none'}",
        )
    if declared:
        data = {**data, "parameters": dict(_in_force(declared, overrides))}
    values = dict(_values(data.get("parameters") or {}))
    return {key: part if key in _NO_STEPS else _put(part, values, (key,)) for key, part in data.items()}


def _in_force(declared: Mapping[str, Any], overrides: Mapping[str, float]) -> Iterator[tuple[str, Any]]:
    for name, part in declared.items():
        plain = part if isinstance(part, dict) else {"value": part}
        yield name, {**plain, "value": overrides[name]} if name in overrides else plain


def _values(declared: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, part in declared.items():
        value = part.get("value") if isinstance(part, dict) else None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield str(name), float(value)


def _put(node: Any, values: Mapping[str, float], path: tuple[int | str, ...]) -> Any:
    kind = type(node)
    if kind is dict:
        return {
            key: _put(part, values, (*path, key)) if _may_hold(part, key, values) else part
            for key, part in node.items()
        }
    if kind is list:
        return [_put(part, values, (*path, number)) for number, part in enumerate(node)]
    if kind is not str:
        return node
    field = next((part for part in reversed(path) if isinstance(part, str)), "")
    try:
        if field in _LATER:
            return _with_numbers(node, values) if values else node
        if node.startswith("="):
            return _number(node[1:], values, field)
    except ExpressionError as error:
        column = error.column + (field not in _LATER)
        raise StepProblem(f"{error.message} (column {column} of {node!r})", path, error.remedy) from error
    return node


def _may_hold(part: Any, key: Any, values: Mapping[str, float]) -> bool:
    """Whether there is an expression in ``part``; told apart before the call, as most parts are numbers."""
    kind = type(part)
    if key in _WORDS:
        return False
    if kind is str:
        return part.startswith("=") or (key in _LATER and bool(values))
    return kind is dict or kind is list


def _number(text: str, values: Mapping[str, float], field: str) -> float:
    node = parse(text)
    wanted, found = unit_of_name(field), unit_of(node)
    result = evaluate(node, values)
    if found not in ("", ANY, wanted):
        raise ExpressionError(f"this is in {found}, the field is in {wanted or 'a bare number'}", 1)
    return result


def _with_numbers(text: str, values: Mapping[str, float]) -> str:
    """``text`` with every parameter in it written as a number with its unit."""
    try:
        names = [name for name in names_of(parse(text)) if name.name in values]
    except ExpressionError:
        return text  # told with its place when the step is judged
    for name in sorted(names, key=lambda one: -one.column):
        unit = unit_of_name(name.name)
        unit = unit if "_per_" not in unit else ""
        number = f"({values[name.name]:.12g} {unit})".replace(" )", ")")
        begin = name.column - 1
        text = text[:begin] + number + text[begin + len(name.name) :]
    return text
