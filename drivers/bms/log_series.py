"""One signal of a recording."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Series:
    """All values of one signal in a recording: times in s from its first frame, values in ``unit``."""

    name: str
    number: int | None
    unit: str
    resolution: float | None
    evidence: str
    group: str
    source: str
    times_s: list[float] = field(default_factory=list)
    values: list[float | str | None] = field(default_factory=list)

    def numbers(self) -> list[float]:
        """The values that are numbers."""
        return [value for value in self.values if isinstance(value, float)]
