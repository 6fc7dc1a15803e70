"""What is wrong in an expression, and at which column of it."""

from __future__ import annotations


class ExpressionError(ValueError):
    """``column`` counts from 1 inside the expression's own text."""

    def __init__(self, message: str, column: int, remedy: str = "correct the expression") -> None:
        super().__init__(message)
        self.message, self.column, self.remedy = message, column, remedy
