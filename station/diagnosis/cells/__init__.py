"""Resistance of every cell of a pack from one pulse test, by the voltages that the pack's own controller
tells."""

from station.diagnosis.cells.advice import Dismantling, advise_dismantling
from station.diagnosis.cells.align import Alignment
from station.diagnosis.cells.geometry import Geometry
from station.diagnosis.cells.judge import TIMES_S, CellReport, judge_cells
from station.diagnosis.cells.ranking import Ranking
from station.diagnosis.cells.record import CellSweeps
from station.diagnosis.cells.resistances import CellResistances
from station.diagnosis.cells.rules import CELL_RULES_FORMAT, CellRules
from station.diagnosis.cells.status import FINDINGS

__all__ = [
    "CELL_RULES_FORMAT",
    "FINDINGS",
    "TIMES_S",
    "Alignment",
    "CellReport",
    "CellResistances",
    "CellRules",
    "CellSweeps",
    "Dismantling",
    "Geometry",
    "Ranking",
    "advise_dismantling",
    "judge_cells",
]
