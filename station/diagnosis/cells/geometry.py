"""Where a cell sits: modules one after the other, cells counted from the pack's negative end as its BMS
counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Order = Literal["rows", "serpentine"]


@dataclass(frozen=True)
class Geometry:
    """``modules``: cells in series of each module, in the order of the BMS's numbers. Raises ValueError.

    ``columns`` modules lie side by side; the next row begins at the same side (``rows``) or where the one
    before ended (``serpentine``).

    ``known`` False: nobody has said how the pack is built, and positions are cell numbers alone.
    """

    modules: tuple[int, ...]
    known: bool = True
    columns: int = 1
    order: Order = "rows"

    def __post_init__(self) -> None:
        if not self.modules or min(self.modules) < 1:
            raise ValueError(f"a pack has modules with cells, not {self.modules}")
        if self.columns < 1:
            raise ValueError(f"a row has modules, not {self.columns}")

    @classmethod
    def of(
        cls, modules: int | Sequence[int] | None, cells: int, columns: int = 1, order: Order = "rows"
    ) -> Geometry:
        """From a number of equal modules, or the cells of each. What does not add up to ``cells`` is not
        known."""
        if isinstance(modules, int) and modules > 0 and cells % modules == 0:
            return cls((cells // modules,) * modules, columns=columns, order=order)
        if modules is not None and not isinstance(modules, int) and sum(modules) == cells:
            return cls(tuple(modules), columns=columns, order=order)
        return cls((cells,), known=False)

    @property
    def cells(self) -> int:
        """All cells in series."""
        return sum(self.modules)

    def place(self, cell: int) -> tuple[int, int]:
        """Module and place in it, both from 1, of a cell number from 1. Raises ValueError."""
        if not 1 <= cell <= self.cells:
            raise ValueError(f"there is no cell {cell} among {self.cells}")
        left = cell
        for module, size in enumerate(self.modules, start=1):
            if left <= size:
                return module, left
            left -= size
        raise AssertionError

    def members(self, module: int) -> range:
        """Cell numbers of a module, both from 1."""
        start = sum(self.modules[: module - 1])
        return range(start + 1, start + self.modules[module - 1] + 1)
