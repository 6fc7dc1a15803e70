"""What the rules before energy look at."""

from __future__ import annotations

from dataclasses import dataclass

from station.safety.chemistry import ChemistryLimits

NO_BATTERY_V = 0.1
"""Below this (plus 20 mV for each series cell) there is no battery, or its BMS holds its switch open."""
NO_BATTERY_PER_CELL_V = 0.02
WINDOW_TOLERANCE_V = 0.01
"""Rested voltage may lie outside the cell's window by this much (instrument accuracy)."""
AGREEMENT_V = 0.02
AGREEMENT_FRACTION = 0.005
"""Two independent voltmeters on one battery agree within the larger of these."""
BMS_AGREEMENT_FRACTION = 0.02
BMS_AGREEMENT_V = 2.0
"""A BMS measures its pack more coarsely (0.5 V steps are usual)."""
TOUCH_SAFE_V = 60.0
"""Voltage class A ends here (d.c.); above it insulation and residual voltage are checked."""


@dataclass(frozen=True)
class CheckInputs:
    """What was read before energy. None where there is no reading.

    ``voltage_V`` is the battery's: by the instrument's sense leads or, where those sit on the instrument's
    own side of the contactor, by the scanner's terminal input, else by the BMS. ``terminals_V`` and
    ``surface_degC`` only count where the channel has such a sensor (``has_terminals``, ``has_surface``);
    likewise what begins with ``bms_`` with ``has_bms``. Ages are real seconds. ``unwatched`` names the
    drivers that have no watchdog of their own, ``accept_no_watchdog`` those that the bench accepts so;
    ``accept_dead_cells``: how many cells without voltage it lets pass.
    """

    voltage_V: float | None
    chemistry: ChemistryLimits
    series_cells: int
    charge_min_degC: float
    charge_max_degC: float
    temperature_source: str = "chemistry"
    has_terminals: bool = False
    terminals_V: float | None = None
    has_surface: bool = False
    surface_degC: float | None = None
    has_bms: bool = False
    bms_pack_V: float | None = None
    bms_pack_age_s: float = 0.0
    bms_faults: tuple[str, ...] = ()
    bms_gives_cells: bool = False
    bms_cells_age_s: float = 0.0
    bms_temperature_degC: float | None = None
    cell_voltages_V: tuple[float | None, ...] = ()
    level: str = "cell"
    unwatched: tuple[str, ...] = ()
    has_cutoff: bool = False
    has_precharge: bool = False
    accept_no_watchdog: tuple[str, ...] = ()
    accept_dead_cells: int = 0

    @property
    def working_V(self) -> float:
        """The highest voltage the battery may have at its terminals."""
        return max(self.voltage_V or 0.0, self.series_cells * self.chemistry.charge_max_V)
