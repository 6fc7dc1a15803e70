"""A problem that is about one place in a profile."""

from __future__ import annotations


class StepProblem(ValueError):
    """``path`` leads to the place, such as ``("steps", 3, "condition")``."""

    def __init__(self, message: str, path: tuple[int | str, ...], remedy: str = "correct the value") -> None:
        super().__init__(message)
        self.path, self.remedy = path, remedy
