"""Expressions of profiles: numbers with units, names, arithmetic, comparisons. Parsed, never ``eval``."""

from profiles.expressions.errors import ExpressionError
from profiles.expressions.evaluate import evaluate, names_of
from profiles.expressions.parser import parse
from profiles.expressions.units import ANY, unit_of, unit_of_name

__all__ = ["ANY", "ExpressionError", "evaluate", "names_of", "parse", "unit_of", "unit_of_name"]
