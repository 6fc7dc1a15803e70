"""Junctions of a plan: values that are kept, and conditions by which parts of it are left out."""

from __future__ import annotations

from collections.abc import Callable

from profiles.expressions import ExpressionError, evaluate, parse
from profiles.plan import Junction
from station.engine.play.quantities import Quantities
from station.errors import CheckFailed

Note = Callable[[str, str, dict[str, object]], None]


class Decider:
    """``note`` records an event."""

    def __init__(self, quantities: Quantities, note: Note) -> None:
        self._quantities, self._note = quantities, note

    def keep(self, name: str, value: float, source: str) -> None:
        """A value for later, on record, so that a run that is interrupted knows it when it goes on."""
        self._quantities.kept[name] = value
        self._note("run.value", "info", {"name": name, "value": value, "source": source})

    def decide(self, junction: Junction) -> range:
        """The groups that are not to come. Raises CheckFailed where a condition cannot be judged or had to
        hold."""
        value = self._value(junction)
        if junction.kind == "set":
            self.keep(junction.name, value, "set")
            return range(0)
        holds = bool(value)
        told: dict[str, object] = {"condition": junction.text, "holds": holds, "step": junction.step}
        self._note("run.decided", "info", told)
        if junction.must and not holds:
            raise CheckFailed(
                f"not reached after the last repetition: {junction.text}",
                remedy="look at the measured values; allow more repetitions only where that is safe",
                code="safety.check.not_reached",
                rule="not_reached",
                value=None,
                limit=junction.text,
            )
        return range(*(junction.if_true if holds else junction.if_false))

    def _value(self, junction: Junction) -> float:
        try:
            return evaluate(parse(junction.text), self._quantities.values())
        except ExpressionError as error:
            raise CheckFailed(
                f"{junction.text}: {error.message}",
                remedy="measure what it asks for before; after an interruption begin anew",
                code="safety.check.no_value",
                rule="no_value",
                value=None,
                limit=junction.text,
                why=error.message,
            ) from error
