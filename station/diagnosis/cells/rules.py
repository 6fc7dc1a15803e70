"""What makes a cell weak or dead, and how far a pack is taken apart: data with sources."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from station.diagnosis.decision.parts import Figure, Part, Sourced, Text

CELL_RULES_FORMAT = "pulse-station/cell-rules/1"

Advice = Literal[
    "keep_pack", "swap_module", "split_to_modules", "split_to_cells", "recycle", "hold", "undecided"
]
Asked = Literal[
    "finding", "verdict_fail", "verdict_none", "unranked", "weak_cells", "weak_modules", "weak_module_share",
    "weak_cell_share", "level_module", "alike",
]  # fmt: skip
"""What a rule of advice may ask for. Shares are fractions of all modules and of all cells; counts are
counts."""


class AdviceRule(Sourced):
    """``advice`` where all conditions hold; the first rule that holds decides.

    ``when`` names facts that must be true; ``at_least`` and ``at_most`` limit counts and shares.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)
    advice: Advice
    text: Text
    when: tuple[Asked, ...] = ()
    at_least: dict[Asked, float] = Field(default_factory=dict)
    at_most: dict[Asked, float] = Field(default_factory=dict)


class CellRules(Part):
    """Voltages in V, growth and shares as fractions."""

    format: Literal["pulse-station/cell-rules/1"]
    name: str = Field(min_length=1, max_length=60)
    version: str = Field(min_length=1, max_length=40)
    dead_below_V: Figure
    over_discharged_V: Figure
    cell_min_V: Figure
    cell_max_V: Figure
    ocv_off_V: Figure
    weak_growth: Figure
    module_growth: Figure
    advice: tuple[AdviceRule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ends_somewhere(self) -> CellRules:
        last = self.advice[-1]
        if last.when or last.at_least or last.at_most:
            raise ValueError("the last rule of advice must hold always")
        ids = [rule.id for rule in self.advice]
        if len(set(ids)) != len(ids):
            raise ValueError("every rule of advice needs an id of its own")
        return self
