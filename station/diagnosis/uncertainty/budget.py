"""Components and how they are joined: standard uncertainties, root of the sum of squares, coverage factor 2.

All components are taken as uncorrelated (GUM 5.1.2). What is not known is named in ``missing``: the figure
is then a lower bound, and says so, instead of holding a guess.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

COVERAGE = 2.0
"""k: about 95 % for a normal distribution (GUM 6.3.3)."""


@dataclass(frozen=True)
class Component:
    """One source: ``standard`` uncertainty in the unit of the quantity itself.

    ``kind`` is A (from a spread of readings) or B (all else); ``source`` says where the figure comes from.
    """

    name: str
    standard: float
    kind: str
    source: str


@dataclass(frozen=True)
class Budget:
    """One quantity with its value (None: only the uncertainty is told) and its components."""

    quantity: str
    value: float | None
    unit: str
    components: tuple[Component, ...]
    missing: tuple[str, ...] = ()

    @property
    def standard(self) -> float:
        """Combined standard uncertainty."""
        return combined(self.components)

    def as_dict(self) -> dict[str, Any]:
        """Plain data; ``lower_bound`` is true where a source is missing."""
        return {
            "value": self.value,
            "unit": self.unit,
            "standard": self.standard,
            "expanded": COVERAGE * self.standard,
            "coverage_factor": COVERAGE,
            "lower_bound": bool(self.missing),
            "missing": list(self.missing),
            "components": [
                {"name": c.name, "standard": c.standard, "kind": c.kind, "source": c.source}
                for c in self.components
            ],
        }


def combined(components: Iterable[Component]) -> float:
    """Root of the sum of squares (GUM 5.1.2)."""
    return math.sqrt(sum(component.standard**2 for component in components))


def rectangular(name: str, width: float, source: str) -> Component:
    """Anywhere within ``width`` with equal chance: width / √12 (GUM 4.3.7)."""
    return Component(name, width / math.sqrt(12.0), "B", source)


def expanded_component(name: str, expanded: float, source: str) -> Component:
    """From a figure with coverage factor 2, as certificates give it (GUM 4.3.3)."""
    return Component(name, expanded / COVERAGE, "B", source)
