"""Do the conditions and values of a profile ask for names that exist by then?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from profiles.expressions import ExpressionError, unit_of_name
from profiles.nesting import walk
from profiles.quantities import QUANTITIES, check_condition, check_value
from profiles.step_errors import StepProblem
from profiles.steps import CapacityTest, If, RepeatUntil
from profiles.steps_current import Held
from profiles.steps_wait import BmsRequest, Prompt, SetValue

_ASKING = (SetValue, BmsRequest, Prompt, CapacityTest, If, RepeatUntil, Held)
"""Steps that keep values or ask for them."""


def kept_names(step: Any) -> list[str]:
    """The names under which ``step`` keeps values."""
    if isinstance(step, (SetValue, BmsRequest)):
        return [step.name]
    if isinstance(step, Prompt) and step.name is not None:
        return [step.name]
    if isinstance(step, CapacityTest):
        return ["capacity_Ah", *(f"capacity_{number}_Ah" for number in range(1, step.cycles_max + 1))]
    return []


def check_names(steps: Sequence[Any]) -> None:
    """Raises StepProblem about the first wrong one."""
    kept: set[str] = set()
    asking = [(path, step) for path, step in walk(steps) if isinstance(step, _ASKING)]
    # A value kept anywhere may be asked for anywhere: whether it is there by then is seen when it is asked.
    for path, step in asking:
        for name in kept_names(step):
            if name in QUANTITIES:
                raise StepProblem(f"{name} is the name of a measured quantity", (*path, "name"))
            kept.add(name)
    for path, step in asking:
        try:
            _check_step(step, kept)
        except _At as found:
            raise StepProblem(_told(found.error), (*path, found.field), found.error.remedy) from found.error


class _At(Exception):
    def __init__(self, field: str, error: ExpressionError) -> None:
        super().__init__(field)
        self.field, self.error = field, error


def _told(error: ExpressionError) -> str:
    return f"{error.message} (column {error.column} of the expression)"


def _check_step(step: Any, known: Iterable[str]) -> None:
    if isinstance(step, (If, RepeatUntil)):
        _checked("condition", step.condition, known)
    if isinstance(step, Held):
        for text in step.until:
            _checked("until", text, known)
    if isinstance(step, SetValue):
        try:
            check_value(step.value, known, unit_of_name(step.name) or None)
        except ExpressionError as error:
            raise _At("value", error) from error


def _checked(field: str, text: str, known: Iterable[str]) -> None:
    try:
        check_condition(text, known)
    except ExpressionError as error:
        raise _At(field, error) from error
