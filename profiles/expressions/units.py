"""Units of literals and names, and whether the parts of an expression fit together.

A name bears its unit as its last part (``pulse_C``, ``cell_voltage_V``); one without is a bare number.
"""

from __future__ import annotations

from profiles.expressions.errors import ExpressionError
from profiles.expressions.nodes import COMPARISONS, Binary, Call, Name, Node, Number, Unary

LITERALS: dict[str, tuple[str, float]] = {
    "V": ("V", 1.0), "mV": ("V", 1e-3), "A": ("A", 1.0), "mA": ("A", 1e-3), "C": ("C", 1.0),
    "Ah": ("Ah", 1.0), "mAh": ("Ah", 1e-3), "W": ("W", 1.0), "kW": ("W", 1e3), "Wh": ("Wh", 1.0),
    "kWh": ("Wh", 1e3), "s": ("s", 1.0), "ms": ("s", 1e-3), "min": ("s", 60.0), "h": ("s", 3600.0),
    "degC": ("degC", 1.0), "K": ("K", 1.0), "ohm": ("ohm", 1.0), "mohm": ("ohm", 1e-3), "Hz": ("Hz", 1.0),
    "%": ("", 0.01),
}  # fmt: skip
"""What may stand behind a number: the unit this project counts in, and the factor to it. % is a share."""
SUFFIXES = (
    "mV_per_min",
    "K_per_min",
    "Wh_per_Ah",
    "degC",
    "ohm",
    "Ah",
    "Wh",
    "Hz",
    "V",
    "A",
    "C",
    "W",
    "s",
    "K",
)
ANY = "?"
"""A unit that is not followed up: what a product of two others is."""
_TRUTH = "yes or no"
_PRODUCTS = {("V", "A"): "W", ("A", "ohm"): "V", ("W", "s"): ANY}
_QUOTIENTS = {("V", "A"): "ohm", ("W", "V"): "A", ("V", "ohm"): "A", ("W", "A"): "V", ("Wh", "Ah"): "V"}


def unit_of_name(name: str) -> str:
    """The unit that ``name`` bears; '' for none."""
    return next((unit for unit in SUFFIXES if name.endswith(f"_{unit}")), "")


def unit_of(node: Node, *, truth: bool = False) -> str:
    """The unit of ``node``; with ``truth`` it has to answer a question. Raises ExpressionError."""
    unit = _unit(node)
    if truth and unit != _TRUTH:
        raise ExpressionError(
            "this is no condition", node.column, "compare two quantities, such as cell_voltage_V <= 3 V"
        )
    if not truth and unit == _TRUTH:
        raise ExpressionError("this is a condition, not a number", node.column)
    return unit


def _unit(node: Node) -> str:
    if isinstance(node, Number):
        return node.unit
    if isinstance(node, Name):
        return unit_of_name(node.name)
    if isinstance(node, Unary):
        return unit_of(node.inner, truth=node.sign == "not")
    if isinstance(node, Call):
        units = [unit_of(argument) for argument in node.arguments]
        return _alike(units, node)
    return _binary(node)


def _binary(node: Binary) -> str:
    if node.sign in ("and", "or"):
        unit_of(node.left, truth=True)
        unit_of(node.right, truth=True)
        return _TRUTH
    left, right = unit_of(node.left), unit_of(node.right)
    if node.sign == "*":
        return left or right if not (left and right) else _looked_up(_PRODUCTS, left, right, either_way=True)
    if node.sign == "/":
        if left == right and left != ANY:
            return ""
        return left if not right else _looked_up(_QUOTIENTS, left, right)
    unit = _alike([left, right], node)
    return _TRUTH if node.sign in COMPARISONS else unit


def _looked_up(table: dict[tuple[str, str], str], left: str, right: str, *, either_way: bool = False) -> str:
    return table.get((left, right), table.get((right, left), ANY) if either_way else ANY)


def _alike(units: list[str], node: Node) -> str:
    """A bare number takes the unit of what it stands beside."""
    known = {unit for unit in units if unit not in ("", ANY)}
    if len(known) > 1:
        one, two = [unit for unit in dict.fromkeys(units) if unit in known][:2]
        raise ExpressionError(
            f"{one} and {two} do not go together", node.column, "use one unit on both sides"
        )
    return known.pop() if known else (ANY if ANY in units else "")
