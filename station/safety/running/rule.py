"""What every running rule is: a name, a limit with its source, a remedy, and how it trips."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from station.errors import LimitTripped
from station.safety.envelope import Limit
from station.safety.sample import Sample


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """Name, limit, unit, whose limit it is, and what a person does when it trips."""

    name: str
    limit: float | None
    unit: str
    source: str
    remedy: str

    @classmethod
    def within(cls, name: str, limit: Limit, unit: str, remedy: str) -> RuleInfo:
        """For a limit out of the envelope, which knows its source."""
        return cls(name, limit.value, unit, limit.source, remedy)

    def trip(self, text: str, sample: Sample, *, value: float | None = None, **facts: Any) -> LimitTripped:
        """The end of the test; ``facts`` are further parameters and may replace the limit."""
        params: dict[str, Any] = {
            "rule": self.name,
            "value": value,
            "limit": self.limit,
            "unit": self.unit,
            "source": self.source,
            "t_s": round(sample.t_s, 4),
            "segment": sample.segment,
            **facts,
        }
        return LimitTripped(f"{self.name}: {text}", remedy=self.remedy, code=f"safety.{self.name}", **params)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the record."""
        return {"rule": self.name, "limit": self.limit, "unit": self.unit, "source": self.source}


@dataclass(frozen=True, slots=True)
class Note:
    """Something to be told that does not end the test."""

    code: str
    level: str
    params: dict[str, Any]


@dataclass(slots=True)
class Notes:
    """What the rules have to say; the engine empties ``pending`` after each sample."""

    pending: list[Note] = field(default_factory=list)
    _active: set[str] = field(default_factory=set)

    def once(self, code: str, level: str, key: str, **params: Any) -> None:
        """Say ``code`` once for ``key`` in the whole run."""
        if f"{code} {key}" not in self._active:
            self._active.add(f"{code} {key}")
            self.pending.append(Note(code, level, params))

    def say_while(self, name: str, active: bool, **params: Any) -> None:
        """One warning ``engine.<name>`` when something begins, ``engine.<name>_over`` when it is over."""
        if active == (name in self._active):
            return
        (self._active.add if active else self._active.discard)(name)
        code = f"engine.{name}" if active else f"engine.{name}_over"
        self.pending.append(Note(code, "warning" if active else "info", params))
