"""How the cells of a pack lie in it, for its heat map: written in the bench file or in a file of its own.

``modules`` are cells in series of each module in the order in which the BMS counts them; ``module_cells``
says the same of modules that are all alike. ``columns`` modules lie side by side.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from station.bench.instruments import Part

SCHEMA: Literal["pulse-station/geometry/1"] = "pulse-station/geometry/1"


class PackGeometry(Part):
    """The modules of a pack and where they lie.

    ``cells``: in series in the whole pack; left out inside a bench file, where the channel tells it.
    """

    schema_version: Literal["pulse-station/geometry/1"] = Field(default=SCHEMA, alias="schema")
    title: str = Field(default="", max_length=80)
    cells: int | None = Field(default=None, ge=1, le=400)
    modules: tuple[Annotated[int, Field(ge=1, le=400)], ...] = ()
    module_cells: int | None = Field(default=None, ge=1, le=400)
    columns: int = Field(default=1, ge=1, le=40, description="modules side by side")
    order: Literal["rows", "serpentine"] = Field(
        default="rows", description="serpentine: every second row of modules runs backwards"
    )

    @model_validator(mode="after")
    def _one_way(self) -> PackGeometry:
        if bool(self.modules) == (self.module_cells is not None):
            raise ValueError("give either modules or module_cells")
        if self.cells is not None:
            self.of(self.cells)
        return self

    def of(self, cells: int) -> PackGeometry:
        """The same with every module written out, for a pack of ``cells`` in series. Raises ValueError."""
        if self.cells not in (None, cells):
            raise ValueError(f"it is the geometry of {self.cells} cells in series, not of {cells}")
        size = self.module_cells
        if size is not None and cells % size:
            raise ValueError(f"{cells} cells do not make modules of {size}")
        modules = self.modules if size is None else (size,) * (cells // size)
        if sum(modules) != cells:
            raise ValueError(f"the modules have {sum(modules)} cells, the pack has {cells}")
        return self.model_copy(update={"cells": cells, "modules": modules, "module_cells": None})
