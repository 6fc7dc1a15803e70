"""What a bench file may say about a cell that replays a recorded test."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]


class ReplayCellConfig(BaseModel):
    """A cell that answers as the table of one test does while that test is played on it.

    ``table``: CSV with time_s, current_A (positive charges), voltage_V, and soc where known.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["replay"]
    table: str
    chemistry: str
    nominal_capacity_Ah: Positive
    capacity_Ah: Positive | None = None
    ambient_degC: Annotated[float, Field(ge=-40.0, le=80.0)] = 25.0
